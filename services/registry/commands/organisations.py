"""The tree: importing a city's divisions or a sheet of organisations, registering one, changing one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from contracts.registry import ORGANISATION_CHANGED, ORGANISATION_REGISTERED
from kernel.actor import above
from kernel.bus.event import EventType
from kernel.commands import Answer, Body, change, day_of, expect
from kernel.errors import Invalid
from kernel.unit import Unit
from services.registry.commands.common import (
    flushed,
    holds,
    insert_all,
    organisation_of,
    organisation_row,
    organisations,
    policy_at,
    record_import,
)
from services.registry.domain import divisions
from services.registry.domain.organisations import (
    LAYOUT,
    Domain,
    Kind,
    Organisation,
    codes_in,
    faults_of_change,
    parse_organisations,
)
from services.registry.domain.permissions import CHANGED_BY, ESTABLISHED_BY
from services.registry.domain.rows import cells_of, form
from services.registry.sheets import ReadFile
from services.registry.tables import organisation


def import_divisions(unit: Unit, file: ReadFile) -> Answer:
    """A city's file of divisions: its departments, committees and branches. Raises `BadRows` with every fault."""
    codes = {*cells_of(file.sheet, divisions.LAYOUT, "code"), *cells_of(file.sheet, divisions.LAYOUT, "parent")}
    records = divisions.parse_divisions(file.sheet, organisations(unit, codes)).require()
    for city in sorted({record.path.split("/")[1] for record in records}):
        unit.authorise(f"/{city}/")
    return _import(unit, "divisions", file, records)


def import_organisations(unit: Unit, file: ReadFile) -> Answer:
    """A sheet of organisations. Raises `BadRows` with every fault, those of scope included."""
    known = organisations(unit, codes_in(file.sheet))
    records = parse_organisations(file.sheet, known, lambda made: _hindrance(unit, made)).require()
    for path in sorted({above(record.path) for record in records}):
        unit.authorise(path)
    return _import(unit, "organisations", file, records)


def register_organisation(unit: Unit, body: Body) -> Answer:
    """One organisation, under the same checks as a sheet. Raises `Invalid`, `Forbidden`."""
    day = day_of(unit, body)
    known = organisations(unit, (body["code"], body.get("parent") or ""))
    record = parse_organisations(form(LAYOUT, body), known).single()
    unit.authorise(above(record.path), ESTABLISHED_BY[record.kind])
    policy_at(unit, record, day)
    _register(unit, [record], day)
    return {"code": record.code, "path": record.path, "version": 1, "day": day}


def change_organisation(unit: Unit, body: Body, code: str) -> Answer:
    """Name, domain, branch committee, size, approval power or flags: what `body` names. Raises `Invalid`, `Stale`."""
    row = organisation_row(unit, code)
    day = day_of(unit, body)
    changes = {field: body[field] for field in CHANGED_BY if field in body}
    for field in changes:
        unit.authorise(above(row.path), CHANGED_BY[field])
    if not changes:
        raise Invalid({"body": ["没有任何变化"]})
    expect(row, body)
    before = organisation_of(row)
    if changes.get("domain") is not None:
        changes["domain"] = Domain(changes["domain"])
    after = replace(before, **changes)
    parent = organisations(unit, (before.parent,)).get(before.parent) if before.parent else None
    below = unit.connection.execute(select(organisation.c.kind).where(organisation.c.parent == code).distinct())
    if faults := faults_of_change(before, after, parent, [Kind(kind) for kind in below.scalars()]):
        raise Invalid(faults)
    policy_at(unit, after, day)
    version = _record(unit, ORGANISATION_CHANGED, after, row.version, day)
    change(unit, organisation, row, **_columns(after), version=version)
    return {"code": code, "path": after.path, "version": version, "day": day}


def _hindrance(unit: Unit, made: Organisation) -> str | None:
    if holds(unit, ESTABLISHED_BY[made.kind], above(made.path)):
        return None
    return "您的职务不能在该上级组织之下设立这类组织"


def _import(unit: Unit, kind: str, file: ReadFile, records: Sequence[Organisation]) -> Answer:
    for city in sorted({record.city for record in records}):
        unit.policy(city, unit.today)
    _register(unit, records, unit.today)
    kinds = Counter(str(record.kind) for record in records)
    return record_import(unit, kind, file, [record.path for record in records], len(records), counts=dict(kinds))


def _register(unit: Unit, records: Sequence[Organisation], day: date) -> None:
    insert_all(unit, organisation, [{**_columns(record), "version": 1} for record in records])
    for record in flushed(unit, records):
        _record(unit, ORGANISATION_REGISTERED, record, 0, day)


def _record(unit: Unit, what: EventType, record: Organisation, expected: int, day: date) -> int:
    values = _columns(record)
    return unit.record(
        what,
        stream=f"organisation/{record.code}",
        expected=expected,
        home_county=record.home_county,
        day=day,
        data={("county" if name == "home_county" else name): value for name, value in values.items()},
    )


def _columns(record: Organisation) -> dict[str, Any]:
    values = asdict(record)
    return {**values, "kind": str(record.kind), "domain": str(record.domain) if record.domain else None}
