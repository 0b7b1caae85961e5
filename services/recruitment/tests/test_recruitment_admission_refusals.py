"""Every blocking rule from the members' meeting to conversion refuses once, by its id; the list is computed from the packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused
from kernel.policy import shipped_book
from kernel.workdays import add_months
from services.recruitment.tests.world import Candidate, World

STAGES = ("admission", "committee", "probation", "conversion")
DAY, OLD_DAY = date(2026, 6, 1), date(2015, 1, 5)
Try = Callable[[World], Any]
EVERYWHERE: dict[str, Try] = {}
JINHUA: dict[str, Try] = {}
NANNING: dict[str, Try] = {}


def tries(table: dict[str, Try], rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        table[rule] = function
        return function

    return register


def at(world: World, state: str) -> Candidate:
    return world.a_candidate().at(state)


# -- the members' meeting


def _meet(world: World, candidate: Candidate, **values: Any) -> str:
    return str(world.do("members_meeting", world.assembly([candidate.id], **values))["meeting_id"])


@tries(EVERYWHERE, "admission.meeting_in_time")
def _(world: World) -> None:
    candidate = at(world, "examined")
    late = add_months(candidate.row.examined_on, 1) + timedelta(days=1)
    _meet(world.at(late), candidate)


@tries(EVERYWHERE, "meeting.quorum")
def _(world: World) -> None:
    _meet(world, at(world, "examined"), present=1)


@tries(EVERYWHERE, "meeting.excluded")
def _(world: World) -> None:
    out = [{"group": "abroad_half_year_own_cost", "count": 1}]
    _meet(world, at(world, "examined"), entitled=2, present=2, excluded=out, excluded_approval="党委批复")


@tries(EVERYWHERE, "meeting.ballot")
def _(world: World) -> None:
    _meet(world, at(world, "examined"), secret=False)


@tries(EVERYWHERE, "meeting.one_by_one")
def _(world: World) -> None:
    _meet(world, at(world, "examined"), one_by_one=False)


@tries(EVERYWHERE, "review.required")
def _(world: World) -> None:
    candidate = at(world, "examined")
    _vetted(world, candidate, "not_passed", None)
    _meet(world, candidate)


@tries(EVERYWHERE, "vetting.conclusion_lapsed")
def _(world: World) -> None:
    candidate = at(world, "examined")
    _vetted(world, candidate, "passed", world.today)
    _meet(world.later(days=1), candidate)


def _vetted(world: World, candidate: Candidate, outcome: str, valid_until: date | None) -> None:
    data = {
        "case_id": "later",
        "candidate_id": candidate.id,
        "outcome": outcome,
        "concluded_on": world.today.isoformat(),
        "valid_until": valid_until.isoformat() if valid_until else None,
    }
    world.hear("vetting", "vetting_concluded", "case/later", data)


# -- counting


@tries(EVERYWHERE, "tally.sums")
def _(world: World) -> None:
    candidate = at(world, "examined")
    candidate.count(_meet(world, candidate), "body", world.totals(4, 4))


@tries(EVERYWHERE, "tally.two_tellers")
def _(world: World) -> None:
    candidate = at(world, "examined")
    world.do("conclude", {"tally_shown": True}, _meet(world, candidate))


@tries(EVERYWHERE, "tally.tellers_agree")
def _(world: World) -> None:
    candidate = at(world, "examined")
    meeting = _meet(world, candidate)
    for teller, in_favour in (("a", 3), ("b", 2)):
        body = {"candidate_id": candidate.id, "voters": "body", **world.totals(in_favour, 3)}
        world.do("tally", body, meeting, as_=world.account("branch_clerk", teller))
    world.do("conclude", {"tally_shown": True}, meeting)


@tries(JINHUA, "meeting.delegate_signature")
def _(world: World) -> None:
    candidate = at(world, "examined")
    meeting = _meet(world, candidate)
    candidate.count(meeting, "body", world.totals(3, 3))
    world.do("conclude", {"tally_shown": True}, meeting)


@tries(NANNING, "meeting.tally_on_the_spot")
def _(world: World) -> None:
    candidate = at(world, "examined")
    meeting = _meet(world, candidate)
    candidate.count(meeting, "body", world.totals(3, 3))
    world.do("conclude", {"tally_shown": False}, meeting)


@tries(EVERYWHERE, "meeting.majority")
def _(world: World) -> None:
    candidate = at(world, "examined")
    candidate.vote("admission", world.assembly([candidate.id]), **world.totals(1, 3))
    world.do("report", {"document": "请示"}, candidate.id)


@tries(EVERYWHERE, "order.future")
def _(world: World) -> None:
    _meet(world, at(world, "examined"), day=world.today + timedelta(days=1))


@tries(EVERYWHERE, "order.sequence")
def _(world: World) -> None:
    candidate = at(world, "examined")
    _meet(world, candidate, day=candidate.row.examined_on - timedelta(days=1))


# -- the committee


@tries(EVERYWHERE, "committee.talk")
@tries(JINHUA, "committee.ballot")
@tries(EVERYWHERE, "committee.majority")
def _(world: World) -> None:
    world.do("admit", {"document": "批复"}, at(world, "reported").id)


@tries(JINHUA, "committee.talk_by_organiser")
def _(world: World) -> None:
    body = {"talker": "钱委员", "topics": ["knowledge", "understanding", "motive"], "record": "谈话"}
    world.do("committee_talk", body, at(world, "reported").id, as_=world.account("committee_organiser"))


def _session(world: World, **values: Any) -> None:
    world.do("committee_meeting", world.session([at(world, "reported").id], **values))


@tries(EVERYWHERE, "committee.quorum")
def _(world: World) -> None:
    _session(world, present=4)


@tries(JINHUA, "committee.introduced")
def _(world: World) -> None:
    _session(world, introduced_by=None)


@tries(EVERYWHERE, "committee.one_by_one")
def _(world: World) -> None:
    _session(world, one_by_one=False)


# -- probation and conversion


@tries(EVERYWHERE, "probation.extension")
def _(world: World) -> None:
    candidate = at(world, "probationary")
    body = {"months": 5, "reason": "履行义务不够", "minutes": "会议记录", "heard_on": world.today, "statement": "接受"}
    world.do("extend_probation", body, candidate.id)


def _convert(world: World, candidate: Candidate) -> None:
    world.do("members_meeting", world.assembly([candidate.id], kind="conversion"))


@tries(EVERYWHERE, "conversion.own_application")
def _(world: World) -> None:
    candidate = at(world, "probationary")
    _convert(world.at(candidate.row.probation_ends), candidate)


@tries(EVERYWHERE, "conversion.after_probation")
def _(world: World) -> None:
    candidate = at(world, "probationary")
    world.do("apply_for_conversion", {"document": "转正申请书"}, candidate.id)
    _convert(world.at(candidate.row.probation_ends - timedelta(days=1)), candidate)


@tries(EVERYWHERE, "dossier.complete")
def _(world: World) -> None:
    candidate = at(world, "probationary")  # no oath, no review
    world.do("apply_for_conversion", {"document": "转正申请书"}, candidate.id)
    world.at(candidate.row.probation_ends)
    candidate.vote("conversion", world.assembly([candidate.id]))
    candidate.show("conversion")
    world.do("report_conversion", {"document": "请示"}, candidate.id)


CASES = [
    (city, rule, attempt)
    for city, table in (("jinhua", {**EVERYWHERE, **JINHUA}), ("nanning", {**EVERYWHERE, **NANNING}))
    for rule, attempt in sorted(table.items())
]


@pytest.mark.catalogue("R10", "R12", "R13", "R14", "R18", "X6")
@pytest.mark.parametrize(("city", "rule", "attempt"), CASES, ids=[f"{city}-{rule}" for city, rule, _ in CASES])
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, city: str, rule: str, attempt: Try) -> None:
    world = World(tmp_path, city, DAY)
    with pytest.raises(Refused) as refused:
        attempt(world)
    assert rule in refused.value.rules
    reason = next(reason for reason in refused.value.reasons if reason.rule == rule)
    assert reason.source and reason.remedy and reason.message


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_every_blocking_rule_of_the_stages_is_tried(city: str) -> None:
    blocking = {rule.id for stage in STAGES for rule in shipped_book().at(city, DAY).rules(stage, mode="block")}
    assert {rule for tried, rule, _ in CASES if tried == city} == blocking
    older = {rule.id for stage in STAGES for rule in shipped_book().at(city, OLD_DAY).rules(stage, mode="block")}
    assert older == blocking - {"admission.meeting_in_time"}
