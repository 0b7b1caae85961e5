"""What concluding every kind of meeting shares: whose results, the agreed figures, the outcomes, the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from kernel.commands import Answer, articles, change
from kernel.policy import Policy, Reason
from kernel.states import Row as Step
from kernel.unit import Unit
from services.recruitment.commands.meetings import CONCLUDED
from services.recruitment.domain.tally import Figures
from services.recruitment.tables import ballot, candidate, meeting


def candidates_of(unit: Unit, counts: Sequence[Any]) -> list[Any]:
    ids = {count.candidate_id for count in counts}
    rows = unit.connection.execute(select(candidate).where(candidate.c.candidate_id.in_(ids)))
    return sorted(rows, key=lambda row: str(row.candidate_id))


def figures_of(counts: Sequence[Any], candidate_id: str, voters: str) -> Figures:
    count = next(count for count in counts if count.candidate_id == candidate_id and count.voters == voters)
    return Figures.of(count._mapping)


def left(row: Any) -> dict[str, Any]:
    """A candidate who has gone on or away since the meeting: nothing to note."""
    return {
        "candidate_id": row.candidate_id,
        "outcome": "left",
        "state": row.state,
        "version": row.version,
        "reasons": [],
        "departures": [],
    }


def said(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [{"rule": r.rule, "source": r.source, "message": r.message, "waivable": r.waivable} for r in reasons]


def mark(unit: Unit, held: Any, counts: Sequence[Any], results: Sequence[dict[str, Any]]) -> None:
    outcomes = {result["candidate_id"]: result["outcome"] for result in results}
    for count in counts:
        change(unit, ballot, count, outcome=outcomes[count.candidate_id])


def close(unit: Unit, held: Any, day: date, version: int, policy: Policy, step: Step, results: list[dict[str, Any]]) -> Answer:
    change(unit, meeting, held, version=version, state=CONCLUDED, concluded_on=day)
    return {
        "meeting_id": held.meeting_id,
        "kind": held.kind,
        "state": CONCLUDED,
        "version": version,
        "day": day,
        "results": results,
        "articles": articles(policy, step.rules),
    }
