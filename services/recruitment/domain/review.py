"""The political review: the branch, the committee, the departments, in this order where the packs say so. Source: NT 16, JH 5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from kernel.policy import Decision, Policy, judge, unless

BRANCH, COMMITTEE = "branch", "committee"
PASSED = "passed"


def decide_after_branch(branch_passed: bool, policy: Policy) -> Decision:
    """`review.order`: the committee reviews what the branch has found in order. Source: JH 5."""
    return judge(unless(branch_passed, policy, "review.order", "支部尚未审查合格", {"branch": branch_passed}))


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What has been concluded, by whom and when. `valid_until`: the last day on which the departments' pass may be used."""

    branch_on: date | None
    branch_passed: bool
    committee_on: date | None
    committee_passed: bool
    vetting_outcome: str | None
    vetting_on: date | None
    valid_until: date | None


def decide_review(facts: ReviewFacts, day: date, policy: Policy) -> Decision:
    """`review.required`, `review.order`, `vetting.conclusion_lapsed`: all three parts passed, in order, and still to be used on `day`."""
    vetted = facts.vetting_outcome == PASSED
    lacking = [
        text
        for holds, text in (
            (facts.branch_passed, "支部审查"),
            (facts.committee_passed, "党委审查"),
            (vetted, "部门审查"),
        )
        if not holds
    ]
    days = (facts.branch_on, facts.committee_on, facts.vetting_on)
    in_order = all(first is None or second is None or first <= second for first, second in pairwise(days))
    valid = not vetted or facts.valid_until is None or day <= facts.valid_until
    return judge(
        unless(not lacking, policy, "review.required", f"尚未完成或尚未合格：{'、'.join(lacking)}", {"lacking": lacking}),
        unless(in_order, policy, "review.order", "支部、党委、部门的审查没有按顺序进行", _days(facts)),
        unless(
            valid,
            policy,
            "vetting.conclusion_lapsed",
            f"审查结论的有效期至 {facts.valid_until}，{day} 已不能使用",
            {"valid_until": facts.valid_until.isoformat() if facts.valid_until else None, "day": day.isoformat()},
        ),
    )


def _days(facts: ReviewFacts) -> dict[str, str | None]:
    days = {"branch": facts.branch_on, "committee": facts.committee_on, "departments": facts.vetting_on}
    return {name: day.isoformat() if day else None for name, day in days.items()}
