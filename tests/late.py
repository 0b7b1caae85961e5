"""Hearing a journal in any arrival: with losses that a refill makes good, and filled once more.

Rehearsal(context, REACTIONS, journal.messages, state).check()
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from kernel.bus.consumer import Consumer
from kernel.bus.event import EventType, Message, body_of, headers_of, message_of
from kernel.bus.reaction import Reactions
from kernel.bus.refill import Refill
from kernel.context import Context
from kernel.encoding import canonical, plain
from kernel.ids import new_id
from kernel.store.database import Database
from kernel.store.tables import parked
from kernel.unit import command

#: Of a journal, so many are handed over at once: reactions see several events.
PAGE = 5


class Journal:
    """What publishers tell, each stream under its own versions. `versions`: those that the service has heard before."""

    def __init__(self, context: Context, county: str, versions: Mapping[str, int] | None = None) -> None:
        self.messages: list[Message] = []
        self._context, self._county = context, county
        self._versions = dict(versions or {})

    def tell(
        self, type: EventType, stream: str, data: Mapping[str, Any], day: date, subject: str | None = None, **personal: str
    ) -> None:
        """`data` over the contract's own example."""
        said = plain({**type.example, **data})
        type.check(said)
        sealed: Mapping[str, str] = {}
        if subject:
            with command(self._context) as unit:
                sealed = unit.seal(subject, personal)
        self._versions[stream] = self._versions.get(stream, 0) + 1
        headers = headers_of(
            event_id=new_id(),
            source=type.source,
            type=type.type,
            schema_version=1,
            stream=stream,
            version=self._versions[stream],
            home_county=self._county,
            time="2016-01-05T01:00:00Z",
            correlation_id=new_id(),
        )
        self.messages.append(message_of(headers, body_of(canonical(said), day, subject, sealed)))


@dataclass(frozen=True)
class Rehearsal:
    """A service as it stands on an SQLite file, what it is to hear, and what is then looked at. Each run has a copy of the file."""

    context: Context
    reactions: Reactions
    journal: Sequence[Message]
    state: Callable[[Context], Any]

    def check(self, examples: int = 20) -> Any:
        """Whatever was lost, and however the streams arrived: after a refill all is as if heard in order. Returns the state."""
        expected, count = self.in_order(), len(self.journal)
        for lost in range(count):
            found, message = self.after(range(count), {lost}), self.journal[lost]
            assert found == expected, f"{message.type} of {message.stream} v{message.version} late: {found} != {expected}"

        @settings(max_examples=examples)
        @given(st.permutations(range(count)), st.sets(st.integers(0, count - 1)), st.integers(1, PAGE))
        def in_any_arrival(order: list[int], lost: set[int], batch: int) -> None:
            assert self.after(order, lost, batch) == expected

        in_any_arrival()
        return expected

    def in_order(self) -> Any:
        with self._copy() as context:
            Consumer(context, self.reactions).apply(self.journal)
            assert _parked(context) == []
            return self.state(context)

    def after(self, order: Sequence[int], lost: Collection[int], batch: int = 1) -> Any:
        """`order` mixes the streams, each of which keeps its own; `lost`, by place in the journal, comes by the refill."""
        with self._copy() as context:
            arrived = [self.journal[place] for place in self._mixed(order) if place not in lost]
            consumer = Consumer(context, self.reactions)
            for start in range(0, len(arrived), batch):
                consumer.apply(arrived[start : start + batch])
            self._refill(context)
            assert _parked(context) == []
            state = self.state(context)
            self._refill(context)
            assert self.state(context) == state
            return state

    def _mixed(self, order: Sequence[int]) -> list[int]:
        places: dict[str, list[int]] = defaultdict(list)
        for place, message in enumerate(self.journal):
            places[message.stream].append(place)
        waiting = {stream: iter(mine) for stream, mine in places.items()}
        return [next(waiting[self.journal[place].stream]) for place in order]

    def _refill(self, context: Context) -> None:
        for source in dict.fromkeys(message.source for message in self.journal):
            mine = [message for message in self.journal if message.source == source]
            Refill(context, self.reactions).fill(mine[start : start + PAGE] for start in range(0, len(mine), PAGE))

    @contextmanager
    def _copy(self) -> Iterator[Context]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "copy.sqlite3"
            here, there = sqlite3.connect(str(self.context.database.url.database)), sqlite3.connect(path)
            here.backup(there)
            here.close()
            there.close()
            database = Database(f"sqlite:///{path}", self.context.service)
            yield replace(self.context, database=database)
            database.dispose()


def rows(context: Context, table: Table, *, but: Collection[str] = ()) -> list[dict[str, Any]]:
    """A table's rows in order of their text, without some columns."""
    with context.database.read() as connection:
        found = connection.execute(select(table)).mappings().all()
    return sorted(({name: value for name, value in row.items() if name not in but} for row in found), key=str)


def _parked(context: Context) -> list[tuple[str, int, str]]:
    with context.database.read() as connection:
        return [(row.stream, row.version, row.reason) for row in connection.execute(select(parked))]
