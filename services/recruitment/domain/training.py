"""Whether the training before admission was long enough, and assessed where the packs ask for it. Source: NT 17, JH 4."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.policy import Decision, Faults, Policy, allow, judge, unless


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


def decide_training(held: TrainingFacts, passed: TrainingFacts, policy: Policy) -> Decision:
    """`training.length` of all that was `held`; `training.assessed`: what was `passed` is long enough by itself."""
    length = decide_sufficient(held, policy)
    enough = not length.allowed or decide_sufficient(passed, policy).allowed
    return judge(
        *length.reasons,
        unless(
            enough,
            policy,
            "training.assessed",
            f"经考核合格的培训只有 {passed.days} 天、{passed.hours} 学时",
            {"passed_days": passed.days, "passed_hours": passed.hours},
        ),
    )
