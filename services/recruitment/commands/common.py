"""What the commands share: the cases, who may act, what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from kernel.actor import up_to
from kernel.bus.event import EventType
from kernel.commands import Answer, Body, Cases, departures_of, told_of
from kernel.policy import Departure
from kernel.states import Row as Step
from kernel.unit import Unit
from services.recruitment.domain import states
from services.recruitment.tables import candidate, organisation

CANDIDATES = Cases(states.CANDIDATE, candidate, "candidate_id", "candidate", subject="candidate_id")


def branch_of(unit: Unit, code: str) -> Row[Any]:
    """The organisation. Raises `NotYetKnown` until the registry's event has arrived here."""
    return told_of(unit, organisation, code)


# -- the candidate's way


def authorise(unit: Unit, row: Any, action: str) -> None:
    """The actor's post must cover the branch; for the committee's own acts, the committee. Raises `Forbidden`."""
    by_committee = set(states.CANDIDATE.roles(action)) <= set(states.COMMITTEE)
    unit.authorise(up_to(row.committee, row.path) if by_committee else row.path)


def guard(unit: Unit, row: Any, action: str, body: Body) -> Step:
    """Scope, state and version, in this order. Raises `Forbidden`, `Stale`."""
    authorise(unit, row, action)
    return CANDIDATES.check(row, action, body)


def place(row: Any) -> dict[str, Any]:
    """The place of a candidacy as the contracts say it."""
    names = ("candidate_id", "branch", "committee", "path", "city", "county", "domain")
    return {name: getattr(row, name) for name in names}


def advance(
    unit: Unit, row: Any, action: str, what: EventType | str, *, departures: Sequence[Departure] = (), **more: Any
) -> Answer:
    """As `Cases.advance`, on the candidate's stream. The answer of the command tells the departures too."""
    answer = CANDIDATES.advance(unit, row, action, what, departures=departures, **more)
    return {**answer, "departures": departures_of(departures)}


def clean(values: Mapping[str, Any]) -> dict[str, str]:
    """Personal fields to seal: those that say something, as text."""
    return {name: str(value) for name, value in values.items() if value not in (None, "")}
