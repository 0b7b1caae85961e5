"""What a rule answers: allowed or not, the values it computed, and the reasons of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from kernel.errors import Invalid, Refused

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True)
class Reason:
    """Why a rule said no.

    `rule` is the id in the packs, `source` the article ("JH 6", "NN 3(4)", "NT 13", "NT' 13", "Xinhuo"), `fact` what
    was looked at, `remedy` what would make it pass. `waivable`: a recorded written reason lets the step go on.
    """

    rule: str
    source: str
    message: str
    fact: Mapping[str, Any] | None
    remedy: str
    waivable: bool = False


@dataclass(frozen=True)
class Departure:
    """A waivable rule departed from, with the written reason that is kept in the record."""

    rule: str
    source: str
    written_reason: str


@dataclass(frozen=True)
class Decision:
    """The answer of `decide_x(facts, policy)`.

    `values` are given with a refusal too. `provisional`: a date rests on a year whose holidays are not announced yet.
    `departures` are to be written into the journal by the command that acts on the decision.
    """

    allowed: bool
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    reasons: tuple[Reason, ...] = ()
    departures: tuple[Departure, ...] = ()
    provisional: bool = field(default=False, kw_only=True)

    def require(self) -> Decision:
        """Return the decision itself if allowed; raise `Refused` with the reasons otherwise."""
        if not self.allowed:
            raise Refused(self.reasons)
        return self

    def with_departures(self, written: Mapping[str, str]) -> Decision:
        """Let waivable reasons pass on a written reason each: `{rule id: reason}`.

        A reason that is not waivable stays, whatever is written. Raises `Invalid` for an empty written reason. A rule
        that did not refuse is left unrecorded: nothing was departed from.
        """
        empty = {f"departures.{rule}": ["偏离规定须写明理由"] for rule, text in written.items() if not text.strip()}
        if empty:
            raise Invalid(empty)
        waived = tuple(r for r in self.reasons if r.waivable and r.rule in written)
        remaining = tuple(r for r in self.reasons if r not in waived)
        departures = tuple(Departure(r.rule, r.source, written[r.rule].strip()) for r in waived)
        return replace(self, allowed=not remaining, reasons=remaining, departures=(*self.departures, *departures))


def allow(values: Mapping[str, Any] = NOTHING, *, provisional: bool = False) -> Decision:
    """Allowed, with what was computed."""
    return Decision(True, values, provisional=provisional)


def judge(*reasons: Reason | None, values: Mapping[str, Any] = NOTHING, provisional: bool = False) -> Decision:
    """Allowed unless one of `reasons` is given; `None` stands for a rule that is kept."""
    given = tuple(reason for reason in reasons if reason is not None)
    return Decision(not given, values, given, provisional=provisional)


def refuse(*reasons: Reason, values: Mapping[str, Any] = NOTHING) -> Decision:
    """Refused; at least one reason."""
    if not reasons:
        raise ValueError("a refusal must name at least one reason")
    return Decision(False, values, reasons)


def combine(*decisions: Decision) -> Decision:
    """All must allow; values are merged (each name given once), reasons and departures kept in order."""
    values: dict[str, Any] = {}
    for decision in decisions:
        if twice := values.keys() & decision.values.keys():
            raise ValueError(f"two decisions give the same value: {sorted(twice)}")
        values.update(decision.values)
    return Decision(
        all(d.allowed for d in decisions),
        values,
        tuple(reason for d in decisions for reason in d.reasons),
        tuple(departure for d in decisions for departure in d.departures),
        provisional=any(d.provisional for d in decisions),
    )
