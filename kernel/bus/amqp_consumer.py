"""A service's ear on RabbitMQ: shard queues read over one connection, applied in batches, acknowledged after the commit.

Three threads (green ones in a service): the *reader* owns the connection and never waits for the database, so that heartbeats go on
however long a batch takes; the *worker* applies what the reader has put into the buffer, and acknowledges; the *announcer* keeps
this instance in the table of live ones and computes its share of the shards.

A shard is given away, at a change of shares or at a clean stop, by closing its channel after the running batch: the broker then hands
what was not acknowledged to the successor at once and in order. (After a cancel it would come in pieces.)
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from nameko.extensions import DependencyProvider

from kernel.bus import connection as amqp
from kernel.bus import shares, topology
from kernel.bus.consumer import Consumer
from kernel.bus.event import Message, message_of
from kernel.bus.reaction import Reactions
from kernel.bus.wire import Delivery
from kernel.errors import Transient
from kernel.ops import metrics

log = structlog.get_logger(__name__)

#: Messages that the broker sends ahead, per shard.
PREFETCH = 250
#: Messages applied in one transaction.
BATCH = 500
#: Seconds until the next try after a fault: the first, and the most.
BACKOFF, MAX_BACKOFF = 0.2, 5.0
#: Seconds after which the reader looks up from an idle connection.
TICK = 0.25


@dataclass(eq=False, slots=True)
class _Shard:
    number: int
    channel: Any
    closing: bool = False


@dataclass(slots=True)
class _Item:
    """A message in the buffer, and what it takes to acknowledge it."""

    shard: _Shard
    tag: int
    redelivered: bool
    message: Message


class StreamConsumer:
    """Hands a service's shards to its `Consumer` until it is stopped.

    `run` returns after a clean stop. It raises where a helper has failed in a way that nobody foresaw: the process should end and be
    started again, rather than live on deaf.
    """

    def __init__(self, consumer: Consumer, url: str, *, prefetch: int = PREFETCH, batch: int = BATCH) -> None:
        self._consumer = consumer
        self._service = consumer.context.service
        self._url = url
        self._prefetch = prefetch
        self._batch = batch
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._stop = threading.Event()
        self._wanted: frozenset[int] = frozenset()
        # Guarded by the condition: what the reader puts and the worker takes.
        self._change = threading.Condition()
        self._buffer: deque[_Item] = deque()
        self._running: Sequence[_Item] = ()
        self._life = 0  # of the connection; a batch of an earlier one is not acknowledged
        # The reader's own.
        self._shards: dict[int, _Shard] = {}  # by number of the channel
        self._trouble: str | None = "not connected yet"
        self._failure: BaseException | None = None

    # -- from outside

    def run(self) -> None:
        helpers = [threading.Thread(target=self._guarded, args=(target,), daemon=True) for target in (self._announce, self._work)]
        for helper in helpers:
            helper.start()
        backoff = BACKOFF
        while not self._stop.is_set():
            since = time.monotonic()
            try:
                self._read()
            except Transient as error:
                self._trouble = str(error)
                log.warning("streams hold", service=self._service, error=str(error))
                if time.monotonic() - since > MAX_BACKOFF:
                    backoff = BACKOFF
                self._stop.wait(backoff * random.uniform(0.5, 1.0))
                backoff = min(backoff * 2, MAX_BACKOFF)
        for helper in helpers:
            helper.join()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Asks for a clean stop: the running batch is finished, committed and acknowledged."""
        self._stop.set()
        with self._change:
            self._change.notify_all()

    def trouble(self) -> str | None:
        """What is wrong with the connection, for people; None when it is well."""
        return self._trouble

    def _guarded(self, target: Callable[[], None]) -> None:
        try:
            target()
        except BaseException as error:
            self._failure = error
            self.stop()

    # -- the reader

    def _read(self) -> None:
        """One life of a connection. Returns at a clean stop. Raises `Transient`."""
        connection = amqp.connect(self._url, f"{self._service} {self.name}", on_delivery=self._on_delivery)
        try:
            with connection.channel() as channel:
                topology.declare_consumer(channel, self._service, self._consumer.reactions.subscriptions)
            self._trouble = None
            while self._adjust(connection):
                connection.pump(TICK)
                connection.heartbeat_tick()
                with self._change:
                    if self._buffer:
                        self._change.notify_all()
            amqp.close(connection)
        except amqp.BROKEN as error:
            raise Transient(f"the connection to the broker is lost: {error!r}") from error
        finally:
            with self._change:
                self._life += 1
                self._buffer.clear()
            self._shards.clear()
            metrics.shards_owned.labels(self._service).set(0)
            amqp.drop(connection)

    def _on_delivery(self, delivery: Delivery) -> None:
        shard = self._shards.get(delivery.channel)
        if shard is None or shard.closing:
            # Closing the channel gives it back.
            return
        message = message_of(delivery.headers, delivery.body)
        with self._change:
            self._buffer.append(_Item(shard, delivery.tag, delivery.redelivered, message))

    def _adjust(self, connection: amqp.Connection) -> bool:
        """Gives away the shards that are not wanted any more, and opens those that are. False when all is closed for good."""
        stopping = self._stop.is_set()
        wanted = frozenset() if stopping else self._wanted
        for shard in list(self._shards.values()):
            if shard.number not in wanted:
                shard.closing = True
            if shard.closing and self._is_free(shard):
                shard.channel.close()
                self._shards = {id: other for id, other in self._shards.items() if other is not shard}
        for number in sorted(wanted - {shard.number for shard in self._shards.values()}):
            channel = connection.channel()
            channel.basic_qos(0, self._prefetch, False)
            self._shards[channel.channel_id] = _Shard(number, channel)
            channel.basic_consume(topology.queue_of(self._service, number))
        metrics.shards_owned.labels(self._service).set(len(self._shards))
        return not stopping or bool(self._shards)

    def _is_free(self, shard: _Shard) -> bool:
        """Whether the worker has nothing of the shard in hand. What it had not begun is dropped."""
        with self._change:
            if any(item.shard is shard for item in self._buffer):
                self._buffer = deque(item for item in self._buffer if item.shard is not shard)
            return all(item.shard is not shard for item in self._running)

    # -- the worker

    def _work(self) -> None:
        while not self._stop.is_set():
            life = self._take()
            if self._running:
                try:
                    if self._apply(life):
                        self._acknowledge(life)
                finally:
                    self._running = ()
            else:
                self._look_after_parked()

    def _take(self) -> int:
        """Makes the oldest messages in the buffer the running batch, or none after a second without any."""
        with self._change:
            if not self._buffer:
                self._change.wait(1.0)
            self._running = [self._buffer.popleft() for _ in range(min(self._batch, len(self._buffer)))]
            return self._life

    def _apply(self, life: int) -> bool:
        """Applies the running batch, held and tried again while a fault lasts. False where it was given up, to come again."""
        groups = _groups(self._running)
        metrics.batch_size.labels(self._service).observe(len(self._running))
        backoff = BACKOFF
        while life == self._life:
            try:
                with metrics.batch_seconds.labels(self._service).time():
                    for redelivered, messages in groups:
                        self._consumer.apply(messages, redelivered=redelivered)
            except Transient as error:
                log.warning("batch held", service=self._service, messages=len(self._running), error=str(error))
            except Exception:
                # Not even parking was possible. Nothing is acknowledged, so nothing is lost.
                log.exception("batch held", service=self._service, messages=len(self._running))
            else:
                self._note_age()
                return True
            metrics.batches_held.labels(self._service).inc()
            if self._stop.wait(backoff * random.uniform(0.5, 1.0)):
                return False
            backoff = min(backoff * 2, MAX_BACKOFF)
        return False

    def _acknowledge(self, life: int) -> None:
        highest = {item.shard: item.tag for item in self._running}
        if life != self._life:
            return
        for shard, tag in highest.items():
            try:
                shard.channel.basic_ack(tag, multiple=True)
            except amqp.BROKEN as error:
                # The reader sees it too. The messages come again and are recognised.
                log.warning("not acknowledged", service=self._service, shard=shard.number, error=repr(error))
                return

    def _note_age(self) -> None:
        clock = self._consumer.context.clock
        time = self._running[-1].message.headers.get("cloudEvents_time")
        if isinstance(time, str) and not clock.simulated:
            try:
                age = clock.wall() - datetime.fromisoformat(time)
            except (ValueError, TypeError):
                # A stranger's message without a time that can be read.
                return
            metrics.event_age.labels(self._service).set(age.total_seconds())

    def _look_after_parked(self) -> None:
        try:
            self._consumer.idle()
        except Transient as error:
            log.warning("parked messages wait", service=self._service, error=str(error))
            self._stop.wait(BACKOFF)

    # -- the announcer

    def _announce(self) -> None:
        database = self._consumer.context.database
        while not self._stop.is_set():
            try:
                live = shares.announce(database, self.name, self._consumer.context.clock.wall())
                self._wanted = shares.share_of(self.name, live)
            except Transient as error:
                # The shares stay as they are: without a database nobody could apply anything anyway.
                log.warning("not announced", service=self._service, error=str(error))
            self._stop.wait(shares.ANNOUNCE)
        try:
            shares.leave(database, self.name)
        except Transient as error:
            log.warning("not signed off", service=self._service, error=str(error))


