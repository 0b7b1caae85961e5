"""Whom recruitment has admitted, on the roll: entry, conversion, leaving. For reactions, set-based."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select, tuple_, update

from contracts.registry import MEMBER_CHANGED, MEMBER_REGISTERED
from kernel.bus.event import Event
from kernel.encoding import canonical
from kernel.errors import Poison, Waiting
from kernel.store.tables import journal
from kernel.unit import Unit
from services.registry.commands.common import insert_all, organisations
from services.registry.commands.rolls import mark_changed
from services.registry.domain import states
from services.registry.domain.members import particulars_of
from services.registry.domain.organisations import Organisation
from services.registry.tables import member, member_index

SEALED = ("name", "id_number", "particulars")

#: What a told step changes: the event, the member's row, the columns, what is noted beside them.
Change = tuple[Event, Any, Mapping[str, Any], Mapping[str, Any]]


def known_members(unit: Unit, events: Sequence[Event]) -> dict[str, Row[Any]]:
    """The candidates' entries on the roll, by id, whatever their state."""
    ids = [event.data["candidate_id"] for event in events]
    found = unit.connection.execute(select(member).where(member.c.member_id.in_(ids)))
    return {row.member_id: row for row in found}


# -- entry


def enter_admitted(unit: Unit, events: Sequence[Event]) -> None:
    """Raises `Waiting` for a branch that is not here yet, `Poison` where the person is on the roll under another entry."""
    there = known_members(unit, events)
    fresh = [event for event in events if event.data["candidate_id"] not in there]
    branches = organisations(unit, [event.data["branch"] for event in fresh])
    for event in fresh:
        if event.data["branch"] not in branches:
            raise Waiting(f"organisation/{event.data['branch']}")
    persons = _opened(unit, fresh)
    digests = {id: unit.context.keys.blind_index(person["id_number"]) for id, person in persons.items() if person is not None}
    take_places(unit, digests)
    unit.know_subjects(list(digests))
    rows = [_enter(unit, event, branches[event.data["branch"]], persons[event.data["candidate_id"]]) for event in fresh]
    insert_all(unit, member, rows)
    insert_all(unit, member_index, [{"digest": digest, "subject": id, "member_id": id} for id, digest in digests.items()])
    mark_changed(unit, branches.values())


def _opened(unit: Unit, events: Sequence[Event]) -> dict[str, dict[str, str] | None]:
    """By candidate: name, number and particulars; None for a person whose data have been erased meanwhile."""
    for event in events:
        if event.subject != event.data["candidate_id"] or not set(SEALED) <= event.sealed.keys():
            raise Poison("an admission without name, id_number and particulars under the candidate's key")
    boxes = [(event.data["candidate_id"], event.sealed[name]) for event in events for name in SEALED]
    values = iter(unit.context.keys.open_column(boxes))
    found: dict[str, dict[str, str] | None] = {}
    for event in events:
        fields = {name: next(values) for name in SEALED}
        clear = {name: value for name, value in fields.items() if value is not None}
        found[event.data["candidate_id"]] = _personal(clear) if len(clear) == len(SEALED) else None
    return found


def _personal(clear: Mapping[str, str]) -> dict[str, str]:
    """As the roll keeps a person."""
    particulars = particulars_of(clear["id_number"], json.loads(clear["particulars"]))
    return {**clear, "particulars": canonical(particulars)}


def take_places(unit: Unit, digests: Mapping[str, str]) -> None:
    """One person, one entry on the roll. The place of an entry that has ended goes over to the new one."""
    if len(set(digests.values())) < len(digests):
        raise Poison("two entries of one person at once")
    query = (
        select(member_index.c.digest, member.c.member_id, member.c.status)
        .join(member, member.c.member_id == member_index.c.member_id)
        .where(member_index.c.digest.in_(list(digests.values())))
    )
    held = list(unit.connection.execute(query))
    if living := [row.member_id for row in held if row.status != states.ENDED]:
        raise Poison(f"somebody who is on the roll already, as member {living[0]}")
    unit.connection.execute(member_index.delete().where(member_index.c.digest.in_([row.digest for row in held])))


