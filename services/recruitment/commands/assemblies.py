"""The members' meeting on admission and conversion, and the committee's on both. Sources: NT 19–22 26 33, NT' 19 20, JH 8 9 12.

A meeting is opened here with what makes it valid; it is counted by two tellers and concluded like every other (`meetings.py`,
`conclusions.py`, `votes.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from kernel.commands import Answer, Body, day_of, departures_of, passing, policy_at
from kernel.errors import Invalid, Stale
from kernel.policy import Decision, Policy, combine, decide_dates
from kernel.unit import Unit
from services.recruitment.commands.common import branch_of
from services.recruitment.commands.meetings import nominees_of, open_meeting
from services.recruitment.domain import nomination, states
from services.recruitment.domain.admission import LeavingFacts, decide_leaving
from services.recruitment.domain.assembly import (
    AssemblyFacts,
    CommitteeFacts,
    ReviewFacts,
    decide_assembly,
    decide_committee_meeting,
    decide_form,
    decide_in_time,
    decide_reviewed,
)
from services.recruitment.domain.probation import ConversionFacts, decide_conversion
from services.recruitment.tables import candidate, member

ADMISSION, CONVERSION = nomination.ADMISSION, nomination.CONVERSION
#: What is voted on -> the state in which a members' meeting, or a committee's, may vote on it.
BRANCH_STATES = {ADMISSION: states.EXAMINED, CONVERSION: states.PROBATIONARY}
COMMITTEE_STATES = {ADMISSION: states.REPORTED, CONVERSION: states.CONVERSION_REPORTED}
COMMITTEE_KINDS = {ADMISSION: nomination.COMMITTEE_ADMISSION, CONVERSION: nomination.COMMITTEE_CONVERSION}


def hold_members_meeting(unit: Unit, body: Body) -> Answer:
    """The members' meeting of a branch has voted on admissions or conversions. Answer: `meeting_id`.

    Absent members who filed an opinion in writing before are counted with the entries `absent_…` of the tally, and shown apart.
    """
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    kind = body["kind"]
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    if kind == ADMISSION:
        _decide_forms(unit, branch, body["candidates"], policy).require()
    nominees = nominees_of(unit, branch, body["candidates"], f"{kind}_meeting")
    if any(row.vote_passed for row in nominees):
        raise Stale("其中有人的表决已经通过")
    if unknown := sorted(set(body["leaving"]) - set(body["candidates"])):
        raise Invalid({f"leaving.{id}": ["不在表决的人员之中"] for id in unknown})
    excluded = _by_group(body["excluded"])
    decide = _decide_admissions if kind == ADMISSION else _decide_conversions
    assembly = AssemblyFacts(
        entitled=body["entitled"],
        present=body["present"],
        written=body["written"],
        excluded=excluded,
        approved=bool(body["excluded_approval"]),
        adopted=body["excluded_adopted"],
        roll=_roll(unit, branch.code, day),
        secret=body["secret"],
        one_by_one=body["one_by_one"],
    )
    decision = passing(combine(decide_assembly(assembly, policy), decide(unit, body, nominees, day, policy)), body)
    noted = {
        "secret": body["secret"],
        "one_by_one": body["one_by_one"],
        "excluded": excluded,
        "excluded_approval": body["excluded_approval"],
        "excluded_adopted": body["excluded_adopted"],
        "leaving": body["leaving"],
        "departures": departures_of(decision.departures),
    }
    counts = _counts(body["entitled"], body["present"], body["written"])
    return open_meeting(
        unit, branch, kind, policy, body, nominees, counts, noted, states.CANDIDATE.step(BRANCH_STATES[kind], f"{kind}_meeting")
    )


def _counts(entitled: int, present: int, heard: int = 0) -> dict[str, int]:
    counts = {"members_entitled": entitled, "members_present": present, "members_heard": heard}
    return {**counts, "mass_representatives": 0}


def _by_group(excluded: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in excluded:
        found[item["group"]] = found.get(item["group"], 0) + item["count"]
    return found


def _roll(unit: Unit, branch: str, day: date) -> int:
    """Full members of the branch on that day, as the registry has told of them."""
    query = select(func.count()).where(
        member.c.branch == branch,
        member.c.status == "full",
        or_(member.c.full_since.is_(None), member.c.full_since <= day),
    )
    return int(unit.connection.execute(query).scalar_one())


def _decide_forms(unit: Unit, branch: Any, ids: Sequence[str], policy: Policy) -> Decision:
    """Who is a prospect without a form is told so by the rule, and not only that the state is another."""
    query = select(candidate.c.state).where(candidate.c.candidate_id.in_(ids), candidate.c.branch == branch.code)
    return decide_form([state != states.PROSPECT for state in unit.connection.execute(query).scalars()], policy)


def _decide_admissions(unit: Unit, body: Body, nominees: Sequence[Any], day: date, policy: Policy) -> Decision:
    leaving: Mapping[str, date] = body["leaving"]
    decisions = []
    for row in nominees:
        before = (("预审", row.examined_on), ("审查结论", row.vetting_concluded_on), ("上次表决", row.voted_on))
        decisions += [
            decide_dates(policy, unit.today, "支部大会", day, before),
            decide_in_time(row.examined_on, day, policy),
            decide_reviewed(ReviewFacts(row.vetting_outcome, row.vetting_valid_until), day, policy),
        ]
        if row.candidate_id in leaving and policy.has_rule("admission.leaving"):
            decisions.append(decide_leaving(LeavingFacts(day, leaving[row.candidate_id]), policy))
    return combine(*decisions)


def _decide_conversions(unit: Unit, body: Body, nominees: Sequence[Any], day: date, policy: Policy) -> Decision:
    decisions = []
    for row in nominees:
        before = (("党委批准", row.admitted_on), ("转正申请", row.conversion_applied_on), ("上次表决", row.voted_on))
        decisions += [
            decide_dates(policy, unit.today, "支部大会", day, before),
            decide_conversion(ConversionFacts(row.conversion_applied_on, row.probation_ends), day, policy),
        ]
    return combine(*decisions)


def hold_committee_meeting(unit: Unit, body: Body) -> Answer:
    """The committee has discussed and voted on what branches have reported. Answer: `meeting_id`. Source: NT 26, JH 9."""
    committee = branch_of(unit, body["committee"])
    unit.authorise(committee.path)
    kind = body["kind"]
    day = day_of(unit, body)
    policy = policy_at(unit, committee, day)
    nominees = nominees_of(unit, committee, body["candidates"], "committee_meeting", of="committee")
    if any(row.state != COMMITTEE_STATES[kind] for row in nominees):
        raise Stale("其中有人不在等待党委表决此事项")
    if any(row.committee_vote_passed for row in nominees):
        raise Stale("其中有人的党委表决已经通过")
    facts = CommitteeFacts(
        entitled=body["entitled"],
        present=body["present"],
        secret=body["secret"],
        one_by_one=body["one_by_one"],
        introduced=bool(body["introduced_by"]),
    )
    combine(
        decide_committee_meeting(facts, policy),
        *(decide_dates(policy, unit.today, "党委会", day, _before_committee(row)) for row in nominees),
    ).require()
    noted = {name: body[name] for name in ("secret", "one_by_one", "introduced_by")}
    step = states.CANDIDATE.step(COMMITTEE_STATES[kind], "committee_meeting")
    counts = _counts(body["entitled"], body["present"])
    return open_meeting(unit, committee, COMMITTEE_KINDS[kind], policy, body, nominees, counts, noted, step)


def _before_committee(row: Any) -> list[tuple[str, date | None]]:
    return [("上报党委", row.reported_on), ("谈话", row.committee_talked_on), ("上次表决", row.committee_voted_on)]
