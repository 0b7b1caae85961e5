"""The political review, the county's consent, the pre-examination, its repetition and its taking back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Forbidden, Invalid, Refused, Stale
from services.recruitment.tests.world import World

DAY = date(2015, 1, 5)
PASSED = {"passed": True, "findings": "审查合格"}


@pytest.fixture
def jinhua(tmp_path: Path) -> World:
    return World(tmp_path, "jinhua", DAY)


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning", DAY)


def refused(world: World, action: str, body: Any, *ids: str) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids)
    return set(caught.value.rules)


def refused_examination(candidate: Any, code: str | None, **values: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        candidate.examine(code, **values)
    return set(caught.value.rules)


# -- the review


@pytest.mark.catalogue("R7")
def test_a_review_that_did_not_pass_blocks_and_may_be_held_again(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    failed = {"passed": False, "findings": "有疑点"}
    jinhua.do("branch_review", failed, candidate.id)
    assert refused(jinhua, "committee_review", PASSED, candidate.id) == {"review.order"}
    assert "review.required" in refused_examination(candidate, None)
    jinhua.do("branch_review", PASSED, candidate.id)
    with pytest.raises(Stale):
        jinhua.do("branch_review", failed, candidate.id)
    jinhua.do("committee_review", PASSED, candidate.id)
    told = [json.loads(row.payload) for row in jinhua.rows("journal", type="prospect_reviewed")]
    assert [(t["by"], t["passed"]) for t in told] == [("branch", False), ("branch", True), ("committee", True)]
    assert "疑点" not in "".join(row.payload + row.private for row in jinhua.rows("journal"))


@pytest.mark.catalogue("R7")
def test_departments_that_were_heard_before_the_committee_do_not_count_in_jinhua(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    jinhua.vetted(candidate.id)
    jinhua.later(days=1).do("branch_review", PASSED, candidate.id)
    jinhua.do("committee_review", PASSED, candidate.id)
    assert "review.order" in refused_examination(candidate, None)


@pytest.mark.catalogue("R7")
def test_a_vetting_that_did_not_pass_blocks(nanning: World) -> None:
    candidate = nanning.a_candidate().at("prospect")
    code = candidate.get_ready_to_examine()
    nanning.vetted(candidate.id, "not_passed")
    assert refused_examination(candidate, code) == {"review.required"}


@pytest.mark.catalogue("R7")
def test_a_conclusion_may_be_used_on_its_last_day(nanning: World) -> None:
    candidate = nanning.a_candidate().at("prospect")
    code = candidate.get_ready_to_examine()
    nanning.at(candidate.row.vetting_valid_until)
    nanning.a_figure(1)
    assert candidate.examine(code)["state"] == "examined"


@pytest.mark.catalogue("R7")
def test_training_counts_from_the_listing_on_and_in_jinhua_only_what_was_passed(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    candidate.train(days=1, hours=8)
    candidate.train(days=2, hours=10, assessed="none")
    assert "training.assessed" in refused_examination(candidate, None)
    assert "training.length" not in refused_examination(candidate, None)
    candidate.train(days=2, hours=10)
    assert not {"training.assessed", "training.length"} & refused_examination(candidate, None)


# -- the county


@pytest.mark.catalogue("R8", "R15")
def test_the_county_consents_while_there_is_a_place(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    consent = {"document": "同意启动"}
    assert refused(jinhua, "consent_to_start", consent, candidate.id) == {"plan.figure"}
    jinhua.a_figure(1)
    answer = jinhua.do("consent_to_start", consent, candidate.id)
    assert (answer["figure"], answer["taken"]) == (1, 0)
    with pytest.raises(Stale):
        jinhua.do("consent_to_start", consent, candidate.id)


@pytest.mark.catalogue("R8")
def test_the_committee_does_not_consent_in_the_countys_place(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    with pytest.raises(Forbidden):
        jinhua.do("consent_to_start", {"document": "同意"}, candidate.id, as_=jinhua.account("committee_organiser"))


@pytest.mark.catalogue("R8")
def test_a_two_new_case_goes_to_the_county_with_its_whole_dossier_first(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", DAY, domain="two_new", employees=80)
    work = world.two_new_work()
    candidate = world.a_candidate(**{name: work[name] for name in ("receives_as", "main", "work")}).at("prospect")
    world.a_figure(1)
    assert refused(world, "consent_to_start", {"document": "同意"}, candidate.id) == {"pre_examination.dossier_first"}
    world.do("send_dossier", {"document": "报送档案"}, candidate.id)
    assert world.do("consent_to_start", {"document": "同意"}, candidate.id)["state"] == "prospect"


@pytest.mark.catalogue("R8")
def test_a_special_category_is_one_of_the_countys_own_list(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("prospect")
    jinhua.a_figure(1)
    body = {"document": "同意", "special_category": "第一类"}
    with pytest.raises(Invalid):
        jinhua.do("consent_to_start", body, candidate.id)
    jinhua.do("categories", {"county": jinhua.county, "categories": ["第一类", "第二类"]})
    jinhua.do("categories", {"county": jinhua.county, "categories": ["第一类"]})
    assert [row.category for row in jinhua.rows("special_category")] == ["第一类"]
    jinhua.do("consent_to_start", body, candidate.id)


# -- the examination


@pytest.mark.catalogue("R8", "R15")
def test_without_a_figure_there_is_no_place_and_in_nanning_a_written_reason_passes(nanning: World) -> None:
    candidate = nanning.a_candidate().at("prospect")
    candidate.get_reviewed()
    assert refused_examination(candidate, "F-1") == {"plan.figure"}
    answer = candidate.examine("F-1", departures={"plan.figure": "年度数待批"})
    assert [d["rule"] for d in answer["departures"]] == ["plan.figure"] and answer["year"] is None


@pytest.mark.catalogue("R8", "R15")
def test_the_last_place_is_taken_once(jinhua: World) -> None:
    first, second = (jinhua.a_candidate().at("prospect") for _ in range(2))
    codes = [candidate.get_ready_to_examine() for candidate in (first, second)]
    year = jinhua.today.year
    jinhua.a_figure(1)
    first.examine(codes[0])
    assert refused_examination(second, codes[1]) == {"plan.figure"}
    jinhua.a_figure(2)
    second.examine(codes[1])
    assert jinhua.row("figure", organisation=jinhua.committee, year=year).taken == 2


@pytest.mark.catalogue("R8")
def test_a_repeated_examination_keeps_place_and_form(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    form = candidate.row.form_code
    nanning.later(days=40)
    again = candidate.examine(None)
    assert again["form_code"] == form and candidate.row.examined_on == nanning.today
    assert candidate.examine(form)["form_code"] == form
    assert nanning.row("figure", organisation=nanning.committee).taken == 1
    with pytest.raises(Invalid):
        candidate.examine("ANOTHER-1")


@pytest.mark.catalogue("R8", "R9")
@pytest.mark.parametrize("form", ["void", "lost"])
def test_what_is_reopened_gives_back_the_place_and_never_the_form(nanning: World, form: str) -> None:
    candidate = nanning.a_candidate().at("examined")
    code = candidate.row.form_code
    answer = nanning.do("reopen", {"reason": "材料有误", "form": form}, candidate.id)
    assert answer["state"] == "prospect"
    row = candidate.row
    assert (row.examined_on, row.form_code, row.place_year) == (None, None, None)
    assert nanning.row("figure", organisation=nanning.committee).taken == 0
    assert nanning.row("form_code", code=code).state == form
    assert refused_examination(candidate, code) == {"form.code_reused"}
    assert candidate.examine("NEW-1")["state"] == "examined"


@pytest.mark.catalogue("R8", "R9")
def test_who_withdraws_gives_back_the_place_and_the_form_is_void(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    code = candidate.row.form_code
    nanning.do("withdraw", {"document": "撤回申请书"}, candidate.id)
    assert nanning.row("figure", organisation=nanning.committee).taken == 0
    assert nanning.row("form_code", code=code).state == "void"


@pytest.mark.catalogue("R8")
def test_after_a_passed_vote_nothing_is_examined_again_or_reopened(nanning: World) -> None:
    candidate = nanning.a_candidate().at("voted")
    with pytest.raises(Stale):
        candidate.examine(None)
    with pytest.raises(Stale):
        nanning.do("reopen", {"reason": "有误", "form": "void"}, candidate.id)


@pytest.mark.catalogue("R6")
def test_other_introducers_step_in(nanning: World) -> None:
    candidate = nanning.a_candidate().at("examined")
    third = nanning.members[2]
    named = [nanning.introducers()[0], {"member_id": third, "relative": False}]
    nanning.later(days=1).do("introducers", {"introducers": named}, candidate.id)
    rows = nanning.rows("introducer", candidate_id=candidate.id)
    assert {row.member_id for row in rows if row.until is None} == {nanning.members[0], third}
    assert refused(nanning, "introducers", {"introducers": named[:1]}, candidate.id) == {"prospect.introducers"}


@pytest.mark.catalogue("R14")
def test_an_examination_is_not_dated_before_what_it_rests_on(nanning: World) -> None:
    candidate = nanning.a_candidate().at("prospect")
    code = candidate.get_ready_to_examine()
    day = candidate.row.vetting_concluded_on - timedelta(days=1)
    assert refused_examination(candidate, code, day=day) == {"order.sequence"}
