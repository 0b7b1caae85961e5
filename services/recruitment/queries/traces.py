"""What a candidate's dossier shows, gathered for the check of completeness."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from kernel.policy import PolicyBook, county_of
from services.recruitment.domain.completeness import Trace
from services.recruitment.domain.completing import LaterTrace
from services.recruitment.domain.publicity import period_parameter
from services.recruitment.tables import contact, introducer, opinion, publicity, training


def trace_of(connection: Connection, policies: PolicyBook, row: Any) -> Trace:
    """`row` is the candidate's. Whether a publicity was due is judged by the packs of the day of the step it follows."""
    of_candidate = publicity.c.candidate_id == row.candidate_id
    shown = select(publicity.c.stage, publicity.c.ended_on).where(of_candidate, publicity.c.outcome == "clear")
    ended = {row.stage: row.ended_on for row in connection.execute(shown)}
    contacts = select(func.count()).where(contact.c.candidate_id == row.candidate_id, contact.c.until.is_(None))
    trainings = (
        connection.execute(select(training.c.started_on).where(training.c.candidate_id == row.candidate_id)).scalars().all()
    )
    heard = select(func.count()).where(opinion.c.candidate_id == row.candidate_id)
    introducers = select(func.count()).where(introducer.c.candidate_id == row.candidate_id, introducer.c.until.is_(None))
    return Trace(
        applied_on=row.applied_on,
        talked_on=row.talked_on,
        application_publicity_ended_on=ended.get("application"),
        application_publicity_required=_required(policies, row, "application", row.applied_on),
        recommended_on=row.recommended_on,
        approved_on=row.approved_on,
        balloted_on=row.balloted_on if row.ballot_passed else None,
        determined_on=row.determined_on,
        activist_publicity_ended_on=ended.get("activist"),
        activist_publicity_required=_required(policies, row, "activist", row.determined_on),
        filed_on=row.filed_on,
        contacts=connection.execute(contacts).scalar_one(),
        reviews=1 if row.reviewed_on else 0,
        trainings=len(trainings),
        opinions=connection.execute(heard).scalar_one(),
        prospect_balloted_on=row.prospect_balloted_on if row.prospect_ballot_passed else None,
        proposed_on=row.proposed_on,
        introducers=connection.execute(introducers).scalar_one(),
        endorsed_on=row.endorsed_on,
        prospect_publicity_ended_on=ended.get("prospect"),
        prospect_publicity_required=_required(policies, row, "prospect", row.listed_on),
        listed_on=row.listed_on,
        branch_reviewed_on=row.branch_reviewed_on if row.branch_review_passed else None,
        committee_reviewed_on=row.committee_reviewed_on if row.committee_review_passed else None,
        vetting_concluded_on=row.vetting_concluded_on if row.vetting_outcome == "passed" else None,
        prospect_trainings=sum(row.listed_on is not None and day >= row.listed_on for day in trainings),
        consented_on=row.consented_on,
        later=_later(row, ended),
    )


def _later(row: Any, ended: Mapping[str, date]) -> LaterTrace:
    return LaterTrace(
        examined_on=row.examined_on,
        voted_on=row.voted_on if row.vote_passed else None,
        admitted_on=row.admitted_on,
        probation_since=row.probation_since,
        committee_talked_on=row.committee_talked_on,
        oath_on=row.oath_on,
        reviewed_on=row.probation_reviewed_on,
        applied_on=row.conversion_applied_on,
        shown=ended,
    )


def _required(policies: PolicyBook, row: Any, stage: str, day: Any) -> bool:
    if day is None:
        return False
    county = county_of(row.county)
    return policies.at(row.city, day, county).has(period_parameter(stage))
