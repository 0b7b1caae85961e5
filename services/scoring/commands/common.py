"""What the commands share: the cases, whom they load, who may act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select

from kernel.actor import up_to
from kernel.commands import Body, Cases, told_of
from kernel.errors import Invalid
from kernel.states import Row as Step
from kernel.unit import Unit
from services.scoring.domain import states
from services.scoring.tables import evaluation, newcomer, organisation, self_check, talk

EVALUATIONS = Cases(states.EVALUATION, evaluation, "evaluation_id", "evaluation")
SELF_CHECKS = Cases(states.SELF_CHECK, self_check, "self_check_id", "self_check")
TALKS = Cases(states.TALK, talk, "talk_id", "talk", subject="subject")

_BRANCH_KIND = "branch"


def branch_of(unit: Unit, code: str) -> Row[Any]:
    """The branch, held until the command ends: of two evaluations at once, the second sees the first.

    Raises `NotYetKnown` until the registry's event has arrived here, `Invalid` for another kind of organisation.
    """
    row = told_of(unit, organisation, code, lock=True)
    if row.kind != _BRANCH_KIND:
        raise Invalid({"branch": ["满意度“双评议”由党支部组织实施"]})
    return row


def newcomers_of(unit: Unit, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """The persons admitted, by candidate's id."""
    rows = unit.connection.execute(select(newcomer).where(newcomer.c.candidate_id.in_(list(ids))))
    return {row.candidate_id: row for row in rows}


# -- one step of a case


def guard(unit: Unit, cases: Cases, row: Any, action: str, body: Body) -> Step:
    """Scope, state and version, in this order. The committee's own acts are for a post over the committee.

    Raises `Forbidden`, `Stale`.
    """
    by_committee = cases.states.roles(action) == states.COMMITTEE
    unit.authorise(up_to(row.committee, row.path) if by_committee else row.path)
    return cases.check(row, action, body)


def place(row: Any) -> dict[str, Any]:
    """The columns that say where a case stands."""
    return {name: getattr(row, name) for name in ("home_county", "branch", "committee", "path", "city", "county")}
