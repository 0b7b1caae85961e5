"""What vetting hears: organisations from the registry; prospects, their reviews, corrections, admissions, who leaves from recruitment.

What a part of a candidate's row was told by has its version beside it, so that an event that comes late finds its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from contracts.recruitment import ADMITTED, CANDIDATE_CORRECTED, CANDIDATE_LEFT, PROSPECT_LISTED, PROSPECT_REVIEWED
from contracts.registry import ORGANISATION_CHANGED, ORGANISATION_REGISTERED
from kernel.bus.event import Event
from kernel.bus.projection import keep, told
from kernel.bus.reaction import Reactions
from kernel.errors import Poison, Waiting
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.commands.cases import case_of_candidate, close
from services.vetting.commands.questions import mark_asked_before

REACTIONS = Reactions()

#: Stages in which nobody is known here yet: the listing will tell how the person is called by then.
_BEFORE = ("applicant", "activist")
#: How a person is called, and since which event.
_NAMES = ("subject", "name_sealed", "id_number_sealed", "name_version")


@REACTIONS.hears(ORGANISATION_REGISTERED, ORGANISATION_CHANGED)
def organisation_told(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, tables.organisation, [told(tables.organisation, event) for event in events])


@REACTIONS.hears(PROSPECT_LISTED)
def prospect_listed(unit: Unit, events: Sequence[Event]) -> None:
    """Name and ID number are kept as they came: sealed under the key of the person.

    Of somebody whom an earlier version has heard of as an activist, a correction or the end may have been heard before.
    """
    table = tables.candidate
    known = _known(unit, events)
    rows = [told(table, event, **_particulars(event), home_county=event.home_county, has_left=False) for event in events]
    keep(unit, table, rows, but=("has_left", *_NAMES))
    _put_names(unit, _newer(known, events))


def _particulars(event: Event) -> dict[str, Any]:
    if event.subject is None or not {"name", "id_number"} <= event.sealed.keys():
        raise Poison(f"{event.type} without name and id_number")
    return {
        "subject": event.subject,
        "name_sealed": event.sealed["name"],
        "id_number_sealed": event.sealed["id_number"],
        "name_version": event.version,
    }


@REACTIONS.hears(CANDIDATE_CORRECTED)
def candidate_corrected(unit: Unit, events: Sequence[Event]) -> None:
    """From then on departments are asked under what is right; what they were asked before is shown to people."""
    newer = _newer(_held(unit, events), events)
    _put_names(unit, newer)
    for event in sorted(newer, key=lambda event: event.stream):
        mark_asked_before(unit, event)


def _newer(known: Mapping[str, Row[Any]], events: Sequence[Event]) -> list[Event]:
    """Those that tell of somebody known here how the person is called by now."""
    return [event for event in _of(known, events) if (known[_id(event)].name_version or 0) < event.version]


def _put_names(unit: Unit, events: Sequence[Event]) -> None:
    rows = [{**_key(event), **{f"{name}_": value for name, value in _particulars(event).items()}} for event in events]
    _change(unit, rows, {name: bindparam(f"{name}_") for name in _NAMES})


@REACTIONS.hears(PROSPECT_REVIEWED)
def prospect_reviewed(unit: Unit, events: Sequence[Event]) -> None:
    """The reviews that go before the departments: the branch's own and the committee's. Source: JH 5."""
    known = _held(unit, events)
    for by in ("branch", "committee"):
        version = f"{by}_review_version"
        rows = [
            {**_key(event), "day_": event.day, "passed_": event.data["passed"], "version_": event.version}
            for event in _of(known, events)
            if event.data["by"] == by and (getattr(known[_id(event)], version) or 0) < event.version
        ]
        names = {f"{by}_reviewed_on": "day_", f"{by}_review_passed": "passed_", version: "version_"}
        _change(unit, rows, {name: bindparam(parameter) for name, parameter in names.items()})


@REACTIONS.hears(ADMITTED)
def admitted(unit: Unit, events: Sequence[Event]) -> None:
    """From then on a conclusion has served its purpose: none lapses any more, none is renewed, and a renewal that is open ends."""
    _held(unit, events)
    rows = [{**_key(event), "day_": date.fromisoformat(event.data["approved_on"])} for event in events]
    _change(unit, rows, {"admitted_on": bindparam("day_")})
    _close(unit, events, "admitted")


@REACTIONS.hears(CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """An open case of somebody who has left is closed. Those who leave before they are prospects were never heard of here."""
    _held(unit, events)
    _change(unit, [_key(event) for event in events], {"has_left": True})
    _close(unit, events, "candidate_left")


def _close(unit: Unit, events: Sequence[Event], end: str) -> None:
    for event in sorted(events, key=lambda event: event.stream):
        case = case_of_candidate(unit, _id(event))
        if case is not None:
            close(unit, case, end, event.day, cause=event)


def _held(unit: Unit, events: Sequence[Event]) -> dict[str, Row[Any]]:
    """As `_known`. Raises `Waiting` for a prospect of whose listing nothing has been heard: it was lost, and may still come."""
    known = _known(unit, events)
    for event in events:
        if _id(event) not in known and event.data.get("stage") not in _BEFORE:
            raise Waiting(event.stream)
    return known


def _known(unit: Unit, events: Sequence[Event]) -> dict[str, Row[Any]]:
    """Those who are known here, by id, held before their cases: a case that is being opened at this moment comes before or after."""
    table = tables.candidate
    query = select(table).where(table.c.candidate_id.in_([_id(event) for event in events])).order_by(table.c.candidate_id)
    return {row.candidate_id: row for row in unit.connection.execute(query.with_for_update())}


def _of(known: Collection[str], events: Sequence[Event]) -> list[Event]:
    return [event for event in events if _id(event) in known]


def _id(event: Event) -> str:
    return str(event.data["candidate_id"])


def _key(event: Event) -> dict[str, Any]:
    return {"county_": event.home_county, "id_": _id(event)}


def _change(unit: Unit, rows: list[dict[str, Any]], values: dict[str, Any]) -> None:
    if not rows:
        return
    table = tables.candidate
    statement = update(table).where(table.c.home_county == bindparam("county_"), table.c.candidate_id == bindparam("id_"))
    unit.connection.execute(statement.values(values), rows)
