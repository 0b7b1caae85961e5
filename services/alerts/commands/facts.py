"""The facts of a batch of organisations, gathered with one query each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, case, func, select, true

from services.alerts.domain.triggers import NO_ACTIVIST, NO_ADMISSION, DroughtFacts, Evaluation, LateStep, Roll
from services.alerts.tables import activist, admission, circumstance, evaluation, figure, late_step, organisation, roll

RECORDED = "recorded"
BRANCH = "branch"

Ref = dict[str, Any]


def ref(source: str, row: Any) -> Ref:
    """An event as an explanation names it."""
    return {"source": source, "type": row.event_type, "id": row.event_id, "stream": row.stream, "version": row.version}


@dataclass(frozen=True, slots=True)
class Years:
    """`last` and `last_young`: the latest full years with one; `this_year`: how many since."""

    last: int | None = None
    last_young: int | None = None
    this_year: int = 0


@dataclass(frozen=True)
class Facts:
    """What has been heard of the organisations of a batch, by code. `year`: the present one."""

    year: int
    organisations: list[Any]
    figures: dict[str, dict[int, Any]] = field(default_factory=dict)
    admitted: dict[tuple[str, int], int] = field(default_factory=dict)
    droughts: dict[str, dict[str, Years]] = field(default_factory=dict)  # trigger -> branch
    exempt: dict[str, frozenset[int]] = field(default_factory=dict)
    rolls: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, list[Any]] = field(default_factory=dict)
    evaluations: dict[str, Any] = field(default_factory=dict)

    def drought(self, branch: Any, trigger: str) -> DroughtFacts:
        counted = self.rolls.get(branch.code)
        mine = self.droughts[trigger].get(branch.code, _NEVER)
        return DroughtFacts(
            registered_on=branch.registered_on,
            domain=branch.domain,
            last=mine.last,
            this_year=mine.this_year,
            last_young=self.droughts[NO_ADMISSION].get(branch.code, _NEVER).last_young,
            exempt=self.exempt.get(branch.code, frozenset()),
            roll=Roll(counted.members, counted.aged, counted.counted_on) if counted else None,
        )

    def latest(self, branch: Any) -> Evaluation | None:
        row = self.evaluations.get(branch.code)
        return evaluation_of(row) if row else None


_NEVER = Years()


def gather(connection: Connection, codes: Collection[str], year: int) -> Facts:
    """`codes` that have not been heard of are left out."""
    found = list(connection.execute(select(organisation).where(organisation.c.code.in_(codes)).order_by(organisation.c.code)))
    branches = [row.code for row in found if row.kind == BRANCH]
    facts = Facts(
        year,
        found,
        figures=_figures(connection, codes, year),
        droughts={NO_ADMISSION: _admissions(connection, branches, year), NO_ACTIVIST: _activists(connection, branches, year)},
        exempt=_exempt(connection, branches),
        rolls=_by(connection, roll, "branch", branches),
        steps=_grouped(connection, late_step, branches, late_step.c.open == true()),
        evaluations=_latest_evaluations(connection, branches),
    )
    facts.admitted.update(_admitted(connection, facts.figures, year))
    return facts


def _figures(connection: Connection, codes: Collection[str], year: int) -> dict[str, dict[int, Any]]:
    """From last year on: those of the years to come say on which day to look again."""
    query = select(figure).where(figure.c.organisation.in_(codes), figure.c.year >= year - 1)
    found: dict[str, dict[int, Any]] = {}
    for row in connection.execute(query):
        found.setdefault(row.organisation, {})[row.year] = row
    return found


def _admitted(connection: Connection, holders: Mapping[str, Any], year: int) -> dict[tuple[str, int], int]:
    """How many were admitted below those who hold a plan, this year and last."""
    query = (
        select(admission.c.organisation, admission.c.year, func.count().label("number"))
        .where(admission.c.organisation.in_(holders), admission.c.year.in_((year - 1, year)))
        .group_by(admission.c.organisation, admission.c.year)
    )
    return {(row.organisation, row.year): row.number for row in connection.execute(query)}


def _admissions(connection: Connection, branches: list[str], year: int) -> dict[str, Years]:
    full = admission.c.year < year
    # Somebody whose age nobody has told may have been young.
    young = admission.c.young.is_(None) | (admission.c.young == true())
    query = (
        select(
            admission.c.organisation,
            func.max(case((full, admission.c.year))).label("last"),
            func.max(case((full & young, admission.c.year))).label("last_young"),
            func.count(case((admission.c.year == year, 1))).label("this_year"),
        )
        .where(admission.c.organisation.in_(branches))
        .group_by(admission.c.organisation)
    )
    return {row.organisation: Years(row.last, row.last_young, row.this_year) for row in connection.execute(query)}


def _activists(connection: Connection, branches: list[str], year: int) -> dict[str, Years]:
    query = (
        select(
            activist.c.branch,
            func.max(case((activist.c.year < year, activist.c.year))).label("last"),
            func.count(case((activist.c.year == year, 1))).label("this_year"),
        )
        .where(activist.c.branch.in_(branches))
        .group_by(activist.c.branch)
    )
    return {row.branch: Years(row.last, None, row.this_year) for row in connection.execute(query)}


def _exempt(connection: Connection, branches: list[str]) -> dict[str, frozenset[int]]:
    query = select(circumstance.c.organisation, circumstance.c.years).where(
        circumstance.c.organisation.in_(branches), circumstance.c.state == RECORDED
    )
    found: dict[str, frozenset[int]] = {}
    for row in connection.execute(query):
        found[row.organisation] = found.get(row.organisation, frozenset()) | frozenset(json.loads(row.years))
    return found


def _by(connection: Connection, table: Any, column: str, values: list[str]) -> dict[str, Any]:
    rows = connection.execute(select(table).where(table.c[column].in_(values)))
    return {getattr(row, column): row for row in rows}


def _grouped(connection: Connection, table: Any, branches: list[str], condition: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in connection.execute(select(table).where(table.c.branch.in_(branches), condition)):
        found.setdefault(row.branch, []).append(row)
    return found


def _latest_evaluations(connection: Connection, branches: list[str]) -> dict[str, Any]:
    """Ids rise with time: they tell two evaluations of one day apart."""
    query = select(evaluation).where(evaluation.c.branch.in_(branches))
    return {row.branch: row for row in connection.execute(query.order_by(evaluation.c.held_on, evaluation.c.evaluation_id))}


def step_of(row: Any) -> LateStep:
    return LateStep(row.candidate_id, row.step, row.due)


def evaluation_of(row: Any) -> Evaluation:
    return Evaluation(row.evaluation_id, row.year, row.held_on, row.score, row.threshold, row.below, json.loads(row.grades))


def counted_refs(connection: Connection, wanted: Mapping[str, set[tuple[str, int]]]) -> dict[tuple[str, str, int], list[Ref]]:
    """The events of admissions and activists of organisations and years. `wanted` and the result: `admission` or `activist` first."""
    found: dict[tuple[str, str, int], list[Ref]] = {}
    for name, table, column in (("admission", admission, "organisation"), ("activist", activist, "branch")):
        keys = wanted.get(name, set())
        if not keys:
            continue
        query = select(table).where(table.c[column].in_({code for code, _ in keys}), table.c.year.in_({year for _, year in keys}))
        for row in connection.execute(query.order_by(table.c.candidate_id)):
            key = (name, getattr(row, column), row.year)
            if key[1:] in keys:
                found.setdefault(key, []).append(ref("recruitment", row))
    return found
