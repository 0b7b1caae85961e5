"""The assessment: what it looks at, that it is the same after a refill in any order, and that its work grows by batches only."""

from __future__ import annotations

import contextlib
import inspect
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from kernel.bus.event import Event
from kernel.policy import PolicyBook, shipped_book
from kernel.unit import command
from services.alerts import tables
from services.alerts.commands import assessing, facts, measures
from services.alerts.commands.assessing import BATCH, assess_codes
from services.alerts.commands.measures import MEASURED
from services.alerts.domain import life, plan, triggers, warning
from services.alerts.domain.triggers import Evaluation, find_satisfaction, satisfaction_turn
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


def test_only_those_are_looked_at_of_whom_something_new_was_heard_or_whose_day_has_come(world: World) -> None:
    assert world.assess() == 4
    assert world.assess() == 0
    world.late(date(2018, 10, 1))
    assert world.assess() == 1
    world.admitted(2018)
    assert world.assess() == 4  # the branch and everybody above it
    assert world.at(date(2018, 12, 31)).assess() == 0
    # A year without a plan is over for the county and the committee; another one without an activist for the branch.
    assert world.at(date(2019, 1, 1)).assess() == 3
    assert world.at(date(2019, 2, 28)).assess() == 0
    assert world.at(date(2019, 3, 1)).assess() == 2  # the month in which the plan is due


def test_where_the_packs_know_no_trigger_nobody_is_looked_at_again(tmp_path: Path) -> None:
    world = World(tmp_path, DAY, city="jinhua")
    world.figure(world.committee, 2018, 4)
    assert world.assess() == 4
    assert world.rows("due") == []


def test_a_finding_rests_on_no_parameter_but_those_whose_change_is_looked_for() -> None:
    """Before `Rules.turn` misses one, this fails."""
    parameters = {entry.name for pack in shipped_book().packs for entry in pack.parameters}
    for module in (triggers, plan, warning):
        named = {word for word in re.findall(r'"([a-z_]+\.[a-z_.]+)"', inspect.getsource(module)) if word in parameters}
        assert named and all(name.startswith(MEASURED) for name in named), module


def test_with_other_packs_everybody_is_looked_at(world: World) -> None:
    world.assess()
    world.context = replace(world.context, policies=PolicyBook.load([a_stricter_county(world)]))
    assert world.assess() == 4
    assert world.assess() == 0


def test_with_other_code_everybody_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.assess()
    other = measures._code() + b"# another trigger"
    monkeypatch.setattr(measures, "_code", lambda: other)
    assert world.assess() == 4
    assert world.assess() == 0


def test_the_fingerprint_is_of_all_code_that_makes_findings() -> None:
    code = measures._code()
    for module in (triggers, plan, warning, life, assessing, facts, measures):
        assert inspect.getsource(module).encode() in code


def a_stricter_county(world: World) -> Path:
    """Two years without an admission are too many there, from the middle of a year on."""
    path = world.folder / "county.yaml"
    path.write_text(
        f"name: county\ntitle: 从严\nlayer: county\nextends: nanning-2013\ncity: nanning\ncounty: '{world.county}'\n"
        "from: 2019-07-16\nsources: {C: '第 {} 条'}\nparameters:\n"
        "  alert.no_admission_years: {value: 2, unit: years, source: C 1, direction: max, mode: notice}\n"
        "  alert.plan_due_month: {value: 2, unit: month of the year, source: C 2, direction: max, mode: notice}\n",
        encoding="utf-8",
    )
    return path


def from_scratch(world: World) -> list[Any]:
    """What is found by looking at everybody with nothing kept, which then is as before."""
    found: list[Any] = []
    with contextlib.suppress(_Undone), command(world.context) as unit:
        unit.connection.execute(delete(tables.finding))
        assess_codes(unit, list(unit.connection.execute(select(tables.organisation.c.code)).scalars()))
        query = select(tables.finding).order_by(*tables.finding.primary_key.columns)
        found += unit.connection.execute(query).all()
        raise _Undone
    return found


class _Undone(Exception):
    pass


#: Days on which something is known to change, the days before, and others.
DAYS = sorted(
    {
        date(year, month, 1) - timedelta(days=before)
        for year in range(2018, 2024)
        for month in (1, 2, 3, 4, 10)
        for before in (0, 1)
    }
    | {date(2019, 7, 15), date(2019, 7, 16), date(2020, 2, 29), date(2020, 8, 8), date(2022, 5, 5)}
)


@pytest.mark.catalogue("A1")
@pytest.mark.parametrize("seed", range(4))
def test_whoever_is_only_looked_at_on_his_day_shows_what_is_found_from_scratch(tmp_path: Path, seed: int) -> None:
    """Years go by, in which something is heard now and then."""
    chance = random.Random(seed)
    world = World(tmp_path, date(2017, 6, 1), domain="rural")
    world.context = replace(world.context, policies=PolicyBook.load([a_stricter_county(world)]))
    branches = [world.branch]
    branches += [world.an_organisation(f"{world.committee}00{number}", "branch", world.committee) for number in range(2, 9)]
    happens: list[Callable[[date], object]] = [
        lambda day: world.figure(world.committee, day.year + chance.choice((-1, 0, 1)), chance.randrange(4)),
        lambda day: world.figure(world.county, day.year, chance.randrange(40)),
        lambda day: world.admitted(day.year, chance.choice(branches), young=chance.choice((True, False, None))),
        lambda day: world.an_activist(day.year, chance.choice(branches)),
        lambda day: world.roll(20, chance.randrange(20)),
        lambda day: world.late(day),
        lambda day: world.evaluated(day.year - 1, chance.choice(("70.00", "90.00")), day, chance.choice(branches)),
        lambda day: world.do(
            "circumstance", {"organisation": chance.choice(branches), "years": [day.year], "reason": "搬迁", "document": "说明"}
        ),
    ]
    looked = 0
    for day in (day for day in DAYS if chance.random() < 0.8):
        world.at(day)
        if chance.random() < 0.4:
            chance.choice(happens)(day)
        looked += world.assess()
        assert [tuple(row) for row in world.rows("finding")] == [tuple(row) for row in from_scratch(world)], day
    assert looked < len(DAYS) * (len(branches) + 3) / 3


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


def statements_of_a_new_year(world: World, day: date) -> int:
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
    few = statements_of_a_new_year(world, date(2019, 1, 1))
    for number in range(BATCH // 4):
        world.an_organisation(f"{world.committee}1{number:03}", "branch", world.committee)
    world.assess()
    # One statement more each: to write what was found of them all, and the look for admissions before.
    assert statements_of_a_new_year(world, date(2020, 1, 1)) <= few + 2
    assert len(world.rows("finding", trigger="no_admission")) == 1 + BATCH // 4


def test_a_low_satisfaction_is_looked_at_again_on_the_day_on_which_it_is_over() -> None:
    policy = shipped_book().at("nanning", DAY)
    low = Evaluation("e", 2017, date(2018, 3, 1), "70.00", "80", True, {})
    over = satisfaction_turn(low, DAY)
    assert over is not None
    assert find_satisfaction(low, over - timedelta(days=1), policy) == find_satisfaction(low, DAY, policy) != []
    assert find_satisfaction(low, over, policy) == []
    assert satisfaction_turn(low, over) is satisfaction_turn(replace(low, below=False), DAY) is None
