"""How long a notice must stand before the next step. Source: JH 6, NN 3(4), NT' 13."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Faults, Policy, allow
from kernel.workdays import day_after_period


@dataclass(frozen=True)
class PeriodFacts:
    """`posted` is the day whose packs are in force."""

    stage: str
    posted: date


def period_parameter(stage: str) -> str:
    return f"publicity.{stage}.period"


def decide_period(facts: PeriodFacts, policy: Policy) -> Decision:
    """`publicity.period`: is publicity asked for at this stage, and the first day on which the next step is possible.

    Values: `required`, `first_possible` (a date, which may be a holiday; None where nothing is required).
    """
    with Faults() as faults:
        faults.one_of("stage", facts.stage, policy.labels("publicity_stage"))
        faults.unless(facts.posted == policy.on, "posted", "张贴日期须与适用规定的日期一致")
    name = period_parameter(facts.stage)
    if not policy.has(name):
        return allow({"required": False, "first_possible": None})
    first = day_after_period(facts.posted, policy.value(name))
    return allow({"required": True, "first_possible": first.day}, provisional=first.provisional)
