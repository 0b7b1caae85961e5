"""The conclusion in writing, as the branch gets it: the outcome, never a concern. Source: JH 5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

_OUTCOMES: Final = {"passed": "审查合格", "not_passed": "审查不合格"}


@dataclass(frozen=True, slots=True)
class Conclusion:
    number: str
    branch: str
    committee: str
    name: str
    outcome: str
    day: date
    valid_until: date | None


def conclusion_letter(facts: Conclusion) -> str:
    """The text of the notice."""
    lines = [
        "发展党员政治审查结果通知书",
        f"编号：{facts.number}",
        "",
        f"{facts.branch}：",
        f"    你支部{facts.name}同志的政治审查，经征询有关部门意见并由党委研究，结论为：{_OUTCOMES[facts.outcome]}。",
    ]
    if facts.valid_until is not None:
        lines.append(f"    本结论有效期至{_chinese(facts.valid_until)}；逾期未接收为预备党员的，须重新征询。")
    return "\n".join([*lines, "", f"{facts.committee}", _chinese(facts.day), ""])


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
