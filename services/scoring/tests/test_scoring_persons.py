"""What is said of a person: who may read it, where it stands, and what it leads to."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from kernel.actor import Actor, Post
from kernel.errors import Forbidden, Stale, Waiting
from kernel.journal import dossier
from kernel.store.keys import Erased
from kernel.workdays import add_workdays
from services.scoring import queries
from services.scoring.tests.scoring_world import DAY, FAR, NAME, POOR, World

TALK = {
    "talker": "李书记",
    "person_present": True,
    "record": "指出联系群众不够",
    "statement": "接受批评，愿意改进",
    "measures": "安排党员帮带",
}


def judged(world: World, **grades: Any) -> tuple[str, str, dict[str, Any]]:
    """A person below the threshold, the evaluation, and its conclusion."""
    person = world.a_newcomer()
    held = world.an_evaluation().count_all(**{person: POOR, **grades})
    return person, held.id, held.conclude()


@pytest.mark.catalogue("S2")
def test_a_person_below_the_threshold_is_talked_with_and_helped(nanning: World) -> None:
    person, evaluation, done = judged(nanning)
    assert (done["below"], done["self_check"]) == (False, None)
    (due,) = done["talks"]
    assert due["due"] == add_workdays(DAY, 10).day
    (subject,) = nanning.look(queries.list_subjects, evaluation)["subjects"]
    assert (subject["candidate_id"], subject["name"], subject["score"], subject["below"]) == (person, NAME, "56.00", True)
    nanning.later(days=2).do("talk", TALK, due["talk_id"])
    shown = nanning.look(queries.show_talk, due["talk_id"])
    assert {name: shown[name] for name in ("talker", "record", "statement", "measures")} == {
        name: TALK[name] for name in ("talker", "record", "statement", "measures")
    }
    assert (shown["state"], shown["late"], shown["actions"]) == ("talked", False, [])
    with pytest.raises(Stale):
        nanning.do("talk", TALK, due["talk_id"])


@pytest.mark.catalogue("S2")
def test_a_person_at_the_threshold_is_not_talked_with(nanning: World) -> None:
    person = nanning.a_newcomer()
    done = nanning.an_evaluation().count_all(**{person: (0, 10, 0, 0)}).conclude()
    assert done["talks"] == []


@pytest.mark.catalogue("S2")
def test_a_talk_that_is_not_held_is_overdue_for_those_who_may_know(nanning: World) -> None:
    _, _, done = judged(nanning)
    nanning.at(done["talks"][0]["due"] + timedelta(days=1))
    for role, seen in (("branch_secretary", True), ("committee_organiser", True), ("branch_clerk", False), ("auditor", False)):
        steps = {item["step"]: item["overdue"] for item in nanning.look(queries.to_do, role=role)["items"]}
        assert steps == ({"reminder_talk": True} if seen else {})
    assert nanning.look(queries.to_do, overdue=True, step="reminder_talk")["items"] != []
    assert nanning.do("talk", TALK, done["talks"][0]["talk_id"])["late"] is True
    assert nanning.look(queries.to_do)["items"] == []


@pytest.mark.catalogue("S2")
@pytest.mark.parametrize("role", ["branch_clerk", "county_organiser", "county_department", "city_department", "auditor"])
def test_nobody_but_secretary_and_committee_reads_of_a_person(nanning: World, role: str) -> None:
    _, evaluation, done = judged(nanning)
    for query, id in ((queries.list_subjects, evaluation), (queries.show_talk, done["talks"][0]["talk_id"])):
        with pytest.raises(Forbidden):
            nanning.look(query, id, role=role)


@pytest.mark.catalogue("S2")
def test_a_secretary_or_organiser_above_does_not_read_either(nanning: World) -> None:
    _, evaluation, _ = judged(nanning)
    for role in ("branch_secretary", "committee_organiser"):
        higher = Actor("higher", (Post("p", role, nanning.county, f"/4501/{nanning.county}/", FAR),))
        with pytest.raises(Forbidden):
            nanning.look(queries.list_subjects, evaluation, role=role, as_=higher)
        assert nanning.look(queries.to_do, role=role, as_=higher)["items"] == []


@pytest.mark.catalogue("S2")
def test_every_look_at_a_person_is_logged(nanning: World) -> None:
    _, evaluation, done = judged(nanning)
    nanning.look(queries.list_subjects, evaluation)
    nanning.look(queries.show_talk, done["talks"][0]["talk_id"], role="committee_organiser")
    looks = {(row.action, row.account) for row in nanning.rows("access_log")}
    assert looks == {("evaluation.subjects", "branch_secretary"), ("talk.show", "committee_organiser")}


@pytest.mark.catalogue("S2")
def test_what_was_said_of_a_person_stands_sealed_and_is_told_to_no_other_service(nanning: World) -> None:
    person, _, done = judged(nanning)
    nanning.do("talk", TALK, done["talks"][0]["talk_id"])
    shown = [
        json.dumps([str(value) for value in row], ensure_ascii=False)
        for table in ("journal", "judged", "count", "entry", "reminder_talk", "evaluation", "pending")
        for row in nanning.rows(table)
    ]
    for text in ("56.00", TALK["record"], TALK["statement"], TALK["measures"], NAME):
        assert not [row for row in shown if text in row]
    assert all(row.figures is None and row.figures_sealed for row in nanning.rows("count", subject=person))
    assert {row.type for row in nanning.rows("pending")} == {"evaluation_concluded"}
    assert not [row for row in nanning.rows("pending") if person.encode() in row.body]


@pytest.mark.catalogue("S1")
def test_a_tellers_figures_are_shown_to_nobody_until_the_second_agrees(nanning: World) -> None:
    person = nanning.a_newcomer()
    held = nanning.an_evaluation()
    assert held.enter("teller-1") == "waiting"
    held.enter("teller-1", subject=person, grades=POOR)
    counts = nanning.look(queries.show_evaluation, held.id, role="branch_clerk")["counts"]
    assert [count["totals"] for count in counts] == [None] * 4
    assert sorted(count["entries"] for count in counts) == [0, 0, 1, 1]
    assert "figures" not in {name for row in nanning.rows("journal") for name in json.loads(row.payload)}
    assert held.enter("teller-2", grades=POOR) == "disputed"
    assert nanning.rows("entry", subject="work") == []
    assert held.enter("teller-2") == "waiting"
    assert held.enter("teller-1") == "agreed"
    work = next(c for c in nanning.look(queries.show_evaluation, held.id)["counts"] if c["totals"])
    assert (work["subject"], work["round"], work["totals"]["very"]) == ("work", 2, 9)
    with pytest.raises(Stale):
        held.enter("teller-3")


def test_tellers_see_whom_they_count_for_and_others_do_not(nanning: World) -> None:
    person = nanning.a_newcomer()
    held = nanning.an_evaluation()
    for role, name in (("branch_clerk", NAME), ("special_organizer", NAME), ("auditor", None), ("county_department", None)):
        counts = nanning.look(queries.show_evaluation, held.id, role=role)["counts"]
        assert {count["name"] for count in counts if count["subject"] == person} == {name}
    assert {row.account for row in nanning.rows("access_log")} == {"branch_clerk", "special_organizer"}


@pytest.mark.catalogue("S2")
def test_who_leaves_before_the_conclusion_has_no_result(nanning: World) -> None:
    person = nanning.a_newcomer()
    held = nanning.an_evaluation().count("work")
    nanning.leaves(person)
    assert held.conclude()["talks"] == []
    (subject,) = nanning.look(queries.list_subjects, held.id)["subjects"]
    assert (subject["outcome"], subject["score"]) == ("left", None)


@pytest.mark.catalogue("S2")
def test_a_talk_falls_away_when_the_person_leaves_and_stays_when_the_person_becomes_a_full_member(nanning: World) -> None:
    first, second = nanning.a_newcomer(), nanning.a_newcomer()
    done = nanning.an_evaluation().count_all(**{first: POOR, second: POOR}).conclude()
    assert len(done["talks"]) == 2
    nanning.later(days=1).leaves(first)
    nanning.converts(second, approved_on=nanning.today)
    states = {row.candidate_id: row.state for row in nanning.rows("reminder_talk")}
    assert states == {first: "dropped", second: "due"}
    (gone,) = nanning.rows("reminder_talk", candidate_id=first)
    with pytest.raises(Stale):
        nanning.do("talk", TALK, gone.talk_id)


def test_the_result_of_an_erased_person_can_not_be_read_and_the_chain_stays_whole(nanning: World) -> None:
    person, evaluation, done = judged(nanning)
    nanning.do("talk", TALK, done["talks"][0]["talk_id"])
    nanning.context.keys.erase(person)
    (subject,) = nanning.look(queries.list_subjects, evaluation)["subjects"]
    assert (subject["name"], subject["score"], subject["below"]) == (None, None, None)
    assert nanning.look(queries.show_talk, done["talks"][0]["talk_id"])["record"] is None
    for stream in (f"evaluation/{evaluation}", f"talk/{done['talks'][0]['talk_id']}"):
        with nanning.context.database.read() as connection:
            assert dossier.verify(dossier.export(connection, nanning.context.keys, nanning.county, stream)).sound


def test_an_evaluation_of_somebody_erased_meanwhile_is_concluded_without_the_person(nanning: World) -> None:
    person = nanning.a_newcomer()
    held = nanning.an_evaluation().count("work")
    nanning.context.keys.erase(person)
    with pytest.raises(Erased):
        held.enter("teller-1", subject=person)
    held.conclude()
    assert nanning.row("judged", candidate_id=person).outcome == "left"


# -- what is heard


def test_a_republished_past_changes_nothing(nanning: World) -> None:
    person = nanning.a_newcomer()
    before = nanning.row("newcomer", candidate_id=person)
    ended = nanning.converts(person, approved_on=date(2017, 2, 1))
    data = {**nanning.place(person), "approved_on": "2016-11-02", "young": True}
    sealed = {"name": before.name_sealed}
    nanning.hear("recruitment", "admitted", f"candidate/{person}", data, subject=person, sealed=sealed, version=before.version)
    nanning.hear_again(ended)
    row = nanning.row("newcomer", candidate_id=person)
    assert (row.ended_on, row.end, row.version) == (date(2017, 2, 1), "full", ended.version)


def test_an_applicant_who_leaves_was_never_heard_of(nanning: World) -> None:
    nanning.leaves("01890a5d-ac96-774b-bcce-b302099a8060", stage="applicant")
    assert nanning.rows("newcomer") == []


def test_a_branch_that_moves_keeps_its_code_and_its_newcomers(nanning: World) -> None:
    person = nanning.a_newcomer()
    data = {
        "code": nanning.branch,
        "name": "新名",
        "kind": "branch",
        "domain": "rural",
        "path": nanning.path,
        "city": "nanning",
        "county": nanning.county,
        "approval_power": False,
    }
    nanning.hear("registry", "organisation_changed", f"organisation/{nanning.branch}", data)
    assert nanning.row("organisation", code=nanning.branch).name == "新名"
    assert nanning.an_evaluation().answer["subjects"] == ["work", person]


@pytest.mark.catalogue("R14")
def test_a_corrected_name_is_shown_from_then_on(nanning: World) -> None:
    person = nanning.a_newcomer()
    held = nanning.an_evaluation().count_all(**{person: POOR})
    wrong = nanning.corrects(person, "王晓鸣")
    right = nanning.corrects(person, "王晓明")
    nanning.converts(person, DAY)
    nanning.hear_again(wrong)
    nanning.hear_again(right)
    nanning.hear_again(wrong)
    (subject,) = nanning.look(queries.list_subjects, held.id)["subjects"]
    assert subject["name"] == "王晓明"
    (row,) = nanning.rows("newcomer", candidate_id=person)
    assert row.end == "full" and "王晓明" not in str(tuple(row))


@pytest.mark.catalogue("X1")
def test_what_follows_an_admission_that_was_lost_waits_for_it(nanning: World) -> None:
    for follows in (
        lambda: nanning.corrects("c1", NAME),
        lambda: nanning.corrects("c1", NAME, "full"),
        lambda: nanning.converts("c1", DAY),
        lambda: nanning.leaves("c1"),
    ):
        with pytest.raises(Waiting):
            follows()
    nanning.leaves("c2", "prospect")
    nanning.corrects("c2", NAME, "prospect")
    assert nanning.rows("newcomer") == []
