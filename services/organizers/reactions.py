"""What organizers hears: organisations and members from the registry, whereabouts and ends of candidates from recruitment."""

from __future__ import annotations

from collections.abc import Sequence

from contracts import recruitment, registry
from kernel.bus.event import Event
from kernel.bus.projection import keep, told
from kernel.bus.reaction import Reactions
from kernel.unit import Unit
from services.organizers.commands.ending import end_with_candidates
from services.organizers.tables import candidate, member, organisation

REACTIONS = Reactions()


@REACTIONS.hears(registry.ORGANISATION_REGISTERED, registry.ORGANISATION_CHANGED)
def organisation_told(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, organisation, [told(organisation, event) for event in events])


@REACTIONS.hears(registry.MEMBER_REGISTERED, registry.MEMBER_CHANGED)
def member_told(unit: Unit, events: Sequence[Event]) -> None:
    """The name is kept as it came: sealed under the key of the person; none of somebody who was erased."""
    keep(unit, member, [told(member, event, name_sealed=event.sealed.get("name")) for event in events])


@REACTIONS.hears(
    recruitment.APPLICATION_RECEIVED, recruitment.ACTIVIST_DETERMINED, recruitment.PROSPECT_LISTED, recruitment.ADMITTED
)
def candidate_placed(unit: Unit, events: Sequence[Event]) -> None:
    """Where a candidate is: he is on the way."""
    keep(unit, candidate, [told(candidate, event, ended=False) for event in events])


@REACTIONS.hears(recruitment.CANDIDATE_LEFT, recruitment.CONVERTED)
def candidate_ended(unit: Unit, events: Sequence[Event]) -> None:
    """Nobody accompanies any longer who has left, or is a full member: open tasks end, and what they opened to the organizer."""
    keep(unit, candidate, [told(candidate, event, ended=True) for event in events])
    end_with_candidates(unit, events)
