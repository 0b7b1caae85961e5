"""The posts that follow from an appointment as specially appointed organizer. For reactions, set-based. Source: NN 4(3)(4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from contracts.registry import POST_ASSIGNED, POST_ENDED
from kernel.bus.event import Event
from kernel.errors import Waiting
from kernel.ids import new_id
from kernel.unit import Unit
from services.registry.commands.common import insert_all, organisations
from services.registry.commands.posts import as_told
from services.registry.domain.organisations import Organisation
from services.registry.domain.posts import Role
from services.registry.tables import post


def give_posts(unit: Unit, events: Sequence[Event]) -> None:
    """Raises `Waiting` for a committee that is not here yet."""
    places = organisations(unit, [event.data["committee"] for event in events])
    held = {(row.organizer_id, row.since) for row in _posts(unit, events)}
    rows = []
    for event in events:
        data, since = event.data, date.fromisoformat(event.data["since"])
        if data["committee"] not in places:
            raise Waiting(f"organisation/{data['committee']}")
        if (data["organizer_id"], since) not in held:
            rows.append(_give(unit, event, places[data["committee"]], since))
    insert_all(unit, post, rows)


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
    ends = {event.data["organizer_id"]: event for event in events}
    posts = _posts(unit, events)
    covered = {row.organizer_id for row in posts if _covers(row, _last_day(ends[row.organizer_id]))}
    for id in ends.keys() - covered:
        raise Waiting(ends[id].stream)
    rows = [row for row in posts if not row.ended and row.until >= _last_day(ends[row.organizer_id])]
    unit.know_heads([(row.home_county, f"post/{row.post_id}") for row in rows])
    written = []
    for row in rows:
        event = ends[row.organizer_id]
        until = _last_day(event)
        version = unit.record(
            POST_ENDED,
            stream=f"post/{row.post_id}",
            expected=None,
            home_county=row.home_county,
            day=event.day,
            data=as_told(dict(row._mapping), until=until),
            private={"term_until": row.until, "end": event.data["end"]},
            cause=event,
        )
        written.append({"county_": row.home_county, "id_": row.post_id, "until_": until, "version_": version})
    if written:
        statement = (
            update(post)
            .where(post.c.home_county == bindparam("county_"), post.c.post_id == bindparam("id_"))
            .values(until=bindparam("until_"), ended=True, version=bindparam("version_"))
        )
        unit.connection.execute(statement, written)


def _covers(row: Row[Any], day: date) -> bool:
    """Whether the day is of the post's term; one that people have ended had a term beyond its last day."""
    return bool(row.since <= day and (row.ended or day <= row.until))


def _last_day(event: Event) -> date:
    return date.fromisoformat(event.data["ended_on"])
