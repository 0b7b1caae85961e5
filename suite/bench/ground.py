"""What a run stands on: a database and a vhost of its own, and the small pair of services that `relay` and `reaction` use.

One service publishes what recruitment would say of a candidate, the other one hears it: it updates a row and inserts one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from sqlalchemy import Column, Date, Integer, String, Table, make_url

from contracts.recruitment import ACTIVIST_DETERMINED
from kernel.bus import connection as amqp
from kernel.bus import topology
from kernel.bus.event import EventType
from kernel.store import keys, tables
from kernel.store.database import Database
from kernel.store.types import Id
from suite.servers import temporary_database, temporary_vhost

#: The two services; their names are those of their schemas too.
SOURCE, SINK = "benchsource", "benchsink"

STEP = EventType(
    source=SOURCE,
    type="activist_determined",
    version=1,
    schema=ACTIVIST_DETERMINED.schema,
    annotation="the event of the benchmarks, of the form of a real one",
    example=ACTIVIST_DETERMINED.example,
    personal=ACTIVIST_DETERMINED.personal,
)
SUBSCRIPTIONS = {SINK: {SOURCE: frozenset({STEP.type})}}
QUEUES = [topology.queue_of(SINK, shard) for shard in range(topology.SHARDS)]

sink = tables.service_metadata()
#: The row that a reaction updates: one per candidate.
standing = Table(
    "standing",
    sink,
    Column("candidate_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("steps", Integer, nullable=False),
    Column("since", Date),
)
#: The row that it inserts: one per event.
step = Table(
    "step",
    sink,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("candidate_id", String(36), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("day", Date, nullable=False),
)


@dataclass(frozen=True)
class Ground:
    """URLs of the run's own database (owner) and vhost. `quick` tries everything with a tenth of the work."""

    database_url: str
    amqp_url: str
    quick: bool = False

    def size(self, count: int) -> int:
        return max(count // 10, 100) if self.quick else count

    @property
    def dsn(self) -> str:
        """For psycopg2."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)

    def task(self, **more: Any) -> dict[str, Any]:
        """What every side is told."""
        return {
            "dsn": self.dsn,
            "database_url": self.database_url,
            "amqp_url": self.amqp_url,
            "source": SOURCE,
            "sink": SINK,
            "exchange": topology.exchange_of(SOURCE),
            "type": STEP.type,
            "queues": QUEUES,
            **more,
        }

    @contextmanager
    def cursor(self, schema: str) -> Iterator[Any]:
        """One transaction, without the kernel."""
        connection = psycopg2.connect(self.dsn, options=f"-csearch_path={schema}")
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    @contextmanager
    def channel(self) -> Iterator[Any]:
        connection = amqp.connect(self.amqp_url, "bench")
        try:
            yield connection.channel()
        finally:
            amqp.close(connection)

    def purge(self) -> None:
        with self.channel() as channel:
            for queue in QUEUES:
                channel.queue_purge(queue)

    def depth(self) -> int:
        """Messages that stand in the shard queues."""
        with self.channel() as channel:
            return sum(channel.queue_declare(queue, passive=True).message_count for queue in QUEUES)

    def prepare(self) -> None:
        """Schemas, exchange, queues and bindings of the pair."""
        for name, metadata in ((SOURCE, tables.service_metadata()), (SINK, sink)):
            database = Database(self.database_url, name, pool_size=1)
            with database.write() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {name}")
                metadata.create_all(connection)
            database.dispose()
        with self.cursor("public") as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {keys.SCHEMA}")
        store = Database(self.database_url, keys.SCHEMA, pool_size=1)
        with store.write() as connection:
            keys.metadata.create_all(connection)
        store.dispose()
        with self.channel() as channel:
            topology.declare_source(channel, SOURCE, SUBSCRIPTIONS)


@contextmanager
def ground(quick: bool) -> Iterator[Ground]:
    with temporary_database() as database, temporary_vhost() as amqp_url:
        found = Ground(database.url, amqp_url, quick)
        found.prepare()
        yield found