def _groups(items: Sequence[_Item]) -> list[tuple[bool, list[Message]]]:
    """The messages that may have been tried before, with the later ones of their streams, and then the others."""
    suspect = {item.message.stream for item in items if item.redelivered}
    if not suspect:
        return [(False, [item.message for item in items])]
    first = [item.message for item in items if item.message.stream in suspect]
    return [(True, first), (False, [item.message for item in items if item.message.stream not in suspect])]


class Streams(DependencyProvider):  # type: ignore[misc]
    """In a service class: `streams = Streams(REACTIONS)`. Embedded, the relays hand events over and this does nothing."""

    def __init__(self, reactions: Reactions) -> None:
        self.reactions = reactions
        self._consumer: StreamConsumer | None = None
        self._thread: Any = None

    def setup(self) -> None:
        runtime = self.container.config["xinhuo"]
        if runtime.settings.profile == "servers" and self.reactions.subscriptions:
            self._consumer = StreamConsumer(Consumer(runtime.context, self.reactions), runtime.settings.amqp_url)
            runtime.health.checks["broker"] = self._consumer.trouble

    def start(self) -> None:
        if self._consumer:
            self._thread = self.container.spawn_managed_thread(self._consumer.run, identifier="streams")

    def stop(self) -> None:
        if self._consumer and self._thread:
            self._consumer.stop()
            self._thread.wait()
