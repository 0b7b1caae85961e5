"""One person, one dossier: what must be in it before the next stage. Source: JH 6, NT 5 7 8 9 11 13 14 16 17, R14."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Policy
from services.recruitment.domain.completing import LaterTrace, wanted


@dataclass(frozen=True, slots=True)
class Trace:
    """What the dossier shows of each step: its day, or None. Publicity counts from the day it ended."""

    applied_on: date
    talked_on: date | None
    application_publicity_ended_on: date | None
    application_publicity_required: bool
    recommended_on: date | None
    approved_on: date | None
    balloted_on: date | None
    determined_on: date | None
    activist_publicity_ended_on: date | None
    activist_publicity_required: bool
    filed_on: date | None
    contacts: int
    reviews: int
    trainings: int
    opinions: int
    prospect_balloted_on: date | None
    proposed_on: date | None
    introducers: int
    endorsed_on: date | None
    prospect_publicity_ended_on: date | None
    prospect_publicity_required: bool
    listed_on: date | None
    branch_reviewed_on: date | None
    committee_reviewed_on: date | None
    vetting_concluded_on: date | None
    prospect_trainings: int
    consented_on: date | None
    later: LaterTrace


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that belongs in the dossier. `rule` is the id that asks for it, `source` its article."""

    code: str
    title: str
    day: date | None
    present: bool
    rule: str
    source: str


#: The stages that one is about to enter.
STAGES = ("activist", "cultivation", "prospect", "pre_examination", "admission", "conversion")


def items(stage: str, trace: Trace, policy: Policy) -> tuple[Item, ...]:
    """What must be there before `stage` is entered, by the rules in force. Stages build on each other."""
    found = [
        _item(policy, "application", "入党申请书", trace.applied_on, "application.written"),
        _item(policy, "talk", "派人谈话记录", trace.talked_on, "talk.overdue"),
        _item(
            policy,
            "application_publicity",
            "接到入党申请的公示",
            trace.application_publicity_ended_on,
            "publicity.period",
            asked=trace.application_publicity_required,
        ),
        _item(policy, "recommendation", "推荐结果", trace.recommended_on, "recommendation.required"),
        _item(policy, "approval", "上级党委审批同意", trace.approved_on, "activist.superior_approval"),
        _item(policy, "ballot", "票决结果", trace.balloted_on, "activist.ballot"),
    ]
    reached = STAGES.index(stage)
    if reached >= STAGES.index("cultivation"):
        found += [
            _item(policy, "determination", "确定入党积极分子的决定", trace.determined_on, "activist.body"),
            _item(policy, "contacts", "培养联系人", trace.determined_on if trace.contacts else None, "activist.contacts"),
            _item(
                policy,
                "activist_publicity",
                "确定入党积极分子的公示",
                trace.activist_publicity_ended_on,
                "publicity.period",
                asked=trace.activist_publicity_required,
            ),
        ]
    if reached >= STAGES.index("prospect"):
        found += [
            _item(policy, "filing", "报上级党委备案", trace.filed_on, "activist.filing"),
            _counted(policy, "reviews", "半年考察", trace.reviews, "cultivation.review_overdue"),
            _counted(policy, "training", "教育培训", trace.trainings, "cultivation.training"),
            _counted(policy, "opinions", "党小组、培养联系人、党员和群众的意见", trace.opinions, "prospect.opinions"),
            _item(policy, "prospect_ballot", "确定发展对象的票决结果", trace.prospect_balloted_on, "prospect.ballot"),
        ]
    if reached >= STAGES.index("pre_examination"):
        found += _of_prospect(trace, policy)
    if reached >= STAGES.index("admission"):
        later = wanted(stage, trace.later, policy)
        found += [Item(item.code, item.title, item.day, item.day is not None, item.rule, item.source) for item in later]
    return tuple(item for item in found if item is not None)


def _of_prospect(trace: Trace, policy: Policy) -> list[Item | None]:
    """What a prospect's own stage leaves in the dossier."""
    endorsed = "prospect.superior_agreement" if policy.has_rule("prospect.superior_agreement") else "prospect.filing"
    return [
        _item(policy, "proposal", "支部拟列为发展对象的决定", trace.proposed_on, "prospect.earliest"),
        _item(policy, "introducers", "入党介绍人", trace.proposed_on if trace.introducers else None, "prospect.introducers"),
        _item(policy, "endorsement", "上级党委备案或者同意", trace.endorsed_on, endorsed),
        _item(
            policy,
            "prospect_publicity",
            "确定发展对象的公示",
            trace.prospect_publicity_ended_on,
            "publicity.period",
            asked=trace.prospect_publicity_required,
        ),
        _item(policy, "listing", "列为发展对象", trace.listed_on, "prospect.earliest"),
        _item(policy, "branch_review", "支部审查", trace.branch_reviewed_on, "review.required"),
        _item(policy, "committee_review", "党委审查", trace.committee_reviewed_on, "review.required"),
        _item(policy, "vetting", "部门审查结论", trace.vetting_concluded_on, "review.required"),
        _counted(policy, "prospect_training", "短期集中培训", trace.prospect_trainings, "training.length"),
        _item(policy, "consent", "县（市、区）委组织部同意启动", trace.consented_on, "pre_examination.county_consent"),
    ]


def missing(found: Sequence[Item], apart: Sequence[str] = ()) -> tuple[str, ...]:
    """Titles of what is not there; `apart` are codes that other rules speak of themselves."""
    return tuple(item.title for item in found if not item.present and item.code not in apart)


def _item(policy: Policy, code: str, title: str, day: date | None, rule: str, *, asked: bool = True) -> Item | None:
    if not asked or not policy.has_rule(rule):
        return None
    return Item(code, title, day, day is not None, rule, policy.rule(rule).source)


def _counted(policy: Policy, code: str, title: str, count: int, rule: str) -> Item | None:
    if not policy.has_rule(rule):
        return None
    return Item(code, title, None, count > 0, rule, policy.rule(rule).source)
