"""Holding a double evaluation: who came, who guided, what is judged, how often. Source: NN 3(2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from kernel.policy import Decision, Faults, Policy, Reason, judge, unless

MEMBERS: Final = "members"
MASSES: Final = "masses"
VOTERS: Final = (MEMBERS, MASSES)

#: The subject that is the branch's admission work; every other subject is a person, by the candidate's id.
WORK: Final = "work"
#: The packs' names of what is judged.
_WORK_OF_LAST_YEAR: Final = "work_of_last_year"
_NEWLY_ADMITTED: Final = "newly_admitted"


@dataclass(frozen=True, slots=True)
class Guide:
    """Whom the committee sent to guide the meeting: for which organisation, by name and post."""

    organisation: str
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who was entitled to judge and who came, in numbers. `committee`: the one with the power to approve admissions."""

    members_entitled: int
    members_present: int
    mass_entitled: int
    mass_present: int
    secret: bool
    guide: Guide | None
    committee: str


def decide_meeting(meeting: Meeting, policy: Policy) -> Decision:
    """`satisfaction.guided`, `satisfaction.voters`, `satisfaction.secret_ballot`. Raises `Invalid` for impossible numbers."""
    with Faults() as faults:
        for group, came, entitled in (
            (MEMBERS, meeting.members_present, meeting.members_entitled),
            ("mass", meeting.mass_present, meeting.mass_entitled),
        ):
            faults.not_negative(**{f"{group}_present": came, f"{group}_entitled": entitled})
            faults.unless(came <= entitled, f"{group}_present", "到会人数多于应到会人数")
    came_by_group = {MEMBERS: meeting.members_present, MASSES: meeting.mass_present}
    absent = [group for group in policy.value("satisfaction.voters") if came_by_group.get(group, 0) == 0]
    return judge(
        _guided(meeting, policy),
        unless(
            not absent,
            policy,
            "satisfaction.voters",
            "党员和群众代表须都有人到会评议",
            {"members_present": meeting.members_present, "mass_present": meeting.mass_present},
        ),
        unless(meeting.secret, policy, "satisfaction.secret_ballot", "评议没有以无记名方式进行", {"secret": False}),
    )


def _guided(meeting: Meeting, policy: Policy) -> Reason | None:
    guide = meeting.guide
    sent = guide is not None and bool(guide.name.strip()) and bool(guide.post.strip())
    if not sent:
        return unless(False, policy, "satisfaction.guided", "没有登记到会指导的党（工）委代表的姓名和职务", {"guide": None})
    assert guide is not None
    return unless(
        guide.organisation == meeting.committee,
        policy,
        "satisfaction.guided",
        f"到会指导的代表不是由有审批权限的党（工）委 {meeting.committee} 委派的",
        {"organisation": guide.organisation, "committee": meeting.committee},
    )


def decide_again(year: int, evaluated: int, policy: Policy) -> Decision:
    """`satisfaction.repeated`: the work of a year is judged so often and no more; cancelled evaluations do not count."""
    return judge(
        unless(
            evaluated < policy.value("satisfaction.per_year"),
            policy,
            "satisfaction.repeated",
            f"本支部 {year} 年度的发展党员工作已经评议过",
            {"year": year, "evaluated": evaluated},
        )
    )


def year_judged(held_on: date) -> int:
    """An evaluation judges the work of the year before."""
    return held_on.year - 1


def subjects(newcomers: Iterable[str], policy: Policy) -> list[str]:
    """What is judged, in this order: the work, then each person newly admitted. Source: NN 3(2)."""
    of = policy.value("satisfaction.of")
    work = [WORK] if _WORK_OF_LAST_YEAR in of else []
    return [*work, *(sorted(newcomers) if _NEWLY_ADMITTED in of else [])]
