"""The case belongs to the prospect: who is one, what goes before the departments, and when nobody is asked any more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from kernel.errors import NotYetKnown, Refused, Stale
from services.vetting import queries, reactions, tables
from services.vetting.commands import cases, deciding
from services.vetting.tests.vetting_world import NAME, World

pytestmark = pytest.mark.catalogue("V1")

OTHER = "01890a5d-ac96-774b-bcce-b302099a8069"


def refused(world: World, **body) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(cases.open_case, candidate_id=OTHER, departments=[], **body)
    return set(caught.value.rules)


def test_an_activist_is_nobody_to_ask_about(jinhua: World) -> None:
    with pytest.raises(NotYetKnown, match="列为发展对象之后方可立案"):
        jinhua.do(cases.open_case, candidate_id=OTHER)
    # A row of the time when cases were opened for activists.
    row = {**jinhua.candidate_row()._mapping, "candidate_id": OTHER, "elsewhere": None, "version": None}
    with jinhua.context.database.write() as connection:
        connection.execute(insert(tables.candidate), row)
    with pytest.raises(NotYetKnown):
        jinhua.do(cases.open_case, candidate_id=OTHER)
    jinhua.hear_prospect(OTHER)
    assert jinhua.candidate_row(OTHER).elsewhere is False


def test_activists_are_not_heard_of() -> None:
    assert reactions.REACTIONS.subscriptions["recruitment"] == {
        "prospect_listed",
        "prospect_reviewed",
        "candidate_corrected",
        "admitted",
        "candidate_left",
    }


@pytest.mark.catalogue("R7")
def test_in_jinhua_the_branch_and_the_committee_review_before_the_departments(jinhua: World) -> None:
    jinhua.hear_prospect(OTHER)
    assert refused(jinhua) == {"review.order"}
    jinhua.hear_reviews(OTHER, "branch")
    assert refused(jinhua) == {"review.order"}
    jinhua.hear_reviews(OTHER, "committee", passed=False)
    assert refused(jinhua) == {"review.order"}
    jinhua.hear_reviews(OTHER, "committee", day=date(2016, 7, 1))
    assert refused(jinhua, day=date(2016, 6, 30)) == {"review.order"}
    jinhua.do(cases.open_case, candidate_id=OTHER)


def test_the_refusal_says_which_review_is_lacking(jinhua: World) -> None:
    jinhua.hear_prospect(OTHER)
    jinhua.hear_reviews(OTHER, "branch", passed=False)
    with pytest.raises(Refused) as caught:
        jinhua.do(cases.open_case, candidate_id=OTHER)
    (reason,) = caught.value.reasons
    assert (reason.source, reason.fact) == ("JH 5", {"day": "2016-07-04", "lacking": ["branch", "committee"]})
    assert reason.message == "支部审查未通过；党委审查尚未进行"


def test_nanning_sets_no_order(nanning: World) -> None:
    nanning.hear_prospect(OTHER)
    departments = [{"department": code} for code in ("governance", "justice")]
    nanning.do(cases.open_case, candidate_id=OTHER, departments=departments)


def test_what_is_told_again_changes_nothing_that_is_newer(jinhua: World) -> None:
    jinhua.hear_prospect(OTHER)
    listed = jinhua.event("recruitment", "prospect_listed", f"candidate/{OTHER}", {}, date(2016, 6, 1))
    sealed = {"name": jinhua.candidate_row(OTHER).name_sealed, "id_number": jinhua.candidate_row(OTHER).id_number_sealed}
    data = {**jinhua.about(OTHER), "since": "2016-06-01", "elsewhere": False, "home_village": None}
    again = jinhua.hear("prospect_listed", OTHER, data, subject=OTHER, sealed=sealed)
    jinhua.hear_reviews(OTHER)
    jinhua.hear_left(OTHER)
    before = jinhua.candidate_row(OTHER)
    assert before.has_left and before.version == again.version > listed.version
    jinhua.hear_again(again)
    assert jinhua.candidate_row(OTHER) == before


def test_after_the_admission_nobody_is_asked_any_more(jinhua: World) -> None:
    opened = jinhua.opened()
    jinhua.all_clear(opened)
    jinhua.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    jinhua.hear_admitted(jinhua.candidate)
    assert jinhua.candidate_row().admitted_on == jinhua.clock.today()
    with pytest.raises(Stale, match="已被接收为预备党员"):
        jinhua.opened()


def test_a_county_may_not_have_a_department_asked_after_its_last_day(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", day=date(2021, 8, 19))
    world.list_departments("police", "family_planning")
    assert {r["department"] for r in world.opened()["requests"]} == {"police", "family_planning"}
    later = World(tmp_path / "later", "jinhua", day=date(2021, 8, 20))
    later.list_departments("police", "family_planning")
    assert {r["department"] for r in later.opened()["requests"]} == {"police"}


def test_a_student_is_asked_about_at_the_registered_place_and_in_the_youth_league(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", domain="university", day=date(2022, 3, 1))
    opened = world.opened("registered_place_organisation", "youth_league")
    assert {(r["department"], r["kind"]) for r in opened["requests"]} == {
        ("discipline", "always"),
        ("police", "always"),
        ("petitions", "always"),
        ("registered_place_organisation", "chosen"),
        ("youth_league", "chosen"),
    }


def test_the_departments_names_are_those_of_the_day(tmp_path: Path) -> None:
    names = {}
    for place, day in (("then", date(2016, 7, 4)), ("now", date(2019, 7, 4))):
        world = World(tmp_path / place, "nanning", day=day)
        shown = world.look(queries.case, world.opened()["case_id"])
        names[place] = {request["department"]: request["name"] for request in shown["requests"]}
    assert (names["then"]["family_planning"], names["now"]["family_planning"]) == ("计划生育部门", "卫生健康部门")
    assert (names["then"]["governance"], names["now"]["governance"]) == ("社会治安综合治理部门", "党委政法委员会")
    assert names["then"]["police"] == names["now"]["police"] == "公安机关"


def test_a_prospects_name_is_kept_sealed(jinhua: World) -> None:
    assert NAME not in str(tuple(jinhua.candidate_row()))
