"""Who consumes which shards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.bus.event import SLOTS, headers_of
from kernel.bus.shares import DEAD, FORGET, announce, leave, share_of
from kernel.bus.topology import SHARDS, bindings, queue_arguments
from kernel.store.database import Database
from tests.stage import store

names = st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=9)
NOW = datetime(2024, 3, 1, 8, tzinfo=UTC)


@given(live=names, shards=st.integers(1, 16))
def test_each_shard_has_one_instance_and_the_load_is_even(live: set[str], shards: int) -> None:
    shares = {name: share_of(name, live, shards) for name in live}
    assert sorted(shard for share in shares.values() for shard in share) == list(range(shards))
    sizes = [len(share) for share in shares.values()]
    assert max(sizes) - min(sizes) <= 1


@given(live=names)
def test_all_instances_compute_the_same_whatever_the_order(live: set[str]) -> None:
    for name in live:
        assert share_of(name, sorted(live)) == share_of(name, sorted(live, reverse=True))


@given(live=names)
def test_an_instance_that_is_not_in_the_table_yet_counts_itself(live: set[str]) -> None:
    newcomer = "a name that is longer than the others"
    assert share_of(newcomer, live) == share_of(newcomer, live | {newcomer})


def test_alone_it_has_all() -> None:
    assert share_of("one", ["one"]) == frozenset(range(SHARDS))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = store(tmp_path / "audience.db", "audience")
    yield database
    database.dispose()


def test_who_is_silent_counts_as_dead_and_is_forgotten_later(database: Database) -> None:
    assert announce(database, "one", NOW) == {"one"}
    assert announce(database, "two", NOW + timedelta(seconds=DEAD / 2)) == {"one", "two"}
    assert announce(database, "two", NOW + timedelta(seconds=DEAD + 1)) == {"two"}
    assert announce(database, "one", NOW + timedelta(seconds=DEAD + 2)) == {"one", "two"}
    assert announce(database, "three", NOW + timedelta(seconds=FORGET + 60)) == {"three"}


def test_who_leaves_is_gone_at_once(database: Database) -> None:
    announce(database, "one", NOW)
    leave(database, "one")
    assert announce(database, "two", NOW) == {"two"}


@given(stream=st.text(max_size=40))
def test_the_copy_of_an_event_goes_to_exactly_one_shard(stream: str) -> None:
    headers = headers_of(
        event_id="1",
        source="stage",
        type="line_said",
        schema_version=1,
        stream=stream,
        version=1,
        home_county="-",
        time="",
        correlation_id="",
    )
    (key,) = headers["BCC"]
    assert len([shard for shard, bound in bindings(["line_said", "line_sung"]) if bound == key]) == 1


def test_a_slot_stays_in_its_shard_for_all_types() -> None:
    shards: dict[str, set[int]] = {}
    for shard, key in bindings(["line_said", "line_sung"]):
        shards.setdefault(key.split(".")[0], set()).add(shard)
    assert len(shards) == SLOTS
    assert all(len(found) == 1 for found in shards.values())


@pytest.mark.parametrize("version, limit", [("3.10.8", None), ("4.0.2", -1), ("4.1.0-rc.1", -1)])
def test_the_broker_is_told_of_no_limit_except_that_there_is_none(version: str, limit: int | None) -> None:
    arguments = queue_arguments(version)
    assert arguments.pop("x-delivery-limit", None) == limit
    assert arguments == {"x-queue-type": "quorum", "x-single-active-consumer": True}
