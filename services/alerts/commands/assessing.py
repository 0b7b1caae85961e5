"""Computing the findings: set-based, a batch of organisations at a time, for those of which something new was heard or whose day has come.

The same facts and the same day always make the same rows. With its findings each organisation says on which day they change next by the
calendar alone, and is looked at then. Where packs or code are others than at the last look, everything is looked at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_

from kernel.context import Context
from kernel.encoding import canonical
from kernel.errors import NotYetKnown
from kernel.policy import Policy
from kernel.store.database import upsert
from kernel.store.scope import under
from kernel.unit import Unit, command
from services.alerts import metrics
from services.alerts.commands.facts import BRANCH, Facts, counted_refs, gather, ref, step_of
from services.alerts.commands.measures import Measure, Rules, fingerprint
from services.alerts.domain import triggers
from services.alerts.domain.life import Sign
from services.alerts.domain.triggers import Found, PlanFacts, YearFacts
from services.alerts.domain.warning import NEAR, TRIGGERED
from services.alerts.tables import assessed, due, finding, organisation, touched

#: Organisations assessed in one transaction.
BATCH = 400
#: Notes of something new that are taken up in one transaction.
NOTES = 2_000
_EVERYTHING = "everything"
_COUNTY = "county_department"
_CITY = "city_department"


def assess(context: Context) -> int:
    """Brings the findings up to date. Returns how many organisations were looked at."""
    _note_due(context)
    looked = 0
    while True:
        with command(context) as unit:
            codes, more = _take_notes(unit)
            looked += assess_codes(unit, codes)
        if not more:
            break
    if looked:
        _show(context)
    return looked


def _note_due(context: Context) -> None:
    """Notes those whose day has come, or everybody where packs or code are new. A process that dies afterwards leaves the notes."""
    today, packs = context.clock.today(), fingerprint(context.policies)
    arrived = due.c.day <= today
    with context.database.read() as connection:
        known = connection.execute(select(assessed.c.packs).where(assessed.c.name == _EVERYTHING)).scalar() == packs
        if known and connection.execute(select(due.c.organisation).where(arrived).limit(1)).first() is None:
            return
    with command(context) as unit:
        if known:
            codes = list(unit.connection.execute(delete(due).where(arrived).returning(due.c.organisation)).scalars())
            _note(unit, codes)
            return
        unit.connection.execute(insert(touched).from_select(["organisation"], select(organisation.c.code)))
        values = {"month": f"{today:%Y-%m}", "packs": packs}
        statement = upsert(unit.connection, assessed).values(name=_EVERYTHING, **values)
        unit.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def _note(unit: Unit, codes: Collection[str]) -> None:
    if codes:
        unit.connection.execute(insert(touched), [{"organisation": code} for code in codes])


def _take_notes(unit: Unit) -> tuple[list[str], bool]:
    """The organisations of which something new was heard, and whether there are more.

    The notes go before the facts are read: what is heard in the meantime leaves notes of its own.
    """
    first = select(touched.c.seq).order_by(touched.c.seq).limit(NOTES)
    taken = list(unit.connection.execute(delete(touched).where(touched.c.seq.in_(first)).returning(touched.c.organisation)))
    return list(dict.fromkeys(row.organisation for row in taken)), len(taken) == NOTES


def assess_codes(unit: Unit, codes: Collection[str]) -> int:
    """Computes the findings of these organisations anew. Returns how many of them are known."""
    known, all_codes, rules = 0, list(codes), Rules(unit.context.policies, unit.today)
    for start in range(0, len(all_codes), BATCH):
        batch = all_codes[start : start + BATCH]
        facts = gather(unit.connection, batch, rules.today.year)
        known += len(facts.organisations)
        found = {row.code: list(_find(facts, row, rules)) for row in facts.organisations}
        _keep(unit, batch, _findings(unit, facts, found))
        _keep_days(unit, batch, _days(facts, found, rules))
    return known


def _findings(unit: Unit, facts: Facts, by_code: Mapping[str, list[tuple[Found, Measure]]]) -> list[dict[str, Any]]:
    found = [(row, each, measure) for row in facts.organisations for each, measure in by_code[row.code]]
    refs = _references(unit, facts, [(row, each) for row, each, _ in found])
    return [_row(row, each, measure, events) for (row, each, measure), events in zip(found, refs, strict=True)]


def _find(facts: Facts, row: Any, rules: Rules) -> Iterable[tuple[Found, Measure]]:
    """What is found about one organisation, with the rules that it is measured by."""
    today = rules.today
    last_year, now = rules.of(row.city, row.county)
    figures = facts.figures.get(row.code, {})
    found: list[tuple[Found, Measure]] = []
    if _has_to_plan(row):
        plans = PlanFacts(row.registered_on, frozenset(figures))
        missing = triggers.find_no_plan(plans, today, now.policy, last_year.policy)
        found += [(each, last_year if each.fixed else now) for each in missing]
    if row.kind != _CITY:
        for year, measure in ((facts.year - 1, last_year), (facts.year, now)):
            if year in figures:
                held = YearFacts(year, figures[year].figure, facts.admitted.get((row.code, year), 0))
                found += [(each, measure) for each in triggers.find_deviation(held, today, measure.policy)]
    if row.kind == BRANCH:
        found += [(each, now) for each in _of_branch(facts, row, today, now.policy)]
    return found


def _of_branch(facts: Facts, row: Any, today: date, policy: Policy) -> list[Found]:
    found: list[Found] = []
    for trigger in facts.droughts:
        found += triggers.find_drought(trigger, facts.drought(row, trigger), today, policy)
    found += triggers.find_step_late([step_of(step) for step in facts.steps.get(row.code, ())], policy)
    found += triggers.find_satisfaction(facts.latest(row), today, policy)
    return found


# -- when to look again


def _days(facts: Facts, found: Mapping[str, list[tuple[Found, Measure]]], rules: Rules) -> dict[str, date]:
    """By organisation, the next day on which its findings may change by the calendar alone. Without one they do not."""
    days = {}
    for row in facts.organisations:
        here = {each.trigger for each, _ in found[row.code]}
        days[row.code] = triggers.earliest([rules.turn(row.city, row.county), *_turns(facts, row, here, rules)], rules.today)
    return {code: day for code, day in days.items() if day is not None}


def _turns(facts: Facts, row: Any, here: Collection[str], rules: Rules) -> Iterable[date | None]:
    """`here`: the triggers of which something is found today."""
    today, (last_year, now) = rules.today, rules.of(row.city, row.county)
    figures = facts.figures.get(row.code, {})
    if _has_to_plan(row):
        plans = PlanFacts(row.registered_on, frozenset(figures))
        yield triggers.no_plan_turn(plans, today, now.policy, last_year.policy)
    if row.kind != _CITY:
        yield from (triggers.deviation_turn(year, today, now.policy) for year in figures)
    if row.kind == BRANCH:
        for trigger in facts.droughts:
            if trigger in here:
                yield triggers.new_year(today.year + 1)
            else:
                yield triggers.drought_turn(trigger, facts.drought(row, trigger), today, now.policy)
        yield triggers.satisfaction_turn(facts.latest(row), today)


def _has_to_plan(row: Any) -> bool:
    return bool(row.approval_power or row.kind == _COUNTY)


# -- what a finding rests on


def _references(unit: Unit, facts: Facts, found: list[tuple[Any, Found]]) -> list[list[dict[str, Any]]]:
    wanted: dict[str, set[tuple[str, int]]] = {"admission": set(), "activist": set()}
    for row, each in found:
        if (key := _counted(row, each)) is not None:
            wanted[key[0]].add(key[1:])
    counted = counted_refs(unit.connection, wanted)
    return [_refs(facts, row, each) + counted.get(_counted(row, each) or ("", "", 0), []) for row, each in found]


def _counted(row: Any, each: Found) -> tuple[str, str, int] | None:
    """Which admissions or activists it rests on: those of the plan's year, or the last ones before the drought."""
    if each.trigger == triggers.PLAN_DEVIATION:
        return ("admission", row.code, each.facts["year"])
    if each.trigger in (triggers.NO_ADMISSION, triggers.NO_ACTIVIST) and each.facts["last"] is not None:
        return ("admission" if each.trigger == triggers.NO_ADMISSION else "activist", row.code, each.facts["last"])
    return None


