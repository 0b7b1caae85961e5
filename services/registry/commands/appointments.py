"""The posts that follow from an appointment as specially appointed organizer. For reactions, set-based. Source: NN 4(3)(4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from contracts.registry import POST_ASSIGNED, POST_ENDED
from kernel.bus.event import Event
from kernel.errors import Waiting
from kernel.ids import new_id
from kernel.store.database import insert_ignore
from kernel.unit import Unit
from services.registry.commands.common import insert_all, organisations
from services.registry.commands.posts import as_told
from services.registry.domain.organisations import Organisation
from services.registry.domain.posts import Role
from services.registry.tables import appointment_end, post


def give_posts(unit: Unit, events: Sequence[Event]) -> None:
    """Of an appointment that has ended already, the post of a term that was told late ends at once.

    Raises `Waiting` for a committee that is not here yet.
    """
    places = organisations(unit, [event.data["committee"] for event in events])
    held = {(row.organizer_id, row.since) for row in _posts(unit, events)}
    ends = _ends(unit, events)
    rows = []
    for event in events:
        data, since = event.data, date.fromisoformat(event.data["since"])
        if data["committee"] not in places:
            raise Waiting(f"organisation/{data['committee']}")
        if (data["organizer_id"], since) not in held:
            row = _give(unit, event, places[data["committee"]], since)
            end = ends.get(data["organizer_id"])
            rows.append(row if end is None or row["until"] < end.ended_on else {**row, **_end(unit, event, row, end)})
    insert_all(unit, post, rows)


def _ends(unit: Unit, events: Sequence[Event]) -> dict[str, Row[Any]]:
    ids = [event.data["organizer_id"] for event in events]
    found = unit.connection.execute(select(appointment_end).where(appointment_end.c.organizer_id.in_(ids)))
    return {row.organizer_id: row for row in found}


def _posts(unit: Unit, events: Sequence[Event]) -> list[Row[Any]]:
    ids = [event.data["organizer_id"] for event in events]
    return list(unit.connection.execute(select(post).where(post.c.organizer_id.in_(ids)).order_by(post.c.since)))


def _give(unit: Unit, event: Event, place: Organisation, since: date) -> dict[str, Any]:
    row = {
        "home_county": place.home_county,
        "post_id": new_id(),
        "version": 1,
        "account": event.data["account"],
        "role": str(Role.SPECIAL_ORGANIZER),
        "organisation": place.code,
        "path": place.path,
        "since": since,
        "until": date.fromisoformat(event.data["until"]),
        "ended": False,
        "member_id": event.data["member_id"],
        "department": None,
        "organizer_id": event.data["organizer_id"],
    }
    unit.record(
        POST_ASSIGNED,
        stream=f"post/{row['post_id']}",
        expected=0,
        home_county=place.home_county,
        day=event.day,
        data=as_told(row),
        private={"organizer_id": row["organizer_id"]},
        cause=event,
    )
    return row


def end_posts(unit: Unit, events: Sequence[Event]) -> None:
    """Ends the posts of the last term; those of terms before have ended by their own last day.

    A post of a term that has not begun (the appointment was renewed early) ends with it, as one that never was in force. Raises
    `Waiting` where the appointment was lost: told later, it would give a post that nobody ends.
    """
    told = {event.data["organizer_id"]: event for event in events}
    posts = _posts(unit, events)
    covered = {row.organizer_id for row in posts if _covers(row, _last_day(told[row.organizer_id]))}
    for id in told.keys() - covered:
        raise Waiting(told[id].stream)
    _keep_ends(unit, events)
    ends = _ends(unit, events)
    rows = [row for row in posts if not row.ended and row.until >= ends[row.organizer_id].ended_on]
    unit.know_heads([(row.home_county, f"post/{row.post_id}") for row in rows])
    written = []
    for row in rows:
        values = _end(unit, told[row.organizer_id], dict(row._mapping), ends[row.organizer_id])
        keys = {"county_": row.home_county, "id_": row.post_id}
        written.append({**keys, **{f"{name}_": value for name, value in values.items()}})
    if written:
        statement = (
            update(post)
            .where(post.c.home_county == bindparam("county_"), post.c.post_id == bindparam("id_"))
            .values({name: bindparam(f"{name}_") for name in ("until", "ended", "version")})
        )
        unit.connection.execute(statement, written)


def _keep_ends(unit: Unit, events: Sequence[Event]) -> None:
    rows = [
        {
            "organizer_id": event.data["organizer_id"],
            "ended_on": _last_day(event),
            "told_on": event.day,
            "end": event.data["end"],
        }
        for event in events
    ]
    unit.connection.execute(insert_ignore(unit.connection, appointment_end), rows)


def _end(unit: Unit, event: Event, row: Mapping[str, Any], end: Row[Any]) -> dict[str, Any]:
    """Records the end of a post because of `event`. Returns the columns that it changes."""
    version = unit.record(
        POST_ENDED,
        stream=f"post/{row['post_id']}",
        expected=None,
        home_county=row["home_county"],
        day=end.told_on,
        data=as_told(row, until=end.ended_on),
        private={"term_until": row["until"], "end": end.end},
        cause=event,
    )
    return {"until": end.ended_on, "ended": True, "version": version}


def _covers(row: Row[Any], day: date) -> bool:
    """Whether the day is of the post's term; one that people have ended had a term beyond its last day."""
    return bool(row.since <= day and (row.ended or day <= row.until))


def _last_day(event: Event) -> date:
    return date.fromisoformat(event.data["ended_on"])
