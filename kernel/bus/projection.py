"""What a service keeps of others' events: rows that say the same, replaced only by what is newer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Table, func

from kernel.bus.event import Event
from kernel.store.database import upsert_on
from kernel.unit import Unit


def told(table: Table, event: Event, **more: Any) -> dict[str, Any]:
    """A row of what the event says under the names of the table's columns, with its version, and `more`."""
    return {
        **{column.name: _read(column.type, event.data[column.name]) for column in table.columns if column.name in event.data},
        "version": event.version,
        **more,
    }


def _read(kind: Any, value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(kind, Date) and value is not None else value


def keep(unit: Unit, table: Table, rows: Sequence[Mapping[str, Any]], *, but: Collection[str] = ()) -> None:
    """Inserts the rows or replaces what they say, with one statement. `but`: columns that are left as they were told first.

    The order of a stream is kept by the consumer; the version guards a past that is told again.
    """
    if rows:
        statement = _keep(unit.connection.dialect.name, table, tuple(name for name in rows[0] if name not in but))
        unit.connection.execute(statement, list(rows))


@cache
def _keep(dialect: str, table: Table, columns: tuple[str, ...]) -> Any:
    statement = upsert_on(dialect, table)
    keys = [column.name for column in table.primary_key.columns]
    fresh = {name: statement.excluded[name] for name in columns if name not in keys}
    newer = func.coalesce(table.c.version, 0) < statement.excluded.version
    return statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=newer)
