"""Admission: who is about to leave, what the roll and the alerts are told of the new member. Source: NT 19, JH 12 (students)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, allow, judge
from kernel.workdays import add_months

_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class LeavingFacts:
    """`leaves`: the day on which the person leaves work or school; it may lie before the meeting."""

    meeting: date
    leaves: date


def decide_leaving(facts: LeavingFacts, policy: Policy) -> Decision:
    """`admission.leaving`: refused unless the day of leaving lies after the term, counted forward from the meeting."""
    months = policy.value("admission.leaving_months")
    until = add_months(facts.meeting, months)
    if until < facts.leaves:
        return allow()
    return judge(
        policy.reason(
            "admission.leaving",
            f"{facts.leaves} 离开工作、学习单位，未超过支部大会后 {months} 个月（至 {until}）",
            {"meeting": facts.meeting.isoformat(), "leaves": facts.leaves.isoformat(), "until": until.isoformat()},
            parameters=("admission.leaving_months",),
        )
    )


def roll_particulars(particulars: Mapping[str, str]) -> dict[str, str]:
    """What goes to the roll of members, under its names; the education in the dossier's own words."""
    found = {"birth_date": particulars["born"], "sex": particulars["sex"], "education": particulars.get("education", "").strip()}
    return {name: value for name, value in found.items() if value}


def is_young(born: date, on: date, policy: Policy) -> bool | None:
    """Whether the person is, on that day, not older than the packs' age of the young; None where they name none. Source: NN 2(1)."""
    if not policy.has("alert.rural.young_age"):
        return None
    next_age = policy.value("alert.rural.young_age") + 1
    return on < add_months(born, next_age * _MONTHS_OF_A_YEAR)


def admission_notice(branch: str, committee: str, name: str, meeting: date, approved: date, ends: date) -> str:
    """The committee's written notice to the branch, in Chinese. Source: NT 26."""
    said = (
        f"经{committee}审议表决，于{_day(approved)}批准{name}同志为中共预备党员。",
        f"预备期自支部大会通过之日起计算，自{_day(meeting)}至{_day(ends)}。",
        "请及时通知本人，在党员大会上宣布，并组织入党宣誓，继续做好教育和考察。",
    )
    return _notice("关于批准接收预备党员的通知", branch, said, committee, approved)


def conversion_notice(branch: str, committee: str, name: str, approved: date, full_since: date) -> str:
    """The same of a conversion. Source: NT 33."""
    said = (
        f"经{committee}审议表决，于{_day(approved)}批准{name}同志转为中共正式党员，党龄自{_day(full_since)}起计算。",
        "请及时通知本人，并在党员大会上宣布。",
    )
    return _notice("关于批准预备党员转正的通知", branch, said, committee, approved)


def _notice(title: str, branch: str, said: Sequence[str], committee: str, approved: date) -> str:
    return "\n".join((title, "", f"{branch}：", "", *said, "", committee, _day(approved)))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
