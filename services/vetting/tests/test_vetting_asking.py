"""Opening a case and asking: which departments, with what terms."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kernel.errors import Forbidden, Invalid, NotYetKnown, Refused, Stale
from kernel.unit import command
from services.vetting.commands import cases, questions, reminding
from services.vetting.tests.vetting_world import ID_NUMBER, NAME, World, id_of

pytestmark = pytest.mark.catalogue("V1", "V3")


def refused(world: World, action, **body) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        world.do(action, **body)
    return caught.value.rules


def chosen(*codes: str, **reasons: str) -> list[dict[str, str]]:
    return [{"department": code, "reason": reasons.get(code, "")} for code in codes]


def test_a_rural_person_in_nanning_is_asked_about_at_six_departments(nanning: World) -> None:
    opened = nanning.opened()
    assert {(r["department"], r["kind"]) for r in opened["requests"]} == {
        ("discipline", "always"),
        ("police", "always"),
        ("family_planning", "always"),
        ("petitions", "always"),
        ("governance", "chosen"),
        ("justice", "chosen"),
    }
    assert {r["due"] for r in opened["requests"]} == {date(2016, 7, 11)}
    assert sorted(d.department for d in nanning.deliveries()) == sorted(r["department"] for r in opened["requests"])


def test_family_planning_is_not_asked_any_more(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", day=date(2021, 8, 20))
    assert "family_planning" not in {r["department"] for r in world.opened()["requests"]}


def test_two_more_must_be_chosen(nanning: World) -> None:
    rules = refused(nanning, cases.open_case, candidate_id=nanning.candidate, departments=chosen("governance"))
    assert rules == ("vetting.departments_required",)


def test_another_department_than_those_listed_needs_a_reason(nanning: World) -> None:
    body = {"candidate_id": nanning.candidate}
    assert refused(nanning, cases.open_case, **body, departments=chosen("governance", "court")) == (
        "vetting.departments_required",
    )
    opened = nanning.do(cases.open_case, **body, departments=chosen("governance", "court", court="曾有诉讼"))
    assert "court" in {r["department"] for r in opened["requests"]}


def test_the_list_for_students_is_closed(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", domain="university")
    departments = chosen("youth_league", "court", court="曾有诉讼")
    assert refused(world, cases.open_case, candidate_id=world.candidate, departments=departments) == (
        "vetting.departments_required",
    )
    opened = world.opened("youth_league", "student_union")
    assert len(opened["requests"]) == 6


def test_staff_of_a_university_are_asked_about_as_an_institutions(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", domain="university")
    assert len(world.opened("union", "court", group="institution")["requests"]) == 6
    with pytest.raises(Invalid):
        World(tmp_path / "other", "nanning").opened(group="student")


def test_jinhua_asks_those_that_the_county_lists(jinhua: World) -> None:
    opened = jinhua.opened()
    assert {(r["department"], r["kind"]) for r in opened["requests"]} == {
        ("discipline", "listed"),
        ("police", "listed"),
        ("court", "listed"),
    }


def test_jinhua_without_a_list_of_the_county_cannot_ask(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua")
    assert refused(world, cases.open_case, candidate_id=world.candidate) == ("vetting.departments_required",)


def test_a_person_not_heard_of_is_not_yet_known(nanning: World) -> None:
    with pytest.raises(NotYetKnown):
        nanning.do(cases.open_case, candidate_id="nobody", departments=[])
    nanning.hear_prospect("stranger", committee="999")
    with pytest.raises(NotYetKnown):
        nanning.do(cases.open_case, candidate_id="stranger", departments=[])


def test_one_living_case_per_person(nanning: World) -> None:
    first = nanning.opened()
    with pytest.raises(Stale):
        nanning.opened()
    nanning.do(cases.take_back, case_id=first["case_id"], reason="误立")
    nanning.opened()


def test_only_the_deciding_committees_organiser_opens(nanning: World) -> None:
    elsewhere = nanning.organiser("450102002", f"{nanning.county_path}450102002/")
    with pytest.raises(Forbidden):
        nanning.do(cases.open_case, elsewhere, candidate_id=nanning.candidate)
    above = nanning.organiser(nanning.county, nanning.county_path)
    with pytest.raises(Forbidden):
        nanning.do(cases.open_case, above, candidate_id=nanning.candidate, departments=chosen("governance", "justice"))
    assert not nanning.deliveries()


def test_dates_in_an_impossible_order_are_refused(nanning: World) -> None:
    body = {"candidate_id": nanning.candidate, "departments": chosen("governance", "justice")}
    assert refused(nanning, cases.open_case, **body, day=date(2016, 5, 31)) == ("order.sequence",)
    assert refused(nanning, cases.open_case, **body, day=date(2016, 7, 5)) == ("order.future",)


def test_what_is_published_and_kept_names_nobody(nanning: World) -> None:
    opened = nanning.opened()
    rows = [*nanning.published(), *nanning.entries(opened["case_id"]), *nanning.deliveries()]
    rows += [nanning.case(opened["case_id"]), *(nanning.request(r["request_id"]) for r in opened["requests"])]
    text = "".join(str(tuple(row)) for row in rows)
    assert NAME not in text and ID_NUMBER not in text
    assert [json.loads(row.body)["data"]["candidate_id"] for row in nanning.published()] == [nanning.candidate]


def test_asking_again_makes_a_new_question(nanning: World) -> None:
    opened = nanning.opened()
    old = id_of(opened, "police")
    nanning.clock.set(date(2016, 7, 12))
    again = nanning.do(questions.reask, request_id=old, reason="逾期未复")
    assert nanning.request(old).state == "superseded"
    new = nanning.request(again["request_id"])
    assert (new.state, new.round, new.due) == ("asked", 2, date(2016, 7, 19))
    with pytest.raises(Stale):
        nanning.do(questions.reask, request_id=old, reason="再问")


def test_a_question_can_be_put_right_and_withdrawn(nanning: World) -> None:
    opened = nanning.opened()
    right = nanning.do(questions.correct_request, request_id=id_of(opened, "police"), question="有无治安处罚", reason="问题有误")
    assert "有无治安处罚" not in nanning.request(right["request_id"]).purpose  # sealed: see test_vetting_secrecy
    gone = nanning.do(questions.withdraw_request, request_id=id_of(opened, "justice"), reason="改询他部门")
    assert gone["request_state"] == "withdrawn"
    further = nanning.do(cases.ask_further, case_id=opened["case_id"], department="court", reason="曾有诉讼")
    assert nanning.request(further["request_id"]).kind == "chosen"
    with pytest.raises(Invalid):
        nanning.do(cases.ask_further, case_id=opened["case_id"], department="court", reason="再来")


def test_departments_are_reminded_at_the_points_of_the_pack_and_told_of_once(nanning: World) -> None:
    nanning.opened()
    nanning.deliver()
    counts = []
    for day in (5, 6, 7, 8, 8, 11, 12, 12, 13):
        nanning.clock.set(date(2016, 7, day))
        for _ in range(2):
            with command(nanning.context) as unit:
                reminding.remind(unit)
            with command(nanning.context) as unit:
                reminding.tell_overdue(unit)
        reminders = sum(1 for d in nanning.deliveries() if d.kind == "reminder")
        counts.append((day, reminders, sum(1 for row in nanning.published() if row.type == "request_overdue")))
    # 50 % of 5 working days is the 3rd, 75 % the 4th; the breach is the working day after the 5th.
    assert counts == [
        (5, 0, 0), (6, 0, 0), (7, 6, 0), (8, 12, 0), (8, 12, 0), (11, 12, 0), (12, 18, 6), (12, 18, 6), (13, 18, 6),
    ]  # fmt: skip


def test_who_has_left_is_not_asked_about(nanning: World) -> None:
    opened = nanning.opened()
    nanning.hear_left(nanning.candidate)
    assert nanning.case(opened["case_id"]).state == "closed"
    assert {nanning.request(r["request_id"]).state for r in opened["requests"]} == {"withdrawn"}
    assert {d.state for d in nanning.deliveries()} == {"cancelled"}
    with pytest.raises(Stale):
        nanning.opened()
