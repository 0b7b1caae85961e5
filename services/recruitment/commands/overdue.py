"""Telling others what is overdue, and what has been caught up: once per candidate, step and due date. No decision reads it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam, exists, insert, literal, select, update

from contracts.recruitment import STEP_CAUGHT_UP, STEP_OVERDUE
from kernel.commands import Answer
from kernel.context import Context
from kernel.unit import Unit, command
from services.recruitment.domain import states
from services.recruitment.tables import candidate, overdue_told

#: Candidates told of in one transaction.
BATCH = 200
_PLACE = ("candidate_id", "branch", "path", "city", "county")


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
    found: list[Any] = []
    for query in _queries():
        room = BATCH - len(found)
        if room:
            found += unit.connection.execute(query, {"today": unit.today, "room": room})
    return found


@cache
def _queries() -> list[Select[Any]]:
    """One query per step: whose day is past, and has not been told. Made once: every tick asks them all."""
    today, room = bindparam("today", type_=Date), bindparam("room", type_=Integer)
    found = []
    for query in _steps():
        due = query.selected_columns.due
        known = exists().where(
            overdue_told.c.home_county == candidate.c.home_county,
            overdue_told.c.candidate_id == candidate.c.candidate_id,
            overdue_told.c.step == query.selected_columns.step,
            overdue_told.c.due == due,
        )
        found.append(query.where(due < today, ~known).order_by(due).limit(room))
    return found


def _steps() -> list[Select[Any]]:
    """One query per step: who has it before him, and by when. A date that is null is no term."""
    c = candidate.c
    return [
        _step("talk", c.talk_due).where(c.state.in_(states.APPLICANT_STATES), c.talked_on.is_(None)),
        _step("review", c.review_due).where(c.state.in_(states.ACTIVIST_STATES)),
        _step("committee_decision", c.decision_due).where(c.state == states.REPORTED),
        _step("oath", c.oath_due).where(c.state.in_(states.PROBATION_STATES), c.oath_on.is_(None)),
        _step("probation_review", c.probation_review_due).where(c.state.in_(states.PROBATION_STATES)),
        _step("conversion", c.probation_ends).where(c.state == states.PROBATIONARY, c.voted_on.is_(None)),
        _step("conversion_decision", c.decision_due).where(c.state == states.CONVERSION_REPORTED),
    ]


def _step(name: str, due: Any) -> Select[Any]:
    return select(
        candidate.c.home_county, *[candidate.c[column] for column in _PLACE], literal(name).label("step"), due.label("due")
    )


def _tell(unit: Unit, row: Any) -> int:
    """Returns the stream's new version."""
    key = {"home_county": row.home_county, "candidate_id": row.candidate_id, "step": row.step, "due": row.due}
    note = {**key, "told_at": unit.context.clock.wall()}
    # Two instances at once: the second meets the first's row here, or its version of the stream, and takes all back.
    unit.connection.execute(insert(overdue_told), note)
    return unit.record(
        STEP_OVERDUE,
        stream=f"candidate/{row.candidate_id}",
        expected=None,
        home_county=row.home_county,
        day=unit.today,
        data={name: getattr(row, name) for name in (*_PLACE, "step", "due")},
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


def caught_up(unit: Unit, row: Any, step: str, day: date, answer: Answer) -> Answer:
    """Tells, once, that a step of which others were told as overdue has been taken or overtaken. Returns the answer with the new version.

    `row` is the candidate before the command, `answer` that of the step. An extended term may have been told twice: both are closed.
    """
    mine = (
        overdue_told.c.home_county == row.home_county,
        overdue_told.c.candidate_id == row.candidate_id,
        overdue_told.c.step == step,
        overdue_told.c.caught_up_on.is_(None),
    )
    told = list(unit.connection.execute(select(overdue_told.c.due).where(*mine).order_by(overdue_told.c.due)).scalars())
    if not told:
        return answer
    version: int = answer["version"]
    for due in told:
        version = unit.record(
            STEP_CAUGHT_UP,
            stream=f"candidate/{row.candidate_id}",
            expected=version,
            home_county=row.home_county,
            day=day,
            data={**{name: getattr(row, name) for name in _PLACE}, "step": step, "due": due},
        )
    unit.connection.execute(update(overdue_told).where(*mine).values(caught_up_on=day))
    _advance(unit, {(row.home_county, row.candidate_id): version})
    return {**answer, "version": version}
