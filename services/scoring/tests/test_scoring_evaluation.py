"""The double evaluation and what follows from it, step by step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from contracts.scoring import EVALUATION_CONCLUDED
from kernel.errors import Forbidden, Invalid, NotFound, NotYetKnown, Refused, Stale
from kernel.journal import dossier
from kernel.policy import PolicyBook
from kernel.workdays import add_workdays
from services.scoring import queries
from services.scoring.tests.scoring_world import DAY, GOOD, POOR, World


def refused(world: World, action: str, body: Any, *ids: str, **more: Any) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, body, *ids, **more)
    return set(caught.value.rules)


def told(world: World) -> list[dict[str, Any]]:
    return [json.loads(row.body)["data"] for row in world.rows("pending", type="evaluation_concluded")]


# -- who is judged


@pytest.mark.catalogue("S1")
def test_the_work_and_each_newly_admitted_person_are_judged_without_anybody_naming_them(nanning: World) -> None:
    first, second = sorted(nanning.a_newcomer() for _ in range(2))
    nanning.a_newcomer(branch=nanning.a_branch())
    held = nanning.an_evaluation()
    assert held.answer["subjects"] == ["work", first, second]
    assert (held.answer["year"], held.answer["counts"]) == (2016, 6)


@pytest.mark.catalogue("S1")
def test_who_is_not_on_probation_on_the_day_is_not_judged(nanning: World) -> None:
    nanning.a_newcomer(approved_on=DAY + timedelta(days=1))
    nanning.converts(nanning.a_newcomer(date(2015, 11, 2)), approved_on=DAY)
    nanning.leaves(nanning.a_newcomer())
    assert nanning.an_evaluation().answer["subjects"] == ["work"]


@pytest.mark.catalogue("S1")
def test_who_waits_for_the_approval_of_the_conversion_is_still_judged(nanning: World) -> None:
    waiting = nanning.a_newcomer(date(2016, 2, 1))
    nanning.converts(waiting, approved_on=DAY + timedelta(days=9), full_since=DAY - timedelta(days=9))
    assert nanning.an_evaluation().answer["subjects"] == ["work", waiting]


@pytest.mark.catalogue("S1")
def test_nobody_is_judged_twice_and_nobody_is_left_out_by_a_cancelled_evaluation(nanning: World) -> None:
    first = nanning.a_newcomer()
    cancelled = nanning.an_evaluation()
    nanning.do("cancel", {"reason": "人数登记有误"}, cancelled.id)
    assert nanning.an_evaluation().answer["subjects"] == ["work", first]
    second = nanning.at(date(2018, 3, 9)).a_newcomer(approved_on=date(2017, 9, 1))
    assert nanning.an_evaluation().answer["subjects"] == ["work", second]


@pytest.mark.catalogue("S1")
def test_the_domain_of_a_branch_makes_no_difference(nanning: World) -> None:
    for domain in ("rural", "two_new", "university", "agency"):
        held = nanning.an_evaluation(branch=nanning.a_branch(domain=domain)).count_all()
        assert held.conclude()["score"] == "98.00"


# -- where and when


@pytest.mark.catalogue("S1")
def test_where_the_city_has_no_such_rule_the_door_says_so(jinhua: World) -> None:
    with pytest.raises(Invalid, match="不开展满意度"):
        jinhua.an_evaluation()
    assert jinhua.look(queries.list_branches_without_evaluation)["items"] == []


def test_before_the_document_was_in_force_nothing_was_evaluated(nanning: World) -> None:
    with pytest.raises(Invalid, match="不开展满意度"):
        nanning.an_evaluation(day=date(2013, 9, 21))


def test_only_a_branch_that_is_known_here_evaluates(nanning: World) -> None:
    with pytest.raises(NotYetKnown):
        nanning.do("hold", nanning.evaluation(branch="450102009001"))
    with pytest.raises(Invalid, match="党支部"):
        nanning.do("hold", nanning.evaluation(branch=nanning.committee))


def test_a_neighbours_secretary_may_not_enter_an_evaluation(nanning: World) -> None:
    with pytest.raises(Forbidden):
        nanning.do("hold", nanning.evaluation(), as_=nanning.account("branch_secretary", branch=nanning.a_branch()))


@pytest.mark.catalogue("S1")
def test_the_work_of_a_year_is_judged_once_unless_the_committee_voids_it(nanning: World) -> None:
    held = nanning.an_evaluation()
    assert refused(nanning, "hold", nanning.evaluation()) == {"satisfaction.repeated"}
    with pytest.raises(Forbidden):
        nanning.do("cancel", {"reason": "不满意"}, held.id, as_=nanning.account("branch_secretary"))
    nanning.do("cancel", {"reason": "人数登记有误"}, held.id)
    nanning.an_evaluation().count_all().conclude()
    assert refused(nanning, "hold", nanning.evaluation()) == {"satisfaction.repeated"}
    nanning.at(date(2018, 1, 2)).an_evaluation()


def test_a_concluded_evaluation_is_not_voided(nanning: World) -> None:
    held = nanning.an_evaluation().count_all()
    held.conclude()
    with pytest.raises(Stale):
        nanning.do("cancel", {"reason": "重来"}, held.id)
    with pytest.raises(Stale):
        held.enter("teller-3")


@pytest.mark.catalogue("S1")
def test_branches_whose_work_has_not_been_judged_are_listed_with_how_many_they_admitted(nanning: World) -> None:
    other = nanning.a_branch()
    nanning.a_newcomer(branch=other)
    held = nanning.an_evaluation().count_all()
    assert len(_without(nanning)) == 2
    held.conclude()
    assert _without(nanning) == {other: 1}
    assert len(_without(nanning, year=2017)) == 2


def _without(world: World, **params: Any) -> dict[str, int]:
    found = world.look(queries.list_branches_without_evaluation, role="committee_organiser", **params)
    return {item["code"]: item["admitted"] for item in found["items"]}


# -- the score


@pytest.mark.catalogue("S1", "S2")
def test_seventy_two_leads_to_a_self_check_and_to_an_event(nanning: World) -> None:
    held = nanning.an_evaluation().count_all(work=(4, 4, 0, 2))
    done = held.conclude()
    assert (done["score"], done["below"], done["state"]) == ("72.00", True, "concluded")
    assert done["self_check"]["due"] == add_workdays(DAY, 15).day
    (said,) = told(nanning)
    EVALUATION_CONCLUDED.check(said)
    assert {name: said[name] for name in ("very", "satisfied", "basically", "dissatisfied")} == {
        "very": 8,
        "satisfied": 8,
        "basically": 0,
        "dissatisfied": 4,
    }
    assert (said["score"], said["threshold"], said["below"], said["year"]) == ("72.00", "80", True, 2016)
    assert (said["branch"], said["path"], said["held_on"]) == (nanning.branch, nanning.path, DAY.isoformat())


@pytest.mark.catalogue("S1", "S2")
@pytest.mark.parametrize(
    ("members", "masses", "score", "below"),
    [((0, 10, 0, 0), (0, 30, 0, 0), "80.00", False), ((0, 10, 0, 0), (0, 29, 1, 0), "79.50", True)],
)
def test_eighty_exactly_is_no_warning_and_members_and_masses_count_together(
    nanning: World, members: Any, masses: Any, score: str, below: bool
) -> None:
    done = nanning.an_evaluation().count("work", members, masses).conclude()
    assert (done["score"], done["below"], done["self_check"] is not None) == (score, below, below)


@pytest.mark.catalogue("S1", "S2")
def test_what_is_below_by_less_than_the_shown_decimals_is_below(nanning: World) -> None:
    numbers = {"members_entitled": 9999, "members_present": 9999, "mass_entitled": 9999, "mass_present": 9999}
    done = nanning.an_evaluation(**numbers).count("work", (0, 9999, 0, 0), (0, 9998, 1, 0)).conclude()
    assert (done["score"], done["below"]) == ("80.00", True)


def test_invalid_ballots_are_left_out_of_the_score(nanning: World) -> None:
    held = nanning.an_evaluation().count("work")
    assert held.conclude()["score"] == "98.00"
    other = nanning.an_evaluation(branch=nanning.a_branch())
    for voters in ("members", "masses"):
        for teller in ("teller-1", "teller-2"):
            other.enter(teller, "work", voters, (*GOOD[:3], 0), issued=10, cast=10, very=4, invalid=5)
    assert other.conclude()["score"] == "96.00"


@pytest.mark.catalogue("S1")
def test_the_rules_of_the_day_of_the_meeting_judge_and_a_conclusion_is_not_before_it(nanning: World) -> None:
    held = nanning.an_evaluation().count_all()
    with pytest.raises(Refused) as caught:
        held.conclude(day=DAY - timedelta(days=1))
    assert caught.value.rules == ("order.sequence",)
    assert nanning.later(days=3) and held.conclude()["day"] == DAY + timedelta(days=3)


# -- the self-check


def _below(world: World) -> str:
    done = world.an_evaluation().count_all(work=POOR).conclude()
    return str(done["self_check"]["self_check_id"])


REPORT = {"document": "自查说明 1 号", "explanation": "原因和整改情况"}


@pytest.mark.catalogue("S2")
def test_a_self_check_goes_to_the_committee_and_back_until_it_is_accepted(nanning: World) -> None:
    check = _below(nanning)
    assert nanning.later(days=5).do("report", REPORT, check)["state"] == "reported"
    with pytest.raises(Stale):
        nanning.do("report", REPORT, check)
    back = nanning.later(days=2).do("answer", {"accepted": False, "reason": "没有写明原因"}, check)
    assert (back["state"], back["due"]) == ("returned", add_workdays(nanning.today, 15).day)
    nanning.later(days=3).do("report", {**REPORT, "explanation": "补充原因"}, check)
    nanning.do("answer", {"accepted": True, "reason": "措施可行"}, check)
    shown = nanning.look(queries.show_self_check, check, role="committee_organiser")
    assert (shown["state"], shown["explanation"], shown["reason"], shown["actions"]) == ("accepted", "补充原因", "措施可行", [])
    (row,) = nanning.rows("self_check")
    with nanning.context.database.read() as connection:
        stream = dossier.export(connection, nanning.context.keys, row.home_county, f"self_check/{check}")
    assert dossier.verify(stream).sound and len(stream["entries"]) == 5


@pytest.mark.catalogue("S2")
def test_sending_back_needs_a_reason_and_the_committee(nanning: World) -> None:
    check = _below(nanning)
    nanning.do("report", REPORT, check)
    with pytest.raises(ValidationError, match="reason"):
        nanning.do("answer", {"accepted": False, "reason": ""}, check)
    with pytest.raises(Forbidden):
        nanning.do("answer", {"accepted": True, "reason": "好"}, check, as_=nanning.account("branch_secretary"))


@pytest.mark.catalogue("S2")
def test_an_explanation_that_does_not_come_is_overdue_and_taken_late(nanning: World) -> None:
    check = _below(nanning)
    due = nanning.row("self_check").due
    assert _to_do(nanning.at(due)) == {"self_check_report": False}
    assert _to_do(nanning.later(days=1)) == {"self_check_report": True}
    assert nanning.look(queries.show_self_check, check)["overdue"]
    assert nanning.do("report", REPORT, check)["late"] is True
    assert _to_do(nanning) == {"self_check_answer": False}


def _to_do(world: World, role: str = "branch_secretary", **params: Any) -> dict[str, bool]:
    return {item["step"]: item["overdue"] for item in world.look(queries.to_do, role=role, **params)["items"]}


def test_a_report_is_not_dated_before_what_it_answers(nanning: World) -> None:
    check = _below(nanning)
    before = {**REPORT, "day": DAY - timedelta(days=1)}
    assert refused(nanning, "report", before, check) == {"order.sequence"}
    nanning.do("report", REPORT, check)
    nanning.later(days=9).do("answer", {"accepted": False, "reason": "不全"}, check)
    assert refused(nanning, "report", {**REPORT, "day": DAY + timedelta(days=8)}, check) == {"order.sequence"}
    answer = {"accepted": True, "reason": "可", "day": nanning.today - timedelta(days=1)}
    nanning.do("report", REPORT, check)
    assert refused(nanning, "answer", answer, check) == {"order.sequence"}


@pytest.mark.parametrize("action", ["report", "answer", "talk"])
def test_what_is_not_there_is_not_found(nanning: World, action: str) -> None:
    talk = {"talker": "李", "person_present": True, "record": "谈", "statement": "", "measures": "帮扶"}
    bodies = {"report": REPORT, "answer": {"accepted": True, "reason": "可"}, "talk": talk}
    with pytest.raises(NotFound):
        nanning.do(action, bodies[action], "nothing")


def test_somebody_who_has_seen_an_older_state_is_told(nanning: World) -> None:
    held = nanning.an_evaluation().count_all()
    with pytest.raises(Stale):
        held.conclude(expected_version=1)


# -- an overlay of the county


def test_a_county_may_ask_for_more_and_its_threshold_is_told(tmp_path: Any, nanning: World) -> None:
    stricter = tmp_path / "county.yaml"
    stricter.write_text(
        "name: county\ntitle: 从严\nlayer: county\nextends: nanning-2013\ncity: nanning\ncounty: '450102'\nfrom: 2014-01-01\n"
        "sources: {C: '第 {} 条'}\nparameters:\n"
        "  satisfaction.threshold: {value: 99, unit: points, source: C 1, direction: min, mode: notice}\n",
        encoding="utf-8",
    )
    nanning.context = replace(nanning.context, policies=PolicyBook.load([stricter]))
    done = nanning.an_evaluation().count_all().conclude()
    assert (done["score"], done["below"]) == ("98.00", True)
    assert told(nanning)[0]["threshold"] == "99"
