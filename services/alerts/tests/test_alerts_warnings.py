"""Issuing, raising, mending, lifting, waiving, taking back: who may, and what it leads to. Source: NN 2(2)–(4)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from kernel.errors import Forbidden, Invalid, NotYetKnown, Refused, Stale
from services.alerts.tests.alerts_world import PARTS, World

DAY = date(2018, 4, 2)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, DAY)


# -- issuing


@pytest.mark.catalogue("A2")
def test_another_level_than_the_proposed_one_needs_a_written_reason(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.a_warning(level="oral")
    (reason,) = refused.value.reasons
    assert (reason.rule, reason.waivable) == ("warning.level", True)
    assert reason.fact == {"level": "oral", "proposed": "letter"}
    id = world.a_warning(level="oral", departures={"warning.level": "已自行整改大半"})
    entry = world.rows("journal", stream=f"warning/{id}")[0]
    assert json.loads(entry.private)["departures"][0]["written_reason"] == "已自行整改大半"


def test_the_texts_stand_sealed(world: World) -> None:
    id = world.a_warning(reason="王某反映的情况属实")
    entry = world.rows("journal", stream=f"warning/{id}")[0]
    assert set(json.loads(entry.personal)) == {"reason"} and entry.subject == id
    for row in (*world.rows("journal"), *world.rows("warning"), *world.rows("pending")):
        assert "王某" not in str(row)


def test_what_somebody_is_warned_of_already_is_not_warned_of_again(world: World) -> None:
    world.a_warning()
    with pytest.raises(Stale):
        world.a_warning()


def test_a_finding_that_is_not_there_any_more_or_of_somebody_else_is_not_warned_of(world: World) -> None:
    with pytest.raises(Stale):
        world.do("issue", world.issue())
    with pytest.raises(Invalid) as invalid:
        world.do("issue", world.issue(findings=[f"{world.committee}:satisfaction:2017"]))
    assert list(invalid.value.fields) == ["findings"]
    with pytest.raises(NotYetKnown):
        world.do("issue", {**world.issue(), "organisation": "unknown"})


def test_the_deadline_lies_after_the_warning(world: World) -> None:
    with pytest.raises(Invalid) as invalid:
        world.a_warning(due=world.today)
    assert list(invalid.value.fields) == ["due"]


def test_a_finding_is_not_older_than_the_warning_says(world: World) -> None:
    world.evaluated(2017, "72.00", DAY)
    with pytest.raises(Refused) as refused:
        world.do("issue", world.issue(day=DAY - timedelta(days=1)))
    assert refused.value.rules == ("order.sequence",)


@pytest.mark.catalogue("A3")
def test_the_county_warns_what_it_manages_itself_and_the_city_warns_the_county(tmp_path: Path) -> None:
    world = World(tmp_path, DAY, domain="rural")
    county = world.account("county_department")
    id = world.do("issue", world.issue("no_admission", "2017"), as_=county)["warning_id"]
    assert world.warning(id).issuer == world.county
    body = world.issue("no_plan", "2018", organisation=world.county, addressee="县委组织部部长")
    id = world.do("issue", body, as_=world.account("city_department"))["warning_id"]
    assert (world.warning(id).issuer, world.warning(id).issuer_path) == (world.city_code, f"/{world.city_code}/")


@pytest.mark.catalogue("A3")
def test_a_stranger_does_not_get_as_far_as_the_rule(world: World) -> None:
    other = world.an_organisation(f"{world.county}002", "committee", world.county, approval_power=True)
    world.evaluated(2017, "72.00", DAY)
    with pytest.raises(Forbidden):
        world.do("issue", world.issue(), as_=world.account("committee_organiser", other))


def test_jinhua_knows_no_warnings(tmp_path: Path) -> None:
    world = World(tmp_path, DAY, city="jinhua")
    world.evaluated(2017, "72.00", DAY)
    with pytest.raises(Stale):
        world.do("issue", world.issue())


# -- mending


def test_only_the_organisation_itself_receives_and_only_the_issuer_checks(world: World) -> None:
    id = world.a_warning()
    for actor in (world.account("committee_organiser"), world.account("county_department")):
        with pytest.raises(Forbidden):
            world.do("receive", {}, id, as_=actor)
    id = world.step("receive", id)["warning_id"]
    for step in ("plan", "report"):
        world.step(step, id)
    with pytest.raises(Forbidden):
        world.do("check", {"outcome": "accepted", "findings": "属实"}, id, as_=world.account("county_department"))


def test_a_report_that_does_not_satisfy_goes_back_with_a_new_deadline(world: World) -> None:
    id = world.a_warning("receive", "plan", "report")
    due = world.today + timedelta(days=40)
    world.do("check", {"outcome": "sent_back", "findings": "措施不实", "due": due}, id)
    row = world.warning(id)
    assert (row.state, row.due, row.reported_on) == ("planned", due, None)
    world.step("plan", id)
    for step in ("report", "check"):
        world.step(step, id)
    world.do("check", {"outcome": "sent_back", "findings": "又有反复"}, id)
    for step in ("report", "check", "lift"):
        world.step(step, id)
    assert world.warning(id).state == "lifted"


# -- raising


@pytest.mark.catalogue("A2", "A4")
def test_who_does_not_mend_in_time_gets_a_yellow_card_after_being_heard(world: World) -> None:
    id = world.a_warning("receive")
    world.at(date(2018, 5, 4))
    body = {"level": "yellow", "reason": "逾期未整改", "due": date(2018, 7, 1)}
    world.do("escalate", {**body, **world.yellow()}, id)
    row = world.warning(id)
    assert (row.state, row.level, row.issued_on, row.yellow_on) == ("issued", "yellow", DAY + timedelta(32), row.issued_on)
    assert [event["level"] for event in world.said("warning_issued")] == ["letter", "yellow"]
    with pytest.raises(Invalid):
        world.do("escalate", {**body, **world.yellow()}, id)


def test_before_the_deadline_a_higher_level_is_not_what_the_system_proposes(world: World) -> None:
    id = world.a_warning("receive")
    body = {"level": "yellow", "reason": "影响恶劣", "due": date(2018, 7, 1), **world.yellow()}
    with pytest.raises(Refused) as refused:
        world.do("escalate", body, id)
    assert refused.value.rules == ("warning.level",)
    assert world.do("escalate", {**body, "departures": {"warning.level": "影响恶劣"}}, id)["level"] == "yellow"


def test_the_hearing_is_about_this_warning(world: World) -> None:
    id = world.a_warning("receive")
    world.at(date(2018, 5, 4))
    body = {"level": "yellow", "reason": "逾期", "due": date(2018, 7, 1), **world.yellow(heard_on=DAY - timedelta(days=1))}
    with pytest.raises(Refused) as refused:
        world.do("escalate", body, id)
    assert refused.value.rules == ("order.sequence",)


def test_what_was_near_and_has_been_triggered_calls_for_a_higher_level(world: World) -> None:
    world.at(date(2018, 3, 5)).figure(world.committee, 2017, 3)
    county = world.account("county_department")
    body = world.issue("no_plan", "2018", organisation=world.committee, level="oral", due=date(2018, 6, 1))
    id = world.do("issue", body, as_=county)["warning_id"]
    world.at(date(2018, 4, 3))
    raised = {"level": "letter", "reason": "至今未定计划", "due": date(2018, 6, 1)}
    assert world.do("escalate", raised, id, as_=county)["departures"] == []


# -- the yellow card


@pytest.mark.catalogue("A4")
@pytest.mark.parametrize(("written", "late"), [(date(2018, 5, 25), False), (date(2018, 5, 28), True)])
def test_the_self_criticism_is_due_in_fifteen_working_days_and_a_late_one_is_recorded_as_late(
    world: World, written: date, late: bool
) -> None:
    id = world.a_warning(level="yellow", departures={"warning.level": "后果严重"}, **world.yellow())
    world.at(date(2018, 5, 4))  # a Friday after the holidays of May
    received = world.do("receive", {}, id, as_=world.secretary)
    assert (received["self_criticism_due"], received["provisional"]) == (date(2018, 5, 25), False)
    answer = world.at(written).do("criticise", {"parts": PARTS}, id, as_=world.secretary)
    assert (answer["late"], world.warning(id).self_criticism_late) == (late, late)
    with pytest.raises(Stale):
        world.do("criticise", {"parts": PARTS}, id, as_=world.secretary)
    for step in ("plan", "report", "check", "lift"):
        world.step(step, id)


def test_a_letter_asks_for_no_self_criticism_and_an_unknown_part_is_invalid(world: World) -> None:
    id = world.a_warning("receive")
    assert world.warning(id).self_criticism_due is None
    with pytest.raises(Stale):
        world.do("criticise", {"parts": PARTS}, id, as_=world.secretary)
    world.do("withdraw", {"reason": "有误"}, id)
    id = world.a_warning("receive", level="yellow", departures={"warning.level": "后果严重"}, **world.yellow())
    with pytest.raises(Invalid):
        world.do("criticise", {"parts": {**PARTS, "excuse": "忙"}}, id, as_=world.secretary)


# -- lifting


def a_late_step(world: World, *steps: str) -> tuple[str, str]:
    candidate = world.late(DAY - timedelta(days=9))
    id = str(world.do("issue", world.issue("step_late", "open"))["warning_id"])
    for step in steps:
        world.step(step, id)
    return candidate, id


@pytest.mark.catalogue("A4")
def test_lifting_looks_at_what_has_been_heard_up_to_now(world: World) -> None:
    candidate, id = a_late_step(world, "receive", "plan", "report")
    assert world.do("check", {"outcome": "accepted", "findings": "已在办"}, id)["holding"] == ["step_late"]
    with pytest.raises(Refused):
        world.step("lift", id)
    world.caught_up(candidate, DAY - timedelta(days=9))
    assert world.step("lift", id)["waived"] is False


@pytest.mark.catalogue("A4")
def test_the_superiors_superior_lets_it_pass_with_a_reason(world: World) -> None:
    _, id = a_late_step(world, "receive", "plan", "report", "check")
    with pytest.raises(Refused):
        world.do("waive", {"reason": "本人在外"}, id, as_=world.account("city_department"))
    world.do("waive", {"reason": "本人在外"}, id, as_=world.account("county_department"))
    assert world.step("lift", id)["waived"] is True
    assert [event["waived"] for event in world.said("warning_lifted")] == [True]


def test_a_plan_that_was_missed_last_year_is_lifted_on_completed_rectification(world: World) -> None:
    county = world.account("county_department")
    body = world.issue("no_plan", "2018", organisation=world.committee, due=date(2019, 3, 1))
    id = world.do("issue", body, as_=county)["warning_id"]
    own = world.account("committee_organiser")
    for step, given in (("receive", {}), ("plan", {"plan": "方案"}), ("report", {"report": "完成"})):
        world.do(step, given, id, as_=own)
    world.do("check", {"outcome": "accepted", "findings": "属实"}, id, as_=county)
    with pytest.raises(Refused):
        world.do("lift", {}, id, as_=county)
    assert world.at(date(2019, 1, 7)).do("lift", {}, id, as_=county)["waived"] is False


def test_a_warning_that_was_a_mistake_is_taken_back_and_may_be_issued_anew(world: World) -> None:
    id = world.a_warning("receive")
    with pytest.raises(Forbidden):
        world.do("withdraw", {"reason": "有误"}, id, as_=world.account("county_department"))
    assert world.do("withdraw", {"reason": "有误"}, id)["state"] == "withdrawn"
    with pytest.raises(Stale):
        world.step("plan", id)
    world.a_warning()


def test_a_stale_look_is_refused(world: World) -> None:
    id = world.a_warning("receive")
    with pytest.raises(Stale):
        world.do("plan", {"plan": "方案", "expected_version": 1}, id, as_=world.secretary)


# -- special circumstances


def test_the_committee_records_circumstances_of_its_branches_and_of_no_later_year(world: World) -> None:
    body = {"organisation": world.branch, "years": [2016, 2016], "reason": "搬迁", "document": "说明"}
    for actor in (world.account("county_department"), world.account("city_department")):
        with pytest.raises(Forbidden):
            world.do("circumstance", body, as_=actor)
    with pytest.raises(Invalid):
        world.do("circumstance", {**body, "years": [2019]})
    with pytest.raises(Invalid):
        world.do("circumstance", {**body, "organisation": world.committee}, as_=world.account("county_department"))
    id = world.do("circumstance", body)["circumstance_id"]
    assert world.do("end_circumstance", {"reason": "有误"}, id)["state"] == "ended"
    with pytest.raises(Stale):
        world.do("end_circumstance", {"reason": "有误"}, id)
