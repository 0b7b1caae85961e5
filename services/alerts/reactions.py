"""What alerts hears: organisations, rolls, figures, admissions, activists, late steps, evaluations. One statement per batch.

Facts only are kept here; what follows from them is computed by the assessment (`commands/assessing.py`), which is told what to look
at. Each row belongs to one stream and keeps its version, so that a past that is told again, or late, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from contracts import recruitment, registry, scoring
from kernel.bus.event import Event
from kernel.bus.projection import keep, told
from kernel.bus.reaction import Reactions
from kernel.encoding import canonical
from kernel.unit import Unit
from services.alerts.tables import activist, admission, departure, evaluation, figure, late_step, organisation, roll, touched

REACTIONS = Reactions()

_GRADES = ("very", "satisfied", "basically", "dissatisfied")


@REACTIONS.hears(registry.ORGANISATION_REGISTERED)
def organisation_registered(unit: Unit, events: Sequence[Event]) -> None:
    """Told once, and alone tells the day: also to a row that was heard of by a change, while this was lost."""
    organisation_changed(unit, events)
    statement = update(organisation).where(organisation.c.code == bindparam("code_")).values(registered_on=bindparam("day_"))
    unit.connection.execute(statement, [{"code_": event.data["code"], "day_": event.day} for event in events])


@REACTIONS.hears(registry.ORGANISATION_CHANGED)
def organisation_changed(unit: Unit, events: Sequence[Event]) -> None:
    rows = [_told(organisation, event, registered_on=event.day) for event in events]
    keep(unit, organisation, rows, but=("registered_on",))
    _touch(unit, (event.data["code"] for event in events))


@REACTIONS.hears(registry.ROLL_COUNTED)
def roll_counted(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, roll, [_told(roll, event, counted_on=event.day) for event in events])
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(recruitment.FIGURE_APPROVED)
def figure_approved(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, figure, [_told(figure, event) for event in events])
    _touch(unit, (event.data["organisation"] for event in events))


@REACTIONS.hears(recruitment.ADMITTED)
def admitted(unit: Unit, events: Sequence[Event]) -> None:
    """Counted in the year of the members' meeting, for the branch and for everybody above it."""
    rows = [
        _told(admission, event, organisation=code, year=date.fromisoformat(event.data["meeting_on"]).year)
        for event in events
        for code in _line(event.data["path"])
    ]
    keep(unit, admission, rows)
    _touch(unit, (row["organisation"] for row in rows))


@REACTIONS.hears(recruitment.ACTIVIST_DETERMINED)
def activist_determined(unit: Unit, events: Sequence[Event]) -> None:
    rows = [_told(activist, event, year=date.fromisoformat(event.data["since"]).year) for event in events]
    keep(unit, activist, rows)
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(recruitment.STEP_OVERDUE)
def step_overdue(unit: Unit, events: Sequence[Event]) -> None:
    _keep_steps(unit, events, open=True)


@REACTIONS.hears(recruitment.STEP_CAUGHT_UP)
def step_caught_up(unit: Unit, events: Sequence[Event]) -> None:
    _keep_steps(unit, events, open=False)


def _keep_steps(unit: Unit, events: Sequence[Event], open: bool) -> None:
    keep(unit, late_step, [_told(late_step, event, open=open) for event in events])
    _close_steps(unit, [event.data["candidate_id"] for event in events])
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(recruitment.CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """Nobody is late with somebody who has left; nor with a step of before that is told only afterwards."""
    keep(unit, departure, [_told(departure, event) for event in events])
    _close_steps(unit, [event.data["candidate_id"] for event in events])
    _touch(unit, (event.data["branch"] for event in events))


def _close_steps(unit: Unit, candidates: Sequence[str]) -> None:
    """Closes the steps of those among them who have left."""
    left = list(unit.connection.execute(select(departure).where(departure.c.candidate_id.in_(candidates))).mappings())
    if not left:
        return
    names = ("event_id", "event_type", "stream", "version")
    statement = (
        update(late_step)
        .where(late_step.c.candidate_id == bindparam("candidate_"), late_step.c.version < bindparam("version_"))
        .values(open=False, **{name: bindparam(f"{name}_") for name in names})
    )
    rows = [{"candidate_": row["candidate_id"], **{f"{name}_": row[name] for name in names}} for row in left]
    unit.connection.execute(statement, rows)


@REACTIONS.hears(scoring.EVALUATION_CONCLUDED)
def evaluation_concluded(unit: Unit, events: Sequence[Event]) -> None:
    rows = [_told(evaluation, event, grades=canonical({name: event.data[name] for name in _GRADES})) for event in events]
    keep(unit, evaluation, rows)
    _touch(unit, (event.data["branch"] for event in events))


# -- what they share


def _told(table: Table, event: Event, **more: Any) -> dict[str, Any]:
    """As `told`, with what an explanation names: which event said so."""
    return told(table, event, event_id=event.id, event_type=event.type, stream=event.stream, **more)


def _line(path: str) -> list[str]:
    """The codes from the city's department down."""
    return path.strip("/").split("/")


def _touch(unit: Unit, codes: Iterable[str]) -> None:
    unit.connection.execute(insert(touched), [{"organisation": code} for code in dict.fromkeys(codes)])
