"""Filling a consumer from a journal: what it lacks is made up for, whatever it has heard since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import failpoints
from kernel.actor import Actor
from kernel.bus import consumer as consumer_module
from kernel.bus.consumer import MAX_TRIES, Consumer
from kernel.bus.event import Event, Message
from kernel.bus.reaction import Reactions
from kernel.bus.refill import Refill
from kernel.store import tables
from kernel.store.database import Database
from kernel.unit import Unit
from tests.stage import SAID, Upset, audience, context, heard, line, listener, metadata, parked_now, store, versions_heard

A, B, C = "line/a", "line/b", "line/c"


class Death(BaseException):
    """The process dies: nothing catches this."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = store(tmp_path / "audience.db", "audience")
    yield database
    database.dispose()


def refill(database: Database, *pages: Sequence[Message], upset: type[Upset] = Upset) -> int:
    return Refill(context(database), audience(upset)).fill(pages)


def journal(stream: str, last: int, **texts: str) -> list[Message]:
    """The stream as its publisher has it; `v2="poison"`: what version 2 says."""
    return [line(stream, version, texts.get(f"v{version}", "hello")) for version in range(1, last + 1)]


def head(database: Database, stream: str) -> int:
    with database.read() as connection:
        query = sa.select(tables.inbox_head.c.version).where(tables.inbox_head.c.stream == stream)
        return int(connection.execute(query).scalar_one())


class TestWhatWasLost:
    def test_it_is_applied_though_the_stream_has_gone_on(self, database: Database) -> None:
        listener(database).apply([line(A, 1), line(A, 4), line(B, 1)])
        assert refill(database, [*journal(A, 4), *journal(B, 2)]) == 6
        assert versions_heard(database) == {A: [1, 4, 2, 3], B: [1, 2]}
        assert (head(database, A), head(database, B)) == (4, 2)
        listener(database).apply([line(A, 2), line(A, 5), line(B, 3)])
        assert versions_heard(database) == {A: [1, 4, 2, 3, 5], B: [1, 2, 3]}
        assert parked_now(database) == []

    def test_a_second_refill_finds_nothing_to_do(self, database: Database) -> None:
        listener(database).apply([line(A, 1), line(A, 3)])
        for _ in range(2):
            assert refill(database, journal(A, 2), [line(A, 3), line(A, 4)]) == 4
            assert versions_heard(database) == {A: [1, 3, 2, 4]}

    def test_without_a_refill_it_is_out_of_order(self, database: Database) -> None:
        """The control: the same messages from a queue are parked, and hold up what comes."""
        listener(database).apply([line(A, 1), line(A, 3)])
        listener(database).apply([*journal(A, 3), line(A, 4)])
        assert parked_now(database) == [(A, 2, "out of order"), (A, 4, "behind version 2")]

    @pytest.mark.parametrize("point", ["consumer.mid_batch", "consumer.before_commit", "consumer.after_commit"])
    @pytest.mark.parametrize("moment", [1, 2, 3])
    def test_a_refill_that_was_killed_is_run_again(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, point: str, moment: int
    ) -> None:
        seen: list[str] = []

        def hit(name: str) -> None:
            seen.append(name)
            if seen.count(point) == moment:
                raise Death

        pages = [journal(A, 5), journal(B, 3), journal(C, 2)]
        listener(database).apply([line(A, 1), line(A, 4), line(C, 1)])
        with monkeypatch.context() as during:
            during.setattr(failpoints, "hit", hit)
            with pytest.raises(Death):
                refill(database, *pages)
        assert refill(database, *pages) == 10
        assert versions_heard(database) == {A: [1, 4, 2, 3, 5], B: [1, 2, 3], C: [1, 2]}
        assert parked_now(database) == []


class TestANewSubscription:
    def test_streams_of_which_other_events_were_heard_are_filled(self, database: Database) -> None:
        """Whether the new type had reached the older version or not."""
        older = Reactions()
        older.hears(SAID)(lambda unit, events: None)
        Consumer(context(database), older).apply([line(A, 2), line(A, 3, kind="line_sung"), line(A, 5)])
        refill(database, [line(A, 1, kind="line_sung"), line(A, 2), line(A, 3, kind="line_sung"), line(A, 5)])
        assert versions_heard(database) == {A: [1, 3]}
        listener(database).apply([line(A, 6, kind="line_sung"), line(A, 7)])
        assert versions_heard(database) == {A: [1, 3, 6, 7]}
        assert parked_now(database) == []