def _enter(unit: Unit, event: Event, branch: Organisation, personal: Mapping[str, str] | None) -> dict[str, Any]:
    """Records the entry and returns the row. Of an erased person nothing but the standing is left to record."""
    id = event.data["candidate_id"]
    standing = {
        "branch": branch.code,
        "path": branch.path,
        "status": states.PROBATIONARY,
        "joined": date.fromisoformat(event.data["meeting_on"]),
        "full_since": None,
    }
    version = unit.record(
        MEMBER_REGISTERED,
        stream=f"member/{id}",
        expected=0,
        home_county=branch.home_county,
        day=event.day,
        data={"member_id": id, **standing},
        private={"action": "admit"},
        subject=id if personal else None,
        personal=personal,
        cause=event,
    )
    boxes = unit.seal(id, personal) if personal else event.sealed
    keys = {"home_county": branch.home_county, "member_id": id, "subject": id, "version": version}
    return {**keys, **standing, **{f"{name}_sealed": boxes[name] for name in SEALED}}


# -- what is told later


def stand(unit: Unit, changes: Sequence[Change]) -> None:
    """Changes of standing, recorded and told."""
    rows = [row for _, row, _, _ in changes]
    unit.know_heads([(row.home_county, f"member/{row.member_id}") for row in rows])
    names = unit.context.keys.open_column((row.subject, row.name_sealed) for row in rows)
    unit.know_subjects([row.subject for row, name in zip(rows, names, strict=True) if name])
    written = []
    for (event, row, values, private), name in zip(changes, names, strict=True):
        now = {"status": row.status, "full_since": row.full_since, "ended_on": row.ended_on, **values}
        version = unit.record(
            MEMBER_CHANGED,
            stream=f"member/{row.member_id}",
            expected=None,
            home_county=row.home_county,
            day=event.day,
            data={
                "member_id": row.member_id,
                "branch": row.branch,
                "path": row.path,
                "joined": row.joined,
                "status": now["status"],
                "full_since": now["full_since"],
            },
            private=private,
            subject=row.subject if name else None,
            personal={"name": name} if name else None,
            cause=event,
        )
        written.append(_values(row, version, **now))
    _write(unit, written)
    mark_changed(unit, organisations(unit, [row.branch for row in rows]).values())


def note(unit: Unit, notes: Sequence[tuple[Event, Any, Mapping[str, Any]]]) -> None:
    """Entries that change nothing but the record. The same is not noted twice."""
    keys = [(row.home_county, f"member/{row.member_id}") for _, row, _ in notes]
    unit.know_heads(keys)
    query = select(journal.c.stream, journal.c.type, journal.c.payload).where(
        tuple_(journal.c.home_county, journal.c.stream).in_(keys)
    )
    noted = {tuple(row) for row in unit.connection.execute(query)}
    written = []
    for event, row, data in notes:
        if (f"member/{row.member_id}", event.type, canonical(data)) in noted:
            continue
        version = unit.record(
            event.type,
            stream=f"member/{row.member_id}",
            expected=None,
            home_county=row.home_county,
            day=event.day,
            data=data,
            cause=event,
        )
        written.append(_values(row, version, status=row.status, full_since=row.full_since, ended_on=row.ended_on))
    _write(unit, written)


def _values(row: Any, version: int, *, status: str, full_since: date | None, ended_on: date | None) -> dict[str, Any]:
    keys = {"county_": row.home_county, "id_": row.member_id, "version_": version}
    return {**keys, "status_": status, "full_since_": full_since, "ended_on_": ended_on}


def _write(unit: Unit, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = ("version", "status", "full_since", "ended_on")
    statement = (
        update(member)
        .where(member.c.home_county == bindparam("county_"), member.c.member_id == bindparam("id_"))
        .values({name: bindparam(f"{name}_") for name in names})
    )
    unit.connection.execute(statement, rows)
