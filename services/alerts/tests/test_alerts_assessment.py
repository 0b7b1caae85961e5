"""The assessment: what it looks at, that it is the same after a refill in any order, and that its work grows by batches only."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from kernel.bus.event import Event
from services.alerts.commands.assessing import BATCH
from services.alerts.tests.alerts_world import HEARD, World

DAY = date(2018, 11, 5)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, DAY, domain="rural")


def a_full_picture(world: World) -> None:
    """Something of every trigger, with things that change and things that end."""
    for year in (2017, 2018):
        world.figure(world.committee, year, 4)
    world.figure(world.committee, 2018, 6)
    other = world.an_organisation(f"{world.committee}002", "branch", world.committee, domain="two_new")
    world.admitted(2014)
    world.admitted(2017, other, young=None, times=7)
    world.admitted(2018, other)
    world.an_activist(2015)
    world.roll(20, 9)
    world.roll(20, 15)
    first = world.late(date(2018, 3, 5))
    second = world.late(date(2018, 3, 9))
    world.late(date(2018, 9, 9), first, "review")
    world.caught_up(first, date(2018, 3, 5))
    world.left(second)
    world.evaluated(2016, "70.00", date(2017, 3, 1))
    world.evaluated(2017, "72.00", date(2018, 3, 1))
    data = world.particulars(other, "branch", domain="two_new", key_managed=True)
    world.tell("registry", "organisation_changed", f"organisation/{other}", data, date(2016, 5, 5))
    body = {"organisation": world.branch, "years": [2016], "reason": "搬迁", "document": "说明"}
    world.do("circumstance", body)


def picture(world: World) -> dict[str, list[Any]]:
    world.assess()
    return {name: world.rows(name) for name in HEARD if name != "touched"}


def interleaved(told: list[Event], seed: int) -> list[Event]:
    """The same events, each stream in its order, the streams in any."""
    streams: dict[tuple[str, str], list[Event]] = {}
    for one in told:
        streams.setdefault((one.source, one.stream), []).append(one)
    chance, mixed = random.Random(seed), []
    while streams:
        key = chance.choice(sorted(streams))
        mixed.append(streams[key].pop(0))
        if not streams[key]:
            del streams[key]
    return mixed


@pytest.mark.catalogue("A1", "X1")
def test_it_is_the_same_after_a_refill_in_any_order(world: World) -> None:
    a_full_picture(world)
    before = picture(world)
    found = {(row.organisation, row.trigger) for row in before["finding"]}
    assert {trigger for _, trigger in found} == {
        "no_admission", "no_activist", "plan_deviation", "step_late", "satisfaction", "no_plan"
    }  # fmt: skip
    for seed in range(6):
        world.forget()
        told = interleaved(world.told, seed)
        # Assessed in the middle too: what was found on the way leaves nothing behind.
        world.refill(told[: len(told) // 2])
        world.assess()
        world.refill(told[len(told) // 2 :])
        assert picture(world) == before


def test_a_past_that_is_told_again_changes_nothing(world: World) -> None:
    a_full_picture(world)
    before = picture(world)
    world.hear(interleaved(world.told, 7))
    assert picture(world) == before


def test_events_of_one_type_come_in_batches(world: World) -> None:
    ids = [f"{number:036}" for number in range(3)]
    events = [
        world.event(
            "recruitment", "step_overdue", f"candidate/{id}", {**world.place(), "candidate_id": id, "step": "talk", "due": DAY}
        )
        for id in ids
    ]
    world.hear_batch(events)
    assert len(world.rows("late_step", open=True)) == 3
    left = [
        world.event("recruitment", "candidate_left", f"candidate/{id}", {**world.place(), "candidate_id": id}) for id in ids[:2]
    ]
    world.hear_batch(left)
    assert [row.candidate_id for row in world.rows("late_step", open=True)] == ids[2:]


def test_only_those_are_looked_at_of_whom_something_new_was_heard_and_all_in_a_new_month(world: World) -> None:
    assert world.assess() == 4
    assert world.assess() == 0
    world.late(date(2018, 10, 1))
    assert world.assess() == 1
    world.admitted(2018)
    assert world.assess() == 4  # the branch and everybody above it
    assert world.at(date(2018, 11, 30)).assess() == 0
    assert world.at(date(2018, 12, 1)).assess() == 4


def test_what_is_heard_of_somebody_unknown_waits_for_the_registry(world: World) -> None:
    path = f"{world.paths[world.committee]}x/"
    data = {
        "branch": "x",
        "path": path,
        "city": "nanning",
        "county": world.county,
        "candidate_id": "c",
        "step": "talk",
        "due": DAY,
    }
    world.tell("recruitment", "step_overdue", "candidate/c", data)
    world.assess()
    assert world.rows("finding", trigger="step_late") == []
    world.an_organisation("x", "branch", world.committee)
    assert world.one("step_late", "x") is not None


def statements_of_a_full_pass(world: World, day: date) -> int:
    world.at(day)
    seen: list[str] = []
    engine = world.context.database.engine

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        world.assess()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_number_of_statements_does_not_grow_with_the_organisations_of_a_batch(world: World) -> None:
    few = statements_of_a_full_pass(world, date(2019, 1, 1))
    for number in range(BATCH // 4):
        world.an_organisation(f"{world.committee}1{number:03}", "branch", world.committee)
    world.assess()
    # One statement more each: to write what was found of them all, and the look for admissions before.
    assert statements_of_a_full_pass(world, date(2020, 1, 1)) <= few + 2
    assert len(world.rows("finding", trigger="no_admission")) == 1 + BATCH // 4
