"""What organizers hears: organisations and members from the registry, whereabouts and ends of candidates from recruitment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from contracts import recruitment, registry
from kernel.bus.event import Event, EventType
from kernel.bus.reaction import Reactions
from kernel.store.database import upsert
from kernel.unit import Unit
from services.organizers.commands.ending import end_with_candidates
from services.organizers.tables import candidate, member, organisation

REACTIONS = Reactions()

_ORGANISATION = ("code", "name", "kind", "domain", "path", "city", "county", "approval_power")
_MEMBER = ("member_id", "branch", "path", "status")

#: Steps after which a candidate is on the way, where his branch is told.
_ON_THE_WAY: tuple[EventType, ...] = (
    recruitment.APPLICATION_RECEIVED,
    recruitment.ACTIVIST_DETERMINED,
    recruitment.PROSPECT_LISTED,
    recruitment.ADMITTED,
)
#: Steps after which nobody needs to accompany him.
_ENDS: tuple[EventType, ...] = (recruitment.CANDIDATE_LEFT, recruitment.CONVERTED)


@REACTIONS.hears(registry.ORGANISATION_REGISTERED)
def organisation_registered(unit: Unit, events: Sequence[Event]) -> None:
    rows = [{**{name: event.data[name] for name in _ORGANISATION}, "version": event.version} for event in events]
    _upsert(unit, organisation, "code", rows)


@REACTIONS.hears(registry.ORGANISATION_CHANGED)
def organisation_changed(unit: Unit, events: Sequence[Event]) -> None:
    organisation_registered(unit, events)


@REACTIONS.hears(registry.MEMBER_REGISTERED)
def member_registered(unit: Unit, events: Sequence[Event]) -> None:
    """The name is kept as it came: sealed under the key of the person; none of somebody who was erased."""
    rows = [
        {
            **{name: event.data[name] for name in _MEMBER},
            "full_since": date.fromisoformat(event.data["full_since"]) if event.data["full_since"] else None,
            "name_sealed": event.sealed.get("name"),
            "version": event.version,
        }
        for event in events
    ]
    _upsert(unit, member, "member_id", rows)


@REACTIONS.hears(registry.MEMBER_CHANGED)
def member_changed(unit: Unit, events: Sequence[Event]) -> None:
    member_registered(unit, events)


def candidate_placed(unit: Unit, events: Sequence[Event]) -> None:
    """Where a candidate is."""
    _place(unit, events, ended=False)


def candidate_ended(unit: Unit, events: Sequence[Event]) -> None:
    """Nobody accompanies any longer who has left, or is a full member: open tasks end, and what they opened to the organizer."""
    _place(unit, events, ended=True)
    end_with_candidates(unit, events)


for _event in _ON_THE_WAY:
    REACTIONS.hears(_event)(candidate_placed)
for _event in _ENDS:
    REACTIONS.hears(_event)(candidate_ended)


def _place(unit: Unit, events: Sequence[Event], ended: bool) -> None:
    names = ("candidate_id", "branch", "path")
    rows = [{**{name: event.data[name] for name in names}, "ended": ended, "version": event.version} for event in events]
    _upsert(unit, candidate, "candidate_id", rows)


def _upsert(unit: Unit, table: Any, key: str, rows: list[dict[str, Any]]) -> None:
    """Inserts or replaces. The stream's order is kept by the consumer; the version guards a republished past."""
    statement = upsert(unit.connection, table)
    fresh = {column.name: statement.excluded[column.name] for column in table.columns if column.name != key}
    statement = statement.on_conflict_do_update(
        index_elements=[key], set_=fresh, where=table.c.version < statement.excluded.version
    )
    unit.connection.execute(statement, rows)
