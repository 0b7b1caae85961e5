"""How far the year's admissions are off the plan. Source: NN 2(1) 3."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel.policy import Decision, Faults, Policy, allow, exceeds, half_up

_PLACES = 4


@dataclass(frozen=True)
class DeviationFacts:
    planned: int
    actual: int


def decide_deviation(facts: DeviationFacts, policy: Policy) -> Decision:
    """`plan.deviation`: the share by which admissions differ from the plan, in either direction, and if that is too much.

    A small plan is judged by persons, since one person is already more than the share: a tolerance of this project.
    Values: `deviation` (a share, four decimals, half up), `beyond` (judged exactly).
    """
    percent = policy.value("plan.deviation.percent")
    with Faults() as faults:
        faults.unless(facts.planned >= 1, "planned", "计划数至少为 1")
        faults.not_negative(actual=facts.actual)
    off = abs(facts.actual - facts.planned)
    if facts.planned < policy.value("plan.deviation.small_below"):
        beyond = off > policy.value("plan.deviation.small_tolerance")
    else:
        beyond = exceeds(off, facts.planned, percent)
    return allow({"deviation": half_up(Fraction(off, facts.planned), _PLACES), "beyond": beyond})
