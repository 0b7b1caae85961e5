"""Members who are named for a candidate, as contacts or as introducers: how they stand, and from when until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, insert, select, update

from kernel.errors import Invalid
from kernel.unit import Unit
from services.recruitment.tables import member


@dataclass(frozen=True, slots=True)
class Standing:
    """`known`: found among the members here; `full`: a full member on the day."""

    known: bool
    full: bool
    same_branch: bool


def standing_of(unit: Unit, row: Any, ids: Collection[str], day: date) -> Mapping[str, Standing]:
    """How those named stand towards the candidate's branch on that day."""
    query = select(member.c.member_id, member.c.branch, member.c.status, member.c.full_since).where(member.c.member_id.in_(ids))
    known = {found.member_id: found for found in unit.connection.execute(query)} if ids else {}
    return {
        id: Standing(id in known, id in known and _is_full(known[id], day), id in known and known[id].branch == row.branch)
        for id in ids
    }


def _is_full(found: Any, day: date) -> bool:
    return bool(found.status == "full" and (found.full_since is None or found.full_since <= day))


def name_from(unit: Unit, table: Table, row: Any, ids: Sequence[str], day: date) -> None:
    """Those named from `day` on; who is no longer named ends on that day."""
    mine = table.c.candidate_id == row.candidate_id
    running = set(unit.connection.execute(select(table.c.member_id).where(mine, table.c.until.is_(None))).scalars())
    fresh = set(ids) - running
    if gone := running - set(ids):
        unit.connection.execute(update(table).where(mine, table.c.member_id.in_(gone), table.c.until.is_(None)).values(until=day))
    if fresh & set(unit.connection.execute(select(table.c.member_id).where(mine, table.c.since == day)).scalars()):
        raise Invalid({f"{table.name}s": ["同一天内换下又换上，请另定日期"]})
    if fresh:
        rows = [
            {"home_county": row.home_county, "candidate_id": row.candidate_id, "member_id": id, "since": day}
            for id in sorted(fresh)
        ]
        unit.connection.execute(insert(table), rows)


def name_nobody(unit: Unit, table: Table, row: Any, day: date) -> None:
    """Nobody is named any more."""
    unit.connection.execute(
        update(table).where(table.c.candidate_id == row.candidate_id, table.c.until.is_(None)).values(until=day)
    )
