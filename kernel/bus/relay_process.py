"""The relay as a process of its own: one per service, kept going through restarts of broker and database.

One connection to PostgreSQL holds the advisory lock and does all reading and deleting: who loses the connection has lost the lock, and
the standby takes over. (One that only thinks it still relays does no harm: see `amqp_publisher`.)
"""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import start_http_server
from sqlalchemy import Connection, func, select, text

from kernel.bus.relay import Relay
from kernel.errors import Transient
from kernel.ops import metrics
from kernel.store.database import Database, transient

log = structlog.get_logger(__name__)

#: Seconds between looks for pending events: while busy, and the most, after a while without.
BUSY, IDLE = 0.005, 0.05
#: Seconds without an event after which the looks become rarer. Steady traffic of some tens per second does not wait for them.
EAGER = 0.1
#: Seconds until the next try after a fault: the first, and the most.
BACKOFF, MAX_BACKOFF = 0.2, 5.0
#: Seconds between tries of a standby to get the lock.
STANDBY = 1.0
#: Seconds between counts of what is pending.
COUNT = 5.0


class Exclusive:
    """A PostgreSQL database through the one connection that holds the relay's lock. A `relay.Store`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    @property
    def schema(self) -> str:
        return self._database.schema

    def acquire(self) -> bool:
        """Whether this process is the service's relay. Raises `Transient`."""
        if self._connection is not None:
            return True
        with transient():
            connection = self._database.engine.connect()
            try:
                # A delete that a crash undoes is only a message sent twice: it need not wait for the disk.
                connection.execute(text("SET synchronous_commit = off"))
                name = func.hashtextextended(f"xinhuo relay {self.schema}", 0)
                mine = bool(connection.execute(select(func.pg_try_advisory_lock(name))).scalar_one())
                connection.commit()
            except BaseException:
                connection.invalidate()
                connection.close()
                raise
        if not mine:
            connection.invalidate()
            connection.close()
            return False
        self._connection = connection
        return True

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._held() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._held() as connection, connection.begin():
            yield connection

    @contextmanager
    def _held(self) -> Iterator[Connection]:
        if self._connection is None:
            raise Transient("the relay's lock is lost")
        try:
            with transient():
                yield self._connection
        except Transient:
            self.release()
            raise

    def release(self) -> None:
        """Ends the connection, and with it the lock."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # Not back into the pool, where the session would keep the lock.
            connection.invalidate()
            connection.close()


def run(relay: Relay, stop: threading.Event) -> None:
    """Relays until `stop` is set. Where the relay's store is `Exclusive`, it waits for its turn first."""
    backoff = BACKOFF
    turn = _Turn(relay)
    while not stop.is_set():
        try:
            stop.wait(turn.take())
            backoff = BACKOFF
        except Transient as error:
            log.warning("relay holds", service=relay.database.schema, error=str(error), seconds=round(backoff, 2))
            metrics.relay_held.labels(relay.database.schema).inc()
            stop.wait(backoff * random.uniform(0.5, 1.0))
            backoff = min(backoff * 2, MAX_BACKOFF)
    relay.publisher.close()
    if isinstance(relay.database, Exclusive):
        relay.database.release()


def run_process(relay: Relay, *, metrics_port: int | None = None) -> None:
    """Relays until SIGTERM or SIGINT; with `metrics_port`, tells its metrics on that port of 127.0.0.1."""
    stop = threading.Event()

    def handler(*_: object) -> None:
        # Not here: the main thread may hold the event's own lock at this very moment.
        threading.Thread(target=stop.set).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
    if metrics_port is not None:
        start_http_server(metrics_port, addr="127.0.0.1")
    run(relay, stop)


class _Turn:
    """One look at the pending events after the other."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.pause = BUSY
        self.quiet = 0.0
        self.uncounted = COUNT
        self.standby = False

    def take(self) -> float:
        """Sends what is pending; returns the seconds until the next look. Raises `Transient`."""
        relay = self.relay
        if isinstance(relay.database, Exclusive) and not relay.database.acquire():
            if not self.standby:
                log.info("standing by: another process relays", service=relay.database.schema)
            self.standby = True
            return STANDBY
        self.standby = False
        sent = relay.round()
        if sent:
            self.pause, self.quiet = BUSY, 0.0
        else:
            self.quiet += self.pause
            self.pause = BUSY if self.quiet < EAGER else min(self.pause * 2, IDLE)
            relay.publisher.idle()
        self._count(self.pause)
        return 0 if sent >= relay.batch else self.pause

    def _count(self, passed: float) -> None:
        self.uncounted += passed
        if self.uncounted >= COUNT:
            self.uncounted = 0
            metrics.pending_depth.labels(self.relay.database.schema).set(self.relay.depth())
