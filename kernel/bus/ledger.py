"""What a consumer has handled: inbox, heads of streams, tries. Set-based: one statement for a whole batch.

Rows go to the database as one JSON text, which both PostgreSQL and SQLite can read as a table.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Integer,
    Select,
    String,
    Text,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from kernel.bus.event import Message
from kernel.store.tables import attempt, inbox, inbox_head, parked

StreamKey = tuple[str, str]  # source, stream
Key = tuple[str, str, int]  # source, stream, version

_FIELDS: dict[str, Any] = {"source": String, "stream": String, "version": Integer, "event_id": String}


@dataclass(slots=True)
class StreamState:
    """Where a stream stands here: the last version handled, and the lowest one parked that others wait behind."""

    last: int = 0
    closed: int | None = None


def key_of(message: Message) -> Key:
    return (message.source, message.stream, message.version)


def claim(connection: Connection, messages: Iterable[Message]) -> set[Key]:
    """Writes the inbox rows, and returns the keys that were not there: only those may be handled.

    Two instances that handle the same message meet here: the second waits until the first has committed.
    """
    rows = [(message.source, message.stream, message.version, event_id(message)) for message in messages]
    found = connection.execute(_claim(connection.dialect.name), _table(_FIELDS, rows))
    return {(source, stream, version) for source, stream, version in found}


def others(connection: Connection, messages: Collection[Message]) -> list[Message]:
    """Those under whose key another event is in the inbox: a publisher whose store was set back gives versions a second time."""
    stored: dict[Key, str] = {}
    for source, stream, version, id in connection.execute(
        _ids(connection.dialect.name), _table(_FIELDS, {key_of(message) for message in messages})
    ):
        stored[(source, stream, version)] = id
    return [message for message in messages if stored.get(key_of(message), event_id(message)) != event_id(message)]


def event_id(message: Message) -> str:
    """The event's own id, as the inbox keeps it."""
    value = message.headers.get("cloudEvents_id")
    return value[:36] if isinstance(value, str) and value.isprintable() and value.isascii() else ""


def unclaim(connection: Connection, keys: Collection[Key]) -> None:
    """Takes inbox rows back: the messages are parked, not handled."""
    connection.execute(_delete(connection.dialect.name, inbox), _table(_FIELDS, keys))


def streams(connection: Connection, keys: Collection[StreamKey]) -> tuple[dict[StreamKey, StreamState], bool]:
    """The state of each of the streams, and whether anything is parked at all."""
    found: dict[StreamKey, StreamState] = {}
    anything = False
    for source, stream, last, closed, any_parked in connection.execute(_streams(connection.dialect.name), _table(_FIELDS, keys)):
        found[(source, stream)] = StreamState(last or 0, closed)
        anything = bool(any_parked)
    return found, anything


def advance(connection: Connection, last: Mapping[StreamKey, int]) -> None:
    """Raises the heads of streams. In the order of keys, so that two instances do not lock each other out."""
    if last:
        rows = [(source, stream, version) for (source, stream), version in sorted(last.items())]
        connection.execute(_advance(connection.dialect.name), _table(_FIELDS, rows))


def note_first_tries(connection: Connection, keys: Collection[Key]) -> set[Key]:
    """Notes a first try of each message. Returns those that nobody had noted before."""
    found = connection.execute(_first_tries(connection.dialect.name), _table(_FIELDS, sorted(keys)))
    return {(source, stream, version) for source, stream, version in found}


def count_try(connection: Connection, key: Key) -> int:
    """Counts one more try of a message, and returns the count."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = dict(zip(("source", "stream", "version"), key, strict=True))
    statement = dialect.insert(attempt).values(tries=1, **row)
    statement = statement.on_conflict_do_update(
        index_elements=["source", "stream", "version"], set_={"tries": attempt.c.tries + 1}
    )
    return int(connection.execute(statement.returning(attempt.c.tries)).scalar_one())


def forget_tries(connection: Connection, keys: Collection[Key]) -> None:
    connection.execute(_delete(connection.dialect.name, attempt), _table(_FIELDS, keys))


# -- statements, built once per dialect


def _table(fields: Mapping[str, Any], rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """The parameter that `_rows` reads: rows may leave out fields at the end."""
    return {"rows": json.dumps([dict(zip(fields, row, strict=False)) for row in rows], ensure_ascii=False)}


def _rows(dialect: str) -> Any:
    """The JSON text as a table with the columns of `_FIELDS`."""
    parameter = bindparam("rows", type_=Text)
    if dialect == "sqlite":
        each = func.json_each(parameter).table_valued("value")
        return select(*(func.json_extract(each.c.value, f"$.{name}").label(name) for name in _FIELDS)).subquery("r")
    columns = [column(name, type) for name, type in _FIELDS.items()]
    records = func.json_to_recordset(cast(parameter, postgresql.JSON)).table_valued(*columns)
    return records.render_derived(name="r", with_types=True)


def _insert(dialect: str, table: Any) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


@cache
def _claim(dialect: str) -> Any:
    rows = _rows(dialect)
    # Without a WHERE, SQLite takes ON CONFLICT for a join's ON.
    source = select(rows.c.source, rows.c.stream, rows.c.version, rows.c.event_id).where(true())
    statement = _insert(dialect, inbox).from_select(["source", "stream", "version", "event_id"], source)
    return statement.on_conflict_do_nothing().returning(inbox.c.source, inbox.c.stream, inbox.c.version)


@cache
def _ids(dialect: str) -> Select[Any]:
    rows = _rows(dialect)
    same = (inbox.c.source == rows.c.source) & (inbox.c.stream == rows.c.stream) & (inbox.c.version == rows.c.version)
    return select(inbox.c.source, inbox.c.stream, inbox.c.version, inbox.c.event_id).select_from(rows.join(inbox, same))


@cache
def _streams(dialect: str) -> Select[Any]:
    rows = _rows(dialect)
    closed = (
        select(func.min(parked.c.version))
        .where(parked.c.source == rows.c.source, parked.c.stream == rows.c.stream, ~parked.c.late)
        .scalar_subquery()
    )
    head = (inbox_head.c.source == rows.c.source) & (inbox_head.c.stream == rows.c.stream)
    return select(
        rows.c.source, rows.c.stream, inbox_head.c.version, closed, exists(select(parked.c.id)).label("any")
    ).select_from(rows.outerjoin(inbox_head, head))


@cache
def _advance(dialect: str) -> Any:
    rows = _rows(dialect)
    source = select(rows.c.source, rows.c.stream, rows.c.version).where(true())
    statement = _insert(dialect, inbox_head).from_select(["source", "stream", "version"], source)
    new = statement.excluded.version
    return statement.on_conflict_do_update(
        index_elements=["source", "stream"],
        set_={"version": case((new > inbox_head.c.version, new), else_=inbox_head.c.version)},
    )


@cache
def _first_tries(dialect: str) -> Any:
    rows = _rows(dialect)
    source = select(rows.c.source, rows.c.stream, rows.c.version, 1).where(true())
    statement = _insert(dialect, attempt).from_select(["source", "stream", "version", "tries"], source)
    return statement.on_conflict_do_nothing().returning(attempt.c.source, attempt.c.stream, attempt.c.version)


@cache
def _delete(dialect: str, table: Any) -> Delete:
    rows = _rows(dialect)
    keys = select(rows.c.source, rows.c.stream, rows.c.version)
    return delete(table).where(tuple_(table.c.source, table.c.stream, table.c.version).in_(keys))
