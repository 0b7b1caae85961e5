"""How a branch's members' meeting and a committee's meeting are held, before anything is counted.

Sources: NT 20–22 26, NT' 19–20, JH 9, NN 3(3). What the votes come to is `voting.py`'s and `committee.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Faults, Policy, Reason, exceeds, judge, unless
from kernel.workdays import add_months


@dataclass(frozen=True, slots=True)
class AssemblyFacts:
    """A members' meeting. `excluded`: group -> members left out of `entitled`; `approved`, `adopted`: by the superior, by the meeting.

    `roll`: full members of the branch on that day. `written`: absent members whose opinion was filed before.
    """

    entitled: int
    present: int
    written: int
    excluded: Mapping[str, int]
    approved: bool
    adopted: bool
    roll: int
    secret: bool
    one_by_one: bool


def decide_assembly(facts: AssemblyFacts, policy: Policy) -> Decision:
    """`meeting.quorum`, `.excluded`, `.entitled_by_roll`, `.ballot`, `.one_by_one`. Raises `Invalid` for impossible numbers."""
    with Faults() as faults:
        faults.unless(facts.present <= facts.entitled, "present", "到会人数多于应到会人数")
        faults.unless(facts.written <= max(facts.entitled - facts.present, 0), "written", "书面意见多于未到会人数")
    quorum = policy.value("meeting.quorum_more_than")
    left_out = sum(facts.excluded.values())
    return judge(
        unless(
            exceeds(facts.present, facts.entitled, quorum),
            policy,
            "meeting.quorum",
            f"到会 {facts.present} 人，须超过应到 {facts.entitled} 人的 {quorum}%",
            {"entitled": facts.entitled, "present": facts.present},
        ),
        _excluded(facts, policy),
        unless(
            facts.entitled + left_out == facts.roll,
            policy,
            "meeting.entitled_by_roll",
            f"应到会 {facts.entitled} 人、不计入 {left_out} 人，名册上的正式党员为 {facts.roll} 人",
            {"entitled": facts.entitled, "excluded": left_out, "roll": facts.roll},
        ),
        unless(facts.secret, policy, "meeting.ballot", "支部大会没有以无记名投票方式表决", {"secret": False}),
        unless(facts.one_by_one, policy, "meeting.one_by_one", "没有逐个讨论和表决", {"one_by_one": False}),
    )


def _excluded(facts: AssemblyFacts, policy: Policy) -> Reason | None:
    groups = sorted(group for group, count in facts.excluded.items() if count)
    outside = [group for group in groups if group not in policy.value("meeting.excludable")]
    lacking = [
        text
        for holds, text in (
            (not outside, f"不属规定的情形：{'、'.join(outside)}"),
            (facts.approved or not groups, "未经上级同意"),
            (facts.adopted or not groups, "未经大会通过"),
        )
        if not holds
    ]
    return unless(not lacking, policy, "meeting.excluded", f"不计入应到会人数：{'；'.join(lacking)}", {"groups": groups})


@dataclass(frozen=True, slots=True)
class CommitteeFacts:
    """A committee's meeting. `introduced`: its organisation member or organiser has introduced each person."""

    entitled: int
    present: int
    secret: bool
    one_by_one: bool
    introduced: bool


def decide_committee_meeting(facts: CommitteeFacts, policy: Policy) -> Decision:
    """`committee.quorum`, `.ballot`, `.introduced`, `.one_by_one`. Raises `Invalid` for impossible numbers. Source: NT 26, JH 9."""
    with Faults() as faults:
        faults.unless(facts.present <= facts.entitled, "present", "到会委员多于应到会委员")
    quorum = policy.value("committee.quorum_more_than")
    return judge(
        unless(
            exceeds(facts.present, facts.entitled, quorum),
            policy,
            "committee.quorum",
            f"到会委员 {facts.present} 人，须超过应到 {facts.entitled} 人的 {quorum}%",
            {"entitled": facts.entitled, "present": facts.present},
        ),
        unless(facts.secret, policy, "committee.ballot", "党委没有以无记名投票方式表决", {"secret": False}),
        unless(facts.introduced, policy, "committee.introduced", "组织委员或组织员没有逐一介绍", {"introduced": False}),
        unless(facts.one_by_one, policy, "committee.one_by_one", "没有逐个审议和表决", {"one_by_one": False}),
    )


# -- who may come before the meeting


def decide_in_time(examined_on: date | None, day: date, policy: Policy) -> Decision:
    """`admission.meeting_in_time` (NT' 19): the meeting follows the pre-examination within so many months, where the packs say so."""
    if examined_on is None or not policy.has("admission.meeting_within_months"):
        return judge()
    until = add_months(examined_on, policy.value("admission.meeting_within_months"))
    return judge(
        unless(
            day <= until,
            policy,
            "admission.meeting_in_time",
            f"预审合格于 {examined_on}，支部大会须在 {until} 前召开，{day} 已经逾期",
            {"examined": examined_on.isoformat(), "until": until.isoformat(), "day": day.isoformat()},
        )
    )


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What recruitment knows of the departments' review: its outcome and the last day on which a pass may be used."""

    outcome: str | None
    valid_until: date | None


def decide_reviewed(facts: ReviewFacts, day: date, policy: Policy) -> Decision:
    """`review.required`, `vetting.conclusion_lapsed`: a concluded review that was passed, and is still valid on that day."""
    passed = facts.outcome == "passed"
    lapsed = passed and facts.valid_until is not None and facts.valid_until < day
    return judge(
        unless(passed, policy, "review.required", "政治审查尚未通过", {"outcome": facts.outcome}),
        unless(
            not lapsed,
            policy,
            "vetting.conclusion_lapsed",
            f"审查结论有效至 {facts.valid_until}，{day} 已经失效",
            {"valid_until": facts.valid_until.isoformat() if facts.valid_until else None, "day": day.isoformat()},
        ),
    )


def decide_form(examined: Sequence[bool], policy: Policy) -> Decision:
    """`pre_examination.form`: nobody comes before the meeting without the form that the committee issues. Source: NT 19."""
    lacking = sum(not each for each in examined)
    return judge(
        unless(lacking == 0, policy, "pre_examination.form", f"有 {lacking} 人未经党委预审、未发志愿书", {"lacking": lacking})
    )
