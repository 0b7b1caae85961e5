"""Reviews, training, and ending a candidacy against the person's will. Sources: JH 3 4, NT 10 11 31."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from contracts.recruitment import ACTIVIST_REVIEWED, CANDIDATE_LEFT
from kernel.commands import Answer, Body, add, change, day_of, hold, policy_at
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Departure, Policy, combine, decide_dates
from kernel.unit import Unit
from kernel.workdays import add_months
from services.recruitment.commands.application import leave
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard, place
from services.recruitment.commands.overdue import caught_up
from services.recruitment.domain import states
from services.recruitment.domain.endings import (
    BYPASSED,
    DISQUALIFICATION,
    END_ACTIONS,
    KINDS,
    REVIEW_BYPASSED,
    ProceedingFacts,
    decide_absence,
    decide_end,
    decide_proposal,
    decide_recognition,
    hearing_until,
)
from services.recruitment.tables import proceeding, training

HOURS_OF_A_DAY = 24
PROPOSED, NOTIFIED, HEARD, DECIDED = "proposed", "notified", "heard", "decided"


def review_activist(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The half-yearly review. A late one is recorded as late. Answer: `next_due`. Source: NT 11."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "review", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    before = (("确定", row.since), ("上次考察", row.reviewed_on))
    decide_dates(policy, unit.today, "考察", day, before).require()
    next_due = add_months(day, policy.value("cultivation.review_months"))
    late = row.review_due is not None and day > row.review_due
    answer = advance(
        unit,
        row,
        "review",
        ACTIVIST_REVIEWED,
        policy=policy,
        day=day,
        data={**place(row), "conclusion": body["conclusion"], "late": late, "next_due": next_due},
        personal=clean({"findings": body["findings"]}),
        reviewed_on=day,
        review_due=next_due,
    )
    return {**caught_up(unit, row, "review", day, answer), "late": late, "next_due": next_due}


def record_training(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """A training with its length and its assessment. Sources: NT 10, JH 4."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "train", body)
    day = day_of(unit, body)
    if body["started_on"] > body["ended_on"]:
        raise Invalid({"ended_on": ["早于开始日期"]})
    if body["days"] > (body["ended_on"] - body["started_on"]).days + 1:
        raise Invalid({"days": ["多于起止日期之间的天数"]})
    if body["hours"] > HOURS_OF_A_DAY * ((body["ended_on"] - body["started_on"]).days + 1):
        raise Invalid({"hours": ["多于起止日期之间的小时数"]})
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "登记培训", day, (("培训结束", body["ended_on"]),)),
        decide_dates(policy, unit.today, "培训", body["started_on"], (("申请", row.applied_on),)),
    ).require()
    id = new_id()
    values = {name: body[name] for name in ("started_on", "ended_on", "days", "hours", "assessed")}
    add(unit, training, home_county=row.home_county, candidate_id=candidate_id, training_id=id, **values)
    answer = advance(
        unit,
        row,
        "train",
        "training_recorded",
        policy=policy,
        day=day,
        data={"training_id": id, **values},
        private={"title": body["title"]},
    )
    return {**answer, "training_id": id}


# -- refusal of an applicant, adjustment out of the pool


def propose_end(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch proposes, with a reason: not to take an applicant further, to adjust an activist or prospect out, to disqualify.

    Source: JH 4, NT 31.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "propose_end", body)
    open_ones = select(func.count()).where(proceeding.c.candidate_id == candidate_id, proceeding.c.state != DECIDED)
    if unit.connection.execute(open_ones).scalar_one():
        raise Stale("已有一项提议在办")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(
            policy,
            unit.today,
            "提议",
            day,
            (("申请", row.applied_on), ("确定", row.determined_on), ("党委批准", row.admitted_on)),
        ),
        decide_proposal(body["reason"], policy),
    ).require()
    id, kind = new_id(), KINDS[states.stage(row.state)]
    ground = _ground(unit, row, kind, body)
    answer = advance(
        unit,
        row,
        "propose_end",
        "end_proposed",
        policy=policy,
        day=day,
        data={"proceeding_id": id, "kind": kind} | ({"ground": ground} if ground else {}),
        personal=clean({"reason": body["reason"]}),
    )
    add(
        unit,
        proceeding,
        home_county=row.home_county,
        proceeding_id=id,
        candidate_id=candidate_id,
        kind=kind,
        ground=ground,
        state=PROPOSED,
        path=row.path,
        reason_sealed=unit.seal(candidate_id, {"reason": body["reason"]})["reason"],
        proposed_by=unit.actor.account,
        proposed_on=day,
    )
    return {**answer, "proceeding_id": id, "kind": kind}


