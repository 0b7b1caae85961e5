"""Tasks of organizers: opened, logged, closed, handed over. What a task opens to the account ends with it. Source: NN 4(2)(4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from contracts.organizers import TASK_CLOSED, TASK_OPENED
from kernel.commands import Answer, Body, add, articles, day_of, sealed
from kernel.errors import Invalid, NotYetKnown, Stale
from kernel.ids import new_id
from kernel.policy import Policy, combine, decide_dates
from kernel.unit import Unit
from services.organizers.commands.common import ORGANIZERS, TASKS, guard, organisation_of, policy_at, said
from services.organizers.domain import states, terms
from services.organizers.tables import candidate, task, work_log

_CLOSINGS = {"done": "finish", "withdrawn": "call_off"}


def told(row: Any) -> dict[str, Any]:
    """A task as the contracts say it."""
    return {name: getattr(row, name) for name in ("task_id", "organizer_id", "account", "kind", "branch", "candidate_id")}


def open_task(unit: Unit, body: Body) -> Answer:
    """The committee gives one of its organizers a task: to accompany a candidate, or to guide a branch. In term only."""
    holder = ORGANIZERS.hold(unit, body["organizer_id"])
    unit.authorise(holder.path)
    _whom(unit, holder, body)
    return _open(unit, holder, body, day_of(unit, body), None)


def _whom(unit: Unit, holder: Any, body: Body) -> None:
    """The branch is below the committee, and the candidate one of the branch's, on the way. Raises `Invalid`, `NotYetKnown`."""
    branch = organisation_of(unit, body["branch"])
    if not branch.path.startswith(holder.path):
        raise Invalid({"branch": ["不是聘任党（工）委所属的组织"]})
    candidate_id = body.get("candidate_id")
    if (body["kind"] == "accompany") != (candidate_id is not None):
        raise Invalid({"candidate_id": ["联系培养对象的须填写对象，指导支部的不填"]})
    if candidate_id is None:
        return
    row = unit.connection.execute(select(candidate).where(candidate.c.candidate_id == candidate_id)).first()
    if row is None:
        raise NotYetKnown(f"对象 {candidate_id} 的信息尚未到达本服务，请稍后重试")
    if row.branch != branch.code:
        raise Invalid({"candidate_id": ["不是该支部的对象"]})
    if row.ended:
        raise Stale("该对象的培养发展已经结束")


def _open(unit: Unit, holder: Any, body: Body, day: date, predecessor: Any | None) -> Answer:
    policy = policy_at(unit, holder, day)
    if holder.state != states.APPOINTED:
        raise Stale(f"当前状态（{states.APPOINTMENT.names[holder.state]}）下不能办理此事项")
    combine(
        terms.decide_in_term(holder.first_since, holder.until, day, policy),
        decide_dates(policy, unit.today, "交办", day, ()),
    ).require()
    branch = organisation_of(unit, body["branch"])
    row = {
        "task_id": new_id(),
        "organizer_id": holder.organizer_id,
        "account": holder.account,
        "kind": body["kind"],
        "branch": branch.code,
        "candidate_id": body.get("candidate_id"),
    }
    subject = row["candidate_id"] or holder.member_id
    applied = articles(policy, states.TASK.rules("open"))
    version = unit.record(
        TASK_OPENED,
        stream=f"task/{row['task_id']}",
        expected=0,
        home_county=holder.home_county,
        day=day,
        data={**row, "since": day, "until": holder.until},
        private={"articles": applied, "predecessor": predecessor},
        subject=subject,
        personal={"reason": body["reason"]},
    )
    add(
        unit,
        task,
        home_county=holder.home_county,
        version=version,
        state=states.OPEN,
        branch_path=branch.path,
        path=holder.path,
        city=holder.city,
        county=holder.county,
        subject=subject,
        reason_sealed=sealed(unit, subject, body["reason"]),
        since=day,
        until=holder.until,
        predecessor=predecessor,
        **row,
    )
    answer = {"task_id": row["task_id"], "state": states.OPEN, "version": version, "day": day, "articles": applied}
    return {**answer, "since": day, "until": holder.until}


def log_work(unit: Unit, body: Body, task_id: str) -> Answer:
    """What the organizer has done for the task. Counts in the assessment. Source: NN 4(2)."""
    row, day, policy = _loaded(unit, body, task_id, "log", "工作记录")
    terms.decide_in_term(row.since, row.until, day, policy).require()
    id = new_id()
    answer = TASKS.advance(
        unit,
        row,
        "log",
        "work_logged",
        policy=policy,
        day=day,
        data={"entry_id": id, "minutes": body["minutes"]},
        personal=said(text=body["text"]),
    )
    add(
        unit,
        work_log,
        home_county=row.home_county,
        entry_id=id,
        task_id=task_id,
        organizer_id=row.organizer_id,
        noted_on=day,
        minutes=body["minutes"],
        subject=row.subject,
        text_sealed=sealed(unit, row.subject, body["text"]),
    )
    return {**answer, "entry_id": id}


def close_task(unit: Unit, body: Body, task_id: str) -> Answer:
    """Done, with a result (by the organizer or the committee), or withdrawn by the committee."""
    action = _CLOSINGS[body["result"]]
    row, day, policy = _loaded(unit, body, task_id, action, "办结")
    return _close(unit, row, action, day, policy, body["text"])


def _close(unit: Unit, row: Any, action: str, day: date, policy: Policy, text: str, **data: Any) -> Answer:
    """Tells of the end once: one that ended with the term has been told of already."""
    if row.state == states.OPEN:
        what: Any = TASK_CLOSED
        last = min(day, row.until)
        data = {**told(row), "closed_on": last}
    else:
        what, last, data = f"task_{states.CALLED_OFF if action == 'call_off' else states.HANDED_OVER}", row.closed_on, data
    return TASKS.advance(
        unit,
        row,
        action,
        what,
        policy=policy,
        day=day,
        data=data,
        personal=said(result=text),
        closed_on=last,
        result_sealed=sealed(unit, row.subject, text),
    )


def hand_over(unit: Unit, body: Body, task_id: str) -> Answer:
    """The task goes to another organizer of the committee, in his term. Answer: `successor`, the new task. Source: NN 4(3)."""
    row, day, policy = _loaded(unit, body, task_id, "hand_over", "移交")
    holder = ORGANIZERS.hold(unit, body["organizer_id"])
    if holder.organizer_id == row.organizer_id and row.state == states.OPEN:
        raise Invalid({"organizer_id": ["已由此人办理"]})
    if holder.path != row.path:
        raise Invalid({"organizer_id": ["不是同一党（工）委聘任的特聘组织员"]})
    content = {"kind": row.kind, "branch": row.branch, "candidate_id": row.candidate_id, "reason": body["reason"]}
    _whom(unit, holder, content)
    answer = _close(unit, row, "hand_over", day, policy, body["reason"])
    successor = _open(unit, holder, content, day, task_id)
    return {**answer, "successor": successor["task_id"]}


def _loaded(unit: Unit, body: Body, task_id: str, action: str, step: str) -> tuple[Any, date, Policy]:
    """The task, the day and the rules, all checked."""
    row = TASKS.hold(unit, task_id)
    guard(unit, TASKS, row, action, body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, step, day, (("交办", row.since), ("聘任终止", row.closed_on))).require()
    return row, day, policy
