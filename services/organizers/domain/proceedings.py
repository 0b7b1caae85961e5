"""Deciding against somebody: people decide, with reasons, after notice and hearing. The safeguards are this project's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, judge, unless
from kernel.workdays import add_workdays


@dataclass(frozen=True, slots=True)
class ProceedingFacts:
    """How far a proceeding has come. `heard_on`: heard, or given the chance and left it."""

    notified_on: date | None
    heard_on: date | None
    reason: str


def decide_reason(reason: str, policy: Policy) -> Decision:
    """`organizer.reason`: whoever is for or against somebody says why."""
    return judge(unless(bool(reason.strip()), policy, "organizer.reason", "未写明理由", {"reason": ""}))


def decide_end(facts: ProceedingFacts, policy: Policy) -> Decision:
    """`organizer.reason`, `organizer.hearing`: notice to the person and hearing come before the decision."""
    told, heard = facts.notified_on is not None, facts.heard_on is not None
    lacking = [text for holds, text in ((told, "尚未通知本人"), (heard, "尚未听取本人意见")) if not holds]
    return judge(
        *decide_reason(facts.reason, policy).reasons,
        unless(not lacking, policy, "organizer.hearing", "；".join(lacking), {"notified": told, "heard": heard}),
    )


def decide_absence(hearing_until: date, day: date, policy: Policy) -> Decision:
    """`organizer.hearing`: who did not come has left the chance only when the time for it is over."""
    return judge(
        unless(
            hearing_until < day,
            policy,
            "organizer.hearing",
            f"本人未到场，陈述期至 {hearing_until} 止，{day} 尚不能视为放弃",
            {"hearing_until": hearing_until.isoformat(), "day": day.isoformat()},
        )
    )


def hearing_until(noted_on: date, policy: Policy) -> date:
    """The last day of the time that the person has to be heard. It runs from the day on which the notice was put on record."""
    return add_workdays(noted_on, int(policy.value("organizer.hearing_workdays"))).day


def decide_review(decided_by: str, reviewed_by: str, policy: Policy) -> Decision:
    """`organizer.review_by_another`: who decided does not review it."""
    return judge(
        unless(
            decided_by != reviewed_by, policy, "organizer.review_by_another", "原决定人不能复核自己的决定", {"same_account": True}
        )
    )
