"""What a specially appointed organizer may read: the dossiers of his open tasks, in term, and each look is noted. Source: NN 4(4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Forbidden
from kernel.http.entrypoints import endpoints_of
from kernel.journal import archive
from kernel.unit import command
from services.recruitment.domain import states
from services.recruitment.queries.archive import archive_dossier
from services.recruitment.queries.candidates import show_candidate
from services.recruitment.queries.dossiers import check_dossier, export_dossier, show_timeline
from services.recruitment.reactions import REACTIONS
from services.recruitment.service import Recruitment
from services.recruitment.tests.admitting import look
from services.recruitment.tests.world import World

DAY = date(2016, 3, 1)
ROLES = (*states.READERS, *states.ORGANIZERS)
QUERIES: list[Callable[..., Any]] = [show_candidate, show_timeline, check_dossier, export_dossier, archive_dossier]


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning", DAY)


def task(world: World, id: str, candidate_id: str | None = None, branch: str | None = None) -> dict[str, Any]:
    data = {"task_id": id, "organizer_id": "o1", "account": "organizer", "branch": branch or world.branch}
    kind = "accompany" if candidate_id else "guide"
    return {**data, "kind": kind, "candidate_id": candidate_id}


def opened(world: World, id: str, candidate_id: str | None = None, until: date | None = None, **values: Any) -> None:
    term = {"since": world.today.isoformat(), "until": (until or world.today + timedelta(days=30)).isoformat()}
    world.hear("organizers", "task_opened", f"task/{id}", {**task(world, id, candidate_id), **term, **values})


def closed(world: World, id: str, candidate_id: str | None = None) -> None:
    world.hear("organizers", "task_closed", f"task/{id}", {**task(world, id, candidate_id), "closed_on": world.today.isoformat()})


def see(world: World, query: Callable[..., Any], id: str, account: str = "organizer") -> Any:
    committee = world.path[: world.path.index(f"/{world.committee}/") + len(world.committee) + 2]
    organizer = world.account("special_organizer", account, path=committee)
    return look(world, query, id, as_=organizer, roles=ROLES, stage="activist")


@pytest.mark.catalogue("O4", "X5")
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_a_dossier_is_open_for_the_task_that_needs_it_and_each_look_is_noted(nanning: World, query: Callable[..., Any]) -> None:
    mine, other = nanning.a_candidate(), nanning.a_candidate()
    with pytest.raises(Forbidden):
        see(nanning, query, mine.id)
    opened(nanning, "t1", mine.id)
    assert see(nanning, query, mine.id)
    assert [row.account for row in nanning.rows("access_log", action="candidate.by_task", object=f"candidate/{mine.id}")] == [
        "organizer"
    ]
    for id, account in ((other.id, "organizer"), (mine.id, "another")):
        with pytest.raises(Forbidden):
            see(nanning, query, id, account)


@pytest.mark.catalogue("O4")
def test_the_right_ends_with_the_term_and_with_the_task(nanning: World) -> None:
    candidate = nanning.a_candidate()
    last = nanning.today + timedelta(days=5)
    opened(nanning, "t1", candidate.id, until=last)
    see(nanning.at(last), show_timeline, candidate.id)
    with pytest.raises(Forbidden):
        see(nanning.at(last + timedelta(days=1)), show_timeline, candidate.id)
    opened(nanning, "t2", candidate.id)
    see(nanning, show_timeline, candidate.id)
    closed(nanning, "t2", candidate.id)
    with pytest.raises(Forbidden):
        see(nanning, show_timeline, candidate.id)


@pytest.mark.catalogue("O4")
def test_a_task_with_a_branch_opens_its_candidates_and_no_others(nanning: World) -> None:
    candidate = nanning.a_candidate()
    opened(nanning, "t1", branch="450102001002")
    with pytest.raises(Forbidden):
        see(nanning, show_candidate, candidate.id)
    opened(nanning, "t2")
    assert see(nanning, show_candidate, candidate.id)["candidate_id"] == candidate.id


@pytest.mark.catalogue("O4", "X1")
def test_a_republished_opening_does_not_open_again(nanning: World) -> None:
    candidate = nanning.a_candidate()
    opened(nanning, "t1", candidate.id)
    version = nanning.row("dossier_grant").version
    closed(nanning, "t1", candidate.id)
    data = {**task(nanning, "t1", candidate.id), "since": "2016-03-01", "until": "2016-03-31"}
    event = nanning._event("organizers", "task_opened", "task/t1", data)
    reaction = REACTIONS.get("organizers", "task_opened")
    assert reaction is not None
    with command(nanning.context) as unit:
        reaction(unit, [replace(event, version=version)])
    assert nanning.row("dossier_grant").closed_on == nanning.today


def test_who_reads_by_another_post_needs_no_task(nanning: World) -> None:
    candidate = nanning.a_candidate()
    both = nanning.account("branch_secretary")
    assert look(nanning, show_timeline, candidate.id, as_=both, roles=ROLES)
    assert nanning.rows("access_log", action="candidate.by_task") == []


@pytest.mark.catalogue("O4")
def test_nothing_but_one_candidates_dossier_is_open_to_an_organizer() -> None:
    doors = {e.path for e in endpoints_of(Recruitment) if e.kind == "query" and "special_organizer" in e.roles}
    one = "/candidates/<candidate_id>"
    assert doors == {one, f"{one}/timeline", f"{one}/completeness", f"{one}/dossier", f"{one}/dossier-archive"}


@pytest.mark.catalogue("R14")
def test_the_archive_of_a_dossier_is_sound_and_the_same_each_time(nanning: World) -> None:
    candidate = nanning.a_candidate().at("activist")
    first, second = (look(nanning, archive_dossier, candidate.id) for _ in range(2))
    assert first == second
    verdict = archive.verify(first)
    assert verdict.sound and verdict.entries == candidate.row.version
