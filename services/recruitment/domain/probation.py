"""Probation: when it ends, its extension, and what conversion rests on. Source: NT 28–35."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, Reason, judge, unless
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


def decide_extension(facts: ProbationFacts, extensions: int, policy: Policy) -> Decision:
    """`probation.extension`: within the bounds, and not more often than the packs allow. Values: `ends`."""
    most = policy.value("probation.extension.times")
    again = unless(
        extensions < most,
        policy,
        "probation.extension",
        f"预备期已经延长 {extensions} 次，至多 {most} 次",
        {"extensions": extensions, "most": most},
        parameter="probation.extension.times",
    )
    end = decide_end(facts, policy)
    return judge(again, *end.reasons, values=end.values)


@dataclass(frozen=True, slots=True)
class ConversionFacts:
    """`applied_on`: the person's own application for conversion."""

    applied_on: date | None
    probation_ends: date


def decide_conversion(facts: ConversionFacts, day: date, policy: Policy) -> Decision:
    """`conversion.own_application`, `conversion.after_probation`: the person applies, and probation has run out."""
    return judge(
        decide_own_application(facts.applied_on, policy),
        decide_ended(facts.probation_ends, day, policy),
    )


def decide_ended(probation_ends: date, day: date, policy: Policy) -> Reason | None:
    """`conversion.after_probation`: what becomes of a probation is decided when it has run out, conversion or extension."""
    return unless(
        probation_ends <= day,
        policy,
        "conversion.after_probation",
        f"预备期至 {probation_ends} 届满，{day} 尚不能讨论转正或延长",
        {"probation_ends": probation_ends.isoformat(), "day": day.isoformat()},
    )


def decide_own_application(applied_on: date | None, policy: Policy) -> Reason | None:
    """`conversion.own_application`."""
    return unless(applied_on is not None, policy, "conversion.own_application", "本人尚未提出转正申请", {"applied": False})


def full_since(probation_ends: date, approved_on: date, policy: Policy) -> date:
    """The day from which seniority counts: that on which probation ended, where the packs say so. Source: NT 33."""
    seniority = "conversion.seniority_from_end_of_probation"
    return probation_ends if policy.has(seniority) and policy.value(seniority) else approved_on


def review_due(since: date, entered_on: date, policy: Policy) -> date:
    """The first half-yearly review of a probation that has begun with the members' meeting; never due before it was known of."""
    return max(add_months(since, policy.value("probation.review_months")), entered_on)
