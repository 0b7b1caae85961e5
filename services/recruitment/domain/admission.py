"""People who are about to leave their unit are normally not admitted. Source: NT 19, JH 12 (students)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, allow, judge
from kernel.workdays import add_months


@dataclass(frozen=True)
class LeavingFacts:
    """`leaves`: the day on which the person leaves work or school; it may lie before the meeting."""

    meeting: date
    leaves: date


def decide_leaving(facts: LeavingFacts, policy: Policy) -> Decision:
    """`admission.leaving`: refused unless the day of leaving lies after the term, counted forward from the meeting."""
    months = policy.value("admission.leaving_months")
    until = add_months(facts.meeting, months)
    if until < facts.leaves:
        return allow()
    return judge(
        policy.reason(
            "admission.leaving",
            f"{facts.leaves} 离开工作、学习单位，未超过支部大会后 {months} 个月（至 {until}）",
            {"meeting": facts.meeting.isoformat(), "leaves": facts.leaves.isoformat(), "until": until.isoformat()},
            parameters=("admission.leaving_months",),
        )
    )
