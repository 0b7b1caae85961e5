"""What must be in the dossier before the branch reports an admission, and a conversion. Source: JH 6, NT 19–35, catalogue R14."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kernel.policy import Policy
from services.recruitment.domain.publicity import period_parameter
from services.recruitment.domain.reporting import PUBLICITIES

#: What the rules of a report speak of themselves.
APART = (
    "vote",
    "conversion_vote",
    "probationary_publicity",
    "residence_publicity",
    "conversion_publicity",
    "conversion_application",
)
ADMISSION, CONVERSION = "admission", "conversion"


@dataclass(frozen=True, slots=True)
class LaterTrace:
    """What the dossier shows of each later step: its day, or None. `shown`: stage of publicity -> the day it ended."""

    examined_on: date | None
    voted_on: date | None  # the vote that passed, of the running way
    admitted_on: date | None
    probation_since: date | None
    committee_talked_on: date | None
    oath_on: date | None
    reviewed_on: date | None
    applied_on: date | None
    shown: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing that belongs in the dossier. `rule`: the id that asks for it; `source`: its article."""

    code: str
    title: str
    day: date | None
    rule: str
    source: str


def wanted(stage: str, trace: LaterTrace, policy: Policy) -> tuple[Wanted, ...]:
    """The items of `admission`, and of `conversion` after them."""
    admitted = trace.admitted_on is not None
    vote = trace.probation_since if admitted else trace.voted_on
    found = [
        _duty(policy, "form", "预审合格、发给入党志愿书", trace.examined_on, "pre_examination.form_issued"),
        _ruled(policy, "vote", "支部大会表决", vote, "meeting.majority"),
        *(_publicity(policy, stage, trace, done=admitted) for stage in PUBLICITIES[ADMISSION]),
    ]
    if stage == CONVERSION:
        converting = trace.voted_on if admitted else None
        found += [
            _duty(policy, "committee_talk", "审批前谈话", trace.committee_talked_on, "committee.talk"),
            _ruled(policy, "admission", "党委批准接收", trace.admitted_on, "committee.majority"),
            _duty(policy, "oath", "入党宣誓", trace.oath_on, "oath.formal_occasion"),
            _ruled(policy, "probation_review", "预备期考察", trace.reviewed_on, "probation.review_overdue"),
            _duty(policy, "conversion_application", "转正申请", trace.applied_on, "conversion.own_application"),
            _ruled(policy, "conversion_vote", "支部大会对转正的表决", converting, "meeting.majority"),
            *(_publicity(policy, stage, trace) for stage in PUBLICITIES[CONVERSION]),
        ]
    return tuple(item for item in found if item is not None)


def _ruled(policy: Policy, code: str, title: str, day: date | None, rule: str) -> Wanted | None:
    return Wanted(code, title, day, rule, policy.rule(rule).source) if policy.has_rule(rule) else None


def _duty(policy: Policy, code: str, title: str, day: date | None, parameter: str) -> Wanted | None:
    """What a duty of the packs asks for that is refused by the rule of the complete dossier alone."""
    return Wanted(code, title, day, "dossier.complete", policy[parameter].source) if policy.asks(parameter) else None


def _publicity(policy: Policy, stage: str, trace: LaterTrace, *, done: bool = False) -> Wanted | None:
    """`done`: the step that it came before was taken under the packs of its own day, which may have asked for none."""
    parameter = period_parameter(stage)
    if not policy.has(parameter) or (done and stage not in trace.shown):
        return None
    title = f"公示：{policy.label('publicity_stage', stage)}"
    return Wanted(f"{stage}_publicity", title, trace.shown.get(stage), "publicity.period", policy[parameter].source)
