"""A stage and its audience: the smallest two services that the bus can be tried with.

`stage` says lines; `audience` notes each line it hears, in the order of hearing and without any key that would hide a double. What a
line says may upset the audience: see `hear`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from marshmallow import Schema, fields

from kernel.bus.consumer import Consumer
from kernel.bus.event import Event, EventType, Message, body_of, headers_of, message_of
from kernel.bus.reaction import Reactions
from kernel.clock import Clock
from kernel.context import Context
from kernel.encoding import canonical, instant
from kernel.errors import Poison, Transient, Waiting
from kernel.ids import new_id
from kernel.store import tables
from kernel.store.database import Database
from kernel.store.tables import service_metadata
from kernel.unit import Unit, command

DAY = date(2024, 3, 1)
KINDS = ("line_said", "line_sung")


class LineSchema(Schema):
    text = fields.String(required=True)


SAID, SUNG = (EventType("stage", kind, 1, LineSchema, "A line is heard.", {"text": "to be"}) for kind in KINDS)
SUBSCRIPTIONS = {"audience": {"stage": KINDS}}

metadata = service_metadata()
heard = sa.Table(
    "heard",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("stream", sa.String(100), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)


class Upset:
    """What tests may change while the audience listens: lines that fail for now."""

    transient: frozenset[str] = frozenset()
    poison: frozenset[str] = frozenset()


def audience(upset: type[Upset] = Upset) -> Reactions:
    """The audience's reactions. Texts: `poison` and `bug` fail, `die` kills the process, `wait X` waits for stream X."""
    reactions = Reactions()

    def hear(unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            text = event.data["text"]
            if text in upset.transient:
                raise Transient("not now")
            if text == "poison" or text in upset.poison:
                raise Poison("cannot be heard")
            if text == "bug":
                raise ZeroDivisionError("a bug in the reaction")
            if text == "die":
                os._exit(3)
            if text.startswith("wait ") and not _known(unit, text.removeprefix("wait ")):
                raise Waiting(text.removeprefix("wait "))
        rows = [{"stream": event.stream, "version": event.version, "text": event.data["text"]} for event in events]
        unit.connection.execute(sa.insert(heard), rows)

    for kind in (SAID, SUNG):
        reactions.hears(kind)(hear)
    return reactions


def _known(unit: Unit, stream: str) -> bool:
    return unit.connection.execute(sa.select(heard.c.id).where(heard.c.stream == stream)).first() is not None


# -- stores


def context(database: Database) -> Context:
    """A context without keys and packs, which nothing here needs."""
    return Context(database.schema, database, cast(Any, None), Clock(), cast(Any, None))


def store(url: str | Path, service: str) -> Database:
    """The service's store with its tables, made where they are missing: in a SQLite file, or in a schema on PostgreSQL."""
    url = f"sqlite:///{url}" if isinstance(url, Path) else url
    database = Database(url, service)
    with database.write() as connection:
        if not database.sqlite:
            connection.execute(sa.schema.CreateSchema(service, if_not_exists=True))
        metadata.create_all(connection)
    return database


def listener(database: Database, upset: type[Upset] = Upset) -> Consumer:
    return Consumer(context(database), audience(upset))


# -- events


def line(
    stream: str,
    version: int,
    text: str = "hello",
    *,
    kind: str = "line_said",
    source: str = "stage",
    schema_version: int = 1,
    body: bytes | None = None,
    event_id: str | None = None,
) -> Message:
    """A message as it comes from the wire; the same event each time, unless it is given another id."""
    headers = headers_of(
        event_id=event_id or str(uuid5(NAMESPACE_URL, f"{source}/{stream}/{version}")),
        source=source,
        type=kind,
        schema_version=schema_version,
        stream=stream,
        version=version,
        home_county="330702",
        time=instant(datetime(2024, 3, 1, 8, tzinfo=UTC)),
        correlation_id=new_id(),
    )
    return message_of(headers, body if body is not None else body_of(canonical({"text": text}), DAY, None, {}))


def say(stage: Context, lines: Iterable[tuple[str, str]]) -> None:
    """One command that says each (stream, text), in this order."""
    with command(stage) as unit:
        for number, (stream, text) in enumerate(lines):
            unit.record(
                SAID if number % 2 == 0 else SUNG,
                stream=stream,
                expected=None,
                home_county="330702",
                day=DAY,
                data={"text": text},
            )


def versions_heard(database: Database) -> dict[str, list[int]]:
    """The versions heard of each stream, in the order in which they were heard."""
    with database.read() as connection:
        rows = connection.execute(sa.select(heard.c.stream, heard.c.version).order_by(heard.c.id)).all()
    found: dict[str, list[int]] = {}
    for stream, version in rows:
        found.setdefault(stream, []).append(version)
    return found


def parked_now(database: Database) -> list[tuple[str, int, str]]:
    """(stream, version, reason) of what is parked."""
    parked = tables.parked
    with database.read() as connection:
        query = sa.select(parked.c.stream, parked.c.version, parked.c.reason).order_by(parked.c.stream, parked.c.version)
        return [tuple(row) for row in connection.execute(query)]


def pending_now(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(tables.pending)).scalar_one())
