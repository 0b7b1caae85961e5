"""The words of a finding and of the notice of a warning, for people. Source: NN 2(2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.policy import Policy
from services.alerts.domain import triggers
from services.alerts.domain.life import is_highest
from services.alerts.domain.warning import NEAR

_TITLES = ("发展党员调控预警口头告知记录", "发展党员调控预警通知书（函告督办）", "发展党员调控预警通知书（黄牌警告）")
_ADDRESSEES = ("该党组织主要负责人", "该党组织", "该党组织及有关人员")


def addressee(level: str, policy: Policy) -> str:
    """Whom a level goes to. Source: NN 2(2) 1–3."""
    return _ADDRESSEES[policy.value("warning.levels").index(level)]


def describe(trigger: str, state: str, facts: Mapping[str, Any]) -> str:
    """One sentence on what was found; numbers only. `facts` as they stand in the tables."""
    match trigger:
        case triggers.NO_PLAN:
            return f"{facts['year']} 年度没有批准的发展党员计划数（应于 {facts['due_until']} 前制定）。"
        case triggers.NO_ADMISSION | triggers.NO_ACTIVIST:
            what = "未发展党员" if trigger == triggers.NO_ADMISSION else "没有培养入党积极分子"
            return f"{'、'.join(map(str, facts['years']))} 年连续 {facts['count']} 年{what}。{_ageing(facts['ageing'])}"
        case triggers.PLAN_DEVIATION:
            until_now = "截至目前" if state == NEAR else ""
            return f"{facts['year']} 年度计划发展 {facts['planned']} 名，{until_now}实际发展 {facts['actual']} 名。"
        case triggers.STEP_LATE:
            return f"有 {facts['count']} 项手续逾期未办，最早的应于 {facts['steps'][0]['due']} 前办理。"
        case triggers.SATISFACTION:
            return f"{facts['year']} 年度发展党员工作满意度 {facts['score']} 分，低于 {facts['threshold']} 分。"
    raise ValueError(trigger)


def _ageing(facts: Mapping[str, Any] | None) -> str:
    if facts is None or not facts["serious"]:
        return ""
    return f"党员 {facts['members']} 名，其中年老的 {facts['aged']} 名，其间未发展年轻党员，队伍老化严重。"


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """`lines`: what was found, a sentence each; `articles`: in full."""

    level: str
    organisation: str
    addressee: str
    issuer: str
    issued_on: date
    due: date
    lines: Sequence[str]
    articles: Sequence[str]
    reason: str
    circulation: str


def notice_text(facts: NoticeFacts, policy: Policy) -> str:
    title = _TITLES[policy.value("warning.levels").index(facts.level)]
    lines = [
        title,
        f"{facts.organisation}（{facts.addressee}）：",
        "经核查，你单位发展党员工作存在以下情况：",
        *(f"{number}. {line}" for number, line in enumerate(facts.lines, 1)),
        f"依据：{'；'.join(facts.articles)}。",
        f"预警理由：{facts.reason}",
        f"现予{policy.label('warning_level', facts.level)}，请于 {facts.due} 前完成整改，并报送整改方案和整改结果。",
    ]
    if is_highest(facts.level, policy):
        days = policy.value("warning.self_criticism_workdays")
        lines.append(f"请在接到本通知后 {days} 个工作日内报送书面检讨，说明问题原因，提出具体措施和工作方案。")
        lines.append(f"通报范围：{facts.circulation}。取消 {facts.issued_on.year} 年度评先评优资格。")
    lines += ["对本预警有不同意见的，可向预警单位书面陈述。", facts.issuer, str(facts.issued_on)]
    return "\n".join(lines)
