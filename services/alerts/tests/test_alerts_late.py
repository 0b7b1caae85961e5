"""Events that come after what should have followed them: lost once, brought by a refill."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts import recruitment, registry, scoring
from kernel.context import Context
from services.alerts import tables
from services.alerts.reactions import REACTIONS
from tests.kit import a_context
from tests.late import Journal, Rehearsal, rows

TOWN = "/4501/450102/450102001/"
BRANCH = "450102001001"
WHERE = {"branch": BRANCH, "path": f"{TOWN}{BRANCH}/", "city": "nanning", "county": "450102"}
HEARD = ("organisation", "roll", "figure", "admission", "activist", "late_step", "departure", "evaluation")


def a_journal(context: Context) -> Journal:
    journal = Journal(context, "450102")
    branch = {"code": BRANCH, "path": WHERE["path"], "city": "nanning", "county": "450102"}
    journal.tell(registry.ORGANISATION_REGISTERED, f"organisation/{BRANCH}", branch, date(2014, 1, 6))
    journal.tell(registry.ORGANISATION_CHANGED, f"organisation/{BRANCH}", {**branch, "name": "新名"}, date(2016, 3, 1))
    for members in (20, 21):
        journal.tell(registry.ROLL_COUNTED, f"roll/{BRANCH}", {**WHERE, "members": members}, date(2016, 4, 1))
    town = {"organisation": "450102001", "path": TOWN, "city": "nanning", "county": "450102"}
    for figure in (7, 9):
        journal.tell(recruitment.FIGURE_APPROVED, "figure/450102001/2016", {**town, "figure": figure}, date(2016, 1, 5))
    _candidates(journal)
    journal.tell(scoring.EVALUATION_CONCLUDED, "evaluation/e1", {**WHERE, "evaluation_id": "e1"}, date(2017, 3, 10))
    return journal


def _candidates(journal: Journal) -> None:
    """One is late, catches up, is late again and leaves; one is late and leaves within a batch; one is admitted."""

    def of(candidate: str, type: Any, **data: Any) -> None:
        said = {**WHERE, "candidate_id": candidate, **data}
        journal.tell(type, f"candidate/{candidate}", said, date(2016, 6, 1))

    of("c1", recruitment.STEP_OVERDUE, due="2015-02-05")
    of("c1", recruitment.STEP_CAUGHT_UP, due="2015-02-05")
    of("c1", recruitment.ACTIVIST_DETERMINED, since="2015-06-01")
    of("c1", recruitment.STEP_OVERDUE, step="review", due="2015-12-01")
    of("c2", recruitment.STEP_OVERDUE, due="2015-03-05")
    of("c1", recruitment.CANDIDATE_LEFT, end="removed")
    of("c2", recruitment.CANDIDATE_LEFT, stage="applicant")
    of("c3", recruitment.ACTIVIST_DETERMINED, since="2014-06-01")
    of("c3", recruitment.ADMITTED, meeting_on="2016-05-12")
    of("c3", recruitment.STEP_OVERDUE, step="oath", due="2016-07-01")


@pytest.mark.catalogue("A1", "X1")
def test_whatever_was_lost_a_refill_makes_it_good(tmp_path: Path) -> None:
    context = a_context(tmp_path, "alerts", today=date(2017, 4, 1), metadata=tables.metadata)

    def state(context: Context) -> dict[str, Any]:
        return {name: rows(context, tables.metadata.tables[name]) for name in HEARD}

    found = Rehearsal(context, REACTIONS, a_journal(context).messages, state).check()
    assert {row["candidate_id"]: row["open"] for row in found["late_step"]} == {"c1": False, "c2": False, "c3": True}
    assert [row["registered_on"] for row in found["organisation"]] == [date(2014, 1, 6)]