class TestWhatCannotBeApplied:
    def test_late_it_holds_up_what_is_late_and_nothing_newer(self, database: Database) -> None:
        listener(database).apply([line(A, 1), line(A, 5)])
        refill(database, journal(A, 6, v2="poison"), journal(B, 1))
        assert versions_heard(database) == {A: [1, 5, 6], B: [1]}
        waiting = [(A, 3, "behind version 2"), (A, 4, "behind version 2")]
        assert parked_now(database) == [(A, 2, "poison: cannot be heard"), *waiting]
        listener(database).apply([line(A, 7), line(A, 2, "poison"), line(A, 8)])
        assert versions_heard(database)[A] == [1, 5, 6, 7, 8]
        listener(database).drop("stage", A, 2, reason="unusable", actor=Actor("operator"))
        assert versions_heard(database)[A] == [1, 5, 6, 7, 8, 3, 4]
        assert (parked_now(database), head(database, A)) == ([], 8)

    def test_beyond_the_head_it_holds_up_its_stream(self, database: Database) -> None:
        listener(database).apply([line(A, 1)])
        refill(database, journal(A, 3, v2="poison"))
        listener(database).apply([line(A, 4)])
        assert versions_heard(database) == {A: [1]}
        assert [version for _, version, _ in parked_now(database)] == [2, 3, 4]

    def test_the_next_refill_tries_it_again(self, database: Database) -> None:
        class Now(Upset):
            poison = frozenset({"bad"})

        listener(database).apply([line(A, 4)])
        refill(database, journal(A, 4, v2="bad"), upset=Now)
        assert versions_heard(database) == {A: [4, 1]}
        refill(database, journal(A, 4, v2="bad"))
        assert versions_heard(database) == {A: [4, 1, 2, 3]}
        assert parked_now(database) == []

    def test_a_person_may_send_it_on_without_force(self, database: Database) -> None:
        class Now(Upset):
            poison = frozenset({"bad"})

        listener(database).apply([line(A, 4)])
        refill(database, journal(A, 4, v2="bad"), upset=Now)
        assert listener(database).replay("stage", A) == 2
        assert versions_heard(database) == {A: [4, 1, 2, 3]}

    def test_what_waits_for_another_stream_goes_on_when_that_is_heard(self, database: Database) -> None:
        listener(database).apply([line(A, 3)])
        refill(database, journal(A, 3, v1=f"wait {B}"))
        assert parked_now(database) == [(A, 1, f"waiting for {B}"), (A, 2, "behind version 1")]
        listener(database).apply([line(A, 4), line(B, 1)])
        assert versions_heard(database) == {A: [3, 4, 1, 2], B: [1]}
        assert parked_now(database) == []

    def test_one_that_kills_the_process_does_so_a_few_times(self, database: Database) -> None:
        pages = [journal(A, 4, v2="killer"), journal(B, 1)]
        listener(database).apply([line(A, 4)])
        lives = 0
        while lives < 10:
            try:
                _mortal(database).fill(pages)
                break
            except Death:
                lives += 1
        assert lives == MAX_TRIES
        assert versions_heard(database) == {A: [4, 1], B: [1]}
        assert [version for _, version, _ in parked_now(database)] == [2, 3]

    def test_too_many_in_a_row_end_the_refill(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(consumer_module, "MAX_PARKED_IN_ROW", 3)
        with pytest.raises(consumer_module.Transient, match="3 messages parked in a row"):
            refill(database, [line(f"line/{n}", 1, "bug") for n in range(9)])


class TestAnEarlierMishap:
    def test_what_waits_behind_an_out_of_order_message_is_freed(self, database: Database) -> None:
        listener(database).apply([line(A, 1), line(A, 5), line(A, 3), line(A, 4), line(A, 6), line(A, 7)])
        assert [version for _, version, _ in parked_now(database)] == [3, 4, 6, 7]
        refill(database, journal(A, 2), journal(A, 8)[2:])
        assert versions_heard(database) == {A: [1, 5, 2, 3, 4, 6, 7, 8]}
        assert (parked_now(database), head(database, A)) == ([], 8)

    def test_what_the_journal_does_not_hold_stays_with_people(self, database: Database) -> None:
        listener(database).apply([line(A, 1), line(A, 3), line(A, 2, event_id="a stranger"), line(A, 4)])
        refill(database, journal(A, 4))
        assert versions_heard(database) == {A: [1, 3, 2]}
        assert parked_now(database) == [(A, 2, "out of order"), (A, 4, "behind version 2")]

    def test_another_event_under_a_number_that_was_heard_stays_with_people(self, database: Database) -> None:
        """The publisher's store was set back to a backup."""
        listener(database).apply([line(A, 1), line(A, 2)])
        anew = [line(A, 1), line(A, 2, event_id="other"), line(A, 3)]
        for _ in range(2):
            refill(database, anew)
            assert versions_heard(database) == {A: [1, 2]}
            assert [(version, reason[:12]) for _, version, reason in parked_now(database)] == [
                (2, "out of order"),
                (3, "behind versi"),
            ]


@pytest.fixture(scope="module")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = store(tmp_path_factory.mktemp("refill") / "audience.db", "audience")
    yield database
    database.dispose()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrivals=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), max_size=14),
    page=st.integers(1, 9),
    later=st.integers(0, 2),
)
def test_whatever_reached_a_consumer_before_a_refill_makes_it_whole(
    one_database: Database, arrivals: list[tuple[int, int]], page: int, later: int
) -> None:
    with one_database.write() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())
    for stream, version in arrivals:
        listener(one_database).apply([line(f"line/{stream}", version)])
    before = versions_heard(one_database)
    whole = [message for stream in range(3) for message in journal(f"line/{stream}", 6)]
    assert refill(one_database, *(whole[start : start + page] for start in range(0, len(whole), page))) == 18
    listener(one_database).apply([line(f"line/{later}", 7)])
    assert parked_now(one_database) == []
    for stream in range(3):
        had = before.get(f"line/{stream}", [])
        missing = [version for version in range(1, 7) if version not in had]
        late = [version for version in missing if had and version < max(had)]
        newer = [version for version in missing if version not in late]
        assert versions_heard(one_database)[f"line/{stream}"] == had + late + newer + [7] * (stream == later)


def _mortal(database: Database) -> Refill:
    """A new life of the process, which ends at the line `killer`."""

    def hear(unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            if event.data["text"] == "killer":
                raise Death
            unit.connection.execute(sa.insert(heard).values(stream=event.stream, version=event.version, text=""))

    reactions = Reactions()
    reactions.hears(SAID)(hear)
    return Refill(context(database), reactions)
