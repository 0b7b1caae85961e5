"""Report, committee and admission: what takes a vote back, what a rejection frees, what others are told."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Forbidden, NotFound, Refused, Stale
from kernel.workdays import add_months
from services.recruitment.queries.letters import show_admission_notice
from services.recruitment.tests.admitting import look
from services.recruitment.tests.world import Candidate, World, an_id_number

DAY = date(2016, 3, 1)


@pytest.fixture(params=["jinhua", "nanning"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(tmp_path, request.param, DAY)


@pytest.fixture
def jinhua(tmp_path: Path) -> World:
    return World(tmp_path, "jinhua", DAY)


def refused(world: World, action: str, body: Any, *ids: str) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids)
    return caught.value.rules


def told(world: World, type: str) -> Any:
    (event,) = world.rows("pending", type=type)
    return json.loads(event.body)


REJECTION = {"reason": "考察材料不实", "statement": "本人的说明"}


@pytest.mark.catalogue("R11", "R14")
def test_the_papers_go_up_when_every_notice_asked_for_is_over(world: World) -> None:
    candidate = world.a_candidate().at("voted")
    report = ("report", {"document": "请示"}, candidate.id)
    assert refused(world, *report)[0] == "publicity.period"
    posted = candidate.post("probationary")
    assert refused(world, *report)[0] == "publicity.period"
    objected = world.do("object", {"anonymous": True, "text": "有异议"}, posted["publicity_id"])["objection_id"]
    world.at(posted["first_possible"])
    assert "publicity.objection_open" in refused(world, *report)
    world.do("investigate", {"findings": "查无实据"}, objected)
    world.do("hear_objection", {"statement": "情况说明"}, objected)
    world.do("conclude_objection", {"outcome": "unfounded", "reason": "不属实"}, objected)
    world.do("take_down", {}, posted["publicity_id"])
    if world.city == "nanning":
        assert refused(world, *report) == ("publicity.period",)
        candidate.show("residence")
    answer = world.do(*report)
    assert (answer["state"], answer["decision_due"]) == ("reported", add_months(world.today, 3))


@pytest.mark.catalogue("R11")
def test_an_objection_found_right_takes_the_vote_back(world: World) -> None:
    candidate = world.a_candidate().at("voted")
    posted = candidate.post("probationary")
    objected = world.do("object", {"anonymous": True, "text": "有异议"}, posted["publicity_id"])["objection_id"]
    world.do("investigate", {"findings": "属实"}, objected)
    world.do("hear_objection", {"statement": "承认"}, objected)
    world.do("conclude_objection", {"outcome": "upheld", "reason": "见报告"}, objected)
    world.at(posted["first_possible"]).do("take_down", {}, posted["publicity_id"])
    assert "publicity.objection_open" in refused(world, "report", {"document": "请示"}, candidate.id)
    heard = {"reason": "异议属实", "heard_on": world.today, "statement": "接受"}
    world.do("annul_vote", heard, candidate.id)
    assert (candidate.state, candidate.row.voted_on, candidate.row.vote_passed) == ("examined", None, None)
    with pytest.raises(Stale):
        world.do("annul_vote", heard, candidate.id)
    # After the matter is settled the branch may vote, and show, again.
    assert candidate.at("probationary").state == "probationary"


@pytest.mark.catalogue("R12")
def test_a_talk_after_the_vote_does_not_serve(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    candidate.vote_in_committee("admission")
    candidate.talk_before_approval()
    assert refused(world, "admit", {"document": "批复"}, candidate.id) == ("order.sequence",)


@pytest.mark.catalogue("R12")
def test_in_jinhua_the_talk_covers_what_is_asked_and_is_the_stationed_organisers(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("reported")
    stationed = jinhua.account("county_organiser")
    body = {"talker": "赵组织", "topics": ["motive"], "record": "谈话"}
    with pytest.raises(Refused) as caught:
        jinhua.do("committee_talk", body, candidate.id, as_=stationed)
    (reason,) = caught.value.reasons
    assert (reason.rule, reason.source) == ("committee.talk", "JH 8")
    candidate.talk_before_approval()
    assert candidate.row.committee_talked_on == jinhua.today


@pytest.mark.catalogue("R12")
def test_a_special_case_has_the_longer_term_once_with_a_reason(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    reported = world.today
    answer = world.later(days=80).do("extend_decision", {"reason": "正在核实有关情况"}, candidate.id)
    assert answer["decision_due"] == add_months(reported, 6)
    with pytest.raises(Stale):
        world.do("extend_decision", {"reason": "再次延长"}, candidate.id)


@pytest.mark.catalogue("R12", "R13")
def test_others_are_told_of_an_admission_and_the_roll_gets_the_person(world: World) -> None:
    born = date(1981, 5, 4)
    candidate = world.a_candidate(id_number=an_id_number(born, world.county), education="大专").at("probationary")
    event, row = told(world, "admitted"), candidate.row
    data = event["data"]
    assert data["meeting_on"] == row.probation_since.isoformat() < data["approved_on"] == row.admitted_on.isoformat()
    assert row.probation_ends == add_months(row.probation_since, 12)
    young = {"jinhua": None, "nanning": row.probation_since < date(2017, 5, 4)}
    assert data["young"] is young[world.city]
    person = world.context.keys.open_fields(candidate.id, event["personal"]["sealed"])
    assert person["name"] == "王小明"
    particulars = json.loads(person["particulars"])
    assert {name: particulars[name] for name in ("birth_date", "education")} == {"birth_date": "1981-05-04", "education": "大专"}
    assert "phone" not in particulars and "address" not in particulars


@pytest.mark.catalogue("R12")
def test_the_branch_gets_a_written_notice(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    with pytest.raises(NotFound):
        look(world, show_admission_notice, candidate.id)
    candidate.at("probationary")
    notice = look(world, show_admission_notice, candidate.id)
    assert "王小明" in notice["text"] and "预备期" in notice["html"]
    assert world.rows("access_log", action="candidate.admission_notice")


@pytest.mark.catalogue("R9", "R12")
def test_a_rejection_has_a_reason_hears_the_person_and_frees_place_and_form(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    code = candidate.row.form_code
    day = {"heard_on": world.today}
    assert refused(world, "reject_admission", {**REJECTION, **day, "reason": " "}, candidate.id) == ("adjustment.reason",)
    assert refused(world, "reject_admission", REJECTION, candidate.id) == ("adjustment.hearing",)
    assert refused(world, "reject_admission", {**REJECTION, **day, "statement": ""}, candidate.id) == ("adjustment.hearing",)
    world.do("reject_admission", {**REJECTION, **day}, candidate.id)
    row = candidate.row
    assert (row.state, row.form_code, row.examined_on, row.voted_on, row.reported_on) == ("prospect", None, None, None, None)
    assert world.row("figure", organisation=world.committee).taken == 0
    assert world.row("form_code", code=code).state == "void"
    candidate.examine(_another_code(world, candidate))
    assert candidate.at("probationary").row.form_code != code
    assert told(world, "admitted")["data"]["candidate_id"] == candidate.id


def _another_code(world: World, candidate: Candidate) -> str:
    code = f"{world.today.year}-{candidate.id[-8:]}"
    if world.city == "jinhua":
        world.a_code(code)
    return code


def test_nobody_decides_for_another_committee(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    elsewhere = world.account("committee_organiser", path=f"/{world.city_code}/{world.county}/{world.county}002/")
    for action, body in (("admit", {"document": "批复"}), ("reject_admission", {**REJECTION, "heard_on": world.today})):
        with pytest.raises(Forbidden):
            world.do(action, body, candidate.id, as_=elsewhere)


def test_a_step_is_not_dated_before_what_it_rests_on(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    candidate.talk_before_approval()
    candidate.vote_in_committee("admission")
    early = {"document": "批复", "day": candidate.row.committee_voted_on - timedelta(days=1)}
    assert refused(world, "admit", early, candidate.id) == ("order.sequence",)
