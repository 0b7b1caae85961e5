"""Whether the training before admission was long enough. Source: NT 17."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.policy import Decision, Faults, Policy, allow, judge


@dataclass(frozen=True)
class TrainingFacts:
    days: int
    hours: int


def decide_sufficient(facts: TrainingFacts, policy: Policy) -> Decision:
    """`training.sufficient`: length only; enough days or enough class hours, one of them will do."""
    with Faults() as faults:
        faults.not_negative(days=facts.days, hours=facts.hours)
    days, hours = policy.value("training.days"), policy.value("training.hours")
    if facts.days >= days or facts.hours >= hours:
        return allow()
    return judge(
        policy.reason(
            "training.length",
            f"培训 {facts.days} 天、{facts.hours} 学时，须不少于 {days} 天或 {hours} 学时",
            {"days": facts.days, "hours": facts.hours},
            parameters=("training.days", "training.hours"),
        )
    )
