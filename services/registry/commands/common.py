"""What the commands share: loading organisations, scope, the record of an import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from posixpath import commonpath
from typing import Any, TypeVar

from sqlalchemy import Row, insert, select

from kernel.commands import Answer
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id
from kernel.policy import Policy, county_of
from kernel.unit import Unit
from services.registry.domain.organisations import COUNTY_CODE, Domain, Kind, Organisation
from services.registry.sheets import ReadFile
from services.registry.tables import import_job, member_index, organisation

T = TypeVar("T")

#: A long import writes in between, so that neither memory nor an idle transaction grows without bound.
_FLUSH_EVERY = 1_000
_CHUNK = 500


def policy_at(unit: Unit, of: Organisation, day: date) -> Policy:
    """The rules in force on that day where the organisation stands."""
    return unit.policy(of.city, day, county_of(of.home_county))


# -- scope


def holds(unit: Unit, roles: Collection[str], path: str) -> bool:
    """Whether the actor holds one of the roles over `path`, today; the system itself holds all."""
    return unit.roles is None or unit.actor.post_for(roles, path, unit.today) is not None


def within(unit: Unit, path: str) -> bool:
    """Whether one of the actor's posts that opened this command covers `path`."""
    return unit.roles is None or holds(unit, unit.roles, path)


# -- loading


def chunks(values: Iterable[T], size: int = _CHUNK) -> Iterator[Sequence[T]]:
    """In parts that fit into one statement."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def organisations(unit: Unit, codes: Iterable[str]) -> dict[str, Organisation]:
    """Those that exist, by code."""
    found: dict[str, Organisation] = {}
    for part in chunks(sorted(set(codes))):
        for row in unit.connection.execute(select(organisation).where(organisation.c.code.in_(part))):
            found[row.code] = organisation_of(row)
    return found


def member_ids(unit: Unit, numbers: Iterable[str]) -> dict[str, str]:
    """Ids of members by identification number, of those on the roll."""
    digests = {unit.context.keys.blind_index(number): number for number in numbers}
    found: dict[str, str] = {}
    for part in chunks(digests):
        query = select(member_index.c.digest, member_index.c.member_id).where(member_index.c.digest.in_(part))
        found.update({digests[row.digest]: row.member_id for row in unit.connection.execute(query)})
    return found


def organisation_row(unit: Unit, code: str) -> Row[Any]:
    """Raises `NotFound`."""
    row = unit.connection.execute(select(organisation).where(organisation.c.code == code)).first()
    if row is None:
        raise NotFound("没有这个组织")
    return row


def organisation_of(row: Any) -> Organisation:
    return Organisation(
        code=row.code,
        name=row.name,
        kind=Kind(row.kind),
        domain=Domain(row.domain) if row.domain else None,
        parent=row.parent,
        path=row.path,
        city=row.city,
        home_county=row.home_county,
        approval_power=row.approval_power,
        has_committee=row.has_committee,
        under_rectification=row.under_rectification,
        key_managed=row.key_managed,
        employees=row.employees,
    )


# -- imports


def flushed(unit: Unit, records: Iterable[T]) -> Iterator[T]:
    """The records one after the other; what they left is written every so often."""
    for number, record in enumerate(records, start=1):
        yield record
        if number % _FLUSH_EVERY == 0:
            unit.finish()


def insert_all(unit: Unit, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for part in chunks(rows, _FLUSH_EVERY):
        unit.connection.execute(insert(table), [dict(row) for row in part])


def record_import(unit: Unit, kind: str, file: ReadFile, paths: Collection[str], rows: int, **counts: Any) -> Answer:
    """Puts an import on record, in a stream of its own. `paths`: of the organisations concerned."""
    import_id = new_id()
    path = common_path(paths)
    codes = path.strip("/").split("/")
    data = {"import_id": import_id, "kind": kind, "rows": rows, "path": path, "digest": file.digest, **counts}
    unit.record(
        "sheet_imported",
        stream=f"import/{import_id}",
        expected=0,
        home_county=codes[1] if len(codes) > 1 and COUNTY_CODE.fullmatch(codes[1]) else codes[0],  # else the city
        day=unit.today,
        data=data,
    )
    unit.connection.execute(
        insert(import_job).values(
            import_id=import_id,
            kind=kind,
            digest=file.digest,
            rows=rows,
            path=path,
            account=unit.actor.account,
            day=unit.today,
            imported_at=unit.context.clock.now(),
            correlation_id=unit.correlation_id,
        )
    )
    return {"import_id": import_id, "kind": kind, "rows": rows, "path": path, "day": unit.today, **counts}


def common_path(paths: Collection[str]) -> str:
    """The path of the lowest organisation that is above (or is) all of these. Raises `Invalid` for two cities' together."""
    if not paths:
        raise Invalid({"file": ["表格中没有可导入的数据"]})
    shared = commonpath(list(paths))
    if shared == "/":
        raise Invalid({"file": ["一个文件只能涉及一个城市，请分开导入"]})
    return f"{shared}/"
