"""From the admission to full membership: extension, conversion refused, disqualification, seniority, both national texts."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Invalid, Refused, Stale
from kernel.workdays import add_months
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


def told(world: World, type: str) -> Any:
    (event,) = world.rows("pending", type=type)
    return json.loads(event.body)["data"]


def extension(world: World, months: int, **values: Any) -> dict[str, Any]:
    body = {"months": months, "minutes": "支部大会记录", "reason": "履行党员义务不够"}
    return {**body, "heard_on": world.today, "statement": "接受", **values}


@pytest.mark.catalogue("R13")
def test_a_candidate_walks_to_full_membership(world: World) -> None:
    candidate = world.a_candidate().at("full")
    row = candidate.row
    assert row.full_since == row.probation_ends == add_months(row.probation_since, 12) < row.converted_on
    assert (told(world, "converted")["full_since"], world.rows("living")) == (row.full_since.isoformat(), [])
    assert row.ended_on == row.converted_on and row.probation_review_due is None
    with pytest.raises(Stale):
        world.do("withdraw", {"document": "撤回书"}, candidate.id)


@pytest.mark.catalogue("R13", "R14")
def test_each_step_is_judged_by_the_packs_of_its_day(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", date(2024, 1, 8))
    candidate = world.a_candidate().at("full")
    assert candidate.row.applied_on < date(2026, 5, 18) < candidate.row.converted_on
    packs = {
        row.day < date(2026, 5, 18): json.loads(row.packs) for row in world.rows("journal", stream=f"candidate/{candidate.id}")
    }
    assert "national-2014" in packs[True] and "national-2026" in packs[False]


@pytest.mark.catalogue("R13")
def test_a_refused_conversion_may_be_followed_by_one_extension_within_the_bounds(world: World) -> None:
    candidate = world.a_candidate().at("conversion_reported")
    against = {"reason": "群众意见较大", "statement": "情况说明"}
    assert refused(world, "reject_conversion", against, candidate.id) == ("adjustment.hearing",)
    world.do("reject_conversion", {**against, "heard_on": world.today}, candidate.id)
    assert (candidate.state, candidate.row.voted_on) == ("probationary", None)
    for months in (5, 13):
        assert refused(world, "extend_probation", extension(world, months), candidate.id) == ("probation.extension",)
    assert refused(world, "extend_probation", extension(world, 6, statement=""), candidate.id) == ("adjustment.hearing",)
    first_end = candidate.row.probation_ends
    answer = world.do("extend_probation", extension(world, 6), candidate.id)
    assert answer["probation_ends"] == add_months(first_end, 6)
    assert told(world, "probation_extended")["probation_ends"] == answer["probation_ends"].isoformat()
    assert candidate.row.conversion_applied_on is None
    world.at(answer["probation_ends"])
    assert refused(world, "extend_probation", extension(world, 6), candidate.id) == ("probation.extension",)
    assert candidate.at("full").row.full_since == answer["probation_ends"]


@pytest.mark.catalogue("R13")
def test_a_probation_is_not_extended_before_it_has_run_out(world: World) -> None:
    candidate = world.a_candidate().at("probationary")
    world.at(candidate.row.probation_ends - timedelta(days=1))
    assert refused(world, "extend_probation", extension(world, 6), candidate.id) == ("conversion.after_probation",)


@pytest.mark.catalogue("R13")
def test_an_oath_past_its_term_is_recorded_as_late(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", date(2026, 6, 1))
    candidate = world.a_candidate().at("probationary")
    assert candidate.row.oath_due == add_months(candidate.row.admitted_on, 1)
    world.at(candidate.row.oath_due + timedelta(days=1))
    assert world.do("oath", {"occasion": "宣誓仪式"}, candidate.id)["late"] is True
    with pytest.raises(Stale):
        world.do("oath", {"occasion": "宣誓仪式"}, candidate.id)


@pytest.mark.catalogue("R13")
def test_who_is_on_probation_may_be_disqualified_after_notice_and_hearing(world: World) -> None:
    candidate = world.a_candidate().at("probationary")
    _end(world, candidate, "disqualified")
    assert told(world, "candidate_left")["stage"] == "probationary"
    assert world.row("proceeding").kind == "disqualification"


@pytest.mark.catalogue("R5", "R9")
@pytest.mark.parametrize("state", ["prospect", "examined", "voted", "reported"])
def test_a_prospect_is_adjusted_out_and_frees_place_and_form(world: World, state: str) -> None:
    candidate = world.a_candidate().at(state)
    code = candidate.row.form_code
    _end(world, candidate, "removed")
    assert told(world, "candidate_left")["stage"] == "prospect"
    if code:
        assert world.row("figure", organisation=world.committee).taken == 0
        assert world.row("form_code", code=code).state == "void"


def _end(world: World, candidate: Candidate, end: str) -> None:
    id = world.do("propose", {"reason": "违反纪律"}, candidate.id)["proceeding_id"]
    world.do("notify", {"way": "书面"}, id)
    world.do("hear", {"appeared": True, "statement": "说明"}, id)
    assert world.do("decide", {"outcome": "leave", "reason": "属实"}, id)["state"] == end
    assert world.rows("living") == [] and candidate.row.ended_on == world.today


@pytest.mark.catalogue("R7", "R13")
@pytest.mark.parametrize(("outcome", "state"), [("leave", "disqualified"), ("stay", "probationary")])
def test_an_admission_past_the_review_is_recognised_or_not_by_the_committee_after_hearing(
    tmp_path: Path, outcome: str, state: str
) -> None:
    jinhua = World(tmp_path, "jinhua", DAY)
    candidate = jinhua.a_candidate().at("probationary")
    id = jinhua.do("propose", {"reason": "接收时未经政审", "ground": "review_bypassed"}, candidate.id)["proceeding_id"]
    assert refused(jinhua, "decide", {"outcome": outcome, "reason": "属实"}, id) == ("adjustment.hearing",)
    jinhua.do("notify", {"way": "书面"}, id)
    jinhua.do("hear", {"appeared": True, "statement": "当时已如实报告"}, id)
    decided = jinhua.do("decide", {"outcome": outcome, "reason": "补审合格"}, id)
    assert decided["state"] == state
    recognised = [{"rule": "vetting.bypassed", "source": "JH 5", "written_reason": "见决定的理由"}]
    assert decided["departures"] == (recognised if outcome == "stay" else [])


@pytest.mark.catalogue("R7")
def test_nobody_is_said_to_have_passed_the_review_by_where_no_rule_knows_it(nanning: World) -> None:
    proposal = {"reason": "接收时未经政审", "ground": "review_bypassed"}
    prospect = nanning.a_candidate().at("prospect")
    with pytest.raises(Invalid, match="ground"):
        nanning.do("propose", proposal, prospect.id)
    prospect.at("probationary")
    with pytest.raises(Invalid, match="ground"):
        nanning.do("propose", proposal, prospect.id)
    assert nanning.rows("proceeding") == []


def test_a_proposal_made_before_the_admission_does_not_disqualify(nanning: World) -> None:
    candidate = nanning.a_candidate().at("reported")
    id = nanning.do("propose", {"reason": "有反映"}, candidate.id)["proceeding_id"]
    nanning.do("notify", {"way": "书面"}, id)
    nanning.do("hear", {"appeared": True, "statement": "说明"}, id)
    candidate.at("probationary")
    with pytest.raises(Stale):
        nanning.do("decide", {"outcome": "leave", "reason": "属实"}, id)
    nanning.do("decide", {"outcome": "stay", "reason": "另行提议"}, id)
    _end(nanning, candidate, "disqualified")


@pytest.mark.catalogue("R13")
def test_who_leaves_on_probation_frees_no_place(nanning: World) -> None:
    candidate = nanning.a_candidate().at("probationary")
    nanning.do("withdraw", {"document": "退党申请"}, candidate.id)
    assert told(nanning, "candidate_left") | {"end": "withdrawn", "stage": "probationary"} == told(nanning, "candidate_left")
    assert nanning.row("figure", organisation=nanning.committee).taken == 1


@pytest.mark.catalogue("R11", "R13")
def test_a_vote_on_conversion_can_be_taken_back(world: World) -> None:
    candidate = world.a_candidate().at("probationary")
    candidate.get_ready_for_conversion()
    candidate.vote("conversion", world.assembly([candidate.id]))
    candidate.post("conversion")
    heard = {"reason": "异议属实", "heard_on": world.today, "statement": "接受"}
    world.do("annul_conversion_vote", heard, candidate.id)
    assert candidate.row.voted_on is None
    assert [row.outcome for row in world.rows("publicity", stage="conversion")] == ["annulled"]
    assert candidate.at("full").state == "full"
