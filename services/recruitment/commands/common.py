"""What the commands share: load, guard, advance, answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Row, Table, insert, select, update

from kernel.bus.event import EventType
from kernel.encoding import canonical
from kernel.errors import NotFound, NotYetKnown, Stale
from kernel.policy import Decision, Departure, Policy, county_of
from kernel.policy.decision import NOTHING
from kernel.unit import Unit
from services.recruitment.domain import states
from services.recruitment.tables import candidate, organisation

Body = Mapping[str, Any]
Answer = dict[str, Any]


# -- days and rules


def day_of(unit: Unit, body: Body) -> date:
    """The day of the fact: as given, else today. Whether it may be is for `decide_dates`."""
    given: date | None = body.get("day")
    return given or unit.today


def policy_at(unit: Unit, row: Any, day: date) -> Policy:
    """The rules in force on that day where `row` (a branch or a case) stands."""
    return unit.policy(row.city, day, county_of(row.county))


def passing(decision: Decision, body: Body) -> Decision:
    """The decision with the caller's written reasons for departures. Raises `Refused`, `Invalid`."""
    return decision.with_departures(body.get("departures") or {}).require()


# -- loading


def find(unit: Unit, table: Table, column: str, value: str, *, lock: bool = False) -> Row[Any]:
    """One row by its id; `lock`: nobody else changes it until this command ends. Raises `NotFound`."""
    query = select(table).where(table.c[column] == value)
    row = unit.connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("没有这条记录")
    return row


def find_candidate(unit: Unit, candidate_id: str) -> Row[Any]:
    return find(unit, candidate, "candidate_id", candidate_id)


def branch_of(unit: Unit, code: str) -> Row[Any]:
    """The organisation. Raises `NotYetKnown` until the registry's event has arrived here."""
    row = unit.connection.execute(select(organisation).where(organisation.c.code == code)).first()
    if row is None:
        raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
    return row


def committee_of(unit: Unit, branch: Any) -> str:
    """The nearest organisation above with the power to approve admissions. Raises `NotYetKnown`."""
    above = [code for code in branch.path.strip("/").split("/") if code != branch.code]
    query = select(organisation.c.code, organisation.c.approval_power).where(organisation.c.code.in_(above))
    powers = {row.code: row.approval_power for row in unit.connection.execute(query)}
    for code in reversed(above):
        if code not in powers:
            raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
        if powers[code]:
            return str(code)
    raise NotYetKnown(f"支部 {branch.code} 之上没有已知的有审批权的党委")


def committee_path(row: Any) -> str:
    """The path of the committee that decides about the candidate: the candidate's own, cut off behind it."""
    head, _, _ = row.path.partition(f"/{row.committee}/")
    return f"{head}/{row.committee}/"


# -- the candidate's way


def authorise(unit: Unit, row: Any, action: str) -> None:
    """The actor's post must cover the branch; for the committee's own acts, the committee. Raises `Forbidden`."""
    by_committee = set(states.roles(action)) <= set(states.COMMITTEE)
    unit.authorise(committee_path(row) if by_committee else row.path)


def guard(unit: Unit, row: Any, action: str, body: Body) -> states.Row:
    """Scope, state and version, in this order. Raises `Forbidden`, `Stale`."""
    authorise(unit, row, action)
    found = states.row(row.state, action)
    if found is None:
        raise Stale(f"当前状态（{states.STATE_NAMES[row.state]}）下不能办理此事项")
    seen(row, body)
    return found


def seen(row: Any, body: Body) -> None:
    """The version that the caller says to have seen, if he says, is the one that stands. Raises `Stale`."""
    expected = body.get("expected_version")
    if expected is not None and expected != row.version:
        raise Stale("此记录刚刚被他人更新，请刷新后重试")


def articles(policy: Policy, rules: Iterable[str], deciding: Mapping[str, str] = NOTHING) -> list[dict[str, str]]:
    """Those of the rules that are in force, with their source. `deciding`: rule -> the one of its parameters that is meant."""
    return [{"rule": rule, "source": _source(policy, rule, deciding.get(rule))} for rule in rules if policy.has_rule(rule)]


def _source(policy: Policy, rule: str, parameter: str | None) -> str:
    return policy[parameter].source if parameter and policy.has(parameter) else policy.rule(rule).source


def departures_of(departures: Sequence[Departure]) -> list[dict[str, str]]:
    return [asdict(departure) for departure in departures]


def place(row: Any) -> dict[str, Any]:
    """The place of a candidacy as the contracts say it."""
    names = ("candidate_id", "branch", "committee", "path", "city", "county", "domain")
    return {name: getattr(row, name) for name in names}


def advance(
    unit: Unit,
    row: Any,
    action: str,
    what: EventType | str,
    *,
    policy: Policy,
    day: date,
    data: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    departures: Sequence[Departure] = (),
    stay: bool = False,
    deciding: Mapping[str, str] = NOTHING,
    **values: Any,
) -> Answer:
    """Records the step on the candidate's stream and moves the row to the table's next state (`stay`: not).

    `values` are columns that change with it; `deciding` as in `articles`. Returns the answer of the command.
    """
    step = states.row(row.state, action)
    if step is None:
        raise Stale(f"当前状态（{states.STATE_NAMES[row.state]}）下不能办理此事项")
    applied = articles(policy, step.rules, deciding)
    version = unit.record(
        what,
        stream=f"candidate/{row.candidate_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data=data,
        private={**(private or {}), "articles": applied, "departures": departures_of(departures)},
        subject=row.candidate_id if personal else None,
        personal=personal,
    )
    state = row.state if stay else step.next
    unit.connection.execute(
        update(candidate)
        .where(candidate.c.home_county == row.home_county, candidate.c.candidate_id == row.candidate_id)
        .values(version=version, state=state, **values)
    )
    return {
        "candidate_id": row.candidate_id,
        "state": state,
        "version": version,
        "day": day,
        "articles": applied,
        "departures": departures_of(departures),
    }


def add(unit: Unit, table: Table, **values: Any) -> None:
    unit.connection.execute(insert(table), values)


def change(unit: Unit, table: Table, row: Any, **values: Any) -> None:
    """Updates the row by its primary key."""
    keys = [column == getattr(row, column.name) for column in table.primary_key.columns]
    unit.connection.execute(update(table).where(*keys).values(**values))


def reload(unit: Unit, row: Any) -> Row[Any]:
    """The candidate as it stands after a step of the same command."""
    return find_candidate(unit, row.candidate_id)


def text_of(value: Any) -> str:
    """Canonical JSON text, for a column that holds it."""
    return canonical(value)


def read_text(text: str) -> Any:
    return json.loads(text)


def clean(values: Mapping[str, Any]) -> dict[str, str]:
    """Personal fields to seal: those that say something, as text."""
    return {name: str(value) for name, value in values.items() if value not in (None, "")}
