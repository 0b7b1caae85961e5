"""The year's figures down the tree, coded forms on their way, their end and their half-yearly report; what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Forbidden, Invalid, Refused, Stale
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from services.recruitment.commands.codes import lapse_codes
from services.recruitment.domain import states
from services.recruitment.queries import cases, figures
from services.recruitment.tests.world import World

DAY = date(2016, 2, 1)


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


def look(world: World, query: Any, role: str = "county_department", **params: Any) -> Any:
    roles = (*states.READERS, *states.COUNTY)
    with world.context.database.read() as connection:
        reader = Reader(world.context, connection, world.account(role), roles, "test", params, "/", Cursors("secret"))
        return query(reader)


def refused(world: World, action: str, body: Any, *ids: str, **more: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids, **more)
    return set(caught.value.rules)


def another_committee(world: World, number: int = 2) -> str:
    code = f"{world.county}{number:03d}"
    world.an_organisation(code, "committee", world.county, f"/{world.city_code}/{world.county}/{code}/")
    return code


def county_figure(world: World, number: int) -> None:
    body = {"organisation": world.county, "year": world.today.year, "figure": number, "document": "批复"}
    world.do("figure", body, as_=world.account("city_department"))


def make(world: World, *codes: str, year: int = DAY.year, **more: Any) -> None:
    world.do("codes", {"year": year, "to": world.county, "codes": list(codes), **more}, as_=world.account("city_department"))


def hand_down(world: World, *codes: str, year: int = DAY.year, **more: Any) -> dict[str, Any]:
    return world.do("codes", {"year": year, "to": world.committee, "codes": list(codes), **more})


# -- figures


@pytest.mark.catalogue("R15")
def test_figures_below_stay_within_the_countys_own(jinhua: World) -> None:
    second = another_committee(jinhua)
    county_figure(jinhua, 10)
    jinhua.a_figure(7)
    with pytest.raises(Invalid):
        jinhua.a_figure(4, organisation=second)
    jinhua.a_figure(3, organisation=second)
    with pytest.raises(Invalid):
        county_figure(jinhua, 9)
    county_figure(jinhua, 11)
    assert jinhua.a_figure(8)["figure"] == 8


@pytest.mark.catalogue("R15")
def test_the_superior_approves_and_nobody_for_himself(jinhua: World) -> None:
    body = {"organisation": jinhua.county, "year": 2016, "figure": 99, "document": "批复"}
    with pytest.raises(Forbidden):
        jinhua.do("figure", body, as_=jinhua.account("county_department"))
    with pytest.raises(Forbidden):
        jinhua.do("figure", {**body, "organisation": jinhua.committee}, as_=jinhua.account("city_department"))
    with pytest.raises(Invalid):
        jinhua.do("figure", {**body, "organisation": jinhua.branch})


@pytest.mark.catalogue("R15")
def test_a_later_figure_replaces_an_earlier_one_and_is_told(jinhua: World) -> None:
    first = jinhua.a_figure(5)
    second = jinhua.a_figure(6, expected_version=first["version"])
    assert second["version"] == 2
    with pytest.raises(Stale):
        jinhua.a_figure(7, expected_version=first["version"])
    assert jinhua.types(f"figure/{jinhua.committee}/2016") == ["figure_approved"] * 2
    assert len(jinhua.rows("pending", type="figure_approved")) == 2


@pytest.mark.catalogue("R15")
def test_a_figure_is_not_lowered_below_the_places_taken(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    year = candidate.row.place_year
    with pytest.raises(Invalid):
        nanning.a_figure(0, year=year)
    nanning.a_figure(2, year=year)
    assert look(nanning, figures.list_figures, year=year)["items"][0]["taken"] == 1


@pytest.mark.catalogue("R15")
def test_a_county_is_shown_the_places_taken_below_it(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    county_figure(nanning, 5)
    items = look(nanning, figures.list_figures, organisation=nanning.county)["items"]
    assert [(item["figure"], item["taken"]) for item in items] == [(5, 1)]
    assert candidate.row.place_year == items[0]["year"]


# -- forms


@pytest.mark.catalogue("R9")
def test_forms_go_from_city_to_county_to_committee(jinhua: World) -> None:
    jinhua.a_figure(2)
    make(jinhua, "A-1", "A-2", "A-3")
    answer = hand_down(jinhua, "A-1", "A-2")
    assert answer["codes"] == 2
    held = {row.code: row.holder for row in jinhua.rows("form_code")}
    assert held == {"A-1": jinhua.committee, "A-2": jinhua.committee, "A-3": jinhua.county}
    jinhua.a_figure(5)
    with pytest.raises(Invalid):
        hand_down(jinhua, "A-1")


@pytest.mark.catalogue("R9", "R15")
def test_a_committee_never_holds_more_forms_than_its_figure(jinhua: World) -> None:
    make(jinhua, "A-1", "A-2")
    assert refused(jinhua, "codes", {"year": 2016, "to": jinhua.committee, "codes": ["A-1"]}) == {"plan.figure"}
    jinhua.a_figure(1)
    assert refused(jinhua, "codes", {"year": 2016, "to": jinhua.committee, "codes": ["A-1", "A-2"]}) == {"plan.figure"}
    hand_down(jinhua, "A-1")
    assert refused(jinhua, "codes", {"year": 2016, "to": jinhua.committee, "codes": ["A-2"]}) == {"plan.figure"}


@pytest.mark.catalogue("R9")
def test_a_code_is_made_once_and_the_county_makes_none(jinhua: World) -> None:
    make(jinhua, "A-1")
    body = {"year": 2017, "to": jinhua.county, "codes": ["A-1"]}
    assert refused(jinhua, "codes", body, as_=jinhua.account("city_department")) == {"form.code_reused"}
    with pytest.raises(Forbidden):
        jinhua.do("codes", {**body, "codes": ["A-9"]}, as_=jinhua.account("county_department"))


@pytest.mark.catalogue("R9")
def test_a_form_of_the_county_or_of_another_year_is_not_issued_to_anybody(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    candidate.get_ready_to_examine()
    year = jinhua.today.year
    make(jinhua, "OF-COUNTY", year=year)
    jinhua.a_figure(5, year=year - 1)
    make(jinhua, "OF-YEAR", year=year - 1)
    hand_down(jinhua, "OF-YEAR", year=year - 1)
    for code in ("OF-COUNTY", "OF-YEAR", "OF-NOBODY"):
        with pytest.raises(Refused) as caught:
            candidate.examine(code)
        assert set(caught.value.rules) == {"form.coded"}


@pytest.mark.catalogue("R9")
def test_a_lost_form_of_a_candidate_is_replaced_and_noted_in_the_dossier(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    code = candidate.row.form_code
    answer = nanning.do("end_code", {"kind": "lost", "reason": "搬迁遗失", "replacement": "NEW-1"}, code)
    assert (answer["state"], answer["replacement"]) == ("lost", "NEW-1")
    assert candidate.row.form_code == "NEW-1"
    new = nanning.row("form_code", code="NEW-1")
    assert (new.state, new.candidate_id, new.replaces) == ("used", candidate.id, code)
    assert nanning.types(f"candidate/{candidate.id}")[-1] == "form_ended"
    assert nanning.row("figure", organisation=nanning.committee).taken == 1
    with pytest.raises(Stale):
        nanning.do("end_code", {"kind": "void", "reason": "又一次"}, code)


@pytest.mark.catalogue("R9")
def test_who_has_lost_a_form_without_another_stands_without_one_until_it_is_given(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    nanning.do("end_code", {"kind": "lost", "reason": "遗失"}, candidate.row.form_code)
    assert candidate.row.form_code is None
    with pytest.raises(Refused) as caught:
        candidate.examine(None)
    assert set(caught.value.rules) == {"pre_examination.form"}
    assert candidate.examine("NEW-1")["form_code"] == "NEW-1"
    assert nanning.row("figure", organisation=nanning.committee).taken == 1


@pytest.mark.catalogue("R9")
def test_a_form_that_is_not_issued_stands_in_for_another(jinhua: World) -> None:
    jinhua.a_figure(2)
    make(jinhua, "A-1", "A-2")
    hand_down(jinhua, "A-1", "A-2")
    jinhua.do("end_code", {"kind": "void", "reason": "污损", "replacement": "A-2"}, "A-1")
    assert jinhua.row("form_code", code="A-2").replaces == "A-1"


@pytest.mark.catalogue("R9")
def test_unused_forms_lapse_when_the_year_is_over(jinhua: World) -> None:
    jinhua.a_figure(2)
    make(jinhua, "A-1", "A-2")
    hand_down(jinhua, "A-1")
    jinhua.at(date(2016, 12, 31))
    assert lapse_codes(jinhua.context) == 0
    jinhua.at(date(2017, 1, 1))
    assert lapse_codes(jinhua.context) == 2
    assert lapse_codes(jinhua.context) == 0
    assert {row.state for row in jinhua.rows("form_code")} == {"lapsed"}


@pytest.mark.catalogue("R9")
def test_the_half_yearly_report_counts_what_happened_in_that_half(jinhua: World) -> None:
    jinhua.a_figure(3)
    make(jinhua, "A-1", "A-2", "A-3", "A-4")
    hand_down(jinhua, "A-1", "A-2", "A-3")
    jinhua.do("end_code", {"kind": "void", "reason": "污损", "replacement": "A-2"}, "A-1")
    jinhua.at(date(2016, 7, 1)).do("end_code", {"kind": "lost", "reason": "遗失"}, "A-3")
    first = look(jinhua, figures.report_codes, year=2016, half=1)
    assert (first["since"], first["until"]) == (date(2016, 1, 1), date(2016, 6, 30))
    lines = {line["holder"]: line for line in first["holders"]}
    assert (lines[jinhua.county]["issued"], lines[jinhua.county]["handed_down"]) == (4, 3)
    mine = lines[jinhua.committee]
    assert (mine["issued"], mine["void"], mine["replaced"], mine["lost"]) == (3, 1, 1, 0)
    second = look(jinhua, figures.report_codes, year=2016, half=2)
    assert [(line["holder"], line["lost"]) for line in second["holders"]] == [(jinhua.committee, 1)]
    assert second["until"] == date(2016, 12, 31)


@pytest.mark.catalogue("R9")
def test_a_committee_sees_its_own_forms_only(jinhua: World) -> None:
    jinhua.a_figure(2)
    make(jinhua, "A-1", "A-2")
    hand_down(jinhua, "A-1")
    assert [item["code"] for item in look(jinhua, figures.list_codes, "committee_organiser")["items"]] == ["A-1"]
    assert [item["code"] for item in look(jinhua, figures.list_codes, state="issued")["items"]] == ["A-1", "A-2"]


# -- what waits


@pytest.mark.catalogue("R6", "R7", "R8")
def test_each_step_that_waits_is_on_the_list(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("proposed")

    def steps() -> set[str]:
        items = look(jinhua, cases.to_do, "branch_secretary")["items"]
        return {item["step"] for item in items if item["candidate_id"] == candidate.id} - {"review"}

    assert steps() == {"endorsement"}
    jinhua.do("endorse", {"document": "备案"}, candidate.id)
    assert steps() == {"listing"}
    jinhua.do("list_prospect", {}, candidate.id)
    assert steps() == {"branch_review"}
    passed = {"passed": True, "findings": "合格"}
    jinhua.do("branch_review", passed, candidate.id)
    assert steps() == {"committee_review"}
    jinhua.do("committee_review", passed, candidate.id)
    assert steps() == {"start_consent"}
    jinhua.vetted(candidate.id)
    assert steps() == {"start_consent", "pre_examination", "vetting_lapses"}
