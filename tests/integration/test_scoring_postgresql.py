"""Scoring on PostgreSQL: the same commands, and what only real concurrency shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused, XinhuoError
from kernel.store.provision import provision
from services.scoring import migrations, queries
from services.scoring.tests.scoring_world import POOR, World
from suite.servers import available, temporary_database

pytestmark = [pytest.mark.servers, pytest.mark.catalogue("S1", "S2")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    if available().database_url is None:
        pytest.skip("PostgreSQL does not answer")
    with temporary_database() as made:
        provision(made.url, {"scoring": Path(migrations.__file__).parent}, b"secret")
        world = World(tmp_path, "nanning", url=made.url)
        yield world
        world.close()


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
    person = world.a_newcomer()
    held = world.an_evaluation().count_all(work=(4, 4, 0, 2), **{person: POOR})
    done = held.conclude()
    assert (done["score"], done["below"], len(done["talks"])) == ("72.00", True, 1)
    (listed,) = world.look(queries.list_evaluations)["items"]
    assert (listed["score"], listed["threshold"]) == ("72.00", "80")
    assert [item["step"] for item in world.look(queries.to_do)["items"]] == ["reminder_talk", "self_check_report"]
    (subject,) = world.look(queries.list_subjects, held.id)["subjects"]
    assert (subject["candidate_id"], subject["score"]) == (person, "56.00")
    world.leaves(person)
    assert world.row("reminder_talk").state == "dropped"
    assert world.look(queries.list_branches_without_evaluation)["items"] == []


def test_of_two_evaluations_at_once_one_is_refused(world: World) -> None:
    done = side_by_side([world.an_evaluation] * 2)
    (refused,) = [answer for answer in done if isinstance(answer, Refused)]
    assert refused.rules == ("satisfaction.repeated",)
    assert len(world.rows("evaluation")) == 1


def test_of_two_tellers_at_once_the_second_agrees(world: World) -> None:
    held = world.an_evaluation()
    done = side_by_side([lambda: held.enter("teller-1"), lambda: held.enter("teller-2")])
    assert sorted(done) == ["agreed", "waiting"]
    assert world.rows("entry") == []
