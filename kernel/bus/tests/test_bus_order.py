"""Whatever the road does, each event is applied once, and in order per stream."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import failpoints
from kernel.actor import Actor
from kernel.bus.consumer import MAX_TRIES
from kernel.bus.event import Message
from kernel.errors import Transient
from kernel.store.database import Database
from tests.stage import Upset, line, listener, metadata, parked_now, store, versions_heard


class Death(BaseException):
    """The process dies."""


#: What becomes of a batch: it is handled, its process dies at a point, or its database is away for a moment.
FATES = ("handled", "handled", "consumer.mid_batch", "consumer.before_commit", "consumer.after_commit", "transient")


@st.composite
def roads(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[tuple[int, str]]]:
    """Deliveries as (stream, position in it), and batches as (size, fate).

    Streams are interleaved; a copy of a message may come at any time after the message.
    """
    arrivals = draw(st.lists(st.integers(0, 3), min_size=1, max_size=25))
    deliveries: list[tuple[int, int]] = []
    length = [0, 0, 0, 0]
    for stream in arrivals:
        if length[stream] and draw(st.integers(0, 4)) == 0:
            deliveries.append((stream, draw(st.integers(0, length[stream] - 1))))
        deliveries.append((stream, length[stream]))
        length[stream] += 1
    batches = draw(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(FATES)), max_size=20))
    return deliveries, batches


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = store(tmp_path_factory.mktemp("order") / "audience.db", "audience")
    yield database
    database.dispose()


def empty(database: Database) -> None:
    with database.write() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())


def travel(database: Database, messages: list[Message], batches: list[tuple[int, str]], upset: type[Upset]) -> None:
    """A queue with acknowledgements: what was not acknowledged when its reader died comes again, marked so."""
    consumer = listener(database, upset)
    fates = iter(batches)
    start, seen, deaths = 0, 0, 0
    while start < len(messages):
        size, fate = next(fates, (5, "handled"))
        if deaths == MAX_TRIES - 1:
            # One more at the same message, and it would rightly be parked as a killer.
            fate = "handled"
        batch = messages[start : start + size]
        fresh = max(0, seen - start)
        seen = max(seen, start + len(batch))
        try:
            with _fate(fate):
                consumer.apply(batch[:fresh], redelivered=True)
                consumer.apply(batch[fresh:])
        except Death:
            deaths += 1
            consumer = listener(database, upset)
        except Transient:
            continue
        else:
            start += len(batch)


@contextlib.contextmanager
def _fate(fate: str) -> Iterator[None]:
    def hit(name: str) -> None:
        if name == fate:
            raise Death

    away = mock.patch.object(Database, "write", side_effect=Transient("away"))
    with mock.patch.object(failpoints, "hit", hit), away if fate == "transient" else contextlib.nullcontext():
        yield


RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@RELAXED
@given(road=roads())
def test_each_event_is_applied_once_and_in_order(
    database: Database, road: tuple[list[tuple[int, int]], list[tuple[int, str]]]
) -> None:
    deliveries, batches = road
    empty(database)
    # Versions rise but need not be contiguous.
    travel(database, [line(f"line/{stream}", 3 * at + 1) for stream, at in deliveries], batches, Upset)
    expected: dict[str, list[int]] = {}
    for stream, at in deliveries:
        versions = expected.setdefault(f"line/{stream}", [])
        if 3 * at + 1 not in versions:
            versions.append(3 * at + 1)
    assert versions_heard(database) == expected
    assert parked_now(database) == []


@RELAXED
@given(road=roads(), poisoned=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=4))
def test_behind_a_poisoned_message_its_stream_waits_until_a_person_has_decided(
    database: Database,
    road: tuple[list[tuple[int, int]], list[tuple[int, str]]],
    poisoned: set[tuple[int, int]],
) -> None:
    deliveries, batches = road
    empty(database)
    # A killed process is told apart from a poisoned message by its own test; here it would only blur the expectation.
    batches = [(size, fate if fate == "transient" else "handled") for size, fate in batches]
    messages = [line(f"line/{stream}", at + 1, "poison" if (stream, at) in poisoned else "hello") for stream, at in deliveries]
    travel(database, messages, batches, Upset)
    bad = sorted(set(deliveries) & poisoned)
    first = {stream: min(at for other, at in bad if other == stream) for stream, _ in bad}
    heard = versions_heard(database)
    for stream in range(4):
        sent = sorted({at + 1 for other, at in deliveries if other == stream})
        flowed = [version for version in sent if stream not in first or version <= first[stream]]
        assert heard.get(f"line/{stream}", []) == flowed
    consumer = listener(database)
    for stream, at in bad:
        consumer.drop("stage", f"line/{stream}", at + 1, reason="unusable", actor=Actor("operator"))
    assert parked_now(database) == []
    heard = versions_heard(database)
    for stream in range(4):
        kept = sorted({at + 1 for other, at in deliveries if other == stream and (stream, at) not in poisoned})
        assert heard.get(f"line/{stream}", []) == kept
