"""One person, one dossier: what must be in it before the next stage. Source: JH 6, NT 5 7 8 9 11, catalogue R14."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Policy


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
    trainings_passed: int


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
STAGES = ("activist", "cultivation", "prospect")


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
    if stage in ("cultivation", "prospect"):
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
    if stage == "prospect":
        found += [
            _item(policy, "filing", "报上级党委备案", trace.filed_on, "activist.filing"),
            _counted(policy, "reviews", "半年考察", trace.reviews, "cultivation.review_overdue"),
            _counted(policy, "training", "集中培训及考核", trace.trainings_passed, "training.length"),
        ]
    return tuple(item for item in found if item is not None)


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
