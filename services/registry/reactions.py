"""What the registry does when it hears of admissions, corrections, conversions, ends of probation and organizers. Set-based.

What has been done already is left as it is, so that a past that is told again changes nothing and leaves no second entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from contracts import organizers, recruitment
from kernel.bus.event import Event
from kernel.bus.reaction import Reactions
from kernel.errors import Poison, Waiting
from kernel.unit import Unit
from services.registry.commands.admissions import enter_admitted, known_members, note, stand
from services.registry.commands.appointments import end_posts, give_posts
from services.registry.commands.corrections import correct_members
from services.registry.domain import states

REACTIONS = Reactions()

#: Of a candidacy's ends, those that can befall a probationary member.
_LEFT = {"disqualified": "disqualified", "withdrawn": "left"}


@REACTIONS.hears(recruitment.ADMITTED)
def admitted(unit: Unit, events: Sequence[Event]) -> None:
    """The admitted stand on the roll as probationary members, under the id and the key that they have had as candidates."""
    enter_admitted(unit, events)


@REACTIONS.hears(recruitment.PROBATION_EXTENDED)
def probation_extended(unit: Unit, events: Sequence[Event]) -> None:
    """Goes into the member's record; the standing is the same."""
    rows = known_members(unit, events)
    note(unit, [(event, _row(rows, event), {"probation_ends": event.data["probation_ends"]}) for event in events])


@REACTIONS.hears(recruitment.CONVERTED)
def converted(unit: Unit, events: Sequence[Event]) -> None:
    """Full since the day on which probation ended. Of somebody off the roll a person has to look at it first."""
    rows = known_members(unit, events)
    changes = []
    for event in events:
        row, since = _row(rows, event), date.fromisoformat(event.data["full_since"])
        if states.MEMBER.row(row.status, "convert") is None:
            raise Poison(f"a conversion of member {row.member_id}, who is off the roll")
        if (row.status, row.full_since) != (states.FULL, since):
            changes.append((event, row, {"status": states.FULL, "full_since": since}, {"action": "convert"}))
    stand(unit, changes)


@REACTIONS.hears(recruitment.CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """A probationary member whose candidacy has ended leaves the roll. Others who leave were never on it."""
    probationary = [event for event in events if event.data["stage"] == "probationary"]
    rows = known_members(unit, probationary)
    changes = []
    for event in probationary:
        row = _row(rows, event)
        if states.MEMBER.row(row.status, "leave") is not None:
            reason = {"action": "leave", "reason": _LEFT.get(event.data["end"], "left")}
            changes.append((event, row, {"status": states.ENDED, "ended_on": event.day}, reason))
    stand(unit, changes)


@REACTIONS.hears(recruitment.CANDIDATE_CORRECTED)
def candidate_corrected(unit: Unit, events: Sequence[Event]) -> None:
    """Name, number and what follows from it, of somebody who has been admitted. Others come with the right ones."""
    admitted = [event for event in events if event.data["stage"] in ("probationary", "full")]
    rows = known_members(unit, admitted)
    correct_members(unit, [(event, _row(rows, event)) for event in admitted])


def _row(rows: dict[str, Any], event: Event) -> Any:
    """The candidate's entry on the roll. Raises `Waiting` where there is none: the admission was lost, and may still come."""
    row = rows.get(event.data["candidate_id"])
    if row is None:
        raise Waiting(event.stream)
    return row


@REACTIONS.hears(organizers.ORGANIZER_APPOINTED)
def organizer_appointed(unit: Unit, events: Sequence[Event]) -> None:
    """The account gets a post at the committee, for the term. One post per appointment and term."""
    give_posts(unit, events)


@REACTIONS.hears(organizers.ORGANIZER_ENDED)
def organizer_ended(unit: Unit, events: Sequence[Event]) -> None:
    """The post ends with the appointment's last day."""
    end_posts(unit, events)
