"""Tasks, one and many; and what waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from kernel.http import waiting
from kernel.http.reader import Reader
from services.organizers.domain import states
from services.organizers.queries.scope import authorise, visible
from services.organizers.tables import member, organizer, proceeding, task, work_log

Item = dict[str, Any]

_LISTED = (
    "task_id",
    "organizer_id",
    "account",
    "kind",
    "branch",
    "candidate_id",
    "state",
    "since",
    "until",
    "closed_on",
    "predecessor",
    "version",
)


def list_tasks(reader: Reader) -> Item:
    """Those that the caller may see: an organizer his own, a branch those about it."""
    query = select(*[task.c[name] for name in _LISTED]).where(visible(reader, task.c.path, task.c.branch_path, task.c.account))
    for name in ("organizer_id", "branch", "state"):
        if reader.params.get(name):
            query = query.where(task.c[name] == reader.params[name])
    page = reader.page(query, (task.c.task_id,))
    for item in page["items"]:
        item["state_name"] = states.TASK.names[item["state"]]
    return page


def show_task(reader: Reader, task_id: str) -> Item:
    """One task with its work log."""
    row = reader.find(task, "task_id", task_id)
    authorise(reader, row.path, row.branch_path, row.account)
    query = select(work_log).where(work_log.c.home_county == row.home_county, work_log.c.task_id == task_id)
    entries = reader.connection.execute(query.order_by(work_log.c.entry_id)).all()
    boxes = [row.reason_sealed, row.result_sealed, *(entry.text_sealed for entry in entries)]
    reason, result, *texts = reader.context.keys.open_column((row.subject, box) for box in boxes)
    reader.log_access("task.show", f"task/{task_id}", ["reason", "result", "log"])
    return {
        **{name: getattr(row, name) for name in _LISTED},
        "state_name": states.TASK.names[row.state],
        "reason": reason,
        "result": result,
        "log": [
            {"entry_id": entry.entry_id, "noted_on": entry.noted_on, "minutes": entry.minutes, "text": text}
            for entry, text in zip(entries, texts, strict=True)
        ],
        "actions": list(states.TASK.actions(row.state)),
    }


# -- what is due


def to_do(reader: Reader) -> Item:
    """What waits for the caller, the earliest due first."""
    hidden = ("account", "branch_path")
    return waiting.to_do(reader, _waiting(), "id", lambda c: visible(reader, c.path, c.branch_path, c.account), hidden)


def _waiting() -> list[Select[Any]]:
    o, t = organizer.c, task.c
    asked, appointed = o.state == states.RECOMMENDED, o.state == states.APPOINTED
    return [
        _of_organizer("consent", o.recommended_on).where(asked, o.consented_on.is_(None)),
        _of_organizer("check", o.consented_on).where(asked, o.consented_on.is_not(None), o.checked_on.is_(None)),
        _of_organizer("appointment", o.checked_on).where(asked, o.checked_on.is_not(None)),
        _of_organizer("assessment", o.assessment_due, dated=True).where(appointed, o.assessment_due.is_not(None)),
        _of_organizer("expiry", o.until, dated=True).where(appointed, o.reminded_on.is_not(None)),
        _of_organizer("off_the_roll", o.since)
        .join(member, member.c.member_id == o.member_id)
        .where(appointed, member.c.status != "full"),
        _of_proceeding("proceeding", proceeding.c.proposed_on).where(proceeding.c.state != states.DECIDED),
        _of_proceeding("review", proceeding.c.review_asked_on).where(
            proceeding.c.review_asked_on.is_not(None), proceeding.c.reviewed_on.is_(None)
        ),
        _of_task("task", t.until, dated=True).where(t.state == states.OPEN),
        _of_task("hand_over", t.closed_on).where(t.state == states.LEFT_OPEN),
    ]


def _of_organizer(step: str, due: Any, *, dated: bool = False) -> Select[Any]:
    o = organizer.c
    shown = {"id": o.organizer_id, "organizer_id": o.organizer_id, "path": o.path}
    return waiting.waits(step, due, dated=dated, **shown, branch_path=o.recommended_path, account=o.account)


def _of_proceeding(step: str, since: Any) -> Select[Any]:
    """Only while the organizer is one: what can no longer be decided does not wait."""
    o = organizer.c
    shown = {"id": proceeding.c.proceeding_id, "organizer_id": o.organizer_id, "path": o.path}
    query = waiting.waits(step, since, dated=False, **shown, branch_path=o.path, account=o.account)
    return query.join(organizer, o.organizer_id == proceeding.c.organizer_id).where(o.state.in_(states.LIVING))


def _of_task(step: str, due: Any, *, dated: bool = False) -> Select[Any]:
    t = task.c
    shown = {"id": t.task_id, "organizer_id": t.organizer_id, "path": t.path}
    return waiting.waits(step, due, dated=dated, **shown, branch_path=t.branch_path, account=t.account)
