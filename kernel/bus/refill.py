"""Filling a consumer from a publisher's journal, while it does not run.

What lies beyond the head of a stream is applied as if it came from the queue. What lies at or below it and was never handled, because
it was lost or because nobody heard its type then, is late: it is applied after newer events of its stream, in order among its
like, and moves no head. What is parked here and stands in the journal is tried anew in its place, which frees what waits behind it.
A late message that fails is parked in a lane of its own, behind which no newer one waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from kernel.bus import ledger, parking
from kernel.bus.consumer import Consumer
from kernel.bus.event import Message
from kernel.bus.ledger import StreamState, key_of
from kernel.bus.parking import StreamKey
from kernel.bus.reaction import Reactions
from kernel.context import Context
from kernel.store.tables import parked


class Refill(Consumer):
    """A consumer to which a publisher's journal is handed."""

    def __init__(self, context: Context, reactions: Reactions) -> None:
        super().__init__(context, reactions)
        self._late: dict[StreamKey, int] = {}
        self._filling = False
        self._heard: set[str] = set()

    def fill(self, pages: Iterable[Sequence[Message]]) -> int:
        """Applies or parks what was never handled: pages, each stream in order. Returns how many messages were offered.

        Killed at any point and run again, it goes on from there. Raises `Transient`.
        """
        offered = 0
        self._filling = True
        for page in pages:
            offered += len(page)
            # As if delivered before, so that one which kills the process is known the next time.
            self.apply(page, redelivered=True)
        self._filling = False
        self.release(self._heard)
        return offered

    def release(self, heard: Iterable[str]) -> int:
        """What waits goes on when everything has been offered: earlier, it might overtake an older one of its stream."""
        if self._filling:
            self._heard.update(heard)
            return 0
        return super().release(heard)

    def _sift(self, connection: Connection, messages: Sequence[Message]) -> tuple[list[Message], bool]:
        self._take_back(connection, messages)
        self._late = parking.late_streams(connection)
        return super()._sift(connection, messages)

    def _take_back(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Takes the messages out of the parked ones: they are here, and are tried anew.

        What the journal does not hold, or holds otherwise than it was heard, stays a person's business.
        """
        contested = {key_of(message) for message in ledger.others(connection, messages)}
        ids = {key_of(message): ledger.event_id(message) for message in messages if key_of(message) not in contested}
        rows = connection.execute(select(parked).where(parked.c.stream.in_({stream for _, stream, _ in ids})))
        parking.remove(connection, [row.id for row in rows if ids.get((row.source, row.stream, row.version)) == _event_id(row)])

    def _admit(self, connection: Connection, message: Message, state: StreamState) -> bool:
        if message.version > state.last:
            return super()._admit(connection, message, state)
        first = self._late.get((message.source, message.stream))
        if first is not None and message.version >= first:
            self._park(connection, message, f"behind version {first}", again=True, late=True)
            return False
        return True

    def _is_late(self, connection: Connection, message: Message) -> bool:
        stream = (message.source, message.stream)
        states, _ = ledger.streams(connection, {stream})
        return message.version <= states[stream].last

    def _park(self, connection: Connection, message: Message, reason: str, **how: Any) -> bool:
        # Where the try anew has failed, its row is back as it was.
        self._take_back(connection, [message])
        return super()._park(connection, message, reason, **how)


def _event_id(row: Row[Any]) -> str:
    return ledger.event_id(parking.message_of_row(row))
