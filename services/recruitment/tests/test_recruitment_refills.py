"""Whatever was lost, a refill makes it good: all that is heard here is then as if it had been heard in order."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts import organizers, registry, vetting
from kernel.context import Context
from kernel.store.tables import journal as entries
from services.recruitment import tables
from services.recruitment.reactions import REACTIONS
from services.recruitment.tests.world import World
from tests.late import Journal, Rehearsal, rows

DAY = date(2018, 2, 5)
CODE = "450102001777"


def told(world: World, candidate: str) -> Journal:
    journal = Journal(world.context, world.county)
    place = {"path": f"/4501/450102/450102001/{CODE}/", "city": "nanning", "county": world.county}
    for type, name in ((registry.ORGANISATION_REGISTERED, "旧名"), (registry.ORGANISATION_CHANGED, "新名")):
        journal.tell(type, f"organisation/{CODE}", {**place, "code": CODE, "name": name}, DAY)
    member = {"member_id": "m1", "branch": world.branch, "path": world.path}
    steps = ((registry.MEMBER_REGISTERED, "probationary"), (registry.MEMBER_CHANGED, "full"), (registry.MEMBER_CHANGED, "ended"))
    for type, status in steps:
        journal.tell(type, "member/m1", {**member, "status": status}, DAY, "m1", name="李组织")
    # A conclusion that lapses, and its renewal; of another case one that is older than both and not passed.
    conclusions = (
        ("v1", "not_passed", date(2016, 3, 1), None),
        ("v2", "passed", date(2016, 7, 18), date(2017, 7, 18)),
        ("v3", "passed", date(2017, 7, 10), date(2018, 7, 10)),
    )
    for case, outcome, day, until in conclusions:
        said = {**place, "case_id": case, "candidate_id": candidate, "branch": world.branch, "committee": world.committee}
        said |= {"path": world.path, "outcome": outcome, "concluded_on": day, "valid_until": until}
        journal.tell(vetting.VETTING_CONCLUDED, f"case/{case}", said, day)
    _tasks(journal, world, candidate)
    return journal


def _tasks(journal: Journal, world: World, candidate: str) -> None:
    """One task goes on into a second term and is closed, one is closed in its term, one is open."""

    def of(task: str, type: Any, **data: Any) -> None:
        journal.tell(type, f"task/{task}", {"task_id": task, "branch": world.branch, "candidate_id": candidate, **data}, DAY)

    for task in ("t1", "t2", "t3"):
        of(task, organizers.TASK_OPENED)
    of("t1", organizers.TASK_OPENED, until="2020-01-04")
    of("t2", organizers.TASK_CLOSED)
    of("t1", organizers.TASK_CLOSED, closed_on="2018-02-01")


def state(context: Context) -> Any:
    concluded = [row for row in rows(context, entries) if row["type"] == "vetting_concluded"]
    noted = sorted((row["day"], row["payload"]) for row in concluded)
    # The version is that of the candidate's own stream.
    (candidate,) = rows(context, tables.candidate, but=("version",))
    own = {table.name: rows(context, table) for table in (tables.organisation, tables.member, tables.dossier_grant)}
    return candidate, noted, own


@pytest.mark.catalogue("X1")
def test_what_is_heard_is_made_whole(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", DAY)
    candidate = world.a_candidate().id
    shown, noted, own = Rehearsal(world.context, REACTIONS, told(world, candidate).messages, state).check()
    assert (shown["vetting_case"], shown["vetting_valid_until"]) == ("v3", date(2018, 7, 10))
    assert [day for day, _ in noted] == [date(2016, 3, 1), date(2016, 7, 18), date(2017, 7, 10)]
    closed = {row["task_id"]: row["closed_on"] for row in own["dossier_grant"]}
    assert closed == {"t1": date(2018, 2, 1), "t2": date(2016, 12, 20), "t3": None}
    assert [row["status"] for row in own["member"] if row["member_id"] == "m1"] == ["ended"]
    world.close()
