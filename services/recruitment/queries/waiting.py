"""What waits between the activist and full membership: one query per step, for the to-do list."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select

from kernel.http.waiting import waits
from services.recruitment.domain import states
from services.recruitment.tables import candidate


def due(step: str, id: Any, candidate_id: Any, path: Any, day: Any, *, dated: bool) -> Select[Any]:
    """`dated`: whether `day` is a term; else it is only the day since which it waits."""
    return waits(step, day, dated=dated, id=id, candidate_id=candidate_id, path=path)


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
        due("vetting_lapses", c.candidate_id, c.candidate_id, c.path, c.vetting_valid_until, dated=True).where(
            c.state.in_(states.PROSPECT_STATES), c.vetting_outcome == "passed", c.vetting_valid_until.is_not(None)
        ),
    ]


def of_admissions() -> list[Select[Any]]:
    """From the members' meeting to the committee's decision on conversion; the terms are those that `overdue` tells."""
    c = candidate.c
    examined, reported = c.state == states.EXAMINED, c.state == states.REPORTED
    probationary, on_probation = c.state == states.PROBATIONARY, c.state.in_(states.PROBATION_STATES)
    passed = c.vote_passed.is_(True)
    return [
        _since("admission_meeting", c.examined_on).where(examined, c.vote_passed.is_not(True)),
        _since("report", c.voted_on).where(examined, passed),
        _since("committee_talk", c.reported_on).where(reported, c.committee_talked_on.is_(None)),
        _term("committee_decision", c.decision_due).where(reported),
        _term("oath", c.oath_due).where(on_probation, c.oath_on.is_(None)),
        _since("oath", c.admitted_on).where(on_probation, c.oath_on.is_(None), c.oath_due.is_(None)),
        _term("probation_review", c.probation_review_due).where(on_probation),
        _term("conversion", c.probation_ends).where(probationary, c.vote_passed.is_not(True)),
        _since("conversion_report", c.voted_on).where(probationary, passed),
        _term("conversion_decision", c.decision_due).where(c.state == states.CONVERSION_REPORTED),
    ]


def _term(step: str, day: Any) -> Select[Any]:
    c = candidate.c
    return due(step, c.candidate_id, c.candidate_id, c.path, day, dated=True).where(day.is_not(None))


def _since(step: str, day: Any) -> Select[Any]:
    c = candidate.c
    return due(step, c.candidate_id, c.candidate_id, c.path, day, dated=False).where(day.is_not(None))
