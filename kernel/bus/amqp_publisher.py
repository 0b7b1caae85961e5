"""The relay's way to RabbitMQ: pipelined publishes, each confirmed, at most one unconfirmed per stream.

A NACK, a time-out or a lost connection ends the connection, an alarm of the broker ends the call; and what was not confirmed is
sent again later, from the first one of each stream. A copy that the broker took all the same comes twice; consumers recognise it.
Because a stream's next message only leaves when the one before is confirmed, nothing can overtake.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import structlog

from kernel.bus import connection as amqp
from kernel.bus import topology, wire
from kernel.bus.relay import Pending
from kernel.errors import Transient
from kernel.ops import metrics

log = structlog.get_logger(__name__)

#: Unconfirmed messages under way. More gains nothing.
WINDOW = 500
#: Messages written at a time.
CHUNK = 64
#: Seconds without any confirm after which the broker counts as hanging.
PATIENCE = 10.0
#: Seconds until a queue that was made just now is trusted to outlive a crash of the broker.
SETTLE = 2.0


class _Trouble(Exception):
    """The connection must be given up; says why."""


class _Flight:
    """The rows of one call of `publish` and how far they are."""

    def __init__(self, rows: Sequence[Pending]) -> None:
        self.ready: deque[Pending] = deque()
        self.waiting: dict[str, deque[Pending]] = {}
        self.under_way: dict[int, Pending] = {}  # by delivery tag, in order
        self.confirmed: list[int] = []
        for row in rows:
            if row.stream in self.waiting:
                self.waiting[row.stream].append(row)
            else:
                self.waiting[row.stream] = deque()
                self.ready.append(row)

    def confirm(self, tag: int, multiple: bool) -> list[Pending]:
        if not multiple:
            row = self.under_way.pop(tag, None)
            return [row] if row else []
        done = []
        for other in list(self.under_way):
            if other > tag:
                break
            done.append(self.under_way.pop(other))
        return done

    def done(self, row: Pending) -> None:
        """The row is safe: the next of its stream may go."""
        self.confirmed.append(row.seq)
        behind = self.waiting[row.stream]
        if behind:
            self.ready.append(behind.popleft())


class AmqpPublisher:
    """Publishes what `source` has pending. `subscriptions`: all installed services, see `topology`."""

    def __init__(
        self,
        url: str,
        source: str,
        subscriptions: topology.Subscriptions,
        *,
        window: int = WINDOW,
        patience: float = PATIENCE,
    ) -> None:
        self._url = url
        self._source = source
        self._subscriptions = subscriptions
        self._heard = topology.heard(subscriptions, source)
        self._exchange = topology.exchange_of(source)
        self._window = window
        self._patience = patience
        self._connection: amqp.Connection | None = None
        self._channel: Any = None
        self._next_tag = 1
        self._flight = _Flight([])
        self._returned: set[str] = set()
        self._trouble = ""
        self._blocked = False

    def publish(self, rows: Sequence[Pending]) -> list[int]:
        """See `relay.Publisher`."""
        self._connect()
        self._wait_for_the_alarm_to_end()
        self._flight = flight = _Flight(rows)
        try:
            self._send(flight)
        except (*amqp.BROKEN, _Trouble) as error:
            metrics.publish_troubles.labels(self._source).inc()
            log.warning("publishing broke off", confirmed=len(flight.confirmed), of=len(rows), error=repr(error))
            # Under an alarm the connection is kept, for the broker would notice its end only after the alarm: until then each
            # new one would leave another copy of the messages there.
            if not (self._blocked and isinstance(error, _Trouble)):
                self.close()
            if not flight.confirmed:
                raise Transient(f"nothing could be published: {error!r}") from error
        return flight.confirmed

    def idle(self) -> None:
        """Keeps the connection alive."""
        self._connect()
        self._wait_for_the_alarm_to_end()
        try:
            self._read(0.001)
            assert self._connection is not None
            self._connection.heartbeat_tick()
        except (*amqp.BROKEN, _Trouble) as error:
            self.close()
            raise Transient(f"the broker is gone: {error!r}") from error

    def close(self) -> None:
        """Drops the connection; a broker under alarm would not answer a polite farewell."""
        if self._connection is not None:
            amqp.drop(self._connection)
        self._connection = self._channel = None

    # -- connection

    def _connect(self) -> None:
        if self._connection is not None:
            return
        self._trouble = ""
        self._blocked = False
        self._returned.clear()
        self._next_tag = 1
        self._connection = amqp.connect(
            self._url, f"relay {self._source}", on_blocked=self._on_blocked, on_unblocked=self._on_unblocked
        )
        try:
            self._channel = channel = self._connection.channel()
            if topology.declare_source(channel, self._source, self._subscriptions):
                # RabbitMQ (seen with 3.10) writes the name of a new quorum queue to disk only up to a second after it has
                # answered the declaration. Killed before, it comes back without what it had confirmed in that queue.
                time.sleep(SETTLE)
            channel.events["basic_ack"].add(self._on_ack)
            channel.events["basic_nack"].add(self._on_nack)
            channel.events["basic_return"].add(self._on_return)
            channel.confirm_select()
        except amqp.BROKEN as error:
            self.close()
            raise Transient(f"the broker did not take the topology: {error!r}") from error

    def _wait_for_the_alarm_to_end(self) -> None:
        if not self._blocked:
            return
        assert self._connection is not None
        try:
            self._connection.pump(0.5)
            self._connection.heartbeat_tick()
        except amqp.BROKEN as error:
            self.close()
            raise Transient(f"the broker is gone: {error!r}") from error
        if self._blocked:
            raise Transient(f"an alarm on the broker: {self._trouble}")

    # -- sending

    def _send(self, flight: _Flight) -> None:
        last = time.monotonic()
        while flight.ready or flight.under_way:
            room = min(CHUNK, self._window - len(flight.under_way))
            if flight.ready and room > 0:
                self._write(flight, room)
            before = len(flight.confirmed)
            # Waits only where there is nothing else to do.
            must_wait = not flight.ready or len(flight.under_way) >= self._window
            self._read(0.5 if must_wait and flight.under_way else 0)
            if len(flight.confirmed) > before:
                last = time.monotonic()
            elif time.monotonic() - last > self._patience:
                raise _Trouble(f"no confirm for {self._patience:g} s")

    def _write(self, flight: _Flight, room: int) -> None:
        assert self._connection is not None
        frames = []
        for _ in range(min(room, len(flight.ready))):
            row = flight.ready.popleft()
            headers = json.loads(row.headers)
            frames.append(
                wire.publication(
                    self._channel.channel_id,
                    self._exchange,
                    row.type,
                    headers.get("cloudEvents_id", ""),
                    headers,
                    row.body,
                    self._connection.frame_max,
                )
            )
            flight.under_way[self._next_tag] = row
            self._next_tag += 1
        self._connection.transport.write(b"".join(frames))
        self._connection.bytes_sent += 1

    def _read(self, seconds: float) -> None:
        """Reads what the broker has to say, waiting at most so long for it to begin."""
        assert self._connection is not None
        self._connection.pump(seconds)
        if self._trouble:
            raise _Trouble(self._trouble)

    # -- what the broker says

    def _on_ack(self, tag: int, multiple: bool) -> None:
        for row in self._flight.confirm(tag, multiple):
            if self._returned and self._was_returned(row):
                # Its stream waits; the topology is declared anew before the next try.
                self._trouble = f"no queue takes {row.type}, which an installed service hears"
                metrics.unroutable.labels(self._source).inc()
                continue
            self._flight.done(row)

    def _was_returned(self, row: Pending) -> bool:
        id = str(json.loads(row.headers).get("cloudEvents_id", ""))
        if id not in self._returned:
            return False
        self._returned.discard(id)
        return row.type in self._heard

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._trouble = "the broker refused a message"

    def _on_return(self, _error: Any, _exchange: str, _routing_key: str, message: Any) -> None:
        # A confirm of the same message follows.
        self._returned.add(str(message.properties.get("message_id", "")))

    def _on_blocked(self, reason: str) -> None:
        self._blocked, self._trouble = True, reason

    def _on_unblocked(self) -> None:
        self._blocked, self._trouble = False, ""
