"""What alerts hears: organisations, rolls, figures, admissions, activists, late steps, evaluations. One statement per batch.

Facts only are kept here; what follows from them is computed by the assessment (`commands/assessing.py`), which is told what to look
at. Each row belongs to one stream and keeps its version, so that a past that is told again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, insert, update

from contracts import recruitment, registry, scoring
from kernel.bus.event import Event
from kernel.bus.reaction import Reactions
from kernel.encoding import canonical
from kernel.store.database import upsert
from kernel.unit import Unit
from services.alerts.tables import activist, admission, evaluation, figure, late_step, organisation, roll, touched

REACTIONS = Reactions()

_ORGANISATION = ("code", "name", "kind", "domain", "path", "city", "county", "approval_power", "key_managed")
_GRADES = ("very", "satisfied", "basically", "dissatisfied")


@REACTIONS.hears(registry.ORGANISATION_REGISTERED)
def organisation_registered(unit: Unit, events: Sequence[Event]) -> None:
    _keep_organisations(unit, events)


@REACTIONS.hears(registry.ORGANISATION_CHANGED)
def organisation_changed(unit: Unit, events: Sequence[Event]) -> None:
    _keep_organisations(unit, events)


def _keep_organisations(unit: Unit, events: Sequence[Event]) -> None:
    rows = [
        {**{name: event.data[name] for name in _ORGANISATION}, "registered_on": event.day, **_told(event)} for event in events
    ]
    # The registration is the first event of its stream: a later one leaves its day alone.
    _upsert(unit, organisation, rows, keep=("registered_on",))
    _touch(unit, (event.data["code"] for event in events))


@REACTIONS.hears(registry.ROLL_COUNTED)
def roll_counted(unit: Unit, events: Sequence[Event]) -> None:
    rows = [
        {
            **{name: event.data[name] for name in ("branch", "members", "aged")},
            "counted_on": event.day,
            **_told(event),
        }
        for event in events
    ]
    _upsert(unit, roll, rows)
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(recruitment.FIGURE_APPROVED)
def figure_approved(unit: Unit, events: Sequence[Event]) -> None:
    rows = [{**{name: event.data[name] for name in ("organisation", "year", "figure")}, **_told(event)} for event in events]
    _upsert(unit, figure, rows)
    _touch(unit, (event.data["organisation"] for event in events))


@REACTIONS.hears(recruitment.ADMITTED)
def admitted(unit: Unit, events: Sequence[Event]) -> None:
    """Counted in the year of the members' meeting, for the branch and for everybody above it."""
    rows = [
        {
            "organisation": code,
            "candidate_id": event.data["candidate_id"],
            "year": date.fromisoformat(event.data["meeting_on"]).year,
            "young": event.data["young"],
            **_told(event),
        }
        for event in events
        for code in _line(event.data["path"])
    ]
    _upsert(unit, admission, rows)
    _touch(unit, (row["organisation"] for row in rows))


@REACTIONS.hears(recruitment.ACTIVIST_DETERMINED)
def activist_determined(unit: Unit, events: Sequence[Event]) -> None:
    rows = [
        {
            "candidate_id": event.data["candidate_id"],
            "branch": event.data["branch"],
            "year": date.fromisoformat(event.data["since"]).year,
            **_told(event),
        }
        for event in events
    ]
    _upsert(unit, activist, rows)
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(recruitment.STEP_OVERDUE)
def step_overdue(unit: Unit, events: Sequence[Event]) -> None:
    _keep_steps(unit, events, open=True)


@REACTIONS.hears(recruitment.STEP_CAUGHT_UP)
def step_caught_up(unit: Unit, events: Sequence[Event]) -> None:
    _keep_steps(unit, events, open=False)


def _keep_steps(unit: Unit, events: Sequence[Event], open: bool) -> None:
    rows = [
        {
            **{name: event.data[name] for name in ("candidate_id", "step", "branch")},
            "due": date.fromisoformat(event.data["due"]),
            "open": open,
            **_told(event),
        }
        for event in events
    ]
    _upsert(unit, late_step, rows)
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(recruitment.CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """Nobody is late with somebody who has left."""
    statement = (
        update(late_step)
        .where(late_step.c.candidate_id == bindparam("candidate_"), late_step.c.version < bindparam("version_"))
        .values(open=False, version=bindparam("version_"), event_id=bindparam("event_"), event_type=bindparam("type_"))
    )
    rows = [
        {"candidate_": event.data["candidate_id"], "version_": event.version, "event_": event.id, "type_": event.type}
        for event in events
    ]
    unit.connection.execute(statement, rows)
    _touch(unit, (event.data["branch"] for event in events))


@REACTIONS.hears(scoring.EVALUATION_CONCLUDED)
def evaluation_concluded(unit: Unit, events: Sequence[Event]) -> None:
    rows = [
        {
            **{name: event.data[name] for name in ("evaluation_id", "branch", "year", "score", "threshold", "below")},
            "held_on": date.fromisoformat(event.data["held_on"]),
            "grades": canonical({name: event.data[name] for name in _GRADES}),
            **_told(event),
        }
        for event in events
    ]
    _upsert(unit, evaluation, rows)
    _touch(unit, (event.data["branch"] for event in events))


# -- what they share


def _told(event: Event) -> dict[str, Any]:
    return {"event_id": event.id, "event_type": event.type, "stream": event.stream, "version": event.version}


def _line(path: str) -> list[str]:
    """The codes from the city's department down."""
    return path.strip("/").split("/")


def _upsert(unit: Unit, table: Table, rows: list[dict[str, Any]], keep: Sequence[str] = ()) -> None:
    """Inserts or replaces, but for the columns to `keep`. The version guards a past that is told again."""
    statement = upsert(unit.connection, table)
    keys = [column.name for column in table.primary_key.columns]
    fresh = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in (*keys, *keep)}
    statement = statement.on_conflict_do_update(
        index_elements=keys, set_=fresh, where=table.c.version < statement.excluded.version
    )
    unit.connection.execute(statement, rows)


def _touch(unit: Unit, codes: Iterable[str]) -> None:
    unit.connection.execute(insert(touched), [{"organisation": code} for code in dict.fromkeys(codes)])
