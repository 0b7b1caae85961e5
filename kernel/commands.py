"""What the commands of every service do alike: find a case, check day and version, record a step and move the case on.

WARNINGS = Cases(states.WARNING, warning, "warning_id", "warning", subject="warning_id")

row = WARNINGS.hold(unit, warning_id)
unit.authorise_own(row.path, row.organisation)
WARNINGS.check(row, "plan", body)
return WARNINGS.advance(unit, row, "plan", "rectification_planned", policy=policy, day=day, planned_on=day)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, Table, select

from kernel.bus.event import EventType
from kernel.errors import NotFound, NotYetKnown, Stale
from kernel.policy import Decision, Departure, Policy, county_of, decide_dates
from kernel.policy.decision import NOTHING
from kernel.states import Row as Step
from kernel.states import StateTable
from kernel.store.statements import change_of, insert_into, row_by
from kernel.unit import Unit

#: What came in, checked by the door's schema; what goes out.
Body = Mapping[str, Any]
Answer = dict[str, Any]


# -- days and rules


def day_of(unit: Unit, body: Body) -> date:
    """The day of the fact: as given, else today. Whether it may be is for `decide_dates`."""
    given: date | None = body.get("day")
    return given or unit.today


def policy_at(unit: Unit, row: Any, day: date) -> Policy:
    """The rules in force on that day where `row` (an organisation, a case) stands."""
    return unit.policy(row.city, day, county_of(row.county))


def require_dates(unit: Unit, policy: Policy, step: str, day: date, *after: tuple[str, date | None]) -> None:
    """`decide_dates`, as a condition of the command. Raises `Refused`."""
    decide_dates(policy, unit.today, step, day, after).require()


def passing(decision: Decision, body: Body) -> Decision:
    """The decision with the caller's written reasons for departures. Raises `Refused`, `Invalid`."""
    return decision.with_departures(body.get("departures") or {}).require()


def articles(policy: Policy, rules: Iterable[str], deciding: Mapping[str, str] = NOTHING) -> list[dict[str, str]]:
    """Those of the rules that are in force, with their source. `deciding`: rule -> the one of its parameters that is meant."""
    return [{"rule": rule, "source": _source(policy, rule, deciding.get(rule))} for rule in rules if policy.has_rule(rule)]


def _source(policy: Policy, rule: str, parameter: str | None) -> str:
    return policy[parameter].source if parameter and policy.has(parameter) else policy.rule(rule).source


def departures_of(departures: Sequence[Departure]) -> list[dict[str, str]]:
    return [asdict(departure) for departure in departures]


# -- rows


def find(unit: Unit, table: Table, column: str, value: str) -> Row[Any]:
    """One row by its id. Raises `NotFound`."""
    return _found(unit, row_by(table, column), value)


def hold(unit: Unit, table: Table, column: str, value: str) -> Row[Any]:
    """As `find`; nobody else changes the row until this command ends. SQLite has one writer."""
    return _found(unit, row_by(table, column, lock=True), value)


def _found(unit: Unit, query: Select[Any], value: str) -> Row[Any]:
    row = unit.connection.execute(query, {"value": value}).first()
    if row is None:
        raise NotFound("没有这条记录")
    return row


def told_of(unit: Unit, table: Table, code: str, *, lock: bool = False) -> Row[Any]:
    """The organisation, as the registry has told of it. Raises `NotYetKnown` until its event has arrived here."""
    row = unit.connection.execute(row_by(table, "code", lock=lock), {"value": code}).first()
    if row is None:
        raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
    return row


def committee_of(unit: Unit, table: Table, branch: Any) -> str:
    """The nearest organisation above with the power to approve admissions. Raises `NotYetKnown`."""
    above = [code for code in branch.path.strip("/").split("/") if code != branch.code]
    query = select(table.c.code, table.c.approval_power).where(table.c.code.in_(above))
    powers = {row.code: row.approval_power for row in unit.connection.execute(query)}
    for code in reversed(above):
        if code not in powers:
            raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
        if powers[code]:
            return str(code)
    raise NotYetKnown(f"支部 {branch.code} 之上没有已知的有审批权的党（工）委")


def add(unit: Unit, table: Table, **values: Any) -> None:
    unit.connection.execute(insert_into(table), values)


def change(unit: Unit, table: Table, row: Any, **values: Any) -> None:
    """Updates the row by its primary key."""
    mine = {f"of_{column.name}": getattr(row, column.name) for column in table.primary_key.columns}
    unit.connection.execute(change_of(table, tuple(values)), {**mine, **{f"to_{name}": value for name, value in values.items()}})


def sealed(unit: Unit, subject: str, text: str) -> str:
    """A text's ciphertext for a column."""
    return unit.seal(subject, {"text": text})["text"]


def expect(row: Any, body: Body) -> None:
    """The version that the caller says to have seen, if he says, is the one that stands. Raises `Stale`."""
    expected = body.get("expected_version")
    if expected is not None and expected != row.version:
        raise Stale("此记录刚刚被他人更新，请刷新后重试")


# -- cases


@dataclass(frozen=True)
class Cases:
    """One kind of case: its state table, its rows with `home_county`, `state` and `version`, and the stream `<stream>/<id>` of each.

    `subject`: the column that names under whose key personal texts stand; empty where there are none.
    """

    states: StateTable
    table: Table
    id: str
    stream: str
    subject: str = ""

    def find(self, unit: Unit, id: str) -> Row[Any]:
        return find(unit, self.table, self.id, id)

    def hold(self, unit: Unit, id: str) -> Row[Any]:
        return hold(unit, self.table, self.id, id)

    def check(self, row: Any, action: str, body: Body) -> Step:
        """State and version, after the scope has been checked. Raises `Stale`."""
        step = self.states.step(row.state, action)
        expect(row, body)
        return step

    def advance(
        self,
        unit: Unit,
        row: Any,
        action: str,
        what: EventType | str,
        *,
        policy: Policy,
        day: date,
        data: Mapping[str, Any],
        private: Mapping[str, Any] = NOTHING,
        personal: Mapping[str, str] | None = None,
        departures: Sequence[Departure] = (),
        deciding: Mapping[str, str] = NOTHING,
        stay: bool = False,
        **values: Any,
    ) -> Answer:
        """Records the step on the case's stream and moves the row to the table's next state (`stay`: not).

        `values` are columns that change with it; `deciding` as in `articles`. Returns id, state, version, day and articles.
        """
        step = self.states.step(row.state, action)
        applied = articles(policy, step.rules, deciding)
        id = getattr(row, self.id)
        version = unit.record(
            what,
            stream=f"{self.stream}/{id}",
            expected=row.version,
            home_county=row.home_county,
            day=day,
            data=data,
            private={"action": action, **private, "articles": applied, "departures": departures_of(departures)},
            subject=getattr(row, self.subject) if personal else None,
            personal=personal,
        )
        state = row.state if stay else step.next
        change(unit, self.table, row, version=version, state=state, **values)
        return {self.id: id, "state": state, "version": version, "day": day, "articles": applied}
