"""From the recommendation to the end of an appointment."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.organizers import ORGANIZER_APPOINTED, ORGANIZER_ENDED
from kernel.errors import Forbidden, Invalid, NotYetKnown, Refused, Stale
from kernel.journal import dossier
from kernel.store.keys import Erased
from services.organizers.commands import expiry
from services.organizers.domain import terms
from services.organizers.tests.organizers_world import World

UNTIL = date(2018, 1, 4)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def told(world: World, type: Any) -> list[dict[str, Any]]:
    found = [json.loads(row.body)["data"] for row in world.rows("pending", type=type.type)]
    for data in found:
        type.check(data)
    return found


def refused(world: World, action: str, body: Any, *ids: str) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids)
    return set(caught.value.rules)


@pytest.mark.catalogue("O1")
def test_somebody_recommended_willing_and_checked_is_appointed_for_two_years(world: World) -> None:
    id = world.checked()
    answer = world.do("appoint", {"account": "organizer.one", "document": "聘书"}, id)
    assert (answer["since"], answer["until"], answer["state"]) == (date(2016, 1, 5), UNTIL, "appointed")
    assert {found["source"] for found in answer["articles"]} >= {"NN 4(1)", "NN 4(3)"}
    (event,) = told(world, ORGANIZER_APPOINTED)
    assert (event["account"], event["path"], event["until"], event["renewed"]) == (
        "organizer.one",
        world.path,
        "2018-01-04",
        False,
    )
    assert world.types(f"organizer/{id}") == [
        "organizer_recommended",
        "organizer_consented",
        "organizer_checked",
        "organizer_appointed",
    ]
    assert world.row("organizer").version == 4
    with world.context.database.read() as connection:
        assert dossier.verify(dossier.export(connection, world.context.keys, world.county, f"organizer/{id}")).sound


@pytest.mark.catalogue("O1")
def test_nothing_that_was_said_about_the_person_stands_in_clear(world: World, tmp_path: Path) -> None:
    id = world.checked(unmet=["no_violation"])
    world.proposed("decline", id)
    world.context.database.dispose()
    for file in tmp_path.iterdir():
        for text in ("熟悉党务", "长期不履职", "no_violation", "李组织"):
            assert text.encode() not in file.read_bytes()


@pytest.mark.catalogue("O1")
def test_only_a_full_member_of_the_day_is_appointed(world: World) -> None:
    member = world.a_member()
    id = world.checked(member=member)
    world.a_member(member, status="probationary", full_since=None)
    body = {"account": "organizer.one", "document": "聘书"}
    assert refused(world, "appoint", body, id) == {"organizer.conditions"}
    world.a_member(member)
    world.do("appoint", body, id)


@pytest.mark.catalogue("O1")
def test_who_does_not_want_to_is_not_appointed_and_may_be_recommended_again(world: World) -> None:
    member = world.a_member()
    id = world.recommended(member)
    with pytest.raises(Stale, match="已被推荐"):
        world.recommended(member)
    assert world.do("consent", {"given": False, "document": "意愿书"}, id)["state"] == "withdrawn"
    with pytest.raises(Stale):
        world.do("check", world.findings(), id)
    world.recommended(member)


@pytest.mark.catalogue("O1")
def test_the_committee_appoints_below_itself_and_nobody_for_his_own_account(world: World) -> None:
    id = world.checked()
    body = {"account": "committee_organiser", "document": "聘书"}
    with pytest.raises(Invalid):
        world.do("appoint", body, id)
    stranger = world.actor("committee_organiser", "other", f"/{world.city_code}/{world.county}/{world.county}002/")
    with pytest.raises(Forbidden):
        world.do("appoint", {**body, "account": "x.y.z"}, id, as_=stranger)
    with pytest.raises(Invalid):
        world.recommended(committee=world.other_branch)


def test_what_has_not_been_heard_of_is_not_yet_known(world: World) -> None:
    with pytest.raises(NotYetKnown):
        world.recommended("nobody")
    with pytest.raises(NotYetKnown):
        world.do("recommend", {"organisation": "450102777", "member_id": "x", "reason": "x"})


@pytest.mark.catalogue("O1")
def test_each_condition_is_stated_once(world: World) -> None:
    id = world.consented()
    for conditions in ([], world.findings()["conditions"] * 2):
        with pytest.raises(Invalid):
            world.do("check", world.findings(conditions=conditions), id)


# -- against somebody


@pytest.mark.catalogue("O1")
def test_who_is_declined_was_told_and_heard_and_may_come_again(world: World) -> None:
    id = world.checked()
    proceeding = world.proposed("decline", id)
    with pytest.raises(Stale):
        world.do("appoint", {"account": "organizer.one", "document": "聘书"}, id)
    world.heard(proceeding)
    answer = world.do("decide", {"outcome": "upheld", "reason": "另有人选"}, proceeding)
    assert (answer["state"], world.rows("engaged")) == ("declined", [])
    assert world.types(f"organizer/{id}")[-4:] == [
        "decline_proposed",
        "person_notified",
        "person_heard",
        "organizer_declined",
    ]


@pytest.mark.catalogue("O2")
def test_a_proposal_that_is_dropped_leaves_the_organizer_in_office(world: World) -> None:
    id = world.appointed()
    proceeding = world.proposed("dismiss", id)
    assert world.do("decide", {"outcome": "dropped", "reason": "查无实据"}, proceeding)["state"] == "appointed"
    assert told(world, ORGANIZER_ENDED) == []


@pytest.mark.catalogue("O2")
def test_who_did_not_come_has_left_the_chance_only_when_the_time_is_over(world: World) -> None:
    proceeding = world.proposed("dismiss", world.appointed())
    until = world.do("notify", {"way": "书面"}, proceeding)["hearing_until"]
    absent = {"appeared": False, "statement": ""}
    assert refused(world.at(until), "hear", absent, proceeding) == {"organizer.hearing"}
    world.at(until + timedelta(days=1)).do("hear", absent, proceeding)
    answer = world.do("decide", {"outcome": "upheld", "reason": "属实"}, proceeding)
    assert (answer["state"], told(world, ORGANIZER_ENDED)[0]["end"]) == ("dismissed", "dismissed")


# -- terms


@pytest.mark.catalogue("O2")
def test_a_term_is_followed_by_the_next_without_a_gap_as_often_as_every_year_was_passed(world: World) -> None:
    id = world.appointed()
    for number, (since, until) in enumerate([("2018-01-05", "2020-01-04"), ("2020-01-05", "2022-01-04")], start=2):
        world.later(months=23).assessed(id, 1, 2)
        answer = world.do("renew", {"document": "续聘"}, id)
        assert (str(answer["since"]), str(answer["until"]), answer["term"]) == (since, until, number)
        world.at(date.fromisoformat(since))
    assert [event["renewed"] for event in told(world, ORGANIZER_APPOINTED)] == [False, True, True]
    assert expiry.keep_terms(world.context) == 0


@pytest.mark.catalogue("O2")
def test_who_has_left_the_roll_is_not_appointed_again(world: World) -> None:
    id = world.appointed()
    world.later(months=13).assessed(id, 1, 2)
    world.a_member(world.row("organizer").member_id, status="ended")
    assert refused(world, "renew", {"document": "续聘"}, id) == {"organizer.conditions"}


@pytest.mark.catalogue("O2")
def test_a_year_is_assessed_once_and_not_before_it_begins(world: World) -> None:
    id = world.appointed()
    body = {"passed": True, "evidence": "考核表"}
    assert refused(world, "assess", {**body, "year": 2}, id) == {"order.sequence"}
    world.assessed(id, 1)
    assert world.row("organizer").assessment_due == UNTIL
    with pytest.raises(Stale):
        world.do("assess", {**body, "year": 1}, id)
    with pytest.raises(Invalid):
        world.do("assess", {**body, "year": 3}, id)


@pytest.mark.catalogue("O2")
def test_an_assessment_not_passed_stands_after_the_hearing_and_can_be_overturned_by_another(world: World) -> None:
    id = world.appointed()
    body = {"year": 1, "passed": False, "evidence": "考核表", "reason": "未履职"}
    assert world.do("assess", body, id)["result"] == "proposed"
    proceeding = world.row("proceeding").proceeding_id
    world.heard(proceeding)
    world.do("decide", {"outcome": "upheld", "reason": "属实"}, proceeding)
    assert world.row("assessment").result == "failed"
    with pytest.raises(Forbidden):
        world.do("ask_review", {"statement": "不服"}, proceeding, as_=world.organizer("somebody.else"))
    world.do("ask_review", {"statement": "不服"}, proceeding, as_=world.organizer())
    above = world.actor("county_department")
    world.do("review", {"outcome": "overturned", "reason": "确有履职记录"}, proceeding, as_=above)
    assert world.row("assessment").result == "passed"
    world.later(months=12).assessed(id, 2)
    world.do("renew", {"document": "续聘"}, id)


@pytest.mark.catalogue("O2")
def test_the_committee_is_reminded_and_the_appointment_lapses_on_the_day_after(world: World) -> None:
    id = world.appointed()
    reminders = []
    for day in (UNTIL - timedelta(days=61), UNTIL - timedelta(days=60), UNTIL - timedelta(days=59), UNTIL - timedelta(days=30)):
        reminders.append(expiry.keep_terms(world.at(day).context))
    assert reminders == [0, 1, 0, 1]
    assert expiry.keep_terms(world.at(UNTIL).context) == 0
    assert expiry.keep_terms(world.later(days=1).context) == 1
    assert expiry.keep_terms(world.context) == 0
    (event,) = told(world, ORGANIZER_ENDED)
    assert (event["end"], event["ended_on"]) == ("lapsed", "2018-01-04")
    assert (world.row("organizer").state, world.rows("engaged")) == ("lapsed", [])
    with pytest.raises(Stale):
        world.do("renew", {"document": "续聘"}, id)


@pytest.mark.catalogue("O2")
def test_after_the_last_day_nothing_is_renewed_even_where_no_timer_ran(world: World) -> None:
    id = world.appointed()
    world.at(UNTIL).assessed(id, 1, 2)
    assert refused(world.later(days=1), "renew", {"document": "续聘"}, id) == {"organizer.in_term"}


@pytest.mark.catalogue("O2")
def test_an_organizer_lays_the_appointment_down_and_nobody_elses(world: World) -> None:
    id = world.appointed()
    with pytest.raises(Forbidden):
        world.do("resign", {"document": "辞呈"}, id, as_=world.organizer("somebody.else"))
    answer = world.later(months=3).do("resign", {"document": "辞呈"}, id, as_=world.organizer())
    assert (answer["state"], told(world, ORGANIZER_ENDED)[0]["ended_on"]) == ("resigned", "2016-04-05")


@pytest.mark.catalogue("O2", "X5")
def test_the_appointment_of_an_erased_person_lapses_all_the_same(world: World) -> None:
    id = world.appointed()
    world.context.keys.erase(world.row("organizer").member_id)
    with pytest.raises(Erased):
        world.assessed(id, 1)
    assert expiry.keep_terms(world.at(UNTIL + timedelta(days=1)).context) == 1
    assert world.row("organizer").state == "lapsed"


@pytest.mark.catalogue("O2")
def test_a_term_of_two_years_ends_with_the_day_before(world: World) -> None:
    policy = world.context.policies.at("nanning", date(2016, 1, 5))
    assert terms.last_day(date(2016, 1, 5), policy) == UNTIL
    assert terms.last_day(date(2016, 2, 29), policy) == date(2018, 2, 27)
