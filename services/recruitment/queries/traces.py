"""What a candidate's dossier shows, gathered for the check of completeness."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from kernel.policy import PolicyBook, county_of
from services.recruitment.domain.completeness import Trace
from services.recruitment.domain.publicity import period_parameter
from services.recruitment.tables import contact, publicity, training


def trace_of(connection: Connection, policies: PolicyBook, row: Any) -> Trace:
    """`row` is the candidate's. Whether a publicity was due is judged by the packs of the day of the step it follows."""
    of_candidate = publicity.c.candidate_id == row.candidate_id
    shown = select(publicity.c.stage, publicity.c.ended_on).where(of_candidate, publicity.c.outcome == "clear")
    ended = {row.stage: row.ended_on for row in connection.execute(shown)}
    contacts = select(func.count()).where(contact.c.candidate_id == row.candidate_id, contact.c.until.is_(None))
    passed = select(func.count()).where(training.c.candidate_id == row.candidate_id, training.c.assessed == "passed")
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
        trainings_passed=connection.execute(passed).scalar_one(),
    )


def _required(policies: PolicyBook, row: Any, stage: str, day: Any) -> bool:
    if day is None:
        return False
    county = county_of(row.county)
    return policies.at(row.city, day, county).has(period_parameter(stage))
