"""Recruitment on PostgreSQL: places, forms, sums of figures and approvals under real concurrency; the way to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Invalid, Refused, Stale
from kernel.journal import archive
from kernel.store.provision import provision
from services.recruitment import migrations
from services.recruitment.commands.overdue import publish_overdue
from services.recruitment.queries.archive import archive_dossier
from services.recruitment.queries.cases import to_do
from services.recruitment.tests.admitting import look
from services.recruitment.tests.world import World
from suite.servers import available, temporary_database

pytestmark = [pytest.mark.servers, pytest.mark.catalogue("R8", "R9", "R15")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    if available().database_url is None:
        pytest.skip("PostgreSQL does not answer")
    with temporary_database() as made:
        provision(made.url, {"recruitment": Path(migrations.__file__).parent}, b"secret")
        world = World(tmp_path, "jinhua", date(2015, 1, 5), url=made.url)
        yield world
        world.close()


def side_by_side(actions: list[Callable[[], Any]]) -> list[BaseException | None]:
    """Runs all at once. What each raised, in order."""
    raised: list[BaseException | None] = [None] * len(actions)
    ready = threading.Barrier(len(actions))

    def run(number: int) -> None:
        ready.wait()
        try:
            actions[number]()
        except Exception as error:  # what it was is what the test asks
            raised[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def _refused_by(raised: list[BaseException | None]) -> list[set[str]]:
    return [set(error.rules) for error in raised if isinstance(error, Refused)]


def _two_ready(world: World) -> tuple[list[Any], list[str]]:
    candidates = [world.a_candidate().at("prospect") for _ in range(2)]
    return candidates, [candidate.get_ready_to_examine() for candidate in candidates]


def test_of_two_that_want_the_last_place_one_gets_it(world: World) -> None:
    candidates, codes = _two_ready(world)
    world.a_figure(1)
    raised = side_by_side([lambda c=c, code=code: c.examine(code) for c, code in zip(candidates, codes, strict=True)])
    assert _refused_by(raised) == [{"plan.figure"}] and raised.count(None) == 1
    assert world.row("figure", organisation=world.committee, year=world.today.year).taken == 1


def test_of_two_that_get_the_same_form_one_has_it(world: World) -> None:
    candidates, codes = _two_ready(world)
    world.a_figure(2)
    raised = side_by_side([lambda c=c: c.examine(codes[0]) for c in candidates])
    assert _refused_by(raised) == [{"form.code_reused"}] and raised.count(None) == 1
    assert world.row("figure", organisation=world.committee, year=world.today.year).taken == 1


def test_two_committees_at_once_stay_within_the_countys_figure(world: World) -> None:
    second = f"{world.county}002"
    world.an_organisation(second, "committee", world.county, f"/{world.city_code}/{world.county}/{second}/")
    county = {"organisation": world.county, "year": world.today.year, "figure": 10, "document": "批复"}
    world.do("figure", county, as_=world.account("city_department"))
    raised = side_by_side([lambda: world.a_figure(6), lambda: world.a_figure(6, organisation=second)])
    assert [type(error) for error in raised if error] == [Invalid]
    assert sum(row.figure for row in world.rows("figure") if row.organisation != world.county) == 6


@pytest.mark.catalogue("R10", "R12", "R13", "O4")
def test_the_way_to_full_membership_and_what_waits_on_it(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    world.at(candidate.row.decision_due + timedelta(days=1))
    publish_overdue(world.context)
    assert {item["step"]: item["overdue"] for item in look(world, to_do)["items"]}["committee_decision"] is True
    candidate.at("full")
    assert [row.type for row in world.rows("pending") if row.type.startswith("step_")] == ["step_overdue", "step_caught_up"]
    assert archive.verify(look(world, archive_dossier, candidate.id)).sound
    task = {"task_id": "t", "organizer_id": "o", "account": "a", "kind": "guide", "branch": world.branch, "candidate_id": None}
    world.hear("organizers", "task_opened", "task/t", {**task, "since": "2015-01-05", "until": "2099-01-05"})
    world.hear("organizers", "task_closed", "task/t", {**task, "closed_on": "2016-01-05"})
    assert world.row("dossier_grant").closed_on == date(2016, 1, 5)


def test_of_two_that_approve_at_once_one_does(world: World) -> None:
    candidate = world.a_candidate().at("reported")
    candidate.talk_before_approval()
    candidate.vote_in_committee("admission")
    raised = side_by_side([lambda: world.do("admit", {"document": "批复"}, candidate.id)] * 2)
    assert [type(error) for error in raised if error] == [Stale] and raised.count(None) == 1
    assert len(world.rows("pending", type="admitted")) == 1