def _refs(facts: Facts, row: Any, each: Found) -> list[dict[str, Any]]:
    match each.trigger:
        case triggers.PLAN_DEVIATION:
            return [ref("recruitment", facts.figures[row.code][each.facts["year"]])]
        case triggers.STEP_LATE:
            return [
                ref("recruitment", step) for step in sorted(facts.steps[row.code], key=lambda s: (s.due, s.candidate_id, s.step))
            ]
        case triggers.SATISFACTION:
            return [ref("scoring", facts.evaluations[row.code])]
    about = [ref("registry", row)]
    if each.facts.get("ageing") is not None:
        about.append(ref("registry", facts.rolls[row.code]))
    return about


# -- keeping


def _row(row: Any, each: Found, measure: Measure, events: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "organisation": row.code,
        "trigger": each.trigger,
        "period": each.period,
        "path": row.path,
        "city": row.city,
        "county": row.county,
        "state": each.state,
        "severity": each.severity,
        "level": measure.level(Sign(each.state, each.severity)),
        "fixed": each.fixed,
        "since": each.since,
        "facts": canonical(each.facts),
        "thresholds": measure.thresholds(each.parameters),
        "events": canonical(events),
    }


def _keep(unit: Unit, codes: Collection[str], fresh: list[dict[str, Any]]) -> None:
    """Writes what has changed, and takes away what is not found any more."""
    key = tuple_(finding.c.organisation, finding.c.trigger, finding.c.period)
    old = {
        (row["organisation"], row["trigger"], row["period"]): dict(row)
        for row in unit.connection.execute(select(finding).where(finding.c.organisation.in_(codes))).mappings()
    }
    new = {(row["organisation"], row["trigger"], row["period"]): row for row in fresh}
    if gone := [each for each in old if each not in new]:
        unit.connection.execute(delete(finding).where(key.in_(gone)))
    changed = [row for each, row in new.items() if old.get(each) != row]
    if changed:
        statement = upsert(unit.connection, finding)
        keys = [column.name for column in finding.primary_key.columns]
        values = {column.name: statement.excluded[column.name] for column in finding.columns if column.name not in keys}
        unit.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), changed)


