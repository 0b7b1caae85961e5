"""What a warning's steps are judged by: level, hearing, self-criticism, lifting, waiving. Source: NN 2(2)(4), catalogue A2 A4."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, judge, unless
from kernel.workdays import WorkdayResult, add_workdays
from services.alerts.domain.warning import TRIGGERED, LevelFacts, decide_level


@dataclass(frozen=True, slots=True)
class Sign:
    """A finding as the level is judged by it."""

    state: str
    severity: str


def proposed_level(signs: Sequence[Sign], current: str | None, overdue: bool, policy: Policy) -> str:
    """The highest level that one of the findings calls for; the current one where nothing holds any more."""
    levels = policy.value("warning.levels")
    called_for = [decide_level(LevelFacts(sign.state, sign.severity, current, overdue), policy).values["level"] for sign in signs]
    if current is not None:
        called_for.append(current)
    return str(max(called_for, key=levels.index))


def is_highest(level: str, policy: Policy) -> bool:
    """Whether it is the yellow card: the last of the levels."""
    return bool(level == policy.value("warning.levels")[-1])


def is_higher(level: str, current: str, policy: Policy) -> bool:
    levels = policy.value("warning.levels")
    return bool(levels.index(level) > levels.index(current))


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """`is_issuer`: the acting organisation is one of those who may warn this one. `heard`: the organisation has stated its case."""

    is_issuer: bool
    level: str
    proposed: str
    heard: bool
    circulation: str


def decide_issue(facts: IssueFacts, policy: Policy) -> Decision:
    """`warning.issuer`, `.level` (departed from with a reason), `.hearing`, `.circulation`. Also when the level is raised."""
    yellow = is_highest(facts.level, policy)
    names = policy.labels("warning_level")
    return judge(
        unless(facts.is_issuer, policy, "warning.issuer", "办理人所在组织不是对该组织预警的单位", {"is_issuer": False}),
        unless(
            facts.level == facts.proposed,
            policy,
            "warning.level",
            f"所定等级为{names[facts.level]}，系统所提等级为{names[facts.proposed]}",
            {"level": facts.level, "proposed": facts.proposed},
        ),
        unless(facts.heard or not yellow, policy, "warning.hearing", "尚未听取该党组织的陈述", {"heard": False}),
        unless(
            bool(facts.circulation.strip()) or not yellow, policy, "warning.circulation", "未写明通报的范围", {"circulation": ""}
        ),
    )


def self_criticism_due(received_on: date, policy: Policy) -> WorkdayResult:
    """The last day for the written self-criticism. Source: NN 2(4): working days after the yellow card was received."""
    return add_workdays(received_on, policy.value("warning.self_criticism_workdays"))


def decide_self_criticism(parts: Mapping[str, str], policy: Policy) -> Decision:
    """`warning.self_criticism`: every part that the packs ask for says something."""
    missing = [name for name in policy.value("warning.self_criticism_content") if not parts.get(name, "").strip()]
    told = f"书面检讨缺少：{'、'.join(policy.label('self_criticism_part', name) for name in missing)}"
    return judge(unless(not missing, policy, "warning.self_criticism", told, {"missing": missing}))


@dataclass(frozen=True, slots=True)
class LiftFacts:
    """`holding`: triggers of the warning that still hold and could still be changed, by their names."""

    level: str
    self_criticism_on: date | None
    holding: Sequence[str]
    waived: bool


def decide_lifting(facts: LiftFacts, policy: Policy) -> Decision:
    """`warning.reply_overdue`: a yellow card without its self-criticism; `warning.trigger_holds`, unless it was waived."""
    names = policy.labels("warning_trigger")
    shown = "、".join(names[trigger] for trigger in facts.holding)
    return judge(
        unless(
            facts.self_criticism_on is not None or not is_highest(facts.level, policy),
            policy,
            "warning.reply_overdue",
            "受黄牌警告而尚未报送书面检讨",
            {"self_criticism_on": None},
        ),
        unless(
            not facts.holding or facts.waived,
            policy,
            "warning.trigger_holds",
            f"仍然存在的情形：{shown}",
            {"holding": list(facts.holding), "waived": facts.waived},
        ),
    )


def decide_waiver(is_superior: bool, policy: Policy) -> Decision:
    """`warning.lift_waiver`: the authority above the issuer, and nobody else."""
    return judge(
        unless(is_superior, policy, "warning.lift_waiver", "办理人所在组织不是预警单位的上级", {"is_superior": is_superior})
    )


def holds(state: str, fixed: bool) -> bool:
    """A trigger that can still change and has not been mended. What is only near does not hold; what is past cannot be mended."""
    return state == TRIGGERED and not fixed


def years_without(facts: str) -> int:
    """How many years without an admission a finding's facts (canonical JSON) tell of."""
    return int(json.loads(facts)["count"])
