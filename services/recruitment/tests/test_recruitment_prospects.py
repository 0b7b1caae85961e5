"""From the activist to the list of prospects, under both cities' packs and both national texts."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Invalid, NotYetKnown, Refused, Stale
from services.recruitment.tests.world import World

DAYS = {"2014": date(2015, 1, 5), "2026": date(2026, 6, 1)}


@pytest.fixture(params=[(city, text) for city in ("jinhua", "nanning") for text in DAYS], ids="-".join)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    city, text = request.param
    return World(tmp_path, city, DAYS[text])


@pytest.mark.catalogue("R6", "R7", "R8", "R9")
def test_an_activist_becomes_a_prospect_and_is_pre_examined(world: World) -> None:
    candidate = world.a_candidate().at("examined")
    assert candidate.state == "examined"
    row = candidate.row
    assert row.form_code and row.place_year == row.examined_on.year
    assert world.row("figure", organisation=world.committee).taken == 1
    assert world.row("form_code", code=row.form_code).candidate_id == candidate.id


def refused(world: World, action: str, body: Any, *ids: str) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids)
    return set(caught.value.rules)


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning", DAYS["2014"])


@pytest.fixture
def jinhua(tmp_path: Path) -> World:
    return World(tmp_path, "jinhua", DAYS["2014"])


@pytest.mark.catalogue("R6")
def test_others_are_told_of_the_listing_with_name_and_number_sealed(nanning: World) -> None:
    candidate = nanning.a_candidate().at("prospect")
    (entry,) = nanning.rows("journal", stream=f"candidate/{candidate.id}", type="prospect_listed")
    payload = json.loads(entry.payload)
    assert payload["since"] == candidate.row.listed_on.isoformat() and payload["elsewhere"] is False
    assert set(json.loads(entry.personal)) == {"name", "id_number"}


@pytest.mark.catalogue("R6")
def test_an_open_ballot_on_a_prospect_is_refused_and_so_is_one_not_shown_at_once(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    assert refused(nanning, "prospect_ballot", nanning.ballot(candidate.id, secret=False)) == {"prospect.ballot"}
    with pytest.raises(Refused) as caught:
        candidate.vote_on_listing(4, shown=False)
    assert set(caught.value.rules) == {"prospect.ballot"}


@pytest.mark.catalogue("R6")
@pytest.mark.parametrize(
    "wrong",
    ["one", "three", "probationary", "unknown", "sanctioned"],
)
def test_introducers_are_so_many_full_members_of_the_branch(nanning: World, wrong: str) -> None:
    candidate = nanning.a_candidate().at("activist")
    candidate.get_ready_to_propose()
    two = nanning.introducers()
    named = {
        "one": two[:1],
        "three": [*two, {"member_id": nanning.members[2], "relative": False}],
        "probationary": [two[0], {"member_id": nanning.a_member(status="probationary"), "relative": False}],
        "unknown": [two[0], {"member_id": "nobody", "relative": False}],
        "sanctioned": [two[0], {**two[1], "sanctioned": True}],
    }[wrong]
    assert refused(nanning, "propose_prospect", nanning.proposal(introducers=named), candidate.id) == {"prospect.introducers"}


@pytest.mark.catalogue("R6")
def test_a_relative_introduces_only_with_a_written_reason(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    candidate.get_ready_to_propose()
    body = nanning.proposal(introducers=nanning.introducers(relative=True))
    assert refused(nanning, "propose_prospect", body, candidate.id) == {"prospect.introducers_relatives"}
    departing = {**body, "departures": {"prospect.introducers_relatives": "村里只有这两名正式党员"}}
    answer = nanning.do("propose_prospect", departing, candidate.id)
    assert [d["rule"] for d in answer["departures"]] == ["prospect.introducers_relatives"]


@pytest.mark.catalogue("R6")
def test_the_same_person_introduces_once(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    candidate.get_ready_to_propose()
    twice = [nanning.introducers()[0]] * 2
    with pytest.raises(Invalid):
        nanning.do("propose_prospect", nanning.proposal(introducers=twice), candidate.id)


@pytest.mark.catalogue("R6")
def test_a_filing_under_the_older_text_is_no_agreement_under_the_newer(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", date(2024, 9, 2))
    candidate = world.a_candidate().at("proposed")
    world.at(date(2026, 5, 15))
    assert world.do("endorse", {"document": "备案"}, candidate.id)["kind"] == "filing"
    world.at(date(2026, 5, 18))
    assert refused(world, "list_prospect", {}, candidate.id) == {"prospect.superior_agreement", "publicity.period"}
    with pytest.raises(Refused) as caught:
        candidate.post("prospect")
    assert set(caught.value.rules) == {"prospect.superior_agreement"}
    assert world.do("endorse", {"document": "同意"}, candidate.id)["kind"] == "agreement"
    posted = candidate.post("prospect")
    world.at(posted["first_possible"]).do("take_down", {}, posted["publicity_id"])
    assert world.do("list_prospect", {}, candidate.id)["state"] == "prospect"


@pytest.mark.catalogue("R6")
def test_a_listing_of_the_last_day_of_the_older_text_needs_a_filing_and_no_publicity_in_jinhua(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", date(2024, 9, 2))
    candidate = world.a_candidate().at("proposed")
    world.at(date(2026, 5, 17))
    assert refused(world, "list_prospect", {}, candidate.id) == {"prospect.filing"}
    world.do("endorse", {"document": "备案"}, candidate.id)
    assert world.do("list_prospect", {}, candidate.id)["state"] == "prospect"


# -- publicity of the stage


def _shown(world: World) -> tuple[Any, dict[str, Any]]:
    candidate = world.a_candidate().at("proposed")
    world.do("endorse", {"document": "备案"}, candidate.id)
    return candidate, candidate.post("prospect")


@pytest.mark.catalogue("R6", "R11")
def test_a_prospect_is_listed_when_the_notice_is_down(nanning: World) -> None:
    candidate, posted = _shown(nanning)
    assert posted["first_possible"] == nanning.today + timedelta(days=6)
    assert refused(nanning, "list_prospect", {}, candidate.id) == {"publicity.period"}
    with pytest.raises(Stale):
        candidate.post("prospect")
    nanning.at(posted["first_possible"])
    ended = nanning.do("take_down", {}, posted["publicity_id"])
    assert ended["state"] == "proposed"
    nanning.do("list_prospect", {}, candidate.id)


@pytest.mark.catalogue("R6", "R11")
def test_an_open_objection_and_one_that_was_right_keep_the_listing_back(nanning: World) -> None:
    candidate, posted = _shown(nanning)
    objection = nanning.do("object", {"anonymous": True, "text": "有异议"}, posted["publicity_id"])["objection_id"]
    assert refused(nanning, "list_prospect", {}, candidate.id) == {"publicity.period", "publicity.objection_open"}
    nanning.at(posted["first_possible"])
    nanning.do("investigate", {"findings": "属实"}, objection)
    nanning.do("hear_objection", {"statement": "承认"}, objection)
    nanning.do("conclude_objection", {"outcome": "upheld", "reason": "属实"}, objection)
    assert nanning.do("take_down", {}, posted["publicity_id"])["outcome"] == "upheld"
    assert refused(nanning, "list_prospect", {}, candidate.id) == {"publicity.objection_open"}
    heard = {"reason": "异议成立", "heard_on": nanning.today, "statement": "接受"}
    assert nanning.do("annul_proposal", heard, candidate.id)["state"] == "activist"
    row = candidate.row
    assert row.proposed_on is None and row.endorsed_on is None and row.prospect_balloted_on is None
    assert all(named.until == nanning.today for named in nanning.rows("introducer", candidate_id=candidate.id))


@pytest.mark.catalogue("R6", "R11")
def test_what_was_sent_back_is_proposed_and_shown_anew(nanning: World) -> None:
    candidate, posted = _shown(nanning)
    nanning.at(posted["first_possible"]).do("take_down", {}, posted["publicity_id"])
    heard = {"reason": "材料不全", "heard_on": nanning.today, "statement": "无意见"}
    assert nanning.do("return_proposal", heard, candidate.id)["state"] == "activist"
    candidate.vote_on_listing(5)
    nanning.later(days=1).do("propose_prospect", nanning.proposal(), candidate.id)
    nanning.do("endorse", {"document": "备案"}, candidate.id)
    assert refused(nanning, "list_prospect", {}, candidate.id) == {"publicity.period"}
    assert candidate.post("prospect")["first_possible"] is not None


@pytest.mark.catalogue("R6")
def test_a_proposal_is_not_sent_back_before_the_person_was_heard_on_it(nanning: World) -> None:
    candidate = nanning.a_candidate().at("proposed")
    heard = {"reason": "材料不全", "heard_on": nanning.today - timedelta(days=1), "statement": "无意见"}
    assert refused(nanning, "return_proposal", heard, candidate.id) == {"order.sequence"}


@pytest.mark.catalogue("R3", "R6")
def test_the_half_yearly_review_goes_on_while_a_proposal_runs_and_ends_with_the_listing(nanning: World) -> None:
    candidate = nanning.a_candidate().at("proposed")
    assert nanning.do("review", {"findings": "好", "conclusion": "continue"}, candidate.id)["state"] == "proposed"
    candidate.get_prospect()
    assert candidate.row.review_due is None


@pytest.mark.catalogue("R6")
def test_a_home_village_is_named_only_for_somebody_who_joins_elsewhere(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    candidate.get_ready_to_propose()
    with pytest.raises(Invalid):
        nanning.do("propose_prospect", nanning.proposal(home_village=nanning.branch), candidate.id)
    with pytest.raises(NotYetKnown):
        nanning.do("propose_prospect", nanning.proposal(elsewhere=True, home_village="459999001001"), candidate.id)
    nanning.do("propose_prospect", nanning.proposal(elsewhere=True, home_village=nanning.branch), candidate.id)
    assert candidate.row.elsewhere and candidate.row.home_village == nanning.branch


@pytest.mark.catalogue("R6")
def test_what_was_said_in_opinions_stands_sealed(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    body = {"heard": [{"source": "group", "summary": "一致同意推荐该同志"}]}
    assert nanning.do("hear_opinions", body, candidate.id)["heard"] == ["group"]
    (entry,) = nanning.rows("journal", stream=f"candidate/{candidate.id}", type="opinions_heard")
    assert "一致同意" not in entry.payload + entry.private
    assert json.loads(entry.payload) == {"sources": ["group"]}
    with pytest.raises(Invalid):
        nanning.do("hear_opinions", {"heard": body["heard"] * 2}, candidate.id)


# -- publicity after a vote


@pytest.mark.catalogue("R11")
@pytest.mark.parametrize("stage", ["probationary", "residence"])
def test_the_notices_of_an_admission_wait_for_the_members_vote(nanning: World, stage: str) -> None:
    candidate = nanning.a_candidate().at("examined")
    form: dict[str, Any] = {} if stage == "probationary" else {"announced_on": None}
    with pytest.raises(Refused) as caught:
        candidate.post(stage, **form)
    assert set(caught.value.rules) == {"meeting.majority"}


@pytest.mark.catalogue("R11")
def test_at_the_place_of_residence_a_notice_is_put_up_and_not_announced(nanning: World) -> None:
    candidate = nanning.a_candidate().at("voted")
    for wrong in ({"announced_on": nanning.today}, {"announced_on": None, "places": []}):
        with pytest.raises(Invalid):
            candidate.post("residence", **wrong)
    assert candidate.post("residence", announced_on=None)["first_possible"] == nanning.today + timedelta(days=6)
