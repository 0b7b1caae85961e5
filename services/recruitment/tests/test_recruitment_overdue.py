"""Every step with a term is told once when it is overdue, and once when it has been caught up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.recruitment import STEPS
from services.recruitment.commands.overdue import publish_overdue
from services.recruitment.tests.world import Candidate, World

DAY = date(2026, 6, 1)
Take = Callable[[World, Candidate], Any]


def _talk(world: World, candidate: Candidate) -> None:
    candidate.get_talked()


def _review(world: World, candidate: Candidate) -> None:
    world.do("review", {"findings": "好", "conclusion": "continue"}, candidate.id)


def _approve(world: World, candidate: Candidate) -> None:
    candidate.get_probationary()


def _reject(world: World, candidate: Candidate) -> None:
    world.do("reject_admission", {"reason": "不成熟", "heard_on": world.today, "statement": "接受"}, candidate.id)


def _oath(world: World, candidate: Candidate) -> None:
    world.do("oath", {"occasion": "宣誓仪式"}, candidate.id)


def _review_probation(world: World, candidate: Candidate) -> None:
    world.do("review_probation", {"findings": "好", "conclusion": "continue"}, candidate.id)


def _vote(world: World, candidate: Candidate) -> None:
    candidate.vote("conversion", world.assembly([candidate.id]))


def _extend(world: World, candidate: Candidate) -> None:
    body = {"months": 6, "minutes": "记录", "reason": "考察不够", "heard_on": world.today, "statement": "接受"}
    world.do("extend_probation", body, candidate.id)


def _convert(world: World, candidate: Candidate) -> None:
    candidate.get_full()


#: step -> (state in which it waits, column of its term, what takes it)
CASES: list[tuple[str, str, str, Take]] = [
    ("talk", "received", "talk_due", _talk),
    ("review", "activist", "review_due", _review),
    ("review", "proposed", "review_due", _review),
    ("committee_decision", "reported", "decision_due", _approve),
    ("committee_decision", "reported", "decision_due", _reject),
    ("oath", "probationary", "oath_due", _oath),
    ("probation_review", "probationary", "probation_review_due", _review_probation),
    ("conversion", "ready", "probation_ends", _vote),
    ("conversion", "ready", "probation_ends", _extend),
    ("conversion_decision", "conversion_reported", "decision_due", _convert),
]


def told(world: World, type: str, step: str) -> list[dict[str, Any]]:
    events = [json.loads(row.body)["data"] for row in world.rows("pending", type=type)]
    return [data for data in events if data["step"] == step]


@pytest.mark.catalogue("R2", "R5", "R12", "R13")
@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[f"{c[0]}-{c[1]}-{c[3].__name__}" for c in CASES])
def test_a_step_is_told_overdue_once_and_caught_up_once(tmp_path: Path, number: int, case: tuple[str, str, str, Take]) -> None:
    step, state, column, take = case
    world = World(tmp_path, ("jinhua", "nanning")[number % 2], DAY)
    candidate = world.a_candidate()
    if state == "ready":
        candidate.at("probationary").get_ready_for_conversion()
    else:
        candidate.at(state)
    due = getattr(candidate.row, column)
    world.at(due)
    publish_overdue(world.context)
    assert told(world, "step_overdue", step) == []
    world.later(days=1)
    publish_overdue(world.context)
    publish_overdue(world.context)
    (overdue,) = told(world, "step_overdue", step)
    assert (overdue["due"], overdue["candidate_id"]) == (due.isoformat(), candidate.id)
    take(world, candidate)
    (caught,) = told(world, "step_caught_up", step)
    assert caught == overdue
    assert world.row("overdue_told", step=step).caught_up_on is not None


def test_every_step_of_the_contract_is_tried() -> None:
    assert {case[0] for case in CASES} == set(STEPS)


def test_a_step_in_time_is_not_told_as_caught_up(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", DAY)
    world.a_candidate().at("full")
    assert world.rows("pending", type="step_caught_up") == []


@pytest.mark.catalogue("R12")
def test_an_extended_term_told_twice_is_closed_twice(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", DAY)
    candidate = world.a_candidate().at("reported")
    world.at(candidate.row.decision_due + timedelta(days=1))
    publish_overdue(world.context)
    world.do("extend_decision", {"reason": "正在核实"}, candidate.id)
    world.at(candidate.row.decision_due + timedelta(days=1))
    publish_overdue(world.context)
    candidate.get_probationary()
    dues = [data["due"] for data in told(world, "step_caught_up", "committee_decision")]
    assert dues == [data["due"] for data in told(world, "step_overdue", "committee_decision")] and len(dues) == 2


def test_there_is_no_term_for_the_oath_under_the_older_text(tmp_path: Path) -> None:
    world = World(tmp_path, "jinhua", date(2016, 3, 1))
    candidate = world.a_candidate().at("probationary")
    assert candidate.row.oath_due is None
