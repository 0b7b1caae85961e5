"""Counting an evaluation: what a teller enters, and whether the sums hold. Two of them: `kernel.policy.tellers`.

Only totals exist here. Who judged is known in numbers; how, nobody can tell. Source: NN 3(2), catalogue R18.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from kernel.policy import Decision, Faults, Policy, judge, unless
from services.scoring.domain.satisfaction import SatisfactionFacts


@dataclass(frozen=True, slots=True)
class Figures:
    """The totals of one subject and one group of voters."""

    issued: int
    cast: int
    very: int
    satisfied: int
    basically: int
    dissatisfied: int
    invalid: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{name: values[name] for name in cls.__dataclass_fields__})

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def valid(self) -> int:
        return self.very + self.satisfied + self.basically + self.dissatisfied


def decide_entry(figures: Figures, present: int, policy: Policy) -> Decision:
    """`tally.sums`: cast <= issued <= present, grades + invalid = cast; `satisfaction.empty`: somebody has judged.

    Raises `Invalid` for negative counts.
    """
    with Faults() as faults:
        faults.not_negative(**figures.as_dict())
    spread = figures.valid + figures.invalid
    faults_found = [
        text
        for holds, text in (
            (figures.issued <= present, f"发出票 {figures.issued} 张，多于到会 {present} 人"),
            (figures.cast <= figures.issued, f"收回票 {figures.cast} 张，多于发出票 {figures.issued} 张"),
            (spread == figures.cast, f"各等次与无效票合计 {spread} 张，与收回票 {figures.cast} 张不符"),
        )
        if not holds
    ]
    fact = {**figures.as_dict(), "present": present}
    return judge(
        unless(not faults_found, policy, "tally.sums", "；".join(faults_found), fact),
        unless(figures.cast > 0, policy, "satisfaction.empty", "没有收回评议票", {"cast": figures.cast}),
    )


def decide_any(together: Iterable[SatisfactionFacts], policy: Policy) -> Decision:
    """`satisfaction.empty`: of each subject there is at least one valid ballot, of members and masses together."""
    empty = sum(facts.very + facts.satisfied + facts.basically + facts.not_ == 0 for facts in together)
    return judge(unless(empty == 0, policy, "satisfaction.empty", f"有 {empty} 项评议没有有效票", {"empty": empty}))


def together(counts: Iterable[Figures]) -> SatisfactionFacts:
    """The grades of one subject, members and masses together."""
    counts = list(counts)
    return SatisfactionFacts(
        very=sum(count.very for count in counts),
        satisfied=sum(count.satisfied for count in counts),
        basically=sum(count.basically for count in counts),
        not_=sum(count.dissatisfied for count in counts),
    )
