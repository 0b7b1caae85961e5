"""A name or identification number that recruitment has put right, on the roll. For reactions, set-based."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from contracts.registry import MEMBER_CHANGED
from kernel.bus.event import Event
from kernel.encoding import canonical
from kernel.errors import Poison
from kernel.unit import Unit
from services.registry.commands.admissions import SEALED, take_places
from services.registry.commands.common import insert_all, organisations
from services.registry.commands.rolls import mark_changed
from services.registry.domain import states
from services.registry.domain.members import particulars_of
from services.registry.tables import member, member_index

_TOLD = ("name", "id_number")


class _Change(NamedTuple):
    event: Event
    row: Any
    before: dict[str, str]
    after: dict[str, str]


def correct_members(unit: Unit, told: Sequence[tuple[Event, Any]]) -> None:
    """`told`: each correction, and the member's row. Of somebody who has been erased there is nothing left to put right.

    Raises `Poison` where the number is that of somebody else on the roll: two entries of one person, at which people have to look.
    """
    newer = [(event, row) for event, row in told if (row.corrected_version or 0) < event.version]
    changes = _opened(unit, newer)
    _move_places(unit, [change for change in changes if change.before["id_number"] != change.after["id_number"]])
    unit.know_heads([(row.home_county, f"member/{row.member_id}") for _, row, _, _ in changes])
    unit.know_subjects([row.subject for _, row, _, _ in changes])
    written = [_correct(unit, change) for change in changes]
    if written:
        names = ("version", *(f"{name}_sealed" for name in SEALED))
        statement = (
            update(member)
            .where(member.c.home_county == bindparam("county_"), member.c.member_id == bindparam("id_"))
            .values({name: bindparam(f"{name}_") for name in names})
        )
        unit.connection.execute(statement, written)
    _note_version(unit, newer)
    # Ages are counted by the number.
    mark_changed(unit, organisations(unit, [row.branch for _, row, _, _ in changes]).values())


def _note_version(unit: Unit, told: Sequence[tuple[Event, Any]]) -> None:
    """Also of a correction that finds the entry right: an older one that comes late must not undo it."""
    statement = (
        update(member)
        .where(member.c.home_county == bindparam("county_"), member.c.member_id == bindparam("id_"))
        .values(corrected_version=bindparam("corrected_version_"))
    )
    rows = [{"county_": row.home_county, "id_": row.member_id, "corrected_version_": event.version} for event, row in told]
    if rows:
        unit.connection.execute(statement, rows)


def _opened(unit: Unit, told: Sequence[tuple[Event, Any]]) -> list[_Change]:
    """What changes, in clear; without the erased, and those whose entry says so already."""
    for event, row in told:
        if event.subject != row.subject or not set(_TOLD) <= event.sealed.keys():
            raise Poison("a correction without name and id_number under the candidate's key")
    boxes = [(row.subject, getattr(row, f"{name}_sealed")) for _, row in told for name in SEALED]
    fresh = [(row.subject, event.sealed[name]) for event, row in told for name in _TOLD]
    before, after = iter(unit.context.keys.open_column(boxes)), iter(unit.context.keys.open_column(fresh))
    changes = []
    for event, row in told:
        was = {name: value for name in SEALED if (value := next(before)) is not None}
        now = {name: value for name in _TOLD if (value := next(after)) is not None}
        if len(was) == len(SEALED) and len(now) == len(_TOLD) and not now.items() <= was.items():
            particulars = {**json.loads(was["particulars"]), **particulars_of(now["id_number"], {})}
            changes.append(_Change(event, row, was, {**now, "particulars": canonical(particulars)}))
    return changes


def _move_places(unit: Unit, changes: Sequence[_Change]) -> None:
    """The person's one place on the roll goes over to the right number. An entry that has ended takes it from nobody."""
    digests = {row.member_id: unit.context.keys.blind_index(after["id_number"]) for _, row, _, after in changes}
    living = {row.member_id for _, row, _, _ in changes if row.status != states.ENDED}
    take_places(unit, {id: digest for id, digest in digests.items() if id in living})
    unit.connection.execute(member_index.delete().where(member_index.c.member_id.in_(list(digests))))
    held = select(member_index.c.digest).where(member_index.c.digest.in_(list(digests.values())))
    taken = set(unit.connection.execute(held).scalars()) | {digests[id] for id in living}
    places = {digest: id for id, digest in digests.items() if id in living or digest not in taken}
    insert_all(unit, member_index, [{"digest": digest, "subject": id, "member_id": id} for digest, id in places.items()])


def _correct(unit: Unit, change: _Change) -> dict[str, Any]:
    """Records it and returns the columns."""
    event, row, before, after = change
    names = ("member_id", "branch", "path", "joined", "status", "full_since")
    version = unit.record(
        MEMBER_CHANGED,
        stream=f"member/{row.member_id}",
        expected=None,
        home_county=row.home_county,
        day=event.day,
        data={name: getattr(row, name) for name in names},
        private={"action": "correct", "corrected": [name for name in _TOLD if before[name] != after[name]]},
        subject=row.subject,
        personal=after,
        cause=event,
    )
    boxes = {f"{name}_sealed_": box for name, box in unit.seal(row.subject, after).items()}
    return {"county_": row.home_county, "id_": row.member_id, "version_": version, **boxes}
