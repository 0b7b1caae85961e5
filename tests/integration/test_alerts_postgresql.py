"""Alerts on PostgreSQL: the same findings and warnings, and what only real concurrency shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from kernel.errors import Stale, XinhuoError
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.store.provision import provision
from kernel.unit import command
from services.alerts import migrations, tables
from services.alerts.domain import states
from services.alerts.queries import findings, warnings
from services.alerts.tests.alerts_world import World
from suite.servers import available, temporary_database

pytestmark = [pytest.mark.servers, pytest.mark.catalogue("A1", "A2", "A4")]
DAY = date(2018, 4, 2)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    if available().database_url is None:
        pytest.skip("PostgreSQL does not answer")
    with temporary_database() as made:
        provision(made.url, {"alerts": Path(migrations.__file__).parent}, b"secret")
        world = World(tmp_path, DAY, url=made.url)
        yield world
        world.close()


def look(world: World, query: Any, *ids: str, **params: Any) -> Any:
    with world.context.database.read() as connection:
        actor = world.account("committee_organiser")
        reader = Reader(world.context, connection, actor, states.READERS, "test", params, "/", Cursors("secret"))
        answer = query(reader, *ids)
    reader.write_looks()
    return answer


def side_by_side(actions: list[Callable[[], Any]]) -> list[Any]:
    """Runs all at once. What each answered or raised, in order."""
    done: list[Any] = [None] * len(actions)
    ready = threading.Barrier(len(actions))

    def run(number: int) -> None:
        ready.wait()
        try:
            done[number] = actions[number]()
        except XinhuoError as error:
            done[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def test_the_whole_way_and_what_the_queries_show(world: World) -> None:
    world.figure(world.committee, 2017, 4)
    world.admitted(2017, times=9)
    candidate = world.late(DAY - timedelta(days=9))
    found = {row.trigger for row in (*world.found().values(), *world.found(world.committee).values())}
    assert found == {"no_plan", "no_activist", "plan_deviation", "step_late"}
    id = world.a_warning()
    assert {item["trigger"] for item in look(world, findings.list_proposals)["items"]} == found
    assert [item["step"] for item in look(world, warnings.to_do)["items"]] == ["receive"]
    world.later(40)
    assert [item["proposed_level"] for item in look(world, warnings.list_escalations)["items"]] == ["yellow"]
    assert look(world, warnings.summary)["counties"][0]["overdue"] == 1
    world.do("escalate", {"level": "yellow", "reason": "逾期", "due": date(2018, 9, 1), **world.yellow()}, id)
    for step in ("receive", "criticise", "plan", "report", "check", "lift"):
        world.later(1).step(step, id)
    assert len(look(world, warnings.show_warning, id, reveal=True)["entries"]) == 8
    assert look(world, warnings.show_standing, world.branch)["honours_cancelled"] is True
    world.caught_up(candidate, DAY - timedelta(days=9))
    assert world.one("step_late") is None


def test_of_two_who_warn_of_the_same_at_once_one_is_refused(world: World) -> None:
    world.evaluated(2017, "72.00", DAY)
    done = side_by_side([lambda: world.do("issue", world.issue()) for _ in range(4)])
    assert [type(each) for each in done if isinstance(each, XinhuoError)] == [Stale] * 3
    assert len(world.rows("warning")) == 1


def test_what_is_heard_while_an_assessment_runs_is_seen_by_the_next(world: World) -> None:
    """The note of a fact that is not committed yet survives an assessment that cannot see the fact."""
    world.assess()
    with command(world.context) as unit:
        row = {"candidate_id": "c", "step": "talk", "due": DAY - timedelta(days=9), "branch": world.branch, "open": True}
        told = {"event_id": "e", "event_type": "step_overdue", "stream": "candidate/c", "version": 1}
        unit.connection.execute(insert(tables.touched), {"organisation": world.branch})
        unit.connection.execute(insert(tables.late_step), {**row, **told})
        world.hear([world.event("scoring", "evaluation_concluded", "evaluation/e", an_evaluation(world))])
        assert world.assess() == 1
        assert {each.trigger for each in world.rows("finding", organisation=world.branch)} >= {"satisfaction"}
        assert world.rows("finding", trigger="step_late") == []
    assert world.assess() == 1
    assert len(world.rows("finding", trigger="step_late")) == 1


def an_evaluation(world: World) -> dict[str, Any]:
    grades = {"very": 1, "satisfied": 1, "basically": 1, "dissatisfied": 1}
    result = {"year": 2017, "held_on": DAY, "score": "60.00", "threshold": "80", "below": True}
    return {**world.place(), "evaluation_id": "e", **grades, **result}


def test_assessments_reactions_and_commands_beside_one_another_come_to_the_same(world: World) -> None:
    """Whatever the order in which they meet: when all is quiet, the findings are those of the facts."""

    def tell(number: int) -> None:
        candidate = world.late(DAY - timedelta(days=9), f"{number:036}")
        if number % 2:
            world.caught_up(candidate, DAY - timedelta(days=9))

    circumstance = {"organisation": world.branch, "years": [2016], "reason": "搬迁", "document": "说明"}
    actions: list[Callable[[], Any]] = [lambda number=number: tell(number) for number in range(6)]  # type: ignore[misc]
    done = side_by_side([*actions, world.assess, lambda: world.do("circumstance", circumstance)])
    assert [each for each in done if isinstance(each, Exception)] == []
    world.assess()
    before = world.rows("finding")
    with world.context.database.write() as connection:
        connection.execute(tables.finding.delete())
        connection.execute(tables.assessed.delete())
    world.assess()
    assert world.rows("finding") == before
    assert {row.trigger: row.state for row in before if row.organisation == world.branch} == {
        "no_admission": "near",
        "no_activist": "triggered",
        "step_late": "triggered",
    }
