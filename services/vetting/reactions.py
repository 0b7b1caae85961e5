"""What vetting hears: organisations from the registry, activists and those who leave from recruitment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import update

from contracts.recruitment import ACTIVIST_DETERMINED, CANDIDATE_LEFT
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
_CANDIDATE = ("candidate_id", "branch", "committee", "path", "city", "county", "domain")


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


@REACTIONS.hears(ACTIVIST_DETERMINED)
def activist_determined(unit: Unit, events: Sequence[Event]) -> None:
    """Name and ID number are kept as they came: sealed under the key of the person."""
    rows = []
    for event in events:
        if event.subject is None or not {"name", "id_number"} <= event.sealed.keys():
            raise Poison("activist_determined without name and id_number")
        rows.append(
            {
                **{name: event.data[name] for name in _CANDIDATE},
                "home_county": event.home_county,
                "subject": event.subject,
                "name_sealed": event.sealed["name"],
                "id_number_sealed": event.sealed["id_number"],
                "since": date.fromisoformat(event.data["since"]),
                "has_left": False,
            }
        )
    statement = upsert(unit.connection, tables.candidate)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("home_county", "candidate_id")}
    statement = statement.on_conflict_do_update(index_elements=["home_county", "candidate_id"], set_=changed)
    unit.connection.execute(statement, rows)


@REACTIONS.hears(CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """An open case of somebody who has left is closed. Applicants who leave were never heard of here."""
    ids = [event.data["candidate_id"] for event in events]
    table = tables.candidate
    unit.connection.execute(update(table).where(table.c.candidate_id.in_(ids)).values(has_left=True))
    for event in sorted(events, key=lambda event: event.stream):
        case = case_of_candidate(unit, event.data["candidate_id"])
        if case is not None:
            close(unit, case, "candidate_left", event.day)
