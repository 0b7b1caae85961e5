"""Posts: importing a sheet of them, giving one, ending one before its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from contracts.registry import POST_ASSIGNED, POST_ENDED
from kernel.commands import Answer, Body, change, day_of, expect
from kernel.errors import Invalid, NotFound, Stale
from kernel.ids import new_id
from kernel.unit import Unit
from services.registry.commands.common import (
    chunks,
    flushed,
    holds,
    insert_all,
    member_ids,
    organisations,
    policy_at,
    record_import,
    within,
)
from services.registry.domain.organisations import CITIES, Organisation
from services.registry.domain.permissions import GIVEN_BY
from services.registry.domain.posts import LAYOUT, Known, Post, Role, numbers_in, parse_posts, role_name
from services.registry.domain.rows import Parsed, RawSheet, cells_of, form
from services.registry.sheets import ReadFile
from services.registry.tables import post


def import_posts(unit: Unit, file: ReadFile) -> Answer:
    """A sheet of posts, all or none. Raises `BadRows` with every fault, those of scope included."""
    known, records = _parsed(unit, file.sheet, scoped=True)
    places = {record.organisation: known[record.organisation] for record in records.require()}
    for place in places.values():
        unit.authorise(place.path)
    for city in sorted({place.city for place in places.values()}):
        unit.policy(city, unit.today)
    _assign(unit, records.records, known, unit.today)
    return record_import(unit, "posts", file, {place.path for place in places.values()}, len(records.records))


def assign_post(unit: Unit, body: Body) -> Answer:
    """One post, under the same checks as a sheet. Raises `Invalid`, `Forbidden`."""
    known, records = _parsed(unit, form(LAYOUT, body), scoped=False)
    record = records.single()
    place = known[record.organisation]
    unit.authorise(place.path, GIVEN_BY[record.role])
    day = day_of(unit, body)
    policy_at(unit, place, day)
    (post_id,) = _assign(unit, [record], known, day)
    return {"post_id": post_id, "version": 1, "since": record.since, "until": record.until, "day": day}


def end_post(unit: Unit, body: Body, post_id: str) -> Answer:
    """Ends a post before its time; `day` is its last day. Whoever may give it may end it; so may its holder lay it down."""
    row = unit.connection.execute(select(post).where(post.c.post_id == post_id)).first()
    if row is None:
        raise NotFound("没有这个岗位")
    if row.account == unit.actor.account:
        unit.authorise(row.path)
    else:
        unit.authorise(row.path, GIVEN_BY[Role(row.role)])
    expect(row, body)
    day = day_of(unit, body)
    if row.ended:
        raise Stale(f"该岗位已于 {row.until} 终止")
    if not row.since <= day <= row.until:
        raise Invalid({"day": [f"终止日期 {day} 不在任期 {row.since} 至 {row.until} 之内"]})
    place = organisations(unit, [row.organisation])[row.organisation]
    policy_at(unit, place, day)
    version = unit.record(
        POST_ENDED,
        stream=f"post/{post_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data=as_told(dict(row._mapping), until=day),
        private={"term_until": row.until},
    )
    change(unit, post, row, until=day, ended=True, version=version)
    return {"post_id": post_id, "version": version, "since": row.since, "until": day, "day": day}


def _parsed(unit: Unit, sheet: RawSheet, *, scoped: bool) -> tuple[dict[str, Organisation], Parsed[Post]]:
    """The organisations that the sheet names, and its posts. `scoped`: what is not the actor's to give is a fault of its row."""
    found = organisations(unit, cells_of(sheet, LAYOUT, "organisation"))
    places = {code: place for code, place in found.items() if not scoped or within(unit, place.path)}
    known = Known(
        organisations=places,
        departments=_departments(unit),
        members=member_ids(unit, numbers_in(sheet)),
        hindrance=lambda account, place, role: _hindrance(unit, account, place, role, scoped),
    )
    return places, parse_posts(sheet, known, _held(unit, cells_of(sheet, LAYOUT, "account")))


def _hindrance(unit: Unit, account: str, place: Organisation, role: Role, scoped: bool) -> str | None:
    if scoped and not holds(unit, GIVEN_BY[role], place.path):
        return f"您的职务不能授予“{role_name(role)}”岗位"
    if account == unit.actor.account:
        return "不能给自己的账号授予岗位"
    return None


def _departments(unit: Unit) -> set[str]:
    """The codes are the same in all packs."""
    city = next(iter(CITIES.values()))
    return {department.code for department in unit.context.policies.at(city, unit.today).departments()}


def _held(unit: Unit, accounts: Iterable[str]) -> list[Post]:
    held: list[Post] = []
    for part in chunks(sorted(set(accounts))):
        for row in unit.connection.execute(select(post).where(post.c.account.in_(part))):
            held.append(Post(row.account, row.organisation, Role(row.role), row.since, row.until))
    return held


def _assign(unit: Unit, records: Sequence[Post], places: Mapping[str, Organisation], day: date) -> list[str]:
    """Writes posts and returns their ids, in order."""
    numbers = member_ids(unit, {record.member for record in records if record.member})
    rows: list[dict[str, Any]] = []
    for record in flushed(unit, records):
        place = places[record.organisation]
        row = {
            "home_county": place.home_county,
            "post_id": new_id(),
            "version": 1,
            "account": record.account,
            "role": str(record.role),
            "organisation": place.code,
            "path": place.path,
            "since": record.since,
            "until": record.until,
            "ended": False,
            "member_id": numbers[record.member] if record.member else None,
            "department": record.department,
        }
        unit.record(
            POST_ASSIGNED,
            stream=f"post/{row['post_id']}",
            expected=0,
            home_county=place.home_county,
            day=day,
            data=as_told(row),
            private={"department": record.department},
        )
        rows.append(row)
    insert_all(unit, post, rows)
    return [row["post_id"] for row in rows]


def as_told(row: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """A post as the contract says it."""
    names = ("post_id", "account", "role", "organisation", "path", "since", "until", "member_id")
    return {**{name: row[name] for name in names}, **changed}
