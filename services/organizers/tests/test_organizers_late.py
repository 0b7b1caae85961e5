"""Whatever was lost, a refill makes it good: candidates, members and tasks are then as if all had been heard in order."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts import recruitment, registry
from kernel.context import Context
from services.organizers import tables
from services.organizers.reactions import REACTIONS
from services.organizers.tests.organizers_world import World
from tests.late import Journal, Rehearsal, rows

DAY = date(2016, 2, 1)
CODE = "450102001777"


def told(world: World, *with_tasks: str) -> Journal:
    """`with_tasks`: two candidates of whom the service has heard before; the first leaves, the second becomes a full member."""
    journal = Journal(world.context, world.county, world.versions)

    def of(candidate: str, type: Any, branch: str = world.branch, **data: Any) -> None:
        where = {"branch": branch, "committee": world.committee, "path": f"{world.path}{branch}/"}
        where |= {"candidate_id": candidate, "city": world.city, "county": world.county}
        journal.tell(type, f"candidate/{candidate}", {**where, **data}, DAY)

    branch = {"code": CODE, "path": f"{world.path}{CODE}/", "city": world.city, "county": world.county}
    for type, name in ((registry.ORGANISATION_REGISTERED, "旧名"), (registry.ORGANISATION_CHANGED, "新名")):
        journal.tell(type, f"organisation/{CODE}", {**branch, "name": name}, DAY)
    member = {"member_id": "m1", "branch": world.branch, "path": f"{world.path}{world.branch}/"}
    for type, status in ((registry.MEMBER_REGISTERED, "probationary"), (registry.MEMBER_CHANGED, "full")):
        journal.tell(type, "member/m1", {**member, "status": status}, DAY, "m1", name="李组织")
    for candidate in ("c1", "c2", "c3"):
        of(candidate, recruitment.APPLICATION_RECEIVED)
    of("c2", recruitment.CANDIDATE_LEFT, stage="applicant")
    of("c1", recruitment.ACTIVIST_DETERMINED)
    of("c3", recruitment.ACTIVIST_DETERMINED, world.other_branch)
    of("c1", recruitment.PROSPECT_LISTED)
    of("c1", recruitment.ADMITTED)
    of("c1", recruitment.CONVERTED)
    leaves, converts = with_tasks
    of(leaves, recruitment.CANDIDATE_LEFT)
    of(converts, recruitment.PROSPECT_LISTED)
    of(converts, recruitment.ADMITTED)
    of(converts, recruitment.CONVERTED)
    return journal


def state(context: Context) -> Any:
    return {table.name: rows(context, table) for table in (tables.candidate, tables.member, tables.organisation, tables.task)}


@pytest.mark.catalogue("O3", "X1")
def test_candidates_members_and_tasks_are_made_whole(tmp_path: Path) -> None:
    world = World(tmp_path)
    organizer = world.appointed()
    leaves, converts = world.a_candidate(), world.a_candidate()
    for candidate in (leaves, converts):
        world.a_task(organizer, candidate)
    world.a_task(organizer)
    world.at(DAY)
    found = Rehearsal(world.context, REACTIONS, told(world, leaves, converts).messages, state).check()
    ended = {row["candidate_id"]: row["ended"] for row in found["candidate"]}
    assert ended == {"c1": True, "c2": True, "c3": False, leaves: True, converts: True}
    assert {row["candidate_id"]: row["state"] for row in found["task"]} == {leaves: "over", converts: "over", None: "open"}
    world.close()
