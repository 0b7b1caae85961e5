"""Whatever was lost, a refill makes it good: candidates and cases are then as if all had been heard in order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from contracts import recruitment, registry
from kernel.context import Context
from services.vetting import tables
from services.vetting.reactions import REACTIONS
from services.vetting.tests.vetting_world import ID_NUMBER, NAME, World
from tests.late import Journal, Rehearsal, rows

DAY = date(2016, 7, 4)
WRONG = "330702199001010022"
#: An activist of whom an earlier version of this service has heard.
OLD = "01890a5d-ac96-774b-bcce-b302099a8067"

pytestmark = pytest.mark.catalogue("V1", "X1")


class Told:
    """A journal of recruitment about candidates of the world's branch."""

    def __init__(self, world: World) -> None:
        self.world, self.journal = world, Journal(world.context, world.county, world._versions)

    def of(self, candidate: str, type: Any, day: date = DAY, number: str = "", **data: Any) -> None:
        person = {"name": NAME, "id_number": number} if number else {}
        said = {**self.world.about(candidate), **data}
        self.journal.tell(type, f"candidate/{candidate}", said, day, candidate if person else None, **person)

    def listed(self, candidate: str, number: str = ID_NUMBER) -> None:
        self.of(candidate, recruitment.PROSPECT_LISTED, date(2016, 6, 1), number, since="2016-06-01")

    def reviewed(self, candidate: str, by: str, passed: bool = True) -> None:
        self.of(candidate, recruitment.PROSPECT_REVIEWED, date(2016, 6, 3), by=by, passed=passed)


def told(world: World) -> Told:
    told = Told(world)
    branch = {"code": world.branch, "path": world.path, "city": world.city, "county": world.county}
    for name in ("旧名", "新名"):
        told.journal.tell(registry.ORGANISATION_CHANGED, f"organisation/{world.branch}", {**branch, "name": name}, DAY)
    told.listed("c1", WRONG)
    told.reviewed("c1", "branch", passed=False)
    told.of("c1", recruitment.CANDIDATE_CORRECTED, number=ID_NUMBER, stage="prospect")
    told.reviewed("c1", "branch")
    told.reviewed("c1", "committee")
    told.of("c2", recruitment.CANDIDATE_LEFT, stage="applicant")
    told.listed("c3")
    told.reviewed("c3", "branch")
    told.of("c1", recruitment.ADMITTED, approved_on="2016-07-02")
    told.of("c3", recruitment.CANDIDATE_LEFT, end="removed", stage="prospect")
    told.of("c1", recruitment.CANDIDATE_LEFT, end="disqualified", stage="probationary")
    told.of("c1", recruitment.CANDIDATE_CORRECTED, number=WRONG, stage="probationary")
    # Of the world's own prospect a case is open.
    told.of(world.candidate, recruitment.CANDIDATE_LEFT, stage="prospect")
    return told


def state(context: Context) -> Any:
    found = {row["candidate_id"]: row for row in rows(context, tables.candidate)}
    numbers = {
        id: context.keys.open_fields(row["subject"], {"id_number": row["id_number_sealed"]})["id_number"]
        for id, row in found.items()
    }
    return found, numbers, rows(context, tables.organisation), rows(context, tables.case, but=("version",))


def test_candidates_and_cases_are_made_whole(nanning: World) -> None:
    nanning.opened()
    found, numbers, _, (case,) = Rehearsal(nanning.context, REACTIONS, told(nanning).journal.messages, state).check()
    assert set(found) == {"c1", "c3", nanning.candidate}
    assert all(row["has_left"] for row in found.values())
    reviews = ("branch_review_passed", "committee_review_passed", "admitted_on")
    assert [found["c1"][name] for name in reviews] == [True, True, date(2016, 7, 2)]
    assert numbers["c1"] == WRONG
    assert (case["state"], case["ended_on"]) == ("closed", DAY)


def test_a_listing_that_comes_late_undoes_nothing_of_who_was_known_as_an_activist(nanning: World) -> None:
    was = nanning.candidate_row()._mapping
    unknown = dict.fromkeys(name for name in was if name.endswith(("_version", "_on", "_passed")))
    row = {**was, **unknown, "candidate_id": OLD, "subject": OLD, "elsewhere": None, "version": None}
    with nanning.context.database.write() as connection:
        connection.execute(insert(tables.candidate), row)
    told = Told(nanning)
    told.listed(OLD)
    told.reviewed(OLD, "branch")
    told.of(OLD, recruitment.CANDIDATE_CORRECTED, number=WRONG, stage="prospect")
    told.of(OLD, recruitment.CANDIDATE_LEFT, stage="prospect")

    found, numbers, *_ = Rehearsal(nanning.context, REACTIONS, told.journal.messages, state).check()
    assert (found[OLD]["elsewhere"], found[OLD]["has_left"], numbers[OLD]) == (False, True, WRONG)
