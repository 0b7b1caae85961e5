"""The branch reports to the committee: the vote has passed, the publicities are over, the dossier is complete.

Sources: NT 23 33, JH 6, NN 3(4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.policy import Decision, Policy, judge, unless

#: The notices that follow a vote, by what was voted on. Which of them are asked for stands in the packs.
PUBLICITIES: Mapping[str, tuple[str, ...]] = {"admission": ("probationary", "residence"), "conversion": ("conversion",)}


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """`passed`: None where there was no vote yet. `missing`: what the dossier lacks, for people."""

    passed: bool | None
    missing: Sequence[str]


def decide_report(facts: ReportFacts, policy: Policy) -> Decision:
    """`meeting.majority`, `dossier.complete`. Whether the publicities are over is `notices.py`'s."""
    vote = "支部大会尚未表决" if facts.passed is None else "支部大会表决未获通过"
    return judge(
        unless(bool(facts.passed), policy, "meeting.majority", vote, {"passed": facts.passed}),
        unless(
            not facts.missing,
            policy,
            "dossier.complete",
            f"档案缺少：{'、'.join(facts.missing)}",
            {"missing": list(facts.missing)},
        ),
    )
