"""The score of a "double evaluation". Source: NN 3(2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel.policy import Decision, Faults, Policy, allow, half_up

_PLACES = 2


@dataclass(frozen=True)
class SatisfactionFacts:
    """How many chose each grade."""

    very: int
    satisfied: int
    basically: int
    not_: int


def decide_score(facts: SatisfactionFacts, policy: Policy) -> Decision:
    """`satisfaction.score`: the weighted mean of the grades, exact.

    Values: `score` (two decimals, half up, for people), `below` (the exact value is under the threshold).
    """
    weights = policy.value("satisfaction.weights")
    counts = {"very": facts.very, "satisfied": facts.satisfied, "basically": facts.basically, "not": facts.not_}
    with Faults() as faults:
        faults.not_negative(**counts)
        faults.unless(sum(counts.values()) >= 1, "very", "没有评议票")
    points = sum((Fraction(weights[grade]) * n for grade, n in counts.items()), Fraction())
    exact = points / sum(counts.values())
    return allow({"score": half_up(exact, _PLACES), "below": exact < Fraction(policy.value("satisfaction.threshold"))})
