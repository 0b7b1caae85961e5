"""What waits between the activist and the issued form: one query per step, for the to-do list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, literal, select

from services.recruitment.domain import states
from services.recruitment.tables import candidate


def due(step: str, id: Any, candidate_id: Any, path: Any, due: Any, dated: int) -> Select[Any]:
    """`dated`: 1 where `due` is a term; 0 where it is only the day since which it waits."""
    return select(
        literal(step).label("step"),
        id.label("id"),
        candidate_id.label("candidate_id"),
        path.label("path"),
        due.label("due"),
        literal(dated).label("dated"),
    )


def of_prospects(consenting: Collection[str]) -> list[Select[Any]]:
    """`consenting`: the cities in which the county consents before a committee starts."""
    c = candidate.c
    prospect = c.state == states.PROSPECT
    reviewed = c.branch_review_passed.is_(True) & c.committee_review_passed.is_(True)
    return [
        _since("endorsement", c.proposed_on).where(c.state == states.PROPOSED, c.endorsed_on.is_(None)),
        _since("listing", c.endorsed_on).where(c.state == states.PROPOSED, c.endorsed_on.is_not(None)),
        _since("branch_review", c.listed_on).where(prospect, c.branch_review_passed.is_not(True)),
        _since("committee_review", c.branch_reviewed_on).where(
            prospect, c.branch_review_passed.is_(True), c.committee_review_passed.is_not(True)
        ),
        _since("start_consent", c.committee_reviewed_on).where(
            prospect, reviewed, c.consented_on.is_(None), c.city.in_(consenting)
        ),
        _since("pre_examination", c.vetting_concluded_on).where(prospect, reviewed, c.vetting_outcome == "passed"),
        due("vetting_lapses", c.candidate_id, c.candidate_id, c.path, c.vetting_valid_until, 1).where(
            c.state.in_(states.PROSPECT_STATES), c.vetting_outcome == "passed", c.vetting_valid_until.is_not(None)
        ),
    ]


def _since(step: str, day: Any) -> Select[Any]:
    c = candidate.c
    return due(step, c.candidate_id, c.candidate_id, c.path, day, 0).where(day.is_not(None))
