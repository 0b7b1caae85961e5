"""Steps in an impossible order, and safeguards that dating back or another door might get round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kernel.errors import Invalid, Refused
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.policy import PolicyBook
from kernel.store.tables import access_log
from services.recruitment.domain import states
from services.recruitment.domain.notices import decide_content
from services.recruitment.queries import candidates, cases
from services.recruitment.tests.world import World, an_id_number

DAY = date(2016, 3, 1)


@pytest.fixture
def jinhua(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, "jinhua", DAY)
    yield world
    world.close()


@pytest.fixture
def nanning(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, "nanning", DAY)
    yield world
    world.close()


def refused(world: World, action: str, body: Any, *ids: str) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids)
    return set(caught.value.rules)


def look(world: World, query: Any, **params: Any) -> Any:
    with world.context.database.read() as connection:
        actor = world.account("branch_secretary")
        reader = Reader(world.context, connection, actor, states.READERS, "test", params, "/", Cursors("secret"))
        answer = query(reader)
    reader.write_looks()
    return answer


# -- dates


@pytest.mark.catalogue("R4")
def test_an_approval_is_not_dated_before_the_result_was_signed_and_concluded(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("talked")
    jinhua.later(months=6)
    meeting = jinhua.do("recommendation", jinhua.meeting([candidate.id]))["meeting_id"]
    candidate.count(meeting, "masses", jinhua.totals(28, 30))
    held = jinhua.today
    jinhua.later(days=3).do("sign", {"opinion": "程序合规"}, meeting)
    jinhua.later(days=1).do("conclude", {"recommended": [candidate.id]}, meeting)
    for days in (1, 3):
        body = {"document": "批复", "day": held + timedelta(days=days)}
        assert refused(jinhua, "approve", body, candidate.id) == {"order.sequence"}
    jinhua.do("approve", {"document": "批复"}, candidate.id)


@pytest.mark.catalogue("R4")
def test_nobody_is_heard_on_a_step_before_it_was_taken(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("determined")
    heard = {"reason": "有误", "heard_on": candidate.row.determined_on - timedelta(days=1), "statement": "接受"}
    assert refused(jinhua, "annul", heard, candidate.id) == {"order.sequence"}


@pytest.mark.catalogue("R1")
def test_the_countys_consent_comes_before_the_application(jinhua: World) -> None:
    jinhua.an_organisation(jinhua.branch, "branch", jinhua.committee, jinhua.path, domain="two_new", employees=80)
    number, rule = an_id_number(), "application.two_new_village_committee"
    consent = {"branch": jinhua.branch, "id_number": number, "rule": rule, "document": "批复"}
    given = jinhua.do("consent", consent)["consent_id"]
    exception = {"village_committee_member": True, "departures": {rule: "确有需要"}, "consents": [given]}
    body = jinhua.two_new_work(id_number=number, **exception)
    assert refused(jinhua, "submit", {**body, "day": DAY - timedelta(days=1)}) == {"order.sequence"}
    jinhua.do("submit", body)


@pytest.mark.catalogue("R14")
def test_a_talk_is_not_put_right_to_a_day_after_the_determination(nanning: World) -> None:
    candidate = nanning.a_candidate().at("determined")
    late = nanning.later(days=1).today.isoformat()
    (talk,) = (row.version for row in nanning.rows("journal", type="talk_held"))
    body = {"corrects": talk, "changes": {"day": late}, "reason": "记错"}
    asked = nanning.do("request_correction", body, candidate.id)["correction_id"]
    assert refused(nanning, "correct", {"approved": True, "reason": "属实"}, asked) == {"order.sequence"}


@pytest.mark.catalogue("R3")
def test_a_result_is_judged_by_the_rules_of_the_day_of_the_meeting(tmp_path: Path, nanning: World) -> None:
    candidate = nanning.a_candidate().at("talked")
    nanning.later(months=6)
    held = nanning.today
    stricter = tmp_path / "county.yaml"
    stricter.write_text(
        f"""
