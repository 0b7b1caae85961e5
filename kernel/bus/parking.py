"""Parking: where a message waits that cannot be applied, and how it goes on.

A stream with a parked message is closed: later messages of the same stream wait behind it, other streams flow. What a refill brings
too late has a lane of its own: of a stream that has gone on, only what is late too waits behind a late message. People see parked
messages, and replay or drop them with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, update

from kernel.bus.event import Message
from kernel.store.database import insert_ignore
from kernel.store.tables import parked

#: Seconds until a message that waits for another stream is looked at again by itself, in case the release was missed.
RETRY_SECONDS = 60

StreamKey = tuple[str, str]
#: Source and stream, and whether it is the lane of late messages. A lane goes on in order.
Lane = tuple[str, str, bool]


def park(
    connection: Connection,
    message: Message,
    reason: str,
    *,
    now: datetime,
    waiting_for: str | None = None,
    again: bool = False,
    late: bool = False,
) -> bool:
    """Puts the message aside, in the caller's transaction. False where it is parked already: that row stays as it is.

    `again`: it is looked at again by itself, once it is the first of its stream.
    """
    row = {
        "source": message.source,
        "stream": message.stream,
        "version": message.version,
        "type": message.type,
        "headers": _headers_text(message.headers),
        "body": message.body,
        "tries": 0,
        "next_try": now + timedelta(seconds=RETRY_SECONDS) if again or waiting_for else None,
        "waiting_for": waiting_for,
        "reason": printable(reason),
        "parked_at": now,
        "late": late,
    }
    return connection.execute(insert_ignore(connection, parked), row).rowcount > 0


def _headers_text(headers: Mapping[str, Any]) -> str:
    """The headers as JSON. Those of strangers may hold anything that AMQP knows."""
    try:
        return json.dumps(dict(headers), default=repr)
    except (TypeError, ValueError, RecursionError):
        return json.dumps({"unreadable": repr(headers)})


def printable(reason: str) -> str:
    """The text as a column can hold it, whatever bytes of a foreign message an error quotes."""
    return reason[:2000].replace("\0", "\\0").encode(errors="backslashreplace").decode()


def any_parked(connection: Connection) -> bool:
    return connection.execute(select(parked.c.id).limit(1)).first() is not None


def waiting_lanes(connection: Connection, heard: Collection[str], now: datetime) -> list[Lane]:
    """Lanes whose first parked message waits for one of the streams just heard of, or is due to be tried again."""
    first = (
        select(parked.c.source, parked.c.stream, parked.c.late, func.min(parked.c.version).label("version"))
        .group_by(parked.c.source, parked.c.stream, parked.c.late)
        .subquery()
    )
    same = and_(*(parked.c[name] == first.c[name] for name in ("source", "stream", "late", "version")))
    due = parked.c.next_try <= now
    if heard:
        due = due | parked.c.waiting_for.in_(list(heard))
    rows = connection.execute(select(parked.c.source, parked.c.stream, parked.c.late).join(first, same).where(due))
    return [(source, stream, late) for source, stream, late in rows]


def first_of(connection: Connection, lane: Lane) -> Row[Any] | None:
    """The first parked row of a lane."""
    source, stream, late = lane
    query = select(parked).where(parked.c.source == source, parked.c.stream == stream, parked.c.late == late)
    return connection.execute(query.order_by(parked.c.version).limit(1)).first()


def of_stream(connection: Connection, key: StreamKey) -> list[Row[Any]]:
    """The parked rows of a stream, in order."""
    query = select(parked).where(parked.c.source == key[0], parked.c.stream == key[1]).order_by(parked.c.version)
    return list(connection.execute(query))


def message_of_row(row: Row[Any]) -> Message:
    return Message(row.source, row.type, row.stream, row.version, json.loads(row.headers), row.body)


def note_try(
    connection: Connection, id: int, reason: str, now: datetime, *, waiting_for: str | None = None, again: bool = False
) -> None:
    """After a try that failed: why, and when to look again."""
    connection.execute(
        update(parked)
        .where(parked.c.id == id)
        .values(
            tries=parked.c.tries + 1,
            reason=printable(reason),
            waiting_for=waiting_for,
            next_try=now + timedelta(seconds=RETRY_SECONDS) if again or waiting_for else None,
        )
    )


def late_streams(connection: Connection) -> dict[StreamKey, int]:
    """The lowest late version parked of each stream that has any."""
    query = select(parked.c.source, parked.c.stream, func.min(parked.c.version)).where(parked.c.late)
    rows = connection.execute(query.group_by(parked.c.source, parked.c.stream))
    return {(source, stream): version for source, stream, version in rows}


def remove(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(delete(parked).where(parked.c.id.in_(ids)))


def listed(connection: Connection, limit: int = 100) -> list[Row[Any]]:
    """Parked messages for people, the oldest first."""
    return list(connection.execute(select(parked).order_by(parked.c.parked_at, parked.c.id).limit(limit)))


def counts(connection: Connection) -> dict[str, int]:
    """How many are parked, by publishing service."""
    query = select(parked.c.source, func.count().label("number")).group_by(parked.c.source)
    return {row.source: row.number for row in connection.execute(query)}