def _ground(unit: Unit, row: Any, kind: str, body: Body) -> str | None:
    """What the proposal rests on, where it is more than its reason. Source: JH 5, for admissions from the pack's first day on."""
    ground: str | None = body.get("ground")
    if ground is None:
        return None
    if kind != DISQUALIFICATION:
        raise Invalid({"ground": ["只有对预备党员才能以接收时未经政审为由提出"]})
    if not policy_at(unit, row, row.admitted_on).has_rule(BYPASSED):
        raise Invalid({"ground": [f"{row.admitted_on} 接收时的规定没有此项"]})
    return ground


def notify_person(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """The person is told what is proposed and why. Answer: `hearing_until`, the last day of the time to be heard."""
    case, row, day, policy = _case(unit, body, proceeding_id, "proceed", "通知本人")
    if case.state != PROPOSED:
        raise Stale("本人已经通知")
    until = hearing_until(unit.today, policy)
    change(unit, proceeding, case, state=NOTIFIED, notified_on=day, hearing_until=until)
    answer = _step(unit, row, "proceed", "person_notified", policy, day, case, way=body["way"])
    return {**answer, "hearing_until": until}


def hear_person(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """What the person says; `appeared` false: had the chance and left it."""
    case, row, day, policy = _case(unit, body, proceeding_id, "proceed", "听取本人意见")
    if case.state != NOTIFIED:
        raise Stale("尚未通知本人，或者已经听取意见")
    if body["appeared"] != bool(body["statement"].strip()):
        raise Invalid({"statement": ["本人到场的须记录其意见，未到场的不填"]})
    if not body["appeared"]:
        decide_absence(case.hearing_until, day, policy).require()
    change(unit, proceeding, case, state=HEARD, heard_on=day)
    return _step(unit, row, "proceed", "person_heard", policy, day, case, appeared=body["appeared"], statement=body["statement"])


def decide_proceeding(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """The committee decides, with a reason, after notice and hearing: `leave` or `stay`. Rules: `adjustment.…`."""
    stays = body["outcome"] == "stay"
    case = hold(unit, proceeding, "proceeding_id", proceeding_id)
    # By the stage of today: whoever was proposed as an applicant may have become an activist since.
    kind = KINDS.get(states.stage(CANDIDATES.find(unit, case.candidate_id).state), case.kind)
    if kind == DISQUALIFICATION != case.kind and not stays:
        # The person was heard on something else.
        raise Stale("提议时尚不是预备党员：请先决定不作处理，再另行提议")
    end = END_ACTIONS[kind]
    case, row, day, policy = _case(unit, body, proceeding_id, "keep" if stays else end, "决定")
    step = states.CANDIDATE.step(row.state, "keep" if stays else end)
    decision = decide_end(ProceedingFacts(case.notified_on, case.heard_on, body["reason"]), policy).require()
    if case.ground == REVIEW_BYPASSED:
        at_admission = policy_at(unit, row, row.admitted_on)
        decision = decide_recognition(not stays, at_admission).require()
    change(unit, proceeding, case, state=DECIDED, decided_on=day, outcome=body["outcome"])
    if stays:
        departures = decision.departures
        return _step(unit, row, "keep", "end_rejected", policy, day, case, departures=departures, reason=body["reason"])
    leave(unit, row, day, "发展过程终止")
    answer = advance(
        unit,
        row,
        end,
        CANDIDATE_LEFT,
        policy=policy,
        day=day,
        data={**place(row), "end": step.next, "stage": states.stage(row.state)},
        private={"proceeding_id": proceeding_id} | ({"ground": case.ground} if case.ground else {}),
        personal=clean({"reason": body["reason"]}),
        ended_on=day,
        review_due=None,
    )
    return {**answer, "proceeding_id": proceeding_id}


def _case(unit: Unit, body: Body, proceeding_id: str, action: str, step: str) -> tuple[Any, Any, date, Policy]:
    """The proceeding, the candidate, the day and the rules, all checked."""
    case = hold(unit, proceeding, "proceeding_id", proceeding_id)
    row = CANDIDATES.find(unit, case.candidate_id)
    guard(unit, row, action, body)
    if case.state == DECIDED:
        raise Stale("已经决定")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    before = (("提议", case.proposed_on), ("通知本人", case.notified_on), ("听取本人意见", case.heard_on))
    decide_dates(policy, unit.today, step, day, before).require()
    return case, row, day, policy


def _step(
    unit: Unit,
    row: Any,
    action: str,
    what: str,
    policy: Policy,
    day: date,
    case: Any,
    departures: Sequence[Departure] = (),
    **said: Any,
) -> Answer:
    """Notes a step of the proceeding. What people said stands sealed, flags in the open."""
    data = {"proceeding_id": case.proceeding_id, **{name: value for name, value in said.items() if isinstance(value, bool)}}
    personal = clean({name: value for name, value in said.items() if isinstance(value, str)})
    answer = advance(unit, row, action, what, policy=policy, day=day, data=data, personal=personal, departures=departures)
    return {**answer, "proceeding_id": case.proceeding_id}