name: county
title: 从严
layer: county
extends: nanning-2013
city: nanning
county: "450102"
from: {held + timedelta(days=1)}
sources: {{C: "第 {{}} 条"}}
parameters:
  recommendation.mass_percent: {{value: 95, unit: percent, source: C 1, direction: min, mode: block}}
""",
        encoding="utf-8",
    )
    nanning.context = replace(nanning.context, policies=PolicyBook.load([stricter]))
    meeting = nanning.do("recommendation", nanning.meeting([candidate.id]))["meeting_id"]
    candidate.count(meeting, "masses", nanning.totals(28, 30))
    candidate.count(meeting, "members", nanning.totals(18, 20, absent_in_favour=2))
    (result,) = nanning.later(days=2).do("conclude", {}, meeting)["results"]
    assert result["outcome"] == "qualified"


@pytest.mark.catalogue("R4")
def test_a_contact_has_been_a_full_member_on_the_day_of_the_determination(nanning: World) -> None:
    candidate = nanning.a_candidate().at("approved")
    late = nanning.a_member(full_since=nanning.later(days=5).today)
    body = candidate.determination(contacts=[{"member_id": late, "relative": False}])
    day = nanning.today - timedelta(days=1)
    assert refused(nanning, "determine", {**body, "day": day}, candidate.id) == {"activist.contacts"}
    nanning.do("determine", body, candidate.id)


# -- safeguards


@pytest.mark.catalogue("R5")
def test_who_did_not_come_has_left_the_chance_only_when_the_time_is_over(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("activist")
    proposed = jinhua.today
    id = jinhua.do("propose", {"reason": "长期不参加活动"}, candidate.id)["proceeding_id"]
    jinhua.later(days=20)
    told = jinhua.do("notify", {"way": "书面", "day": proposed}, id)
    absent = {"appeared": False, "statement": ""}
    assert told["hearing_until"] > jinhua.today
    assert refused(jinhua, "hear", absent, id) == {"adjustment.hearing"}
    jinhua.at(told["hearing_until"] + timedelta(days=1)).do("hear", absent, id)


@pytest.mark.catalogue("R5")
def test_what_can_no_longer_be_done_is_not_on_the_list_of_what_waits(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("activist")
    jinhua.do("propose", {"reason": "长期不参加活动"}, candidate.id)
    assert "proceeding" in {item["step"] for item in look(jinhua, cases.to_do)["items"]}
    jinhua.do("withdraw", {"document": "撤回书"}, candidate.id)
    assert "proceeding" not in {item["step"] for item in look(jinhua, cases.to_do)["items"]}


@pytest.mark.catalogue("R4")
def test_an_approval_given_to_the_wrong_person_can_be_taken_back(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("approved")
    jinhua.do("decline", {"reason": "批错了人", "heard_on": jinhua.today, "statement": "理解"}, candidate.id)
    assert (candidate.state, candidate.row.approved_on) == ("received", None)


@pytest.mark.catalogue("R1")
def test_a_zone_sends_its_own_delegate_to_a_branch_under_rectification(jinhua: World) -> None:
    zone, branch = "JH-ZONE", "JH-ZONE-1"
    path = f"/{jinhua.city_code}/{zone}/{branch}/"
    zoned = {"county": jinhua.city_code, "approval_power": False, "under_rectification": True}
    jinhua.an_organisation(zone, "district_committee", jinhua.city_code, f"/{jinhua.city_code}/{zone}/", approval_power=True)
    jinhua.an_organisation(branch, "branch", zone, path, **zoned)
    case = {"branch": branch, "township": zone, "document": "整顿方案", "reason": "家族化"}
    jinhua.do("open_rectification", case, as_=jinhua.account("county_department", path=f"/{jinhua.city_code}/{zone}/"))
    secretary = jinhua.account("branch_secretary", path=path)
    first = jinhua.do("submit", jinhua.application(branch=branch), as_=secretary)["candidate_id"]
    body = {**jinhua.meeting([first]), "branch": branch}
    meeting = jinhua.do("recommendation", body, as_=secretary)["meeting_id"]
    for teller in ("one", "two"):
        totals = {"candidate_id": first, "voters": "masses", **jinhua.totals(28, 30)}
        jinhua.do("tally", totals, meeting, as_=jinhua.account("branch_clerk", teller, path))
    jinhua.do("sign", {"opinion": "合规"}, meeting, as_=jinhua.account("committee_organiser", path=path))
    delegate = {"organisation": zone, "account": "zone.one", "document": "派员通知"}
    done = jinhua.do("conclude", {"recommended": [first], "county_delegate": delegate}, meeting, as_=secretary)
    assert done["results"][0]["outcome"] == "qualified"


@pytest.mark.catalogue("R5")
def test_a_training_has_no_more_hours_than_its_days(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    body = {"title": "培训班", "started_on": nanning.today, "ended_on": nanning.today, "days": 1, "assessed": "passed"}
    with pytest.raises(Invalid, match="小时"):
        nanning.do("train", {**body, "hours": 25}, candidate.id)
    nanning.do("train", {**body, "hours": 24}, candidate.id)


@pytest.mark.catalogue("R11")
@pytest.mark.parametrize(
    "text",
    ["电话１３８００００００００", "138 0000 0000", "330702-19900504-1234", "0579-8888 6666", "住示例村８号", "住示例村 8 号"],
)
def test_another_way_of_writing_does_not_bring_a_number_into_a_notice(jinhua: World, text: str) -> None:
    policy = jinhua.context.policies.at("jinhua", DAY)
    decision = decide_content({"record": text}, ["示例村8号"], policy)
    assert [reason.rule for reason in decision.reasons] == ["publicity.content_forbidden"]


def test_years_and_counts_in_a_notice_are_no_telephone_numbers(jinhua: World) -> None:
    policy = jinhua.context.policies.at("jinhua", DAY)
    text = "2014-07-01 至 2015-08-02 参加培训 24 学时，2015 年获奖 3 次，带动 120 户增收 13800 元"
    assert decide_content({"record": text}, [], policy).allowed


@pytest.mark.catalogue("R14")
def test_who_is_looked_for_and_not_found_leaves_a_trace_too(jinhua: World) -> None:
    assert look(jinhua, candidates.list_candidates, id_number=an_id_number())["items"] == []
    with jinhua.context.database.read() as connection:
        (fields,) = connection.execute(select(access_log.c.fields)).scalars()
    assert "id_number" in fields


@pytest.mark.catalogue("V7")
@pytest.mark.parametrize("together", [True, False])
def test_of_two_vettings_that_arrive_in_any_order_the_later_conclusion_is_shown(jinhua: World, together: bool) -> None:
    candidate = jinhua.a_candidate().at("activist")
    told = [
        {"case_id": "case-2", "outcome": "passed", "concluded_on": "2017-05-02", "valid_until": "2018-05-02"},
        {"case_id": "case-1", "outcome": "not_passed", "concluded_on": "2017-03-01", "valid_until": None},
    ]
    jinhua.at(date(2017, 6, 1))
    events = [("vetting", "vetting_concluded", f"case/{t['case_id']}", {"candidate_id": candidate.id, **t}) for t in told]
    if together:
        jinhua.hear_all(events)
    else:
        for event in events:
            jinhua.hear(*event)
    row = candidate.row
    assert (row.vetting_case, row.vetting_outcome, row.vetting_concluded_on) == ("case-2", "passed", date(2017, 5, 2))
    assert jinhua.types(f"candidate/{candidate.id}").count("vetting_concluded") == 2
    assert row.version == len(jinhua.types(f"candidate/{candidate.id}"))
