"""Telling others what is overdue: once per candidate, step and due date. No decision reads it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, exists, insert, literal, select, update

from contracts.recruitment import STEP_OVERDUE
from kernel.context import Context
from kernel.unit import Unit, command
from services.recruitment.domain import states
from services.recruitment.tables import candidate, overdue_told

#: Candidates told of in one transaction.
BATCH = 200


def publish_overdue(context: Context) -> int:
    """Publishes every step that is overdue today and has not been told. Returns how many."""
    told = 0
    while True:
        with command(context) as unit:
            found = _untold(unit)
            unit.know_heads([(row.home_county, f"candidate/{row.candidate_id}") for row in found])
            _advance(unit, {(row.home_county, row.candidate_id): _tell(unit, row) for row in found})
        told += len(found)
        if len(found) < BATCH:
            return told


def _untold(unit: Unit) -> list[Any]:
    talk = _step("talk", candidate.c.talk_due).where(
        candidate.c.state.in_(states.APPLICANT_STATES), candidate.c.talked_on.is_(None)
    )
    review = _step("review", candidate.c.review_due).where(candidate.c.state == states.ACTIVIST)
    found: list[Any] = []
    for query in (talk, review):
        due = query.selected_columns.due
        known = exists().where(
            overdue_told.c.home_county == candidate.c.home_county,
            overdue_told.c.candidate_id == candidate.c.candidate_id,
            overdue_told.c.step == query.selected_columns.step,
            overdue_told.c.due == due,
        )
        room = BATCH - len(found)
        if room:
            found += unit.connection.execute(query.where(due < unit.today, ~known).order_by(due).limit(room))
    return found


def _step(name: str, due: Any) -> Select[Any]:
    place = ("home_county", "candidate_id", "branch", "path", "city", "county")
    return select(*[candidate.c[column] for column in place], literal(name).label("step"), due.label("due"))


def _tell(unit: Unit, row: Any) -> int:
    """Returns the stream's new version."""
    key = {"home_county": row.home_county, "candidate_id": row.candidate_id, "step": row.step, "due": row.due}
    note = {**key, "told_at": unit.context.clock.wall()}
    # Two instances at once: the second meets the first's row here, or its version of the stream, and takes all back.
    unit.connection.execute(insert(overdue_told), note)
    names = ("candidate_id", "branch", "path", "city", "county", "step", "due")
    return unit.record(
        STEP_OVERDUE,
        stream=f"candidate/{row.candidate_id}",
        expected=None,
        home_county=row.home_county,
        day=unit.today,
        data={name: getattr(row, name) for name in names},
    )


def _advance(unit: Unit, versions: dict[tuple[str, str], int]) -> None:
    """The rows follow their streams' versions."""
    if not versions:
        return
    statement = (
        update(candidate)
        .where(candidate.c.home_county == bindparam("county_"), candidate.c.candidate_id == bindparam("id_"))
        .values(version=bindparam("version_"))
    )
    rows = [{"county_": county, "id_": id, "version_": version} for (county, id), version in versions.items()]
    unit.connection.execute(statement, rows)
