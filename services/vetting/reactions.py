"""What vetting hears: organisations from the registry; prospects, their reviews, admissions and who leaves from recruitment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, update

from contracts.recruitment import ADMITTED, CANDIDATE_LEFT, PROSPECT_LISTED, PROSPECT_REVIEWED
from contracts.registry import ORGANISATION_CHANGED, ORGANISATION_REGISTERED
from kernel.bus.event import Event
from kernel.bus.reaction import Reactions
from kernel.errors import Poison
from kernel.store.database import upsert
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.commands.cases import case_of_candidate, close

REACTIONS = Reactions()

_ORGANISATION = ("code", "name", "domain", "path", "city", "county", "approval_power")
_CANDIDATE = ("candidate_id", "branch", "committee", "path", "city", "county", "domain", "elsewhere", "home_village")


@REACTIONS.hears(ORGANISATION_REGISTERED)
def organisation_registered(unit: Unit, events: Sequence[Event]) -> None:
    rows = [{**{name: event.data[name] for name in _ORGANISATION}, "version": event.version} for event in events]
    statement = upsert(unit.connection, tables.organisation)
    changed = {name: statement.excluded[name] for name in (*_ORGANISATION[1:], "version")}
    # The version guards against a past that is republished.
    statement = statement.on_conflict_do_update(
        index_elements=["code"], set_=changed, where=tables.organisation.c.version < statement.excluded.version
    )
    unit.connection.execute(statement, rows)


@REACTIONS.hears(ORGANISATION_CHANGED)
def organisation_changed(unit: Unit, events: Sequence[Event]) -> None:
    organisation_registered(unit, events)


@REACTIONS.hears(PROSPECT_LISTED)
def prospect_listed(unit: Unit, events: Sequence[Event]) -> None:
    """Name and ID number are kept as they came: sealed under the key of the person."""
    rows = []
    for event in events:
        if event.subject is None or not {"name", "id_number"} <= event.sealed.keys():
            raise Poison("prospect_listed without name and id_number")
        rows.append(
            {
                **{name: event.data[name] for name in _CANDIDATE},
                "home_county": event.home_county,
                "subject": event.subject,
                "name_sealed": event.sealed["name"],
                "id_number_sealed": event.sealed["id_number"],
                "since": date.fromisoformat(event.data["since"]),
                "has_left": False,
                "version": event.version,
            }
        )
    table = tables.candidate
    statement = upsert(unit.connection, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("home_county", "candidate_id")}
    statement = statement.on_conflict_do_update(
        index_elements=["home_county", "candidate_id"],
        set_=changed,
        where=func.coalesce(table.c.version, 0) < statement.excluded.version,
    )
    unit.connection.execute(statement, rows)


@REACTIONS.hears(PROSPECT_REVIEWED)
def prospect_reviewed(unit: Unit, events: Sequence[Event]) -> None:
    """The reviews that go before the departments: the branch's own and the committee's. Source: JH 5."""
    for by in ("branch", "committee"):
        rows = [{**_key(event), "day_": event.day, "passed_": event.data["passed"]} for event in events if event.data["by"] == by]
        _change(unit, rows, {f"{by}_reviewed_on": bindparam("day_"), f"{by}_review_passed": bindparam("passed_")})


@REACTIONS.hears(ADMITTED)
def admitted(unit: Unit, events: Sequence[Event]) -> None:
    """From then on a conclusion has served its purpose: none lapses any more, and none is renewed."""
    rows = [{**_key(event), "day_": date.fromisoformat(event.data["approved_on"])} for event in events]
    _change(unit, rows, {"admitted_on": bindparam("day_")})


@REACTIONS.hears(CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """An open case of somebody who has left is closed. Those who leave before they are prospects were never heard of here."""
    _change(unit, [_key(event) for event in events], {"has_left": True})
    for event in sorted(events, key=lambda event: event.stream):
        case = case_of_candidate(unit, event.data["candidate_id"])
        if case is not None:
            close(unit, case, "candidate_left", event.day)


def _key(event: Event) -> dict[str, Any]:
    return {"county_": event.home_county, "id_": event.data["candidate_id"], "version_": event.version}


def _change(unit: Unit, rows: list[dict[str, Any]], values: dict[str, Any]) -> None:
    """Changes those who are known here, unless something newer has been heard of them."""
    if not rows:
        return
    table = tables.candidate
    statement = update(table).where(
        table.c.home_county == bindparam("county_"),
        table.c.candidate_id == bindparam("id_"),
        func.coalesce(table.c.version, 0) < bindparam("version_"),
    )
    unit.connection.execute(statement.values(version=bindparam("version_"), **values), rows)
