"""A conclusion that lapses before the admission: noted once, shown, and renewed with one command; the old one stays."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kernel.errors import Forbidden, Refused, Stale
from kernel.unit import command
from services.vetting import queries
from services.vetting.commands import cases, deciding, questions, renewing, villages
from services.vetting.tests.vetting_world import VILLAGES, World, id_of

pytestmark = pytest.mark.catalogue("V7")

LAST = date(2017, 7, 4)  # the last day of a conclusion of 2016-07-04
AFTER = date(2017, 7, 5)


def concluded(world: World, outcome: str = "passed") -> str:
    opened = world.opened()
    if outcome == "passed":
        world.all_clear(opened)
    else:
        world.all_clear(opened, but=("police",))
        request = id_of(opened, "police")
        world.concern(request)
        world.do(deciding.adjudicate, request_id=request, finding="obstacle", reason="情节较重")
        world.do(deciding.inform, request_id=request, substance="受过行政处罚", how="letter")
        world.do(deciding.hear, request_id=request, how="declined")
    world.do(deciding.conclude, case_id=opened["case_id"], outcome=outcome)
    return str(opened["case_id"])


def kinds(world: World) -> list[str]:
    return [item["kind"] for item in world.look(queries.todo)["items"]]


def note_lapses(world: World) -> int:
    with command(world.context) as unit:
        return renewing.note_lapses(unit)


def renew(world: World, case: str, **body):
    return world.do(renewing.renew, case_id=case, **body)


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_the_same_departments_are_asked_again_and_the_old_conclusion_stays(tmp_path: Path, city: str) -> None:
    world = World(tmp_path, city)
    if city == "jinhua":
        world.list_departments("discipline", "police", "court")
    old = concluded(world)
    before = world.case(old)
    world.clock.set(AFTER)
    done = renew(world, old)
    asked = {world.request(r["request_id"]).department for r in done["requests"]}
    first = {r["department"] for r in world.look(queries.case, old)["requests"]}
    assert asked == first and done["renews"] == old and done["home_village"] is None
    assert world.case(old) == before
    world.all_clear(done)
    again = world.do(deciding.conclude, case_id=done["case_id"], outcome="passed")
    assert again["valid_until"] == date(2018, 7, 5)
    assert world.look(queries.conclusion_text, old)["outcome"] == "passed"
    assert world.look(queries.case, done["case_id"])["renews"] == old


def test_only_those_still_asked_on_that_day_are_asked_again(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", day=date(2020, 9, 1))
    old = concluded(world)
    world.clock.set(date(2021, 9, 2))
    asked = {r["department"] for r in renew(world, old)["requests"]}
    assert asked == {"discipline", "police", "petitions", "governance", "justice"}


def test_whom_the_county_has_added_is_asked_too(jinhua: World) -> None:
    old = concluded(jinhua)
    jinhua.clock.set(AFTER)
    codes = {"county": jinhua.county, "departments": ["police", "tax"], "document": "组通〔2017〕9号"}
    jinhua.as_superior(cases.set_county_list, **codes)
    done = renew(jinhua, old)
    assert {(r["department"], r["kind"]) for r in done["requests"]} == {
        ("police", "listed"),
        ("tax", "listed"),
        ("discipline", "further"),
        ("court", "further"),
    }
    jinhua.all_clear(done)
    jinhua.do(deciding.conclude, case_id=done["case_id"], outcome="passed")


def test_who_was_withdrawn_is_not_asked_again(nanning: World) -> None:
    opened = nanning.opened()
    further = nanning.do(cases.ask_further, case_id=opened["case_id"], department="court", reason="曾有诉讼")
    nanning.do(questions.withdraw_request, request_id=further["request_id"], reason="同名误会")
    nanning.all_clear(opened)
    nanning.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    nanning.clock.set(AFTER)
    assert "court" not in {r["department"] for r in renew(nanning, opened["case_id"])["requests"]}


@pytest.mark.catalogue("V2")
def test_the_home_village_is_asked_again_in_the_same_command(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", home_village=VILLAGES["jinhua"])
    world.list_departments("police")
    world.build_village()
    opened = world.opened()
    world.all_clear(opened)
    world.village_answers(world.ask_village(opened["case_id"]))
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    world.clock.set(date(2017, 9, 1))
    done = renew(world, opened["case_id"])
    village = done["home_village"]
    assert {r["department"] for r in done["requests"]} == {"police", "home_village"}
    assert world.inquiry(village).state == "asked"  # a new notice: a year has passed
    world.answer(id_of(done, "police"))
    world.village_answers(village)
    world.do(deciding.conclude, case_id=done["case_id"], outcome="passed")


@pytest.mark.catalogue("V2")
def test_a_village_outside_is_asked_again_at_its_address(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", elsewhere=True)
    world.list_departments("police")
    opened = world.opened()
    world.all_clear(opened)
    request = world.ask_village(opened["case_id"], addressee="安徽省某县某镇党委")
    rule = {"vetting.home_village_publicity": "当地不公示"}
    body = {"request_id": request, "answer": "clear", "document": "函1号", "departures": rule}
    world.do(villages.enter_village_letter, **body)
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    world.clock.set(AFTER)
    again = renew(world, opened["case_id"])["home_village"]
    assert world.inquiry(again).addressee_sealed == world.inquiry(request).addressee_sealed


def test_a_conclusion_that_has_long_to_run_is_not_renewed(jinhua: World) -> None:
    old = concluded(jinhua)
    for day in (date(2016, 7, 5), date(2017, 6, 3)):
        jinhua.clock.set(day)
        with pytest.raises(Refused) as caught:
            renew(jinhua, old)
        (reason,) = caught.value.reasons
        assert (reason.rule, reason.fact["first_possible"]) == ("vetting.renewal_early", "2017-06-04")
    jinhua.clock.set(date(2017, 6, 4))
    renew(jinhua, old)


def test_the_timer_notes_a_lapse_once(jinhua: World) -> None:
    old = concluded(jinhua)
    jinhua.clock.set(LAST)
    assert note_lapses(jinhua) == 0
    jinhua.clock.set(AFTER)
    assert [note_lapses(jinhua), note_lapses(jinhua)] == [1, 0]
    entries = [entry for entry in jinhua.entries(old) if entry.type == "conclusion_lapsed"]
    assert [json.loads(entry.payload) for entry in entries] == [{"valid_until": "2017-07-04"}]
    assert not [row for row in jinhua.published() if row.type == "conclusion_lapsed"]


def test_the_committee_is_shown_what_lapses_and_what_has_lapsed(jinhua: World) -> None:
    old = concluded(jinhua)
    seen = {}
    for day in (date(2017, 6, 3), date(2017, 6, 4), LAST, AFTER):
        jinhua.clock.set(day)
        seen[day.isoformat()] = kinds(jinhua)
    assert seen == {"2017-06-03": [], "2017-06-04": ["lapsing"], "2017-07-04": ["lapsing"], "2017-07-05": ["lapsed"]}
    done = renew(jinhua, old)
    assert kinds(jinhua) == []
    jinhua.do(cases.take_back, case_id=done["case_id"], reason="误立")
    assert kinds(jinhua) == ["lapsed"]


@pytest.mark.parametrize("end", ["admitted", "left"])
def test_after_the_admission_or_the_end_nothing_lapses(jinhua: World, end: str) -> None:
    old = concluded(jinhua)
    jinhua.hear_admitted(jinhua.candidate) if end == "admitted" else jinhua.hear_left(jinhua.candidate)
    jinhua.clock.set(AFTER)
    assert note_lapses(jinhua) == 0 and kinds(jinhua) == []
    with pytest.raises(Stale):
        renew(jinhua, old)


def test_what_cannot_be_renewed(nanning: World) -> None:
    open_case = nanning.opened()["case_id"]
    with pytest.raises(Stale):
        renew(nanning, open_case)
    nanning.do(cases.take_back, case_id=open_case, reason="误立")
    failed = concluded(nanning, "not_passed")
    nanning.clock.set(AFTER)
    with pytest.raises(Stale, match="审查合格"):
        renew(nanning, failed)


def test_it_is_renewed_once_and_by_the_deciding_committee(jinhua: World) -> None:
    old = concluded(jinhua)
    jinhua.clock.set(AFTER)
    for actor in (
        jinhua.organiser(jinhua.county, jinhua.county_path),
        jinhua.organiser("330702002", f"{jinhua.county_path}330702002/"),
    ):
        with pytest.raises(Forbidden):
            jinhua.do(renewing.renew, actor, case_id=old)
    done = renew(jinhua, old)
    with pytest.raises(Stale, match="已重新征询"):
        renew(jinhua, old)
    jinhua.all_clear(done)
    jinhua.do(deciding.conclude, case_id=done["case_id"], outcome="passed")
    with pytest.raises(Stale, match="已重新征询"):
        renew(jinhua, old)


def test_others_may_be_asked_beside_those_of_before(nanning: World) -> None:
    old = concluded(nanning)
    nanning.clock.set(AFTER)
    done = renew(nanning, old, departments=[{"department": "court", "reason": "曾有诉讼"}])
    assert {"governance", "justice", "court"} <= {r["department"] for r in done["requests"]}
