"""Ending a candidacy against the person's will, and correcting a wrong entry: people decide, with reasons, after hearing.

Sources: JH 4; the safeguards are this project's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, combine, decide_dates, judge, unless
from kernel.workdays import add_workdays

DISQUALIFICATION = "disqualification"
#: Stage -> what a proceeding against the person is called there.
KINDS = {"applicant": "refusal", "activist": "adjustment", "prospect": "adjustment", "probationary": DISQUALIFICATION}
#: Kind of a proceeding -> the action that ends the candidacy.
END_ACTIONS = {"refusal": "refuse", "adjustment": "remove", DISQUALIFICATION: "disqualify"}
#: What a proposal may rest on, beside its reason in words: the admission went past the political review.
REVIEW_BYPASSED = "review_bypassed"
#: The rule of such an admission.
BYPASSED = "vetting.bypassed"


def decide_proposal(reason: str, policy: Policy) -> Decision:
    """`adjustment.reason`: a proposal says why."""
    return judge(unless(bool(reason.strip()), policy, "adjustment.reason", "未写明理由", {"reason": ""}))


@dataclass(frozen=True, slots=True)
class ProceedingFacts:
    """How far a proceeding has come. `heard_on`: heard, or given the chance and left it."""

    notified_on: date | None
    heard_on: date | None
    reason: str


def decide_end(facts: ProceedingFacts, policy: Policy) -> Decision:
    """`adjustment.reason`, `adjustment.hearing`: notice to the person and hearing come before the decision."""
    lacking = [
        text
        for holds, text in (
            (facts.notified_on is not None, "尚未通知本人"),
            (facts.heard_on is not None, "尚未听取本人意见"),
        )
        if not holds
    ]
    return judge(
        unless(bool(facts.reason.strip()), policy, "adjustment.reason", "决定未写明理由", {"reason": ""}),
        unless(
            not lacking,
            policy,
            "adjustment.hearing",
            "；".join(lacking),
            {"notified": facts.notified_on is not None, "heard": facts.heard_on is not None},
        ),
    )


def decide_recognition(leaves: bool, policy: Policy) -> Decision:
    """`vetting.bypassed`: an admission past the review is normally not recognised. Who recognises it departs from the rule, for the
    reason of the decision itself, which stands sealed and is only pointed to.

    `policy` is that of the day of the admission. Source: JH 5.
    """
    fact = {REVIEW_BYPASSED: True, "recognised": not leaves}
    return judge(unless(leaves, policy, BYPASSED, "接收时未按规定进行政审，拟予承认", fact)).with_departures(
        {BYPASSED: "见决定的理由"}
    )


def decide_rejection(reason: str, heard_on: date | None, statement: str, policy: Policy) -> Decision:
    """`adjustment.reason`, `adjustment.hearing`: a decision against the person has a reason, and the person was heard before."""
    return judge(
        unless(bool(reason.strip()), policy, "adjustment.reason", "决定未写明理由", {"reason": ""}),
        unless(
            heard_on is not None and bool(statement.strip()), policy, "adjustment.hearing", "尚未听取本人意见", {"heard": False}
        ),
    )


def decide_heard(
    policy: Policy, today: date, step: str, day: date, heard_on: date, before: Sequence[tuple[str, date | None]]
) -> Decision:
    """The person is heard on a step that has been taken, and before it is undone. Rules: `order.future`, `order.sequence`."""
    return combine(
        decide_dates(policy, today, step, day, (*before, ("听取本人意见", heard_on))),
        decide_dates(policy, today, "听取本人意见", heard_on, before),
    )


def decide_absence(hearing_until: date, day: date, policy: Policy) -> Decision:
    """`adjustment.hearing`: who did not come has left the chance only when the time for it is over."""
    return judge(
        unless(
            hearing_until < day,
            policy,
            "adjustment.hearing",
            f"本人未到场，陈述期至 {hearing_until} 止，{day} 尚不能视为放弃",
            {"hearing_until": hearing_until.isoformat(), "day": day.isoformat()},
        )
    )


def hearing_until(noted_on: date, policy: Policy) -> date:
    """The last day of the time that the person has to be heard. It runs from the day on which the notice was put on record."""
    return add_workdays(noted_on, int(policy.value("adjustment.hearing_workdays"))).day


def decide_correction(requested_by: str, approved_by: str, policy: Policy) -> Decision:
    """`correction.four_eyes`: who asked for a correction does not approve it."""
    return judge(
        unless(requested_by != approved_by, policy, "correction.four_eyes", "更正的申请人不能自己批准", {"same_account": True})
    )
