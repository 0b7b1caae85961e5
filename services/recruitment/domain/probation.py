"""When probation ends. Source: NT 31."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, Reason, judge
from kernel.workdays import add_months


@dataclass(frozen=True)
class ProbationFacts:
    """`meeting`: the branch meeting that admitted. `extension_months`: 0 where probation is not extended."""

    meeting: date
    extension_months: int


def decide_end(facts: ProbationFacts, policy: Policy) -> Decision:
    """`probation.end`: probation and extension are added in one step; an extension outside the bounds is refused.

    Values: `ends`; with a refused extension it is the end without one.
    """
    least, most = policy.value("probation.extension.least"), policy.value("probation.extension.most")
    extension, refusal = facts.extension_months, None
    if extension != 0 and not least <= extension <= most:
        refusal, extension = _refusal(facts.extension_months, least, most, policy), 0
    ends = add_months(facts.meeting, policy.value("probation.months") + extension)
    return judge(refusal, values={"ends": ends})


def _refusal(months: int, least: int, most: int, policy: Policy) -> Reason:
    return policy.reason(
        "probation.extension",
        f"延长预备期 {months} 个月，须在 {least} 至 {most} 个月之间",
        {"extension_months": months, "least": least, "most": most},
        parameters=("probation.extension.least", "probation.extension.most"),
    )
