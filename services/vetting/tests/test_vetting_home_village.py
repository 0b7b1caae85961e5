"""The home village's opinion: asked, shown there, given, returned; a letter from outside; adjudicated and heard like a department's."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kernel.errors import Forbidden, Invalid, NotFound, NotYetKnown, Refused, Stale
from kernel.store.keys import Erased
from kernel.unit import command
from services.vetting import queries, tables
from services.vetting.commands import answering, deciding, questions, reminding, villages
from services.vetting.domain import states
from services.vetting.tests.vetting_world import CONCERN, CONTENT, ID_NUMBER, NAME, VILLAGES, World

pytestmark = pytest.mark.catalogue("V2")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return of(tmp_path, "jinhua")


def of(directory: Path, city: str, home: str | None = None) -> World:
    """A prospect whose home village lies in `home`, in another township."""
    world = World(directory, city, home_village=VILLAGES[home or city])
    world.build_village(home)
    if city == "jinhua":
        world.list_departments("discipline", "police")
    return world


def outside(directory: Path, city: str = "jinhua") -> World:
    """A prospect whose home village is none of the suite."""
    world = World(directory, city, elsewhere=True)
    if city == "jinhua":
        world.list_departments("discipline", "police")
    return world


def refused(step, *given, **body) -> set[str]:
    with pytest.raises(Refused) as caught:
        step(*given, **body)
    return set(caught.value.rules)


def clear(world: World) -> str:
    """A case in which the departments have said clear."""
    opened = world.opened()
    world.all_clear(opened)
    return str(opened["case_id"])


def conclude(world: World, case: str, outcome: str = "passed"):
    return world.do(deciding.conclude, case_id=case, outcome=outcome)


# -- what it is for


def test_without_the_home_villages_opinion_jinhua_concludes_nothing(world: World) -> None:
    case = clear(world)
    assert refused(conclude, world, case) == {"vetting.home_village"}
    request = world.ask_village(case)
    assert refused(conclude, world, case) == {"vetting.home_village"}
    world.village_answers(request)
    assert conclude(world, case)["outcome"] == "passed"


def test_in_nanning_the_opinion_may_be_asked_and_is_then_waited_for(tmp_path: Path) -> None:
    world = of(tmp_path, "nanning")
    case = clear(world)
    request = world.ask_village(case)
    assert refused(conclude, world, case) == {"vetting.all_answers_in"}
    # The packs of Nanning ask for no notice in the home village.
    world.give(request)
    world.give_back(request)
    conclude(world, case)


def test_in_nanning_nobody_has_to_ask(tmp_path: Path) -> None:
    world = of(tmp_path, "nanning")
    conclude(world, clear(world))


def test_who_joins_at_home_has_no_other_home(jinhua: World) -> None:
    case = clear(jinhua)
    with pytest.raises(Stale, match="不是异地发展"):
        jinhua.ask_village(case)
    conclude(jinhua, case)


def test_it_is_asked_once_at_a_time(world: World) -> None:
    case = clear(world)
    world.ask_village(case)
    with pytest.raises(Stale):
        world.ask_village(case)


def test_a_village_not_heard_of_is_not_yet_known(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", home_village=VILLAGES["jinhua"])
    world.list_departments("police")
    case = clear(world)
    with pytest.raises(NotYetKnown):
        world.ask_village(case)
    world.build_village()
    world.ask_village(case)


# -- the notice


def test_the_notice_stands_seven_days_in_jinhua(world: World) -> None:
    request = world.ask_village(clear(world))
    assert refused(world.give, request) == {"publicity.period"}
    posted = world.show(request)
    assert posted["first_possible"] == date(2016, 7, 12)
    world.clock.set(date(2016, 7, 11))
    end = {"action": villages.end_notice, "request_id": request}
    assert refused(world.in_village, **end) == {"publicity.period"}
    with pytest.raises(Stale):
        world.give(request)
    world.clock.set(date(2016, 7, 12))
    assert world.in_village(**end) == {"request_id": request, "state": "ended", "objections": 0, "packs": posted["packs"]}
    world.give(request)


def test_the_rules_of_the_notice_are_the_home_places(tmp_path: Path) -> None:
    world = of(tmp_path, "nanning", home="jinhua")
    request = world.ask_village(clear(world))
    assert refused(world.give, request) == {"publicity.period"}
    assert refused(world.show, request, announced_on=None) == {"publicity.announced_and_posted"}
    assert "jinhua-2014" in world.show(request)["packs"]


def test_it_is_announced_and_posted(world: World) -> None:
    request = world.ask_village(clear(world))
    assert refused(world.show, request, announced_on=None) == {"publicity.announced_and_posted"}
    assert refused(world.show, request, places=[]) == {"publicity.announced_and_posted"}
    world.clock.set(date(2016, 7, 8))
    posted = world.show(request, day=date(2016, 7, 5), announced_on=date(2016, 7, 8))
    assert posted["first_possible"] == date(2016, 7, 16)  # from the day on which both were done


@pytest.mark.parametrize(
    "content",
    [
        {"address": "示例村8号"},
        {"record": f"身份证{ID_NUMBER}"},
        {"record": "电话 138-0000-0000"},
        {"record": "电话１３８００００００００"},
    ],
)
def test_what_does_not_belong_into_a_notice_is_refused(world: World, content: dict[str, str]) -> None:
    request = world.ask_village(clear(world))
    assert refused(world.show, request, content) == {"publicity.content_forbidden"}


def test_nannings_villages_say_what_their_packs_ask_for(tmp_path: Path) -> None:
    world = of(tmp_path, "jinhua", home="nanning")
    request = world.ask_village(clear(world))
    assert refused(world.show, request, {"sex": "男"}) == {"publicity.content_required"}
    assert world.show(request)["first_possible"] is None


def test_objections_are_counted_and_looked_into(world: World) -> None:
    request = world.ask_village(clear(world))
    world.clock.set(world.show(request)["first_possible"])
    raised = [{"text": "欠债不还", "finding": "经查已还清"}, {"text": "作风霸道"}]
    end = {"action": villages.end_notice, "request_id": request}
    assert refused(world.in_village, **end, objections=raised) == {"publicity.objection_open"}
    raised[1]["finding"] = "经走访不属实"
    assert world.in_village(**end, objections=raised)["objections"] == 2
    assert world.inquiry(request).objections == 2
    assert "欠债" not in str(tuple(world.inquiry(request)))
    shown = world.look(queries.inquiry, request, actor=world.villager(), roles=states.VILLAGE_READERS)
    assert [o["finding"] for o in shown["raised"]] == ["经查已还清", "经走访不属实"]


def test_a_notice_comes_down_even_when_nobody_asks_any_more(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    world.show(request)
    world.do(questions.withdraw_request, request_id=request, reason="本人撤回申请")
    (item,) = world.look(queries.inquiries, actor=world.villager(), roles=states.VILLAGE_READERS)["items"]
    assert (item["open"], item["actions"]) == (False, ["end_notice"])
    world.in_village(villages.end_notice, request_id=request)
    with pytest.raises(Stale):
        world.give(request)
    assert refused(conclude, world, case) == {"vetting.home_village"}


# -- the opinion and its way back


def test_an_opinion_that_speaks_against_rests_on_concluded_findings(world: World) -> None:
    request = world.ask_village(clear(world))
    world.clock.set(world.show(request)["first_possible"])
    world.in_village(villages.end_notice, request_id=request)
    petition = CONCERN | {"rests_on_concluded_findings": False}
    assert refused(world.give, request, "concern", **petition) == {"vetting.concern_grounds"}
    with pytest.raises(Invalid):
        world.give(request, "perhaps")
    world.give(request, "concern", **CONCERN)
    assert world.request(request).state == "asked"
    world.give_back(request)
    assert world.request(request).state == "answered"


def test_a_concern_of_the_village_is_adjudicated_and_heard_like_a_departments(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    world.village_answers(request, "concern", **CONCERN)
    assert refused(conclude, world, case) == {"vetting.adjudication_reason"}
    world.do(deciding.adjudicate, request_id=request, finding="obstacle", reason="情节较重")
    assert refused(conclude, world, case, "not_passed") == {"vetting.person_informed"}
    world.do(deciding.inform, request_id=request, substance="原籍反映受过行政处罚", how="interview")
    assert refused(conclude, world, case, "not_passed") == {"vetting.person_heard"}
    again = world.do(deciding.recheck, request_id=request, reason="处罚已被撤销")["request_id"]
    assert "vetting.recheck_open" in refused(conclude, world, case, "not_passed")
    # The notice has stood: the village only speaks again.
    assert world.inquiry(again).state == "ended"
    world.give(again)
    world.give_back(again)
    conclude(world, case)


def test_a_village_that_cannot_say_is_not_taken_for_clear(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    world.village_answers(request, "cannot_say")
    assert refused(conclude, world, case) == {"vetting.all_answers_in"}
    world.do(deciding.adjudicate, request_id=request, finding="go_on_without", reason="自幼随父母外出，另向学校核实")
    conclude(world, case)


def test_a_question_that_is_asked_again_keeps_the_notice_that_stands(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    first = world.show(request)["first_possible"]
    world.clock.set(date(2016, 7, 6))
    again = world.do(questions.reask, request_id=request, reason="请尽快")["request_id"]
    row = world.inquiry(again)
    assert (row.state, row.first_possible, row.posted_on) == ("posted", first, date(2016, 7, 4))
    with pytest.raises(Stale):
        world.in_village(villages.give_opinion, request_id=request, answer="clear")
    world.clock.set(first)
    world.in_village(villages.end_notice, request_id=again)
    world.give(again)
    world.give_back(again)
    conclude(world, case)


def test_the_steps_follow_one_another_with_their_days(world: World) -> None:
    request = world.ask_village(clear(world))
    assert refused(world.show, request, day=date(2016, 7, 3)) == {"order.sequence"}
    assert refused(world.show, request, day=date(2016, 7, 5)) == {"order.future"}
    world.clock.set(world.show(request)["first_possible"] + timedelta(days=3))
    end = {"action": villages.end_notice, "request_id": request}
    assert refused(world.in_village, **end, day=date(2016, 7, 3)) == {"order.sequence"}
    world.in_village(**end)
    assert refused(world.give, request, day=date(2016, 7, 14)) == {"order.sequence"}
    with pytest.raises(Stale):
        world.give_back(request)
    world.give(request)
    body = {"request_id": request, "day": date(2016, 7, 14)}
    assert refused(world.do, villages.return_opinion, world.township(), **body) == {"order.sequence"}
    world.give_back(request)
    with pytest.raises(Stale):
        world.give_back(request)


def test_the_term_begins_when_the_notice_can_be_over(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    # Seven days of notice from the 4th, then five working days from the 12th.
    assert world.request(request).due == date(2016, 7, 19)
    world.clock.set(date(2016, 7, 20))
    for action in (reminding.remind, reminding.tell_overdue):
        with command(world.context) as unit:
            action(unit)
    late = [json.loads(row.body)["data"] for row in world.published() if row.type == "request_overdue"]
    assert [(told["department"], told["due"]) for told in late] == [("home_village", "2016-07-19")]
    assert {d.department for d in world.deliveries()} == {"discipline", "police"}
    (count,) = world.look(queries.overdue_by_department, roles=states.READERS)["departments"]
    assert (count["name"], count["overdue"]) == ("原籍所在村", 1)


# -- who acts, and what they see


def test_only_those_of_the_home_place_act_there(world: World) -> None:
    request = world.ask_village(clear(world))
    stranger = world.villager(world.path)
    with pytest.raises(Forbidden):
        world.in_village(villages.post_notice, stranger, request_id=request, content=CONTENT)
    world.clock.set(world.show(request)["first_possible"])
    world.in_village(villages.end_notice, request_id=request)
    with pytest.raises(Forbidden):
        world.in_village(villages.give_opinion, stranger, request_id=request, answer="clear")
    world.give(request)
    for actor in (world.organiser(), world.organiser(world.county, world.county_path)):
        with pytest.raises(Forbidden):
            world.do(villages.return_opinion, actor, request_id=request)
    with pytest.raises(Forbidden):
        world.do(villages.ask_home_village, world.township(), case_id=world.request(request).case_id)


@pytest.mark.catalogue("V5")
def test_the_village_sees_name_and_question_and_nothing_of_the_case(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    who = {"actor": world.villager(), "roles": states.VILLAGE_READERS}
    (listed,) = world.look(queries.inquiries, **who)["items"]
    assert listed["actions"] == ["post_notice", "give_opinion"] and NAME not in str(listed)
    shown = world.look(queries.inquiry, request, **who)
    assert shown["name"] == NAME and "在原籍" in shown["purpose"]
    assert shown["asked_by"] == f"组织{world.committee}"
    answers = str([listed, shown, world.show(request)])
    for hidden in (case, world.candidate, ID_NUMBER, "police", "discipline"):
        assert hidden not in answers
    assert ("village", "read a question to a home village", f"request/{request}") in [tuple(look) for look in world.looks()]


@pytest.mark.catalogue("V5")
def test_nobody_else_sees_the_question_to_the_village(world: World) -> None:
    request = world.ask_village(clear(world))
    for actor in (world.organiser(), world.organiser(world.county, world.county_path), world.villager(world.path)):
        assert world.look(queries.inquiries, actor=actor, roles=states.VILLAGE_READERS)["items"] == []
        with pytest.raises(Forbidden):
            world.look(queries.inquiry, request, actor=actor, roles=states.VILLAGE_READERS)
    assert world.looks() == []


@pytest.mark.catalogue("V5")
def test_the_opinion_leaves_the_villages_view_when_it_has_been_returned(world: World) -> None:
    case = clear(world)
    request = world.ask_village(case)
    world.clock.set(world.show(request)["first_possible"])
    world.in_village(villages.end_notice, request_id=request, objections=[{"text": "欠债", "finding": "已还清"}])
    world.give(request, "concern", **CONCERN)
    township = {"actor": world.township(), "roles": states.VILLAGE_READERS}
    shown = world.look(queries.inquiry, request, **township)
    assert (shown["answer"], shown["actions"]) == ("concern", ["return_opinion"])
    world.give_back(request)
    shown = world.look(queries.inquiry, request, **township)
    assert (shown["answer"], shown["statement"], shown["raised"], shown["actions"]) == (None, None, [], [])
    (reply,) = (r for r in world.look(queries.answers, case)["replies"] if r["department"] == "home_village")
    assert (reply["answer"], reply["door"]) == ("concern", "village")


def test_what_the_village_says_is_sealed(world: World) -> None:
    request = world.ask_village(clear(world))
    world.village_answers(request, "concern", **CONCERN)
    with world.context.database.read() as connection:
        rows = [row for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    stored = "\n".join(str(tuple(row)) for row in rows)
    assert "赌博" not in stored and "concern" not in stored and CONTENT["unit_and_post"] not in stored and NAME not in stored


def test_nothing_is_kept_in_the_village_about_who_has_been_erased(world: World) -> None:
    request = world.ask_village(clear(world))
    world.context.keys.erase(world.candidate)
    with pytest.raises(Erased):
        world.show(request)


def test_a_question_to_the_village_has_no_other_door(world: World) -> None:
    request = world.ask_village(clear(world))
    with pytest.raises(Invalid):
        world.do(answering.enter_letter, request_id=request, answer="clear", document="函〔2016〕1号")
    with pytest.raises(NotFound):
        world.answer(request)
    assert world.replies(world.request(request).case_id)[-1].department != "home_village"


# -- outside the suite


def letter(world: World, request: str, **body):
    given = {"answer": "clear", "document": "皖函〔2016〕7号", "posted_on": date(2016, 7, 5), "taken_down_on": date(2016, 7, 13)}
    return world.do(villages.enter_village_letter, request_id=request, **(given | body))


def test_a_village_outside_the_suite_answers_by_letter(tmp_path: Path) -> None:
    world = outside(tmp_path)
    case = clear(world)
    with pytest.raises(Invalid):
        world.ask_village(case)
    request = world.ask_village(case, addressee="安徽省某县某镇党委")
    assert "安徽" not in str(tuple(world.inquiry(request)))
    for action in (villages.post_notice, villages.give_opinion):
        with pytest.raises(Forbidden):
            world.in_village(action, world.villager(world.path), request_id=request, content={}, answer="clear")
    world.clock.set(date(2016, 7, 14))
    assert letter(world, request)["effect"] == "counted"
    conclude(world, case)
    with pytest.raises(Stale):
        letter(world, request)


def test_a_letter_says_when_the_notice_stood_or_a_reason_is_written(tmp_path: Path) -> None:
    world = outside(tmp_path)
    request = world.ask_village(clear(world), addressee="安徽省某县某镇党委")
    world.clock.set(date(2016, 7, 14))
    rule = "vetting.home_village_publicity"
    assert refused(letter, world, request, posted_on=None, taken_down_on=None) == {rule}
    assert refused(letter, world, request, taken_down_on=date(2016, 7, 12)) == {rule}
    assert refused(letter, world, request, taken_down_on=date(2016, 7, 15)) >= {"order.sequence", "order.future"}
    assert refused(letter, world, request, posted_on=date(2016, 7, 15)) >= {"order.sequence"}
    kept = letter(world, request, posted_on=None, taken_down_on=None, departures={rule: "当地不公示，已电话核实"})
    assert [d["rule"] for d in kept["departures"]] == [rule]
    private = json.loads(world.entries(world.request(request).case_id)[-1].private)
    assert private["departures"][0]["written_reason"] == "当地不公示，已电话核实"


def test_a_letter_from_outside_is_asked_for_again_with_its_address(tmp_path: Path) -> None:
    world = outside(tmp_path)
    request = world.ask_village(clear(world), addressee="安徽省某县某镇党委")
    again = world.do(questions.reask, request_id=request, reason="逾期未复")["request_id"]
    assert world.inquiry(again).addressee_sealed == world.inquiry(request).addressee_sealed
    world.clock.set(date(2016, 7, 14))
    letter(world, again)


def test_a_letter_is_no_way_around_a_village_of_the_suite(world: World) -> None:
    case = clear(world)
    with pytest.raises(Invalid):
        world.ask_village(case, addressee="另一个镇党委")
    request = world.ask_village(case)
    with pytest.raises(Stale, match="在本系统内"):
        letter(world, request, posted_on=None, taken_down_on=None)


# -- what the committee sees


def test_the_committee_sees_whether_and_how_far_the_village_is_asked(world: World) -> None:
    case = clear(world)
    assert [i["kind"] for i in world.look(queries.todo)["items"]] == ["to_conclude", "home_village"]
    shown = world.look(queries.case, case)
    assert (shown["elsewhere"], shown["home_village_required"], shown["home_village"]) == (True, True, None)
    request = world.ask_village(case)
    world.show(request)
    shown = world.look(queries.case, case)
    assert shown["home_village"] == "posted"
    assert [r["name"] for r in shown["requests"] if r["request_id"] == request] == ["原籍所在村"]
    assert world.look(queries.todo)["items"] == []
