"""The roll: importing a sheet of members, entering one, changing, ending and reinstating an entry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from contracts.registry import MEMBER_CHANGED, MEMBER_REGISTERED
from kernel.commands import Answer, Body, change, day_of, expect
from kernel.encoding import canonical
from kernel.errors import Invalid, NotFound, Stale
from kernel.ids import new_id
from kernel.policy import county_of
from kernel.store.keys import KeyStore
from kernel.unit import Unit
from services.registry.commands.common import flushed, insert_all, member_ids, organisations, policy_at, record_import, within
from services.registry.commands.rolls import mark_changed
from services.registry.domain import states
from services.registry.domain.members import LAYOUT, Member, RollRules, RulesOn, Status, numbers_in, parse_members
from services.registry.domain.organisations import Kind, Organisation
from services.registry.domain.rows import Parsed, RawSheet, cells_of, form
from services.registry.sheets import ReadFile
from services.registry.tables import member, member_index

#: What is sealed together as `particulars`.
PARTICULARS = ("birth_date", "sex", "education", "occupation", "floating_permit", "exempt_from")
_SEALED = ("name", "id_number", "particulars")


def import_members(unit: Unit, file: ReadFile) -> Answer:
    """A sheet of members, all or none. Raises `BadRows` with every fault, those of scope included."""
    named = _branches(unit, cells_of(file.sheet, LAYOUT, "branch"))
    branches = {code: branch for code, branch in named.items() if within(unit, branch.path)}
    records = _checked(unit, file.sheet, branches).require()
    paths = sorted({branches[record.branch].path for record in records})
    for path in paths:
        unit.authorise(path)
    for city in sorted({branches[record.branch].city for record in records}):
        unit.policy(city, unit.today)
    _enrol(unit, records, branches, unit.today)
    return record_import(unit, "members", file, paths, len(records))


def register_member(unit: Unit, body: Body) -> Answer:
    """One member, under the same checks as a sheet. Raises `Invalid`, `Forbidden`."""
    branches = _branches(unit, [body["branch"]])
    record = _checked(unit, form(LAYOUT, body), branches).single()
    branch = branches[record.branch]
    unit.authorise(branch.path)
    day = day_of(unit, body)
    policy_at(unit, branch, day)
    (member_id,) = _enrol(unit, [record], branches, day)
    return {"member_id": member_id, "status": str(record.status), "version": 1, "day": day}


def change_member(unit: Unit, body: Body, member_id: str) -> Answer:
    """Branch, status, particulars, name: what `body` names; the whole is checked as a new entry would be."""
    return _change(unit, "change", member_id, body)


def reinstate_member(unit: Unit, body: Body, member_id: str) -> Answer:
    """Puts an ended entry back on the roll; `body` as for a change."""
    return _change(unit, "reinstate", member_id, body)


def end_member(unit: Unit, body: Body, member_id: str) -> Answer:
    """Ends an entry, with one of `states.END_REASONS`. Works for a person whose data have been erased, too."""
    row = _find(unit, member_id)
    unit.authorise(row.path)
    _guard(row, "end", body)
    day = day_of(unit, body)
    if day < row.joined:
        raise Invalid({"day": [f"日期 {day} 早于入党日期 {row.joined}"]})
    branch = _branch(unit, row.branch)
    policy_at(unit, branch, day)
    name = unit.context.keys.open_column([(row.subject, row.name_sealed)])[0]
    values = {"branch": row.branch, "path": row.path, "status": states.ENDED, "full_since": row.full_since}
    version = _record(unit, row, day, values, {"name": name} if name else {}, {"reason": body["reason"]})
    change(unit, member, row, status=states.ENDED, ended_on=day, version=version)
    mark_changed(unit, [branch])
    return {"member_id": member_id, "status": states.ENDED, "version": version, "day": day}


# -- checking


def _branches(unit: Unit, codes: Sequence[str]) -> dict[str, Organisation]:
    return {code: of for code, of in organisations(unit, codes).items() if of.kind is Kind.BRANCH}


def _branch(unit: Unit, code: str) -> Organisation:
    return organisations(unit, [code])[code]


def _checked(unit: Unit, sheet: RawSheet, branches: Mapping[str, Organisation], own_number: str | None = None) -> Parsed[Member]:
    """The members of a sheet. `own_number`: of the member whose entry is being changed."""
    return parse_members(
        sheet,
        branches=branches,
        known_numbers=member_ids(unit, numbers_in(sheet) - {own_number}),
        on=unit.today,
        rules_on=_rules_on(unit, branches),
    )


def _rules_on(unit: Unit, branches: Mapping[str, Organisation]) -> RulesOn:
    """What the packs of the day of joining ask; None before the first national text that is known here.

    A text that only stands in for older ones refuses no entry: members of earlier decades joined under other rules.
    """
    book = unit.context.policies
    first = min(pack.dated.start for pack in book.packs if pack.layer == "national" and pack.dated.start)

    def rules_on(code: str, joined: date) -> RollRules | None:
        if joined < first:
            return None
        policy = book.at(branches[code].city, joined, county_of(branches[code].home_county))
        age, probation = policy["application.age"], policy["probation.months"]
        return RollRules(probation.value, None if age.unconfirmed else age.value, probation.source, age.source)

    return rules_on


# -- writing


def _enrol(unit: Unit, records: Sequence[Member], branches: Mapping[str, Organisation], day: date) -> list[str]:
    """Writes entries and returns their ids, in order."""
    ids = [new_id() for _ in records]
    unit.know_subjects(ids)
    rows, index = [], []
    for member_id, record in flushed(unit, list(zip(ids, records, strict=True))):
        branch = branches[record.branch]
        personal = _personal(record)
        standing = {
            "branch": branch.code,
            "path": branch.path,
            "status": str(record.status),
            "joined": record.joined,
            "full_since": record.full_since,
        }
        unit.record(
            MEMBER_REGISTERED,
            stream=f"member/{member_id}",
            expected=0,
            home_county=branch.home_county,
            day=day,
            data={"member_id": member_id, **standing},
            subject=member_id,
            personal=personal,
        )
        ids_of_row = {"home_county": branch.home_county, "member_id": member_id, "subject": member_id, "version": 1}
        rows.append({**ids_of_row, **standing, **_seal(unit, member_id, personal)})
        digest = unit.context.keys.blind_index(record.id_number)
        index.append({"digest": digest, "subject": member_id, "member_id": member_id})
    insert_all(unit, member, rows)
    insert_all(unit, member_index, index)
    mark_changed(unit, [branches[record.branch] for record in records])
    return ids


def _change(unit: Unit, action: str, member_id: str, body: Body) -> Answer:
    row = _find(unit, member_id)
    unit.authorise(row.path)
    _guard(row, action, body)
    before = opened(unit.context.keys, row)
    _guard_person(unit, row, before["id_number"])
    changes = {name: value for name, value in body.items() if name in before}
    branches = _branches(unit, [changes.get("branch", row.branch)])
    sheet = form(LAYOUT, {**before, **changes})
    if sheet == form(LAYOUT, before):
        raise Invalid({"body": ["没有任何变化"]})
    after = _checked(unit, sheet, branches, before["id_number"]).single()
    _guard_next(row, action, after.status)
    branch = branches[after.branch]
    unit.authorise(branch.path)
    day = day_of(unit, body)
    policy_at(unit, branch, day)
    unit.know_subjects([row.subject])
    personal = _personal(after)
    values = {
        "branch": branch.code,
        "path": branch.path,
        "status": str(after.status),
        "joined": after.joined,
        "full_since": after.full_since,
    }
    version = _record(unit, row, day, values, personal, {"action": action})
    change(unit, member, row, **values, ended_on=None, version=version, **_seal(unit, row.subject, personal))
    mark_changed(unit, [branch, _branch(unit, row.branch)])
    return {"member_id": member_id, "status": str(after.status), "version": version, "day": day}


def _record(
    unit: Unit, row: Any, day: date, values: Mapping[str, Any], personal: Mapping[str, str], private: Mapping[str, Any]
) -> int:
    return unit.record(
        MEMBER_CHANGED,
        stream=f"member/{row.member_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data={"member_id": row.member_id, "joined": row.joined, **values},
        private=private,
        subject=row.subject if personal else None,
        personal=personal,
    )


def _personal(record: Member) -> dict[str, str]:
    particulars = {name: str(value) for name in PARTICULARS if (value := getattr(record, name)) is not None}
    return {"name": record.name, "id_number": record.id_number, "particulars": canonical(particulars)}


def _seal(unit: Unit, subject: str, personal: Mapping[str, str]) -> dict[str, str]:
    return {f"{name}_sealed": box for name, box in unit.seal(subject, personal).items()}


def opened(keys: KeyStore, row: Any) -> dict[str, Any]:
    """An entry as a form would show it, in clear, for checking it anew. Raises `Erased`."""
    boxes = {name: getattr(row, f"{name}_sealed") for name in _SEALED}
    clear = keys.open_fields(row.subject, boxes)
    particulars = json.loads(clear.pop("particulars"))
    status = row.status if row.status in set(Status) else None
    standing = {"branch": row.branch, "status": status, "joined": row.joined, "full_since": row.full_since}
    return {**dict.fromkeys(PARTICULARS), **clear, **particulars, **standing}


def _find(unit: Unit, member_id: str) -> Row[Any]:
    row = unit.connection.execute(select(member).where(member.c.member_id == member_id)).first()
    if row is None:
        raise NotFound("党员名册中没有此人")
    return row


def _guard(row: Any, action: str, body: Body) -> None:
    states.MEMBER.step(row.status, action)
    expect(row, body)


def _guard_person(unit: Unit, row: Any, number: str) -> None:
    """Somebody who left the roll and was admitted again stands there by the new entry alone. Raises `Stale`."""
    if member_ids(unit, [number]).get(number, row.member_id) != row.member_id:
        raise Stale("此人已经重新入党，以新的记录为准")


def _guard_next(row: Any, action: str, status: str) -> None:
    if status not in states.MEMBER.step(row.status, action).ends:
        names = states.MEMBER.names
        raise Invalid({"status": [f"{names[row.status]}不能改为{names[status]}"]})
