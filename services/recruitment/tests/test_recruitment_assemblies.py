"""The members' meeting and the committee's: who is counted, what may be departed from, what a vote comes to."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Forbidden, Invalid, Refused, Stale
from services.recruitment.tests.world import Candidate, World

DAY = date(2016, 3, 1)


@pytest.fixture(params=["jinhua", "nanning"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(tmp_path, request.param, DAY)


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning", DAY)


def refused(world: World, action: str, body: Any, *ids: str) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids)
    return caught.value.rules


def last(world: World, candidate: Candidate) -> Any:
    """The candidate's last entry."""
    return max(world.rows("journal", stream=f"candidate/{candidate.id}"), key=lambda row: int(row.version))


@pytest.mark.catalogue("R10", "R18")
def test_written_opinions_count_and_stand_apart(world: World) -> None:
    candidate = world.a_candidate().at("examined")
    body = world.assembly([candidate.id], present=2, written=1)
    meeting = candidate.vote("admission", body, **world.totals(1, 2, absent_in_favour=1))
    assert candidate.row.vote_passed is True
    noted = json.loads(last(world, candidate).payload)
    assert (noted["totals"]["in_favour"], noted["totals"]["absent_in_favour"], noted["written"]) == (1, 1, 1)
    assert world.row("meeting", meeting_id=meeting).members_heard == 1


@pytest.mark.catalogue("R10")
@pytest.mark.parametrize(("in_favour", "passed"), [(2, False), (3, True)])
def test_more_than_half_of_all_entitled_not_of_those_present(world: World, in_favour: int, passed: bool) -> None:
    world.a_member()
    candidate = world.a_candidate().at("examined")
    candidate.vote("admission", world.assembly([candidate.id], entitled=4, present=3), **world.totals(in_favour, 3))
    assert candidate.row.vote_passed is passed
    assert candidate.state == "examined"


@pytest.mark.catalogue("R10")
def test_a_failed_vote_may_be_held_again_and_a_passed_one_not(world: World) -> None:
    candidate = world.a_candidate().at("examined")
    candidate.vote("admission", world.assembly([candidate.id]), **world.totals(1, 3))
    assert refused(world, "report", {"document": "请示"}, candidate.id)[0] == "meeting.majority"
    world.later(days=3)
    candidate.vote("admission", world.assembly([candidate.id]))
    assert candidate.row.vote_passed is True
    with pytest.raises(Stale):
        world.do("members_meeting", world.assembly([candidate.id]))


@pytest.mark.catalogue("R10")
def test_five_groups_may_be_left_out_with_approval_and_adoption(world: World) -> None:
    candidate = world.a_candidate().at("examined")
    out = {"entitled": 2, "present": 2, "excluded": [{"group": "old_bedridden_long_ill", "count": 1}]}
    approved = {"excluded_approval": "党委批复", "excluded_adopted": True}
    for lacking in ("excluded_approval", "excluded_adopted"):
        body = {**out, **{name: value for name, value in approved.items() if name != lacking}}
        assert refused(world, "members_meeting", world.assembly([candidate.id], **body)) == ("meeting.excluded",)
    other = {**out, **approved, "excluded": [{"group": "on_a_journey", "count": 1}]}
    assert refused(world, "members_meeting", world.assembly([candidate.id], **other)) == ("meeting.excluded",)
    world.do("members_meeting", world.assembly([candidate.id], **out, **approved))


@pytest.mark.catalogue("R10")
def test_the_numbers_are_those_of_the_roll_or_a_reason_is_given(world: World) -> None:
    world.a_member(status="probationary")  # without a vote
    world.a_member(full_since=date(2030, 1, 1))  # not yet
    candidate = world.a_candidate().at("examined")
    world.do("cancel", {"reason": "登记有误"}, world.do("members_meeting", world.assembly([candidate.id]))["meeting_id"])
    short = world.assembly([candidate.id], entitled=2, present=2)
    assert refused(world, "members_meeting", short) == ("meeting.entitled_by_roll",)
    departing = {**short, "departures": {"meeting.entitled_by_roll": "一名党员的组织关系正在转出"}}
    candidate.vote("admission", departing, **world.totals(2, 2))
    written = json.loads(last(world, candidate).private)["departures"]
    assert [departure["rule"] for departure in written] == ["meeting.entitled_by_roll"]


