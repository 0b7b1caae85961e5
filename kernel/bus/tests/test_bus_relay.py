"""The relay and its embedded twin of the broker, on SQLite."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel import failpoints
from kernel.bus.consumer import MAX_TRIES
from kernel.bus.relay import LocalPublisher, Pending, Relay
from kernel.bus.relay_process import run
from kernel.errors import Transient
from kernel.store.database import Database
from kernel.store.tables import pending
from tests.stage import Upset, context, listener, parked_now, pending_now, say, store, versions_heard

A, B = "line/a", "line/b"


class Death(BaseException):
    """The process dies."""


class Notebook:
    """A publisher that confirms what it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.confirms = 1000
        self.troubles = 0

    def publish(self, rows: Sequence[Pending]) -> list[int]:
        if self.troubles:
            self.troubles -= 1
            raise Transient("the broker is away")
        self.sent += [row.stream for row in rows]
        return [row.seq for row in rows[: self.confirms]]

    def idle(self) -> None:
        pass

    def close(self) -> None:
        self.sent.append("closed")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Database]:
    database = store(tmp_path / "stage.db", "stage")
    yield database
    database.dispose()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Database]:
    database = store(tmp_path / "audience.db", "audience")
    yield database
    database.dispose()


def test_what_is_confirmed_is_deleted_and_the_rest_stays(stage: Database) -> None:
    say(context(stage), [(A, "1"), (B, "1"), (A, "2")])
    notebook = Notebook()
    notebook.confirms = 2
    relay = Relay(stage, notebook)
    assert (relay.round(), pending_now(stage), relay.depth()) == (2, 1, 1)
    assert (relay.round(), pending_now(stage)) == (1, 0)
    assert notebook.sent == [A, B, A, A]
    assert relay.round() == 0


def test_an_entry_that_commits_late_is_found_in_the_next_round(stage: Database) -> None:
    say(context(stage), [(A, "1"), (B, "1")])
    notebook = Notebook()
    with stage.write() as connection:
        # Its number was drawn first, but its transaction is still open.
        late = dict(connection.execute(sa.select(pending).where(pending.c.stream == A)).mappings().one())
        connection.execute(sa.delete(pending).where(pending.c.stream == A))
    relay = Relay(stage, notebook)
    assert relay.round() == 1
    with stage.write() as connection:
        connection.execute(sa.insert(pending), late)
    assert relay.round() == 1
    assert notebook.sent == [B, A]


def test_it_keeps_on_through_faults_until_it_is_stopped(stage: Database) -> None:
    say(context(stage), [(A, "1")])
    notebook = Notebook()
    notebook.troubles = 2
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(Relay(stage, notebook), stop))
    thread.start()
    while pending_now(stage):
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert notebook.sent == [A, "closed"]


class TestTheTwinOfTheBroker:
    def test_confirmed_means_that_every_subscriber_has_committed(self, stage: Database, hall: Database, tmp_path: Path) -> None:
        class Now(Upset):
            transient = frozenset({"2"})

        other = store(tmp_path / "gallery.db", "gallery")
        relay = Relay(stage, LocalPublisher("stage", [listener(hall, Now), listener(other)]))
        say(context(stage), [(A, "1"), (A, "2")])
        with pytest.raises(Transient):
            relay.round()
        # One subscriber holds; the other has gone on, and nothing is confirmed.
        assert (versions_heard(hall), versions_heard(other), pending_now(stage)) == ({}, {A: [1, 2]}, 2)
        Now.transient = frozenset()
        assert relay.round() == 2
        assert versions_heard(hall) == versions_heard(other) == {A: [1, 2]}
        other.dispose()

    def test_a_parked_message_counts_as_confirmed(self, stage: Database, hall: Database) -> None:
        say(context(stage), [(A, "1"), (A, "poison"), (B, "1")])
        assert Relay(stage, LocalPublisher("stage", [listener(hall)])).round() == 3
        assert versions_heard(hall) == {A: [1], B: [1]}

    def test_a_service_that_hears_nothing_of_the_source_is_left_alone(self, stage: Database, hall: Database) -> None:
        say(context(stage), [(A, "1")])
        assert Relay(stage, LocalPublisher("street", [listener(hall)])).round() == 1
        assert versions_heard(hall) == {}

    @pytest.mark.parametrize(
        "point",
        [
            "relay.before_publish",
            "consumer.mid_batch",
            "consumer.before_commit",
            "consumer.after_commit",
            "relay.after_publish",
            "relay.after_delete",
        ],
    )
    def test_a_crash_at_any_point_loses_and_doubles_nothing(
        self, stage: Database, hall: Database, monkeypatch: pytest.MonkeyPatch, point: str
    ) -> None:
        def hit(name: str) -> None:
            if name == point:
                raise Death

        say(context(stage), [(A, "1"), (B, "1"), (A, "2")])
        monkeypatch.setattr(failpoints, "hit", hit)
        with pytest.raises(Death):
            Relay(stage, LocalPublisher("stage", [listener(hall)])).round()
        monkeypatch.undo()
        say(context(stage), [(A, "3")])
        Relay(stage, LocalPublisher("stage", [listener(hall)])).round()
        assert versions_heard(hall) == {A: [1, 2, 3], B: [1]}
        assert (pending_now(stage), parked_now(hall)) == (0, [])

    def test_deleting_before_the_confirm_would_lose(
        self, stage: Database, hall: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The control: the test above would see a loss."""
        publisher = LocalPublisher("stage", [listener(hall)])

        def hit(name: str) -> None:
            if name == "relay.before_publish":
                with stage.write() as connection:
                    connection.execute(sa.delete(pending))
                raise Death

        say(context(stage), [(A, "1")])
        monkeypatch.setattr(failpoints, "hit", hit)
        with pytest.raises(Death):
            Relay(stage, publisher).round()
        monkeypatch.undo()
        Relay(stage, publisher).round()
        assert versions_heard(hall) == {}

    def test_a_message_that_kills_the_process_at_each_start_is_parked(
        self, stage: Database, hall: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hit(name: str) -> None:
            # Whatever batch holds it, the process dies of the stream B.
            if name == "consumer.mid_batch" and B in versions_in_hand:
                raise Death

        say(context(stage), [(A, "1"), (B, "killer"), (A, "2")])
        lives = 0
        while pending_now(stage):
            lives += 1
            consumer = listener(hall)
            versions_in_hand: set[str] = set()
            react = consumer._react

            def watched(connection, fresh, react=react, hand=versions_in_hand):  # type: ignore[no-untyped-def]
                hand.clear()
                hand.update(message.stream for message in fresh)
                react(connection, fresh)

            monkeypatch.setattr(consumer, "_react", watched)
            monkeypatch.setattr(failpoints, "hit", hit)
            try:
                Relay(stage, LocalPublisher("stage", [consumer])).round()
            except Death:
                assert lives < 10
            monkeypatch.undo()
        assert lives == MAX_TRIES + 1
        assert versions_heard(hall) == {A: [1, 2]}
        assert [stream for stream, _, _ in parked_now(hall)] == [B]
