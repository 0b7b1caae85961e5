"""The stream consumer, as far as it goes without a broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kernel.bus import connection, shares
from kernel.bus.amqp_consumer import StreamConsumer, Streams, _groups, _Item, _Shard
from kernel.errors import Transient
from kernel.store.database import Database
from tests.stage import audience, context, line, listener, store

A, B, C = "line/a", "line/b", "line/c"
SHARD = _Shard(0, None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = store(tmp_path / "audience.db", "audience")
    yield database
    database.dispose()


def item(stream: str, version: int, *, again: bool = False) -> _Item:
    return _Item(SHARD, version, again, line(stream, version))


def names(items: list[_Item]) -> list[tuple[bool, list[tuple[str, int]]]]:
    return [(flag, [(message.stream, message.version) for message in group]) for flag, group in _groups(items)]


def test_fresh_messages_go_together() -> None:
    assert names([item(A, 1), item(B, 1)]) == [(False, [(A, 1), (B, 1)])]


def test_a_stream_of_which_one_was_delivered_before_keeps_its_order() -> None:
    items = [item(B, 1), item(A, 1, again=True), item(A, 2), item(C, 5), item(C, 6, again=True)]
    assert names(items) == [(True, [(A, 1), (A, 2), (C, 5), (C, 6)]), (False, [(B, 1)])]


def test_a_failure_that_nobody_foresaw_ends_it_instead_of_leaving_it_deaf(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise Transient("no broker")

    def broken(*_: Any) -> set[str]:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(connection, "connect", away)
    monkeypatch.setattr(shares, "announce", broken)
    with pytest.raises(ZeroDivisionError):
        StreamConsumer(listener(database), "amqp://nowhere").run()


def test_embedded_it_does_nothing(database: Database) -> None:
    streams = Streams(audience())
    runtime = SimpleNamespace(context=context(database), settings=SimpleNamespace(profile="embedded"))
    streams.container = SimpleNamespace(config={"xinhuo": runtime})
    streams.setup()
    streams.start()
    streams.stop()