@pytest.mark.catalogue("R10")
def test_who_is_about_to_leave_is_admitted_only_with_a_written_reason_in_his_own_dossier(world: World) -> None:
    leaver, other = world.a_candidate().at("examined"), world.a_candidate().at("examined")
    world.vetted(leaver.id)
    body = world.assembly([leaver.id, other.id], leaving={leaver.id: world.today + timedelta(days=60)})
    with pytest.raises(Invalid):
        world.do("members_meeting", world.assembly([other.id], leaving={"nobody": world.today}))
    assert refused(world, "members_meeting", body) == ("admission.leaving",)
    held = world.do("members_meeting", {**body, "departures": {"admission.leaving": "去向单位尚无党组织"}})["meeting_id"]
    for candidate in (leaver, other):
        candidate.count(held, "body", world.totals(3, 3))
    if world.city == "jinhua":
        world.do("sign", {"opinion": "程序合规"}, held)
    results = world.do("conclude", {"tally_shown": True}, held)["results"]
    found = {result["candidate_id"]: [departure["rule"] for departure in result["departures"]] for result in results}
    assert found == {leaver.id: ["admission.leaving"], other.id: []}


@pytest.mark.catalogue("R8", "R10")
def test_a_prospect_without_a_form_does_not_come_before_the_meeting(world: World) -> None:
    candidate = world.a_candidate().at("prospect")
    assert refused(world, "members_meeting", world.assembly([candidate.id])) == ("pre_examination.form",)


@pytest.mark.catalogue("R10", "R12")
def test_each_body_concludes_its_own_meeting(world: World) -> None:
    candidate = world.a_candidate().at("examined")
    meeting = world.do("members_meeting", world.assembly([candidate.id]))["meeting_id"]
    organiser, secretary = world.account("committee_organiser"), world.account("branch_secretary")
    with pytest.raises(Forbidden):
        world.do("cancel", {"reason": "有误"}, meeting, as_=organiser)
    world.do("cancel", {"reason": "有误"}, meeting, as_=secretary)
    candidate.at("reported")
    session = world.do("committee_meeting", world.session([candidate.id]))["meeting_id"]
    body = {"candidate_id": candidate.id, "voters": "body", **world.totals(8, 9)}
    with pytest.raises(Forbidden):
        world.do("tally", body, session, as_=world.account("branch_clerk"))
    with pytest.raises(Forbidden):
        world.do("cancel", {"reason": "有误"}, session, as_=secretary)
    world.do("cancel", {"reason": "有误"}, session, as_=organiser)


@pytest.mark.catalogue("R12")
def test_the_committees_majority_is_of_all_its_members_and_a_failed_vote_may_be_held_again(nanning: World) -> None:
    candidate = nanning.a_candidate().at("reported")
    candidate.talk_before_approval()
    meeting = candidate.vote_in_committee("admission", in_favour=4)
    assert nanning.row("ballot", meeting_id=meeting).outcome == "not_passed"
    assert refused(nanning, "admit", {"document": "批复"}, candidate.id) == ("committee.majority",)
    candidate.vote_in_committee("admission", in_favour=5)
    nanning.do("admit", {"document": "批复"}, candidate.id)
    assert candidate.state == "probationary"


def test_more_than_all_can_neither_come_nor_write(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    for wrong in ({"present": 4}, {"written": 1}):
        with pytest.raises(Invalid):
            nanning.do("members_meeting", nanning.assembly([candidate.id], **wrong))
    candidate.at("reported")
    with pytest.raises(Invalid):
        nanning.do("committee_meeting", nanning.session([candidate.id], present=10))
