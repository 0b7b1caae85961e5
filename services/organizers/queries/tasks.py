"""Tasks, one and many; and what waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, select, union_all

from kernel.errors import NotFound
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
        item["state_name"] = states.STATE_NAMES[item["state"]]
    return page


def show_task(reader: Reader, task_id: str) -> Item:
    """One task with its work log."""
    row = reader.connection.execute(select(task).where(task.c.task_id == task_id)).first()
    if row is None:
        raise NotFound("没有这条记录")
    authorise(reader, row.path, row.branch_path, row.account)
    query = select(work_log).where(work_log.c.home_county == row.home_county, work_log.c.task_id == task_id)
    entries = reader.connection.execute(query.order_by(work_log.c.entry_id)).all()
    boxes = [row.reason_sealed, row.result_sealed, *(entry.text_sealed for entry in entries)]
    reason, result, *texts = reader.context.keys.open_column((row.subject, box) for box in boxes)
    reader.log_access("task.show", f"task/{task_id}", ["reason", "result", "log"])
    return {
        **{name: getattr(row, name) for name in _LISTED},
        "state_name": states.STATE_NAMES[row.state],
        "reason": reason,
        "result": result,
        "log": [
            {"entry_id": entry.entry_id, "noted_on": entry.noted_on, "minutes": entry.minutes, "text": text}
            for entry, text in zip(entries, texts, strict=True)
        ],
        "actions": list(states.task_actions(row.state)),
    }


# -- what is due


def to_do(reader: Reader) -> Item:
    """What waits for the caller, the earliest due first. `overdue` is computed now, by today's date."""
    waiting = union_all(*_waiting()).subquery()
    query = select(waiting).where(visible(reader, waiting.c.path, waiting.c.branch_path, waiting.c.account))
    if reader.params.get("step"):
        query = query.where(waiting.c.step == reader.params["step"])
    if reader.params.get("overdue"):
        query = query.where(waiting.c.dated == 1, waiting.c.due < reader.today)
    page = reader.page(query, (waiting.c.due, waiting.c.id, waiting.c.step))
    for item in page["items"]:
        item["overdue"] = item.pop("dated") == 1 and item["due"] < reader.today
        del item["account"], item["branch_path"]
    return page


def _waiting() -> list[Select[Any]]:
    """One query per step. `dated`: 1 where `due` is a term; 0 where it is only the day since which it waits."""
    o = organizer.c
    asked, appointed = o.state == states.RECOMMENDED, o.state == states.APPOINTED
    return [
        _of_organizer("consent", o.recommended_on, 0).where(asked, o.consented_on.is_(None)),
        _of_organizer("check", o.consented_on, 0).where(asked, o.consented_on.is_not(None), o.checked_on.is_(None)),
        _of_organizer("appointment", o.checked_on, 0).where(asked, o.checked_on.is_not(None)),
        _of_organizer("assessment", o.assessment_due, 1).where(appointed, o.assessment_due.is_not(None)),
        _of_organizer("expiry", o.until, 1).where(appointed, o.reminded_on.is_not(None)),
        _of_organizer("off_the_roll", o.since, 0)
        .join(member, member.c.member_id == o.member_id)
        .where(appointed, member.c.status != "full"),
        _of_proceeding("proceeding", proceeding.c.proposed_on).where(proceeding.c.state != states.DECIDED),
        _of_proceeding("review", proceeding.c.review_asked_on).where(
            proceeding.c.review_asked_on.is_not(None), proceeding.c.reviewed_on.is_(None)
        ),
        _of_task("task", task.c.until, 1).where(task.c.state == states.OPEN),
        _of_task("hand_over", task.c.closed_on, 0).where(task.c.state == states.LEFT_OPEN),
    ]


def _of_organizer(step: str, due: Any, dated: int) -> Select[Any]:
    o = organizer.c
    return _due(step, o.organizer_id, o.organizer_id, o.path, o.recommended_path, o.account, due, dated)


def _of_proceeding(step: str, due: Any) -> Select[Any]:
    """Only while the organizer is one: what can no longer be decided does not wait."""
    o = organizer.c
    query = _due(step, proceeding.c.proceeding_id, o.organizer_id, o.path, o.path, o.account, due, 0)
    return query.join(organizer, o.organizer_id == proceeding.c.organizer_id).where(o.state.in_(states.LIVING))


def _of_task(step: str, due: Any, dated: int) -> Select[Any]:
    t = task.c
    return _due(step, t.task_id, t.organizer_id, t.path, t.branch_path, t.account, due, dated)


def _due(step: str, id: Any, organizer_id: Any, path: Any, branch_path: Any, account: Any, due: Any, dated: int) -> Select[Any]:
    return select(
        literal(step).label("step"),
        id.label("id"),
        organizer_id.label("organizer_id"),
        path.label("path"),
        branch_path.label("branch_path"),
        account.label("account"),
        due.label("due"),
        literal(dated).label("dated"),
    )
