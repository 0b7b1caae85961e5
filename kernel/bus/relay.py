"""The relay: what a service has pending goes out, in order per stream, and is deleted once it is confirmed.

It needs no keys, no service code and no journal. An entry that commits late, below those already sent, is simply found in the next
round. What was sent and not deleted is sent again; consumers recognise it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, any_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT

from kernel import failpoints
from kernel.bus.consumer import Consumer
from kernel.bus.event import message_of
from kernel.errors import Transient
from kernel.ops import metrics
from kernel.store.tables import pending

#: Rows read and sent per round.
BATCH = 1000
#: Pending rows are counted up to here; more are "very many".
COUNTED = 100_000
_DEPTH = select(func.count()).select_from(select(pending.c.seq).limit(COUNTED).subquery())


@dataclass(frozen=True, slots=True)
class Pending:
    """A row of the pending table. `headers` is JSON text, as it was written."""

    seq: int
    stream: str
    type: str
    headers: str
    body: bytes


class Publisher(Protocol):
    """Where a relay sends to."""

    def publish(self, rows: Sequence[Pending]) -> list[int]:
        """Sends the rows, in order per stream, and returns the `seq` of those confirmed.

        A row is only confirmed if all earlier ones of its stream are. Raises `Transient` where nothing can be sent now.
        """

    def idle(self) -> None:
        """Called now and then while nothing is pending. Raises `Transient`."""

    def close(self) -> None:
        """Lets go of connections. Never raises."""


class Store(Protocol):
    """What a relay needs of its service's `Database`, or of one connection that stands for it."""

    @property
    def schema(self) -> str: ...

    def read(self) -> AbstractContextManager[Connection]: ...

    def write(self) -> AbstractContextManager[Connection]: ...


class Relay:
    """Sends what is pending in one service's store."""

    def __init__(self, database: Store, publisher: Publisher, batch: int = BATCH) -> None:
        self.database = database
        self.publisher = publisher
        self.batch = batch
        self._first = select(pending).order_by(pending.c.seq).limit(batch)

    def round(self) -> int:
        """One read, one publish, one delete. Returns the number of events confirmed. Raises `Transient`."""
        with self.database.read() as connection:
            rows = [Pending(*row) for row in connection.execute(self._first)]
        if not rows:
            return 0
        failpoints.hit("relay.before_publish")
        confirmed = self.publisher.publish(rows)
        failpoints.hit("relay.after_publish")
        if confirmed:
            with self.database.write() as connection:
                connection.execute(_delete(connection.dialect.name, confirmed))
            failpoints.hit("relay.after_delete")
            metrics.events_relayed.labels(self.database.schema).inc(len(confirmed))
        return len(confirmed)

    def depth(self) -> int:
        """How many events are pending, counted up to `COUNTED`. Raises `Transient`."""
        with self.database.read() as connection:
            return int(connection.execute(_DEPTH).scalar_one())


def _delete(dialect: str, seqs: Sequence[int]) -> Any:
    if dialect == "postgresql":
        return delete(pending).where(pending.c.seq == any_(literal(list(seqs), ARRAY(BIGINT))))
    return delete(pending).where(pending.c.seq.in_(seqs))


class LocalPublisher:
    """The embedded twin of RabbitMQ: hands each batch to the subscribers' own consumers.

    "Confirmed" means that every subscriber has committed or parked.
    """

    def __init__(self, source: str, subscribers: Sequence[Consumer]) -> None:
        self.source = source
        self.subscribers = [
            (consumer, types) for consumer in subscribers if (types := consumer.reactions.subscriptions.get(source))
        ]
        # What was pending when this process started may have been tried by one that died at it.
        self._first = True

    def publish(self, rows: Sequence[Pending]) -> list[int]:
        messages = [message_of(json.loads(row.headers), row.body) for row in rows]
        trouble: Transient | None = None
        for consumer, types in self.subscribers:
            try:
                consumer.apply([message for message in messages if message.type in types], redelivered=self._first)
            except Transient as error:
                # The others need not wait for this one. They will recognise the messages when they come again.
                trouble = error
        if trouble:
            raise trouble
        self._first = False
        return [row.seq for row in rows]

    def idle(self) -> None:
        for consumer, _ in self.subscribers:
            consumer.idle()

    def close(self) -> None:
        pass
