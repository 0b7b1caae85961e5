"""Whatever was lost, a refill makes it good: newcomers and talks are then as if all had been heard in order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts import recruitment, registry
from kernel.context import Context
from services.scoring import tables
from services.scoring.reactions import REACTIONS
from services.scoring.tests.scoring_world import DAY, NAME, POOR, World
from tests.late import Journal, Rehearsal, rows

CODE = "450102001777"


def told(world: World, poor: str) -> Journal:
    """`poor`: a newcomer of the world's, heard of before, for whom a talk is due."""
    heard = {f"candidate/{row.candidate_id}": row.version for row in world.rows("newcomer")}
    journal = Journal(world.context, world.county, heard)

    def of(candidate: str, type: Any, day: date = DAY, name: str = "", **data: Any) -> None:
        place = {**world.place(candidate), "committee": world.committee, "city": world.city, "county": world.county}
        person = {"name": name, "id_number": "450102199005040014"} if name else {}
        journal.tell(type, f"candidate/{candidate}", {**place, **data}, day, candidate if person else None, **person)

    branch = {"code": CODE, "path": f"{world.committee_path}{CODE}/", "city": world.city, "county": world.county}
    for type, name in ((registry.ORGANISATION_REGISTERED, "旧名"), (registry.ORGANISATION_CHANGED, "新名")):
        journal.tell(type, f"organisation/{CODE}", {**branch, "name": name}, DAY)
    of("c1", recruitment.CANDIDATE_CORRECTED, name="王晓鸣", stage="prospect")
    of("c1", recruitment.ADMITTED, name="王晓鸣")
    of("c2", recruitment.CANDIDATE_LEFT, stage="prospect")
    of("c3", recruitment.ADMITTED, name=NAME)
    of("c1", recruitment.CANDIDATE_CORRECTED, name="王小鸣", stage="probationary")
    of("c1", recruitment.CANDIDATE_CORRECTED, name=NAME, stage="probationary")
    of("c3", recruitment.CANDIDATE_LEFT, end="disqualified", stage="probationary")
    of("c1", recruitment.CONVERTED, approved_on="2017-03-09")
    of("c1", recruitment.CANDIDATE_CORRECTED, name="王晓明", stage="full")
    of(poor, recruitment.CANDIDATE_LEFT, end="withdrawn", stage="probationary")
    return journal


@pytest.mark.catalogue("S2", "X1")
def test_newcomers_and_talks_are_made_whole(nanning: World) -> None:
    poor = nanning.a_newcomer()
    nanning.an_evaluation().count_all(**{poor: POOR}).conclude()

    def state(context: Context) -> Any:
        found = {row["candidate_id"]: row for row in rows(context, tables.newcomer)}
        names = {id: context.keys.open_fields(row["subject"], {"name": row["name_sealed"]})["name"] for id, row in found.items()}
        talks = [row["state"] for row in rows(context, tables.talk)]
        return found, names, talks, rows(context, tables.organisation)

    found, names, talks, _ = Rehearsal(nanning.context, REACTIONS, told(nanning, poor).messages, state).check()
    assert {id: row["end"] for id, row in found.items()} == {"c1": "full", "c3": "disqualified", poor: "withdrawn"}
    assert (names["c1"], talks) == ("王晓明", ["dropped"])
