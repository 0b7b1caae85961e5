"""The triggers that are computed from facts, one function each. Source: NN 2(1), 3(2).

Facts and policy in, what was found out; nothing here concludes anything: a person of the issuer decides whether to warn. Each finding
has a period (a year, or `open` for what is going on), so that the same facts always make the same finding.

Beside `find_…` stands `…_turn`: the next day on which it finds something else though no fact and no rule has changed. It may name a day
too early, never one too late; None is never. Late steps have none: what is overdue is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any, Final

from kernel.policy import Policy, exceeds
from kernel.workdays import add_days, add_months
from services.alerts.domain.plan import DeviationFacts, decide_deviation
from services.alerts.domain.warning import NEAR, TRIGGERED

NO_PLAN: Final = "no_plan"
NO_ADMISSION: Final = "no_admission"
NO_ACTIVIST: Final = "no_activist"
PLAN_DEVIATION: Final = "plan_deviation"
STEP_LATE: Final = "step_late"
SATISFACTION: Final = "satisfaction"
TRIGGERS: Final = (NO_PLAN, NO_ADMISSION, NO_ACTIVIST, PLAN_DEVIATION, STEP_LATE, SATISFACTION)

ORDINARY: Final = "ordinary"
SERIOUS: Final = "serious"

#: The period of what is going on and has no year of its own.
OPEN: Final = "open"
_RURAL: Final = "rural"


@dataclass(frozen=True, slots=True)
class Found:
    """A trigger near or triggered. `fixed`: it lies in the past, and nothing that is done now changes it.

    `parameters` are those of the packs that it was measured against.
    """

    trigger: str
    period: str
    state: str
    severity: str
    fixed: bool
    since: date
    facts: Mapping[str, Any]
    parameters: tuple[str, ...]


def new_year(year: int) -> date | None:
    """The first of January; None past the end of the calendar."""
    return date(year, 1, 1) if year <= MAXYEAR else None


def earliest(days: Iterable[date | None], after: date) -> date | None:
    """The first of them that is still to come."""
    return min((day for day in days if day is not None and day > after), default=None)


# -- (1) no annual plan


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """`planned`: the years for which the organisation has an approved figure."""

    registered_on: date
    planned: frozenset[int]


def find_no_plan(facts: PlanFacts, today: date, policy: Policy, last_year: Policy) -> list[Found]:
    """No approved figure when the month in which it is due is over; in that month it is near.

    Who was registered when the month had begun need not have one that year. `last_year`: the rules at the end of the last year,
    whose missing plan cannot be made good any more.
    """
    found = []
    for year, rules in ((today.year - 1, last_year), (today.year, policy)):
        if year in facts.planned or not rules.asks("alert.no_plan") or not rules.has("alert.plan_due_month"):
            continue
        begins = date(year, rules.value("alert.plan_due_month"), 1)
        over = add_months(begins, 1)
        if facts.registered_on >= begins or today < begins:
            continue
        late = today >= over
        found.append(
            Found(
                trigger=NO_PLAN,
                period=str(year),
                state=TRIGGERED if late else NEAR,
                severity=ORDINARY,
                fixed=year < today.year,
                since=over if late else begins,
                facts={"year": year, "figure": None, "due_until": add_days(over, -1)},
                parameters=("alert.no_plan", "alert.plan_due_month"),
            )
        )
    return found


def no_plan_turn(facts: PlanFacts, today: date, policy: Policy, last_year: Policy) -> date | None:
    """`facts.planned` also says the years to come."""
    days: list[date | None] = []
    for year, rules in ((today.year - 1, last_year), (today.year, policy), (today.year + 1, policy)):
        if year in facts.planned or year > MAXYEAR or not rules.asks("alert.no_plan") or not rules.has("alert.plan_due_month"):
            continue
        begins = date(year, rules.value("alert.plan_due_month"), 1)
        if facts.registered_on < begins:
            days += [begins, add_months(begins, 1), new_year(year + 1), new_year(year + 2)]
    return earliest(days, today)


# -- (2) years without admission or activist


@dataclass(frozen=True, slots=True)
class Roll:
    members: int
    aged: int
    counted_on: date


@dataclass(frozen=True, slots=True)
class DroughtFacts:
    """`last`: the latest full year in which there was one; `this_year`: how many there have been since.

    `last_young`: the latest full year in which somebody young was admitted, or somebody whose age is not known. `exempt`: years with
    recorded special circumstances.
    """

    registered_on: date
    domain: str | None
    last: int | None
    this_year: int
    last_young: int | None
    exempt: frozenset[int]
    roll: Roll | None


_THRESHOLDS: Final = {NO_ADMISSION: "alert.no_admission_years", NO_ACTIVIST: "alert.no_activist_years"}
_RURAL_PARAMETERS: Final = ("alert.rural.young_age", "alert.rural.ageing_age", "alert.rural.ageing_percent")


def find_drought(trigger: str, facts: DroughtFacts, today: date, policy: Policy) -> list[Found]:
    """So many full calendar years in a row without an admission, or without a new activist; one year short of it is near.

    Counted from the year after the branch was registered here. Years with special circumstances are left out, and the row goes on
    over them. In a village without young admissions whose members have aged it is serious.
    """
    threshold = _THRESHOLDS[trigger]
    if not policy.has(threshold):
        return []
    last_full = today.year - 1
    first = max(facts.registered_on.year, facts.last or 0) + 1
    years = [year for year in range(first, last_full + 1) if year not in facts.exempt]
    short = policy.value(threshold) - len(years)
    # Whoever has admitted somebody this year is not about to miss another one.
    if not years or short > 1 or (short == 1 and facts.this_year):
        return []
    ageing = _ageing(facts, years, policy)
    serious = short <= 0 and ageing is not None and ageing["serious"]
    return [
        Found(
            trigger=trigger,
            period=str(last_full),
            state=NEAR if short > 0 else TRIGGERED,
            severity=SERIOUS if serious else ORDINARY,
            fixed=short <= 0,
            since=date(today.year, 1, 1),
            facts={
                "years": years,
                "count": len(years),
                "last": facts.last,
                "this_year": facts.this_year,
                "left_out": sorted(year for year in facts.exempt if first <= year <= last_full),
                "ageing": ageing,
            },
            parameters=(threshold, *(_RURAL_PARAMETERS if ageing is not None else ())),
        )
    ]


def _ageing(facts: DroughtFacts, years: Sequence[int], policy: Policy) -> dict[str, Any] | None:
    """What the rural condition looks at; None where it does not bind, or the members were not counted."""
    if facts.domain != _RURAL or facts.roll is None or not all(policy.has(name) for name in _RURAL_PARAMETERS):
        return None
    no_young = facts.last_young is None or facts.last_young < years[0]
    aged = exceeds(facts.roll.aged, facts.roll.members, policy.value("alert.rural.ageing_percent"))
    return {
        "members": facts.roll.members,
        "aged": facts.roll.aged,
        "counted_on": facts.roll.counted_on,
        "young_admitted": not no_young,
        "serious": no_young and aged,
    }


def drought_turn(trigger: str, facts: DroughtFacts, today: date, policy: Policy) -> date | None:
    """Of a branch of which nothing is found today: the new year before which enough years have gone by. Else it is the next one."""
    threshold = _THRESHOLDS[trigger]
    if not policy.has(threshold):
        return None
    last = today.year if facts.this_year else facts.last or 0
    year, missing = max(facts.registered_on.year, last), max(policy.value(threshold) - 1, 1)
    while missing:
        year += 1
        missing -= year not in facts.exempt
    return new_year(max(year, today.year) + 1)


# -- (3) off the plan


@dataclass(frozen=True, slots=True)
class YearFacts:
    """The approved figure of a year, and how many have been admitted below the organisation that holds it."""

    year: int
    planned: int
    actual: int


def find_deviation(facts: YearFacts, today: date, policy: Policy) -> list[Found]:
    """Last year's plan missed or overrun by too much; from the year's last months on, this year's as it stands today is near.

    `policy`: the rules in force at the end of that year, or today.
    """
    if not policy.has("plan.deviation.percent"):
        return []
    over = facts.year < today.year
    near_from = date(facts.year, policy.value("plan.deviation.near_from_month"), 1)
    if not over and today < near_from:
        return []
    deviation, beyond = _deviation(facts, policy)
    if not beyond:
        return []
    return [
        Found(
            trigger=PLAN_DEVIATION,
            period=str(facts.year),
            state=TRIGGERED if over else NEAR,
            severity=ORDINARY,
            fixed=over,
            since=date(facts.year + 1, 1, 1) if over else near_from,
            facts={"year": facts.year, "planned": facts.planned, "actual": facts.actual, "deviation": deviation},
            parameters=("plan.deviation.percent", "plan.deviation.small_below", "plan.deviation.small_tolerance"),
        )
    ]


def deviation_turn(year: int, today: date, policy: Policy) -> date | None:
    """For the year of a figure."""
    if not policy.has("plan.deviation.percent"):
        return None
    near_from = date(year, policy.value("plan.deviation.near_from_month"), 1)
    return earliest([near_from, new_year(year + 1), new_year(year + 2)], today)


def _deviation(facts: YearFacts, policy: Policy) -> tuple[Any, bool]:
    """A share of a plan of nobody cannot be told: it is judged by persons, like any small plan."""
    if not facts.planned:
        return None, facts.actual > policy.value("plan.deviation.small_tolerance")
    values = decide_deviation(DeviationFacts(facts.planned, facts.actual), policy).values
    return values["deviation"], values["beyond"]


# -- (5) late steps


@dataclass(frozen=True, slots=True)
class LateStep:
    candidate_id: str
    step: str
    due: date


def find_step_late(steps: Sequence[LateStep], policy: Policy) -> list[Found]:
    """Steps past their day that nobody has caught up with. It no longer holds when all have been."""
    if not steps or not policy.asks("alert.step_late"):
        return []
    late = sorted(steps, key=lambda step: (step.due, step.candidate_id, step.step))
    return [
        Found(
            trigger=STEP_LATE,
            period=OPEN,
            state=TRIGGERED,
            severity=ORDINARY,
            fixed=False,
            since=add_days(late[0].due, 1),
            facts={
                "count": len(late),
                "steps": [{"candidate_id": step.candidate_id, "step": step.step, "due": step.due} for step in late],
            },
            parameters=("alert.step_late",),
        )
    ]


# -- satisfaction


@dataclass(frozen=True, slots=True)
class Evaluation:
    evaluation_id: str
    year: int
    held_on: date
    score: str
    threshold: str
    below: bool
    grades: Mapping[str, int]


def find_satisfaction(latest: Evaluation | None, today: date, policy: Policy) -> list[Found]:
    """The branch's latest evaluation was below the threshold: a key object until the end of the year after it was held, or the next one."""
    if latest is None or not latest.below or latest.held_on.year < today.year - 1 or not policy.has("satisfaction.threshold"):
        return []
    return [
        Found(
            trigger=SATISFACTION,
            period=str(latest.year),
            state=TRIGGERED,
            severity=ORDINARY,
            fixed=True,
            since=latest.held_on,
            facts={
                "year": latest.year,
                "held_on": latest.held_on,
                "score": latest.score,
                "threshold": latest.threshold,
                "grades": dict(latest.grades),
            },
            parameters=("satisfaction.threshold",),
        )
    ]


def satisfaction_turn(latest: Evaluation | None, today: date) -> date | None:
    if latest is None or not latest.below:
        return None
    return earliest([new_year(latest.held_on.year + 2)], today)
