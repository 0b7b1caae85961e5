"""Variants that lack one safeguard each, for the controls: with them the same blow must lose, double or disorder something."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from functools import partialmethod
from typing import Any

import amqp
from sqlalchemy import Connection, delete, select

from kernel import failpoints
from kernel.bus import ledger, relay_process
from kernel.bus.amqp_consumer import StreamConsumer
from kernel.bus.amqp_publisher import AmqpPublisher
from kernel.bus.consumer import Consumer
from kernel.bus.event import Message
from kernel.bus.relay import Pending, Relay
from kernel.bus.relay_process import Exclusive
from kernel.http import idempotency
from kernel.store.tables import pending

#: Set when the blow has fallen in this process.
struck = threading.Event()

# -- consumers


class WithoutInbox(Consumer):
    """Takes every message for new."""

    def _sift(self, connection: Connection, messages: Sequence[Message]) -> tuple[list[Message], bool]:
        return list(messages), False


class TakesAnyOrder(Consumer):
    """Knows what it has handled, but not in which order it should come."""

    def _sift(self, connection: Connection, messages: Sequence[Message]) -> tuple[list[Message], bool]:
        new = ledger.claim(connection, messages)
        fresh = []
        for message in messages:
            if ledger.key_of(message) in new:
                new.discard(ledger.key_of(message))
                fresh.append(message)
        return fresh, False


class DropsWhatFails(Consumer):
    """Acknowledges what it could not apply, as a stock handler does."""

    def _put_aside(self, message: Message, error: Exception) -> None:
        return


class WithoutAttemptCounter(Consumer):
    """Tries what was delivered before as if it had never been."""

    def apply(self, messages: Sequence[Message], *, redelivered: bool = False) -> None:
        super().apply(messages)


class AcknowledgesAtDelivery(StreamConsumer):
    """Lets the broker forget a message as soon as it is sent."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        amqp.Channel.basic_consume = partialmethod(amqp.Channel.basic_consume, no_ack=True)

    def _acknowledge(self, life: int) -> None:
        return


class StopsWithoutAcknowledging(StreamConsumer):
    """Closes at a stop, whatever is still to be acknowledged."""

    def _acknowledge(self, life: int) -> None:
        if struck.is_set():
            self._stop.wait()
        else:
            super()._acknowledge(life)


# -- relays


class DeletesFirst(Relay):
    """Deletes, then sends."""

    def round(self) -> int:
        with self.database.read() as connection:
            rows = [Pending(*row) for row in connection.execute(select(pending).order_by(pending.c.seq).limit(self.batch))]
        if not rows:
            return 0
        with self.database.write() as connection:
            connection.execute(delete(pending).where(pending.c.seq.in_([row.seq for row in rows])))
        failpoints.hit("relay.after_delete")
        failpoints.hit("relay.before_publish")
        self.publisher.publish(rows)
        failpoints.hit("relay.after_publish")
        return len(rows)


class ReadsOnlyForward(Relay):
    """Remembers how far it has read, and takes all before that for sent."""

    _last = 0

    def round(self) -> int:
        query = select(pending).where(pending.c.seq > self._last).order_by(pending.c.seq).limit(self.batch)
        with self.database.read() as connection:
            rows = [Pending(*row) for row in connection.execute(query)]
        if rows:
            confirmed = self.publisher.publish(rows)
            self._last = max(confirmed)
            with self.database.write() as connection:
                connection.execute(delete(pending).where(pending.c.seq <= self._last))
        return len(rows)


class DoesNotWaitForConfirms(AmqpPublisher):
    """Takes for confirmed what it has written."""

    def _send(self, flight: Any) -> None:
        while flight.ready:
            self._write(flight, len(flight.ready))
            for row in list(flight.under_way.values()):
                flight.done(row)
            flight.under_way.clear()


class SendsAgainOnlyWhatWasRefused(AmqpPublisher):
    """Keeps all of a stream under way at once, and sends what the broker refused once more, behind the rest."""

    def publish(self, rows: Sequence[Pending]) -> list[int]:
        # A stream of its own for each row: none waits for the one before.
        apart = [Pending(row.seq, f"{row.stream} {row.seq}", row.type, row.headers, row.body) for row in rows]
        return super().publish(apart)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._flight.ready.extend(self._flight.confirm(tag, multiple))


class WithoutLock(Exclusive):
    """Relays beside another one."""

    def acquire(self) -> bool:
        if self._connection is None:
            self._connection = self._database.engine.connect()
        return True


# -- taking away


#: safeguard -> the class that lacks it, in the place of the one that it derives from
LACKING: dict[str, type] = {
    "inbox": WithoutInbox,
    "check of the order": TakesAnyOrder,
    "parking": DropsWhatFails,
    "attempt counter": WithoutAttemptCounter,
    "acknowledgement after the commit": AcknowledgesAtDelivery,
    "acknowledgement at the stop": StopsWithoutAcknowledging,
    "deletion after the confirm": DeletesFirst,
    "look at all that is pending": ReadsOnlyForward,
    "confirms": DoesNotWaitForConfirms,
    "one unconfirmed per stream": SendsAgainOnlyWhatWasRefused,
    "lock": WithoutLock,
}
IDEMPOTENCY = "stored answers"
ANSWER_LAST = "answer after the commit"
WORD_TO_STOP = "ear for the word to stop"


def take_away(safeguard: str) -> None:
    """Takes the safeguard away in this process, wherever its class is used."""
    if safeguard == IDEMPOTENCY:
        idempotency.stored = lambda *_: None
        idempotency.store = lambda *_: None
    elif safeguard == WORD_TO_STOP:
        relay_process.run_process = _run_deaf  # type: ignore[assignment]
    elif safeguard != ANSWER_LAST:  # which only who answers can give up
        lacking = LACKING[safeguard]
        whole = lacking.__mro__[1]
        for module in list(sys.modules.values()):
            if getattr(module, whole.__name__, None) is whole:
                setattr(module, whole.__name__, lacking)


def _run_deaf(relay: Relay) -> None:
    relay_process.run(relay, threading.Event())
