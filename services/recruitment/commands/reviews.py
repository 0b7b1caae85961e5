"""The political review's own parts: the branch's, then the committee's. What departments say is vetting's. Source: JH 5, NT 16."""

from __future__ import annotations

from contracts.recruitment import PROSPECT_REVIEWED
from kernel.commands import Answer, Body, day_of, policy_at
from kernel.errors import Stale
from kernel.policy import combine, decide_dates
from kernel.unit import Unit
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard, place
from services.recruitment.domain.review import BRANCH, COMMITTEE, decide_after_branch


def review_by_branch(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch reviews its prospect. One that did not pass may be held again."""
    return _review(unit, body, candidate_id, BRANCH, "支部审查")


def review_by_committee(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee reviews conditions and cultivation, where the packs say so after the branch. Rules: `review.order`."""
    return _review(unit, body, candidate_id, COMMITTEE, "党委审查")


def _review(unit: Unit, body: Body, candidate_id: str, by: str, step: str) -> Answer:
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, f"review_by_{by}", body)
    if getattr(row, f"{by}_review_passed"):
        raise Stale(f"{step}已经合格；如有误，请申请更正")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    first = () if by == BRANCH else (("支部审查", row.branch_reviewed_on),)
    decisions = [decide_dates(policy, unit.today, step, day, (("列为发展对象", row.listed_on), *first))]
    if by == COMMITTEE:
        decisions.append(decide_after_branch(bool(row.branch_review_passed), policy))
    combine(*decisions).require()
    return advance(
        unit,
        row,
        f"review_by_{by}",
        PROSPECT_REVIEWED,
        policy=policy,
        day=day,
        data={**place(row), "by": by, "passed": body["passed"]},
        personal=clean({"findings": body["findings"]}),
        **{f"{by}_reviewed_on": day, f"{by}_review_passed": body["passed"]},
    )
