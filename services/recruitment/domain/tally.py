"""Counting: what a teller enters, and whether the sums hold. Two of them: `kernel.policy.tellers`.

Only totals exist here. Who voted is known from the attendance; how, nobody can tell. Sources: NN 3(1)(3), R18.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from kernel.policy import Decision, Faults, Policy, judge, unless


@dataclass(frozen=True, slots=True)
class Figures:
    """The totals of one count. Absent members who were heard stand apart: theirs are opinions, not ballots."""

    issued: int
    cast: int
    in_favour: int
    against: int
    abstain: int
    invalid: int
    absent_in_favour: int = 0
    absent_against: int = 0
    absent_abstain: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{name: values[name] for name in cls.__dataclass_fields__ if values.get(name) is not None})

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def heard(self) -> int:
        return self.absent_in_favour + self.absent_against + self.absent_abstain

    @property
    def ballots(self) -> int:
        """Ballots cast, with the opinions of absent members counted in. Source: NN 3(1) 2."""
        return self.cast + self.heard

    @property
    def all_in_favour(self) -> int:
        return self.in_favour + self.absent_in_favour


def decide_sums(figures: Figures, present: int, heard: int, policy: Policy) -> Decision:
    """`tally.sums`: cast <= issued <= present; for + against + abstain + invalid = cast; opinions = those heard.

    Raises `Invalid` for negative counts.
    """
    with Faults() as faults:
        faults.not_negative(**figures.as_dict())
    spread = figures.in_favour + figures.against + figures.abstain + figures.invalid
    faults_found = [
        text
        for holds, text in (
            (figures.issued <= present, f"发出票 {figures.issued} 张，多于到会 {present} 人"),
            (figures.cast <= figures.issued, f"收回票 {figures.cast} 张，多于发出票 {figures.issued} 张"),
            (spread == figures.cast, f"赞成、反对、弃权、无效合计 {spread} 张，与收回票 {figures.cast} 张不符"),
            (figures.heard == heard, f"缺席党员意见合计 {figures.heard} 条，与登记的 {heard} 条不符"),
        )
        if not holds
    ]
    fact = {**figures.as_dict(), "present": present, "heard": heard}
    return judge(unless(not faults_found, policy, "tally.sums", "；".join(faults_found), fact))
