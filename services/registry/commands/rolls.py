"""How many members a branch has, by age: told when its roll has changed, and once in every year. Numbers only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select, update

from contracts.registry import ROLL_COUNTED
from kernel.context import Context
from kernel.policy import Policy, county_of
from kernel.store.database import upsert
from kernel.unit import Unit, command
from services.registry.commands.common import chunks
from services.registry.domain import states
from services.registry.domain.organisations import Organisation
from services.registry.domain.rolls import AGEING, YOUNG, Roll, count, counts_by_age
from services.registry.tables import member, organisation, roll_count

#: Branches counted in one transaction.
BATCH = 200


def mark_changed(unit: Unit, branches: Iterable[Organisation]) -> None:
    """Notes that these branches' rolls have to be counted anew. In the order of keys, so that two commands do not lock each other out."""
    statement = upsert(unit.connection, roll_count)
    statement = statement.on_conflict_do_update(index_elements=["home_county", "branch"], set_={"changed": True})
    for part in chunks(sorted({(branch.home_county, branch.code) for branch in branches})):
        unit.connection.execute(statement, [{"home_county": county, "branch": code, "changed": True} for county, code in part])


def publish_counts(context: Context) -> int:
    """Counts the branches that are due today. Returns how many were told."""
    told = 0
    while True:
        with command(context) as unit:
            due = _due(unit)
            told += _publish(unit, due)
        if not due:
            return told


def _due(unit: Unit) -> list[Row[Any]]:
    """Some of the branches to look at, all of one county: they have the same packs."""
    joined = select(roll_count, organisation.c.path, organisation.c.city).join(
        organisation, organisation.c.code == roll_count.c.branch
    )
    query = joined.where(_is_due(unit.today)).order_by(roll_count.c.home_county, roll_count.c.branch)
    first = unit.connection.execute(query.limit(1)).first()
    if first is None:
        return []
    # Who marks a branch at this moment waits for the lock, and finds it to be counted once more.
    query = query.where(roll_count.c.home_county == first.home_county).limit(BATCH)
    return list(unit.connection.execute(query.with_for_update(of=roll_count)))


def _is_due(today: date) -> ColumnElement[bool]:
    return or_(roll_count.c.changed.is_(True), roll_count.c.year.is_(None), roll_count.c.year < today.year)


def _publish(unit: Unit, due: list[Row[Any]]) -> int:
    if not due:
        return 0
    policy = unit.policy(due[0].city, unit.today, county_of(due[0].home_county))
    rolls = _rolls(unit, due, policy) if counts_by_age(policy) else {}
    news = [row for row in due if row.branch in rolls and _is_news(row, rolls[row.branch], unit.today)]
    unit.know_heads([(row.home_county, f"roll/{row.branch}") for row in news])
    for row in news:
        _tell(unit, row, rolls[row.branch], policy)
    _note(unit, due, rolls)
    return len(news)


def _rolls(unit: Unit, due: list[Row[Any]], policy: Policy) -> dict[str, Roll]:
    """By branch. The birth dates of all are opened together; they do not leave this function."""
    query = select(member.c.branch, member.c.subject, member.c.particulars_sealed).where(
        member.c.branch.in_([row.branch for row in due]), member.c.status != states.ENDED
    )
    rows = list(unit.connection.execute(query))
    opened = unit.context.keys.open_column((row.subject, row.particulars_sealed) for row in rows)
    births: dict[str, list[date | None]] = defaultdict(list)
    for row, particulars in zip(rows, opened, strict=True):
        born = json.loads(particulars or "{}").get("birth_date")
        births[row.branch].append(date.fromisoformat(born) if born else None)
    return {row.branch: count(births[row.branch], unit.today, policy) for row in due}


def _is_news(row: Row[Any], roll: Roll, today: date) -> bool:
    """A branch that never had a member is none; one that has lost its last member is."""
    if not roll.members and not row.members:
        return False
    return row.year != today.year or (row.members, row.young, row.aged) != (roll.members, roll.young, roll.aged)


def _tell(unit: Unit, row: Row[Any], roll: Roll, policy: Policy) -> None:
    unit.record(
        ROLL_COUNTED,
        stream=f"roll/{row.branch}",
        expected=None,
        home_county=row.home_county,
        day=unit.today,
        data={
            "branch": row.branch,
            "path": row.path,
            "city": row.city,
            "county": row.home_county,
            "members": roll.members,
            "young": roll.young,
            "young_age": policy.value(YOUNG),
            "aged": roll.aged,
            "ageing_age": policy.value(AGEING),
        },
    )


def _note(unit: Unit, due: list[Row[Any]], rolls: Mapping[str, Roll]) -> None:
    statement = (
        update(roll_count)
        .where(roll_count.c.home_county == bindparam("county_"), roll_count.c.branch == bindparam("branch_"))
        .values(
            changed=False,
            year=unit.today.year,
            members=bindparam("members_"),
            young=bindparam("young_"),
            aged=bindparam("aged_"),
        )
    )
    rows = []
    for row in due:
        roll = rolls.get(row.branch)
        numbers = (roll.members, roll.young, roll.aged) if roll else (None, None, None)
        keys = {"county_": row.home_county, "branch_": row.branch}
        rows.append({**keys, **dict(zip(("members_", "young_", "aged_"), numbers, strict=True))})
    unit.connection.execute(statement, rows)
