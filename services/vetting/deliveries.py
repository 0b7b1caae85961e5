"""What is to be sent to the departments' systems: queued in a command's transaction, taken by the sender.

A row holds no personal data: name and ID number are opened at the moment of sending and forgotten with it. Nothing is ever given up
because the other side is away; a question that is no longer open is cancelled.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, insert, select, update

from kernel.ids import new_id
from kernel.unit import Unit
from services.vetting import tables

QUESTION: Final = "question"
REMINDER: Final = "reminder"
WITHDRAWAL: Final = "withdrawal"
KINDS: Final = (QUESTION, REMINDER, WITHDRAWAL)

WAITING: Final = "waiting"
SENT: Final = "sent"
CANCELLED: Final = "cancelled"

#: Seconds: a try takes no longer than this; until then nobody else takes the row.
HOLD: Final = 60
FIRST_PAUSE: Final = 2
LONGEST_PAUSE: Final = 3600

_table = tables.delivery


def queue(unit: Unit, home_county: str, request_id: str, department: str, kind: str) -> str:
    """One thing to send, in the caller's transaction. Returns its id, which is the webhook's."""
    delivery_id = new_id()
    row = {
        "delivery_id": delivery_id,
        "home_county": home_county,
        "request_id": request_id,
        "department": department,
        "kind": kind,
        "state": WAITING,
        "tries": 0,
        "next_try": unit.context.clock.wall(),
        "queued_at": unit.context.clock.wall(),
    }
    unit.connection.execute(insert(_table), row)
    return delivery_id


def cancel_waiting(unit: Unit, requests: Select[Any] | Sequence[str]) -> None:
    """Whatever has not gone out about these requests stays here, withdrawals excepted: they undo what has gone out."""
    unit.connection.execute(
        update(_table)
        .where(_table.c.request_id.in_(requests), _table.c.state == WAITING, _table.c.kind != WITHDRAWAL)
        .values(state=CANCELLED, next_try=None)
    )


def withdraw(unit: Unit, request: Row[Any]) -> None:
    """Cancels what has not gone out of a question, and takes back what may have."""
    cancel_waiting(unit, [request.request_id])
    tried = select(_table.c.delivery_id).where(_table.c.request_id == request.request_id, _table.c.tries > 0).limit(1)
    if unit.connection.execute(tried).first() is not None:
        # A try that failed may have arrived all the same.
        queue(unit, request.home_county, request.request_id, request.department, WITHDRAWAL)


def untouched(unit: Unit, requests: Sequence[str]) -> set[str]:
    """Those of these questions that nobody has tried to send yet. None is taken until the transaction ends."""
    query = select(_table.c.request_id).where(
        _table.c.request_id.in_(requests), _table.c.kind == QUESTION, _table.c.state == WAITING, _table.c.tries == 0
    )
    return set(unit.connection.execute(query.with_for_update()).scalars())


def undelivered(request_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a question still waits to be taken by its department's system."""
    return exists().where(_table.c.request_id == request_id, _table.c.kind == QUESTION, _table.c.state == WAITING)


def take_due(connection: Connection, now: datetime, limit: int) -> list[Row[Any]]:
    """Takes the deliveries that are due, for `HOLD` seconds: who reads them here sends them, and nobody else does."""
    query = (
        select(_table)
        .where(_table.c.state == WAITING, _table.c.next_try <= now)
        .order_by(_table.c.next_try, _table.c.delivery_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(connection.execute(query))
    if rows:
        connection.execute(
            update(_table)
            .where(_table.c.delivery_id.in_([row.delivery_id for row in rows]))
            .values(next_try=now + timedelta(seconds=HOLD), tries=_table.c.tries + 1)
        )
    return rows


def sent(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    connection.execute(
        update(_table)
        .where(_table.c.delivery_id.in_(ids), _table.c.state == WAITING)
        .values(state=SENT, sent_at=now, next_try=None, last_error=None)
    )


def cancelled(connection: Connection, delivery_id: str, why: str) -> None:
    connection.execute(
        update(_table).where(_table.c.delivery_id == delivery_id).values(state=CANCELLED, next_try=None, last_error=why)
    )


def failed(connection: Connection, row: Row[Any], why: str, now: datetime) -> None:
    """`row` as it was taken: its tries are one less than what stands in the table."""
    connection.execute(
        update(_table)
        .where(_table.c.delivery_id == row.delivery_id, _table.c.state == WAITING)
        .values(next_try=now + pause(row.tries), last_error=why[:200])
    )


def pause(tries: int) -> timedelta:
    """Twice as long after each try, up to an hour, and not all at the same moment."""
    longest = min(FIRST_PAUSE * 2 ** min(tries, 20), LONGEST_PAUSE)
    return timedelta(seconds=longest * random.uniform(0.5, 1))