def _keep_days(unit: Unit, codes: Collection[str], days: Mapping[str, date]) -> None:
    query = select(due.c.organisation, due.c.day).where(due.c.organisation.in_(codes))
    old = {row.organisation: row.day for row in unit.connection.execute(query)}
    if gone := old.keys() - days.keys():
        unit.connection.execute(delete(due).where(due.c.organisation.in_(gone)))
    changed = [{"organisation": code, "day": day} for code, day in sorted(days.items()) if old.get(code) != day]
    if changed:
        statement = upsert(unit.connection, due)
        values = {"day": statement.excluded["day"]}
        unit.connection.execute(statement.on_conflict_do_update(index_elements=["organisation"], set_=values), changed)


def _show(context: Context) -> None:
    query = select(finding.c.trigger, finding.c.state, func.count().label("number")).group_by(finding.c.trigger, finding.c.state)
    with context.database.read() as connection:
        numbers = {(row.trigger, row.state): row.number for row in connection.execute(query)}
    for trigger in triggers.TRIGGERS:
        for state in (NEAR, TRIGGERED):
            metrics.findings.labels(trigger, state).set(numbers.get((trigger, state), 0))


def assess_now(unit: Unit, body: Mapping[str, Any]) -> dict[str, Any]:
    """An organisation and all below it, at once and on demand. Catalogue A5."""
    top = unit.connection.execute(select(organisation).where(organisation.c.code == body["organisation"])).first()
    if top is None:
        raise NotYetKnown(f"组织 {body['organisation']} 的信息尚未到达本服务，请稍后重试")
    unit.authorise(top.path)
    below = under(organisation.c.path, [top.path])
    looked = assess_codes(unit, list(unit.connection.execute(select(organisation.c.code).where(below)).scalars()))
    counted = select(func.count()).select_from(finding).where(under(finding.c.path, [top.path]))
    return {"organisations": looked, "findings": unit.connection.execute(counted).scalar_one()}
