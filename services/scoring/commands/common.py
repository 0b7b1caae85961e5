"""What the commands share: load, guard, record, answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, Table, insert, select, update

from kernel.errors import Invalid, NotFound, NotYetKnown, Stale
from kernel.policy import Policy, county_of
from kernel.unit import Unit
from services.scoring.domain import states
from services.scoring.tables import newcomer, organisation

Body = Mapping[str, Any]
Answer = dict[str, Any]

_BRANCH_KIND = "branch"


# -- days and rules


def day_of(unit: Unit, body: Body) -> date:
    """The day of the fact: as given, else today. Whether it may be is for `decide_dates`."""
    given: date | None = body.get("day")
    return given or unit.today


def policy_at(unit: Unit, row: Any, day: date) -> Policy:
    """The rules in force on that day where `row` (a branch or a case) stands."""
    return unit.policy(row.city, day, county_of(row.county))


def articles(policy: Policy, rules: Iterable[str]) -> list[dict[str, str]]:
    """Those of the rules that are in force, with their source."""
    return [{"rule": rule, "source": policy.rule(rule).source} for rule in rules if policy.has_rule(rule)]


# -- loading


def find(unit: Unit, table: Table, column: str, value: str) -> Row[Any]:
    """One row by its id, which nobody else changes until this command ends. Raises `NotFound`."""
    row = unit.connection.execute(select(table).where(table.c[column] == value).with_for_update()).first()
    if row is None:
        raise NotFound("没有这条记录")
    return row


def branch_of(unit: Unit, code: str) -> Row[Any]:
    """The branch, held until the command ends: of two evaluations at once, the second sees the first.

    Raises `NotYetKnown` until the registry's event has arrived here, `Invalid` for another kind of organisation.
    """
    row = unit.connection.execute(select(organisation).where(organisation.c.code == code).with_for_update()).first()
    if row is None:
        raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
    if row.kind != _BRANCH_KIND:
        raise Invalid({"branch": ["满意度“双评议”由党支部组织实施"]})
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
    raise NotYetKnown(f"支部 {branch.code} 之上没有已知的有审批权的党（工）委")


def committee_path(row: Any) -> str:
    """The path of the committee above the branch: the branch's own, cut off behind it."""
    head, _, _ = row.path.partition(f"/{row.committee}/")
    return f"{head}/{row.committee}/"


def newcomers_of(unit: Unit, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """The persons admitted, by candidate's id."""
    rows = unit.connection.execute(select(newcomer).where(newcomer.c.candidate_id.in_(list(ids))))
    return {row.candidate_id: row for row in rows}


# -- one step of a case


def guard(unit: Unit, row: Any, kind: str, action: str, body: Body) -> states.Row:
    """Scope, state and version, in this order. The committee's own acts are for a post over the committee.

    Raises `Forbidden`, `Stale`.
    """
    by_committee = states.roles(kind, action) == states.COMMITTEE
    unit.authorise(committee_path(row) if by_committee else row.path)
    found = states.row(kind, row.state, action)
    if found is None:
        raise Stale(f"当前状态（{states.NAMES[row.state]}）下不能办理此事项")
    expected = body.get("expected_version")
    if expected is not None and expected != row.version:
        raise Stale("此记录刚刚被他人更新，请刷新后重试")
    return found


def add(unit: Unit, table: Table, **values: Any) -> None:
    unit.connection.execute(insert(table), values)


def change(unit: Unit, table: Table, row: Any, **values: Any) -> None:
    """Updates the row by its primary key."""
    keys = [column == getattr(row, column.name) for column in table.primary_key.columns]
    unit.connection.execute(update(table).where(*keys).values(**values))


def place(row: Any) -> dict[str, Any]:
    """The columns that say where a case stands."""
    return {name: getattr(row, name) for name in ("home_county", "branch", "committee", "path", "city", "county")}
