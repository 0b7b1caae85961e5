"""Applying messages exactly once in effect, in order per stream.

Both transports, RabbitMQ and the embedded one, hand their batches to `Consumer.apply`. When it returns, every message is committed
or parked, and may be acknowledged; when it raises `Transient`, nothing may be, and the transport holds and backs off.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from kernel import failpoints
from kernel.actor import Actor, system
from kernel.bus import ledger, parking
from kernel.bus.event import Event, Message, decode
from kernel.bus.ledger import Key, StreamState, key_of
from kernel.bus.reaction import Reactions
from kernel.context import Context
from kernel.errors import NotFound, Poison, Stale, Transient, Waiting, XinhuoError
from kernel.ids import new_id
from kernel.ops import metrics
from kernel.unit import Unit

log = structlog.get_logger(__name__)

#: A message in whose noted tries the process died this often is parked as a killer. (The first delivery is not noted.)
MAX_TRIES = 3
#: A reaction that was overtaken by a command on the same stream looks again this often.
STALE_TRIES = 3
#: So many messages parked in a row mean that something else is broken: the consumer holds until it is restarted.
MAX_PARKED_IN_ROW = 200
#: Why a message waits that bears the version of another one.
OTHER = "out of order: another event has had this version"
#: Seconds between looks at parked messages that are due.
DUE_SECONDS = 15


class Consumer:
    """One service's reactions on its own store."""

    def __init__(self, context: Context, reactions: Reactions) -> None:
        self.context = context
        self.reactions = reactions
        self._parked_in_row = 0
        # Messages whose try in this life of the process is counted. Only a process that died counts again: neither
        # a database that was away nor a connection that was lost makes a message suspect.
        self._counted: set[Key] = set()
        self._looked = time.monotonic()

    # -- a batch

    def apply(self, messages: Sequence[Message], *, redelivered: bool = False) -> None:
        """Commits or parks every message. `redelivered`: they may have been tried before by a process that died.

        A whole batch is one transaction. If it fails, its halves are tried, down to the message at fault. Raises `Transient`.
        """
        messages = [message for message in messages if self._concerns(message)]
        if not messages:
            return
        if redelivered and self._tried_before(messages):
            for message in messages:
                self._try_counted(message)
        else:
            self._apply(messages, tried=redelivered)

    def _apply(self, messages: Sequence[Message], tried: bool) -> None:
        try:
            heard = self._apply_together(messages, tried)
        except Transient:
            raise
        except Exception as error:
            if len(messages) == 1:
                self._apply_alone(messages[0], error, tried)
                return
            log.warning("batch failed, trying its halves", messages=len(messages), error=repr(error))
            half = len(messages) // 2
            self._apply(messages[:half], tried)
            self._apply(messages[half:], tried)
            return
        if heard:
            self.release(heard)

    def _apply_alone(self, message: Message, error: Exception, tried: bool) -> None:
        """Parks a message that failed alone; but where it was merely overtaken, it may look again."""
        for _ in range(STALE_TRIES):
            if not isinstance(error, Stale):
                break
            try:
                heard = self._apply_together([message], tried)
            except Transient:
                raise
            except Exception as again:
                error = again
            else:
                if heard:
                    self.release(heard)
                return
        self._put_aside(message, error)

    def _apply_together(self, messages: Sequence[Message], tried: bool) -> set[str]:
        """Applies what is fresh. Returns the streams heard of, if somebody may be waiting for them."""
        failpoints.hit("consumer.before_transaction")
        with self.context.database.write() as connection:
            fresh, anything_parked = self._sift(connection, messages)
            self._react(connection, fresh)
            ledger.advance(connection, {(message.source, message.stream): message.version for message in fresh})
            if tried:
                ledger.forget_tries(connection, [key_of(message) for message in messages])
            failpoints.hit("consumer.before_commit")
        failpoints.hit("consumer.after_commit")
        if tried:
            self._counted.difference_update(key_of(message) for message in messages)
        if fresh:
            self._parked_in_row = 0
            metrics.events_applied.labels(self.context.service).inc(len(fresh))
        return {message.stream for message in fresh} if anything_parked else set()

    def _sift(self, connection: Connection, messages: Sequence[Message]) -> tuple[list[Message], bool]:
        """The messages to apply now: without those handled before, and without those that are parked here.

        Also whether anything is parked at all.
        """
        new = ledger.claim(connection, messages)
        again = _without_the_first(messages, new)
        others = ledger.others(connection, again) if again else []
        states, anything_parked = ledger.streams(connection, {(message.source, message.stream) for message in messages})
        fresh: list[Message] = []
        aside: list[Key] = []
        for message in messages:
            key = key_of(message)
            state = states[(message.source, message.stream)]
            if key not in new:
                # Handled before, or the second copy in this batch; unless it is another event that bears the same number.
                if any(message is other for other in others):
                    self._park(connection, message, OTHER)
                    state.closed = min(state.closed or message.version, message.version)
                continue
            new.discard(key)
            if self._admit(connection, message, state):
                fresh.append(message)
            else:
                aside.append(key)
        if aside:
            ledger.unclaim(connection, aside)
        return fresh, anything_parked

    def _admit(self, connection: Connection, message: Message, state: StreamState) -> bool:
        """Whether a message that was not handled before has its turn. If not, it is parked; a row that is there stays as it is."""
        if state.closed is not None and message.version >= state.closed:
            self._park(connection, message, f"behind version {state.closed}", again=True)
            return False
        if message.version <= state.last:
            if self._park(connection, message, "out of order"):
                state.closed = message.version
            return False
        state.last = message.version
        return True

    def _concerns(self, message: Message) -> bool:
        """False for a type without reaction, from a binding that another version made or left.

        It is not noted as handled: once there is a reaction, a refill may bring it.
        """
        return not message.readable or self.reactions.get(message.source, message.type) is not None

    def _react(self, connection: Connection, fresh: Sequence[Message]) -> None:
        """Cuts the messages into waves (the n-th of each stream), and hands each wave to the reactions by type."""
        seen: dict[tuple[str, str], int] = defaultdict(int)
        waves: dict[int, dict[tuple[str, str], list[Event]]] = defaultdict(lambda: defaultdict(list))
        for message in fresh:
            wave = seen[(message.source, message.stream)]
            seen[(message.source, message.stream)] += 1
            waves[wave][(message.source, message.type)].append(self._decode(message))
        for number in sorted(waves):
            for (source, type), events in waves[number].items():
                reaction = self.reactions.get(source, type)
                assert reaction is not None
                unit = Unit(
                    self.context,
                    connection,
                    system(self.context.service),
                    events[0].correlation_id if len(events) == 1 else new_id(),
                )
                reaction(unit, events)
                unit.finish()
                failpoints.hit("consumer.mid_batch")

    def _decode(self, message: Message) -> Event:
        event = decode(message)
        if event.schema_version > self.reactions.version(message.source, message.type):
            raise Poison(f"unknown version {event.schema_version} of {message.source}.{message.type}")
        return event

    # -- messages that may have killed the process

    def _tried_before(self, messages: Sequence[Message]) -> bool:
        """Notes a try of the batch. True where an earlier life had noted one of the messages: then they go one by one."""
        keys = {key_of(message) for message in messages} - self._counted
        if not keys:
            return False
        with self.context.database.write() as connection:
            fresh = ledger.note_first_tries(connection, keys)
        self._counted |= fresh
        return fresh != keys

    def _try_counted(self, message: Message) -> None:
        """Tries one message, after the count of its tries is committed."""
        key = key_of(message)
        if key not in self._counted:
            with self.context.database.write() as connection:
                tries = ledger.count_try(connection, key)
            if tries > MAX_TRIES:
                self._put_aside(message, _killer(tries))
                return
            self._counted.add(key)
        self._apply([message], tried=True)

    # -- parking

    def _put_aside(self, message: Message, error: Exception) -> None:
        """Parks a message that could not be applied, in a transaction of its own."""
        # To wait for another stream is no fault: what it waits for may come in the very next batch.
        if not _passes(error):
            if self._parked_in_row >= MAX_PARKED_IN_ROW:
                raise Transient(f"{MAX_PARKED_IN_ROW} messages parked in a row; the next: {error!r}") from error
            self._parked_in_row += 1
        key = key_of(message)
        with self.context.database.write() as connection:
            # Another instance may have handled it meanwhile, when this one had been paused.
            if ledger.claim(connection, [message]):
                ledger.unclaim(connection, [key])
                late = self._is_late(connection, message)
                self._park(connection, message, _reason(error), waiting_for=_awaited(error), again=_passes(error), late=late)
            ledger.forget_tries(connection, [key])
        self._counted.discard(key)

    def _is_late(self, connection: Connection, message: Message) -> bool:
        """Whether it is parked in the lane of late messages: only a refill knows that what is late is in its place."""
        return False

    def _park(self, connection: Connection, message: Message, reason: str, **how: Any) -> bool:
        """Parks it (`how`: see `parking.park`). False where it is parked already."""
        parked = parking.park(connection, message, reason, now=self.context.clock.wall(), **how)
        if parked:
            metrics.events_parked.labels(self.context.service, message.source).inc()
            log.warning("parked", source=message.source, type=message.type, stream=message.stream, reason=reason)
        return parked

    # -- parked messages

    def idle(self) -> None:
        """Looks after parked messages that are due. Transports call it when they have nothing to hand over."""
        if time.monotonic() - self._looked > DUE_SECONDS:
            self._looked = time.monotonic()
            with self.context.database.read() as connection:
                anything_parked = parking.any_parked(connection)
            if anything_parked:
                self.release(())

    def release(self, heard: Iterable[str]) -> int:
        """Tries what waited for the streams just heard of, or is due. Returns how many messages went on."""
        with self.context.database.read() as connection:
            lanes = parking.waiting_lanes(connection, set(heard), self.context.clock.wall())
        return sum(self._replay(lane, self._try_first) for lane in lanes)

    def replay(self, source: str, stream: str, *, force: bool = False) -> int:
        """Applies the parked messages of a stream in order until one fails, on a person's word. Returns how many went on.

        `force`: also what came out of order is applied.
        """
        lanes = ((source, stream, late) for late in (True, False))
        return sum(self._replay(lane, lambda row: self._replay_first(row, force)) for lane in lanes)

    def _replay(self, lane: parking.Lane, attempt: Callable[[Row[Any]], bool]) -> int:
        done = 0
        while True:
            with self.context.database.read() as connection:
                row = parking.first_of(connection, lane)
            if row is None or not attempt(row):
                break
            done += 1
        if done:
            # Others may have waited for this stream in turn.
            self.release({lane[1]})
        return done

    def _try_first(self, row: Row[Any]) -> bool:
        """A try without anybody's word: counted before, so that a message that kills the process does not do so for ever."""
        key = (row.source, row.stream, row.version)
        if key not in self._counted:
            with self.context.database.write() as connection:
                tries = ledger.count_try(connection, key)
                if tries > MAX_TRIES:
                    parking.note_try(connection, row.id, _reason(_killer(tries)), self.context.clock.wall())
                    ledger.forget_tries(connection, [key])
                    return False
            self._counted.add(key)
        return self._replay_first(row)

    def _replay_first(self, row: Row[Any], force: bool = False) -> bool:
        message = parking.message_of_row(row)
        stream, key = (message.source, message.stream), key_of(message)
        try:
            with self.context.database.write() as connection:
                parking.remove(connection, [row.id])
                ledger.forget_tries(connection, [key])
                if self._concerns(message) and self._claim_parked(connection, message, force):
                    states, _ = ledger.streams(connection, [stream])
                    if message.version <= states[stream].last and not (force or row.late):
                        raise Poison("out of order")
                    self._react(connection, [message])
                    ledger.advance(connection, {stream: message.version})
        except Transient:
            raise
        except Exception as error:
            with self.context.database.write() as connection:
                now = self.context.clock.wall()
                parking.note_try(connection, row.id, _reason(error), now, waiting_for=_awaited(error), again=_passes(error))
                ledger.forget_tries(connection, [key])
            self._counted.discard(key)
            return False
        self._counted.discard(key)
        metrics.events_applied.labels(self.context.service).inc()
        return True

    def _claim_parked(self, connection: Connection, message: Message, force: bool) -> bool:
        """Whether it is to be applied: not where it has been meanwhile. Raises `Poison` for another event's number."""
        if ledger.claim(connection, [message]):
            return True
        if not ledger.others(connection, [message]):
            return False
        if not force:
            raise Poison(OTHER)
        ledger.unclaim(connection, [key_of(message)])
        return bool(ledger.claim(connection, [message]))

    def drop(self, source: str, stream: str, version: int, *, reason: str, actor: Actor) -> None:
        """Takes a parked message away for good: a person's decision, which goes on record. Later ones of its stream go on."""
        with self.context.database.write() as connection:
            rows = [row for row in parking.of_stream(connection, (source, stream)) if row.version == version]
            if not rows:
                raise NotFound(f"没有暂存的消息 {source} {stream} v{version}")
            parking.remove(connection, [row.id for row in rows])
            unit = Unit(self.context, connection, actor, new_id())
            unit.record(
                "parked_message_dropped",
                stream=f"parked/{source}/{stream}"[:100],
                expected=None,
                home_county="-",
                day=unit.today,
                data={"type": rows[0].type, "version": version, "reason": reason, "was": rows[0].reason},
            )
            ledger.claim(connection, [parking.message_of_row(rows[0])])
            ledger.forget_tries(connection, [(source, stream, version)])
            unit.finish()
        self.replay(source, stream)


def _without_the_first(messages: Sequence[Message], new: Collection[Key]) -> list[Message]:
    """Those whose key was taken: before, or by an earlier one in the batch."""
    taken: set[Key] = set()
    again = []
    for message in messages:
        key = key_of(message)
        if key not in new or key in taken:
            again.append(message)
        taken.add(key)
    return again


def _killer(tries: int) -> Poison:
    return Poison(f"the process died at it in {tries - 1} tries")


def _awaited(error: Exception) -> str | None:
    return error.stream if isinstance(error, Waiting) else None


def _passes(error: Exception) -> bool:
    """Whether the message may go on by itself later: what it needs has not been heard of, or it was overtaken."""
    return isinstance(error, (Waiting, Stale))


def _reason(error: Exception) -> str:
    if isinstance(error, Waiting):
        return f"waiting for {error.stream}"
    if isinstance(error, XinhuoError):
        return f"{error.code}: {error}"
    return f"{type(error).__name__}: {error}"
