"""Each trigger, from the facts that were heard to the finding: near, triggered, serious, gone again. Source: NN 2(1), 3(2)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.alerts.tests.alerts_world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, date(2018, 4, 2))


def facts(row: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(row.facts)
    return read


# -- (1) no plan


@pytest.mark.catalogue("A1")
@pytest.mark.parametrize("holder", ["committee", "county"])
def test_without_a_figure_it_is_near_in_the_month_in_which_it_is_due_and_triggered_after(world: World, holder: str) -> None:
    organisation = getattr(world, holder)
    world.figure(organisation, 2017, 5)
    seen = {}
    for day in (date(2018, 2, 28), date(2018, 3, 1), date(2018, 3, 31), date(2018, 4, 1), date(2018, 12, 31)):
        found = world.at(day).found(organisation).get(("no_plan", "2018"))
        seen[day] = (found.state, found.fixed) if found else None
    assert list(seen.values()) == [None, ("near", False), ("near", False), ("triggered", False), ("triggered", False)]


@pytest.mark.catalogue("A1")
def test_a_figure_ends_it_and_the_end_of_the_year_fixes_it(world: World) -> None:
    world.figure(world.committee, 2017, 5)
    assert ("no_plan", "2018") in world.found(world.committee)
    assert world.at(date(2019, 1, 5)).found(world.committee)[("no_plan", "2018")].fixed
    world.at(date(2018, 6, 1)).figure(world.committee, 2018, 6)
    assert ("no_plan", "2018") not in world.found(world.committee)


def test_whoever_was_registered_in_the_month_need_not_have_a_plan_this_year(tmp_path: Path) -> None:
    world = World(tmp_path, date(2014, 6, 2), registered=date(2014, 3, 3))
    assert world.found(world.committee) == {}
    assert world.at(date(2015, 4, 1)).one("no_plan", world.committee).period == "2015"


def test_a_branch_and_a_committee_without_the_power_to_approve_need_no_plan(world: World) -> None:
    other = world.an_organisation(f"{world.county}009", "committee", world.county)
    assert world.one("no_plan", other) is None
    assert world.one("no_plan") is None


# -- (2) years without


@pytest.mark.catalogue("A1")
@pytest.mark.parametrize(
    ("trigger", "last", "state"),
    [
        ("no_admission", 2016, None),
        ("no_admission", 2015, "near"),
        ("no_admission", 2014, "triggered"),
        ("no_admission", None, "triggered"),
        ("no_activist", 2017, None),
        ("no_activist", 2016, "near"),
        ("no_activist", 2015, "triggered"),
    ],
)
def test_full_years_in_a_row_are_counted(world: World, trigger: str, last: int | None, state: str | None) -> None:
    if last is not None:
        (world.admitted if trigger == "no_admission" else world.an_activist)(last)
    found = world.one(trigger)
    assert (found.state if found else None) == state
    if found:
        assert found.period == "2017"
        assert facts(found)["years"] == list(range((last or 2014) + 1, 2018))


def test_the_count_begins_with_the_year_after_the_branch_was_registered(tmp_path: Path) -> None:
    world = World(tmp_path, date(2016, 6, 1), registered=date(2014, 1, 6))
    assert world.one("no_admission") is None
    assert world.at(date(2017, 1, 4)).one("no_admission").state == "near"
    assert world.at(date(2018, 1, 4)).one("no_admission").state == "triggered"


def test_an_admission_of_this_year_shows_and_a_branch_that_was_near_is_not_any_more(world: World) -> None:
    world.admitted(2018)
    assert facts(world.one("no_admission"))["this_year"] == 1
    world.admitted(2015)
    assert world.one("no_admission") is None


@pytest.mark.catalogue("A1")
def test_years_with_special_circumstances_are_left_out(world: World) -> None:
    assert world.one("no_admission").state == "triggered"
    body = {"organisation": world.branch, "years": [2016], "reason": "整体搬迁", "document": "情况说明 1 号"}
    recorded = world.do("circumstance", body)["circumstance_id"]
    (left,) = world.rows("finding", trigger="no_admission")
    assert (left.state, facts(left)["years"], facts(left)["left_out"]) == ("near", [2015, 2017], [2016])
    world.do("end_circumstance", {"reason": "登记有误"}, recorded)
    assert world.one("no_admission").state == "triggered"


@pytest.mark.catalogue("A1")
@pytest.mark.parametrize(
    ("domain", "roll", "young", "severity"),
    [
        ("rural", (20, 11), None, "serious"),
        ("rural", (20, 10), None, "ordinary"),  # half is not more than half
        ("rural", None, None, "ordinary"),  # nobody has counted
        ("agency", (20, 20), None, "ordinary"),
        ("rural", (20, 11), False, "serious"),  # somebody, but nobody young
        ("rural", (20, 11), True, "ordinary"),
    ],
)
def test_an_aged_village_without_young_admissions_is_serious(
    tmp_path: Path, domain: str, roll: tuple[int, int] | None, young: bool | None, severity: str
) -> None:
    world = World(tmp_path, date(2018, 4, 2), domain=domain)
    if roll:
        world.roll(*roll)
    if young is not None:
        world.admitted(2016, young=young)
    found = world.one("no_activist")
    assert (found.state, found.severity) == ("triggered", severity)
    assert found.level == ("yellow" if severity == "serious" else "letter")
    named = {each["parameter"] for each in json.loads(found.thresholds)}
    assert ("alert.rural.ageing_percent" in named) == (domain == "rural" and roll is not None)


# -- (3) off the plan


@pytest.mark.catalogue("A1")
@pytest.mark.parametrize(
    ("planned", "actual", "beyond"), [(3, 4, False), (3, 5, True), (3, 1, True), (0, 1, False), (0, 2, True)]
)
def test_last_years_plan_is_judged_where_it_is_held(world: World, planned: int, actual: int, beyond: bool) -> None:
    world.figure(world.committee, 2017, planned)
    world.admitted(2017, times=actual)
    found = world.one("plan_deviation", world.committee)
    assert (found is not None) == beyond
    assert world.one("plan_deviation") is None and world.one("plan_deviation", world.county) is None
    if found:
        assert (found.state, found.fixed, found.period, facts(found)["actual"]) == ("triggered", True, "2017", actual)
        assert len(json.loads(found.events)) == 1 + actual


def test_a_later_figure_replaces_the_first(world: World) -> None:
    world.figure(world.committee, 2017, 3)
    world.admitted(2017, times=5)
    assert world.one("plan_deviation", world.committee)
    world.figure(world.committee, 2017, 5)
    assert world.one("plan_deviation", world.committee) is None


@pytest.mark.catalogue("A1")
def test_in_the_last_quarter_this_years_plan_is_near_when_it_would_be_beyond_today(world: World) -> None:
    world.figure(world.committee, 2018, 4)
    world.admitted(2018, times=2)
    assert world.at(date(2018, 9, 30)).one("plan_deviation", world.committee) is None
    assert world.at(date(2018, 10, 1)).one("plan_deviation", world.committee).state == "near"
    world.admitted(2018)
    assert world.one("plan_deviation", world.committee) is None


# -- (5) late steps


@pytest.mark.catalogue("A1")
def test_a_late_step_holds_until_all_have_been_caught_up_with(world: World) -> None:
    due = date(2018, 3, 5)
    first, second = world.late(due), world.late(date(2018, 3, 9))
    world.late(due, first, step="review")
    found = world.one("step_late")
    assert (found.state, found.fixed, found.since, facts(found)["count"]) == ("triggered", False, date(2018, 3, 6), 3)
    world.caught_up(first, due)
    world.left(second)
    assert [step["step"] for step in facts(world.one("step_late"))["steps"]] == ["review"]
    world.caught_up(first, due, step="review")
    assert world.one("step_late") is None


def test_somebody_who_left_and_is_heard_of_again_stays_away(world: World) -> None:
    candidate = world.late(date(2018, 3, 5))
    world.left(candidate)
    world.hear(world.told)
    assert world.one("step_late") is None


# -- satisfaction


@pytest.mark.catalogue("A1")
def test_a_score_below_makes_the_branch_a_key_object_until_the_next_evaluation_or_the_end_of_the_next_year(world: World) -> None:
    world.evaluated(2016, "90.00", date(2017, 3, 1))
    assert world.one("satisfaction") is None
    world.evaluated(2017, "72.00", date(2018, 3, 1))
    found = world.one("satisfaction")
    assert (found.period, found.fixed, found.level, facts(found)["score"]) == ("2017", True, "letter", "72.00")
    assert world.at(date(2019, 12, 31)).one("satisfaction") is not None
    assert world.at(date(2020, 1, 1)).one("satisfaction") is None
    world.at(date(2019, 4, 1)).evaluated(2018, "80.00", date(2019, 3, 1))
    assert world.one("satisfaction") is None


# -- everywhere


@pytest.mark.catalogue("A6")
def test_a_finding_names_parameter_value_article_and_events(world: World) -> None:
    world.admitted(2014)
    found = world.one("no_admission")
    (threshold,) = json.loads(found.thresholds)
    assert (threshold["parameter"], threshold["value"], threshold["source"]) == ("alert.no_admission_years", 3, "NN 2(1)")
    assert "南宁市" in threshold["article"]
    events = json.loads(found.events)
    assert [(event["source"], event["type"]) for event in events] == [
        ("registry", "organisation_registered"),
        ("recruitment", "admitted"),
    ]
    told = {event.id: (event.stream, event.version) for event in world.told}
    assert all(told[event["id"]] == (event["stream"], event["version"]) for event in events)


def test_jinhua_has_none_of_it(tmp_path: Path) -> None:
    world = World(tmp_path, date(2018, 4, 2), city="jinhua", domain="rural")
    world.figure(world.committee, 2017, 3)
    world.admitted(2017, times=9)
    world.late(date(2018, 3, 5))
    world.evaluated(2017, "72.00", date(2018, 3, 1))
    assert world.assess() == 4
    assert world.rows("finding") == []


def test_before_the_document_of_the_city_nothing_is_found(tmp_path: Path) -> None:
    world = World(tmp_path, date(2013, 9, 21), registered=date(2005, 1, 3))
    world.admitted(2008)
    assert world.found() == {}
    # On the first day of the document everybody is looked at, though nothing was heard.
    assert world.at(date(2013, 9, 22)).assess() == 4
    assert world.one("no_admission").state == "triggered"
