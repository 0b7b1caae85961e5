"""Organizers on PostgreSQL: the same commands, and what only real concurrency shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts import recruitment
from kernel.errors import Stale, XinhuoError
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.store.provision import provision
from services.organizers import migrations
from services.organizers.commands import expiry
from services.organizers.domain import states
from services.organizers.queries import organizers, tasks
from services.organizers.tests.organizers_world import World
from suite.servers import available, temporary_database

pytestmark = [pytest.mark.servers, pytest.mark.catalogue("O1", "O2", "O3")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    if available().database_url is None:
        pytest.skip("PostgreSQL does not answer")
    with temporary_database() as made:
        provision(made.url, {"organizers": Path(migrations.__file__).parent}, b"secret")
        world = World(tmp_path, url=made.url)
        yield world
        world.close()


def look(world: World, query: Any, *ids: str, **params: Any) -> Any:
    with world.context.database.read() as connection:
        actor = world.actor("committee_organiser")
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
    id, candidate = world.appointed(), world.a_candidate()
    task = world.a_task(id, candidate)
    world.do("log", {"text": "谈心", "minutes": 30}, task)
    world.failed(id)
    assert [item["name"] for item in look(world, organizers.list_organizers)["items"]] == ["李组织"]
    shown = look(world, organizers.show_organizer, id)
    assert ([year["minutes"] for year in shown["work"]], shown["assessments"][0]["result"]) == ([30, 0], "failed")
    world.hear(world.of(candidate, recruitment.CANDIDATE_LEFT, end="removed", stage="activist"))
    assert look(world, tasks.show_task, task)["state"] == "over"
    world.a_task(id)
    world.at(world.row("organizer").until + timedelta(days=1))
    assert expiry.keep_terms(world.context) == 1
    assert [item["step"] for item in look(world, tasks.to_do)["items"]] == ["hand_over"]


def test_of_two_recommendations_of_one_person_at_once_one_is_refused(world: World) -> None:
    member = world.a_member()
    done = side_by_side([lambda: world.recommended(member)] * 2)
    assert sum(isinstance(answer, Stale) for answer in done) == 1
    assert len(world.rows("organizer")) == 1


def test_of_a_lapse_and_a_lapse_at_once_one_is_told(world: World) -> None:
    id = world.appointed()
    world.at(world.row("organizer").until + timedelta(days=1))
    side_by_side([lambda: expiry.keep_terms(world.context)] * 2)
    assert world.types(f"organizer/{id}").count("organizer_ended") == 1
