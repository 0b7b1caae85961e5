"""The consumer's core on SQLite, without any transport."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel import failpoints
from kernel.actor import Actor
from kernel.bus import consumer as consumer_module
from kernel.bus import parking
from kernel.bus.consumer import MAX_TRIES, Consumer
from kernel.bus.event import message_of
from kernel.bus.reaction import Reactions
from kernel.errors import NotFound, Stale, Transient
from kernel.store import tables
from kernel.store.database import Database
from tests.stage import SAID, Upset, context, heard, line, listener, parked_now, store, versions_heard

A, B, C = "line/a", "line/b", "line/c"
OPERATOR = Actor(account="operator")


class Death(BaseException):
    """The process dies: nothing catches this."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = store(tmp_path / "audience.db", "audience")
    yield database
    database.dispose()


@pytest.fixture
def consumer(database: Database) -> Consumer:
    return listener(database)


def count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


class TestABatch:
    def test_it_is_applied_in_order_per_stream(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1), line(B, 1), line(A, 2, kind="line_sung"), line(A, 5), line(B, 2, kind="line_sung")])
        assert versions_heard(database) == {A: [1, 2, 5], B: [1, 2]}

    def test_it_reaches_a_reaction_in_waves_by_type(self, database: Database) -> None:
        calls: list[list[tuple[str, int]]] = []
        reactions = Reactions()
        reactions.hears(SAID)(lambda unit, events: calls.append([(event.stream, event.version) for event in events]))
        consumer = Consumer(context(database), reactions)
        consumer.apply([line(A, 1), line(B, 1), line(A, 2), line(C, 1), line(A, 3), line(B, 2)])
        assert calls == [[(A, 1), (B, 1), (C, 1)], [(A, 2), (B, 2)], [(A, 3)]]

    def test_what_comes_twice_is_applied_once(self, consumer: Consumer, database: Database) -> None:
        first = [line(A, 1), line(A, 2)]
        consumer.apply(first)
        consumer.apply([*first, line(A, 3)])
        consumer.apply(first, redelivered=True)
        assert versions_heard(database) == {A: [1, 2, 3]}
        assert parked_now(database) == []

    def test_two_copies_in_one_batch_are_applied_once(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1), line(A, 2), line(A, 1), line(A, 2), line(A, 3)])
        assert versions_heard(database) == {A: [1, 2, 3]}
        assert parked_now(database) == []

    def test_a_type_without_reaction_is_passed_over_and_not_taken_for_handled(
        self, consumer: Consumer, database: Database
    ) -> None:
        """Once there is a reaction, a refill may bring it."""
        consumer.apply([line(A, 1, kind="line_whispered"), line(A, 2), line(A, 3, kind="line_whispered")])
        consumer.apply([line(A, 1, kind="line_whispered")], redelivered=True)
        assert versions_heard(database) == {A: [2]}
        assert count(database, tables.inbox) == 1
        assert parked_now(database) == []

    def test_the_same_stream_of_another_source_is_another_stream(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 5), line(A, 1, source="street")])
        assert parked_now(database) == []

    def test_it_is_empty_and_nothing_happens(self, consumer: Consumer) -> None:
        consumer.apply([])


class TestParking:
    @pytest.mark.parametrize(
        "text, reason", [("poison", "poison: cannot be heard"), ("bug", "ZeroDivisionError: a bug in the reaction")]
    )
    def test_a_message_that_fails_holds_up_its_stream_only(
        self, consumer: Consumer, database: Database, text: str, reason: str
    ) -> None:
        consumer.apply([line(A, 1), line(B, 1), line(A, 2, text), line(A, 3), line(B, 2)])
        consumer.apply([line(A, 4), line(B, 3)])
        assert versions_heard(database) == {A: [1], B: [1, 2, 3]}
        assert parked_now(database) == [(A, 2, reason), (A, 3, "behind version 2"), (A, 4, "behind version 2")]
        assert count(database, tables.inbox) == 4

    def test_one_that_fails_among_many_leaves_the_others_in_few_transactions(
        self, consumer: Consumer, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commits: list[str] = []
        monkeypatch.setattr(failpoints, "hit", commits.append)
        consumer.apply([line(f"line/{n}", 1, "poison" if n == 77 else "hello") for n in range(256)])
        assert len(versions_heard(database)) == 255
        assert commits.count("consumer.after_commit") == 8

    def test_an_unseen_version_below_the_last_is_out_of_order(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1), line(A, 3), line(A, 2), line(A, 4)])
        assert versions_heard(database) == {A: [1, 3]}
        assert parked_now(database) == [(A, 2, "out of order"), (A, 4, "behind version 2")]

    def test_what_was_handled_is_not_parked_when_it_comes_again(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1), line(A, 3), line(A, 2)])
        consumer.apply([line(A, 1), line(A, 3)])
        assert parked_now(database) == [(A, 2, "out of order")]

    def test_undecodable_bodies_wait_in_their_stream(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, body=b"\xff\x00{"), line(A, 2), line(B, 1, body=b"[]"), line(C, 1)])
        assert [(stream, version) for stream, version, _ in parked_now(database)] == [(A, 1), (A, 2), (B, 1)]
        assert parked_now(database)[0][2].startswith("poison: undecodable")
        with database.read() as connection:
            assert parking.of_stream(connection, ("stage", A))[0].body == b"\xff\x00{"
            assert parking.counts(connection) == {"stage": 3}

    def test_messages_of_strangers_are_parked_each_for_itself(self, consumer: Consumer, database: Database) -> None:
        strange = [
            message_of({}, b"hello"),
            message_of({}, b"world"),
            message_of({"cloudEvents_stream": A, "cloudEvents_streamversion": "one"}, b""),
            message_of({"cloudEvents_stream": "x" * 101, "n": 1.5, "when": b"\xff", "deep": {"a": [None]}}, b""),
            message_of({"cloudEvents_source": "a\0b", "half": "\ud800"}, b""),
        ]
        consumer.apply([*strange, line(A, 1)])
        consumer.apply([strange[0], line(A, 2)])
        assert versions_heard(database) == {A: [1, 2]}
        assert len(parked_now(database)) == 5
        assert all(reason.startswith("poison: undecodable") for _, _, reason in parked_now(database))

    def test_a_newer_schema_version_waits_for_a_newer_reaction(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, schema_version=2), line(B, 1)])
        assert parked_now(database) == [(A, 1, "poison: unknown version 2 of stage.line_said")]
        newer = Reactions()
        newer.hears(type(SAID)("stage", "line_said", 2, SAID.schema, "", {}))(lambda unit, events: None)
        assert Consumer(context(database), newer).replay("stage", A) == 1
        assert parked_now(database) == []

    def test_a_reaction_that_was_overtaken_looks_again(self, database: Database) -> None:
        tries: list[int] = []

        def overtaken(unit: object, events: object) -> None:
            tries.append(1)
            if len(tries) < 3:
                raise Stale("somebody was quicker")

        reactions = Reactions()
        reactions.hears(SAID)(overtaken)
        Consumer(context(database), reactions).apply([line(A, 1)])
        assert len(tries) == 3
        assert parked_now(database) == []

    def test_another_event_under_a_number_that_was_heard_is_not_taken_for_it(
        self, consumer: Consumer, database: Database
    ) -> None:
        """A publisher whose store was set back to a backup gives the same versions to other events."""
        consumer.apply([line(A, 1), line(A, 2), line(B, 1)])
        anew = [line(A, 2, "anew", event_id="other"), line(A, 3)]
        consumer.apply([line(A, 2), *anew])
        assert versions_heard(database) == {A: [1, 2], B: [1]}
        reason = "out of order: another event has had this version"
        assert parked_now(database) == [(A, 2, reason), (A, 3, "behind version 2")]
        assert consumer.replay("stage", A) == 0
        assert parked_now(database)[0] == (A, 2, f"poison: {reason}")
        assert consumer.replay("stage", A, force=True) == 2
        assert versions_heard(database) == {A: [1, 2, 2, 3], B: [1]}
        consumer.apply([*anew, line(A, 4)])
        assert versions_heard(database) == {A: [1, 2, 2, 3, 4], B: [1]}
        assert parked_now(database) == []

    def test_two_events_with_one_number_in_one_batch(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1), line(A, 1, event_id="other"), line(A, 1), line(A, 2)])
        assert versions_heard(database) == {A: [1]}
        assert [(stream, version) for stream, version, _ in parked_now(database)] == [(A, 1), (A, 2)]

    def test_what_another_instance_has_handled_meanwhile_is_not_parked(self, consumer: Consumer, database: Database) -> None:
        """This instance was paused after its try had failed."""
        listener(database).apply([line(A, 1), line(A, 2)])
        consumer._put_aside(line(A, 1), ZeroDivisionError("a fault of this instance alone"))
        assert parked_now(database) == []
        consumer.apply([line(A, 3)])
        assert versions_heard(database) == {A: [1, 2, 3]}


class TestWaiting:
    def test_a_message_goes_on_when_what_it_waits_for_is_heard(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, f"wait {B}"), line(A, 2), line(C, 1)])
        assert parked_now(database) == [(A, 1, f"waiting for {B}"), (A, 2, "behind version 1")]
        consumer.apply([line(B, 1)])
        assert versions_heard(database) == {C: [1], B: [1], A: [1, 2]}
        assert parked_now(database) == []

    def test_both_may_come_in_one_batch(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, f"wait {B}"), line(B, 1), line(A, 2)])
        assert versions_heard(database) == {B: [1], A: [1, 2]}

    def test_a_chain_of_waiting_streams_goes_on(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, f"wait {B}"), line(B, 1, f"wait {C}"), line(C, 1)])
        assert versions_heard(database) == {C: [1], B: [1], A: [1]}

    def test_any_number_may_wait(self, consumer: Consumer, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(consumer_module, "MAX_PARKED_IN_ROW", 3)
        consumer.apply([line(f"line/{n}", 1, f"wait {A}") for n in range(10)] + [line(A, 1)])
        assert len(versions_heard(database)) == 11

    def test_a_release_that_was_missed_is_made_up_for(
        self, consumer: Consumer, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Consumer, "release", lambda self, heard: 0)
        consumer.apply([line(A, 1, f"wait {B}"), line(B, 1)])
        assert parked_now(database) == [(A, 1, f"waiting for {B}")]
        monkeypatch.undo()
        assert consumer.release(()) == 0
        with database.write() as connection:
            past = consumer.context.clock.wall() - timedelta(seconds=1)
            connection.execute(sa.update(tables.parked).values(next_try=past))
        assert consumer.release(()) == 1
        assert versions_heard(database) == {B: [1], A: [1]}

    def test_what_is_left_behind_nothing_goes_on(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, "poison"), line(A, 2)])
        with database.write() as connection:
            # As if another process had replayed the first while the second was being parked.
            connection.execute(sa.delete(tables.parked).where(tables.parked.c.version == 1))
            past = consumer.context.clock.wall() - timedelta(seconds=1)
            connection.execute(sa.update(tables.parked).values(next_try=past))
        assert consumer.release(()) == 1
        assert versions_heard(database) == {A: [2]}

    def test_a_poisoned_stream_is_not_tried_again_by_itself(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, "poison"), line(A, 2)])
        with database.write() as connection:
            late = consumer.context.clock.wall() + timedelta(days=1)
            assert parking.waiting_lanes(connection, set(), late) == []


class TestPeople:
    def test_replay_applies_in_order_until_one_fails(self, database: Database) -> None:
        class Now(Upset):
            poison = frozenset({"bad", "worse"})

        consumer = listener(database, Now)
        consumer.apply([line(A, 1, "bad"), line(A, 2), line(A, 3, "worse"), line(A, 4)])
        Now.poison = frozenset({"worse"})
        assert consumer.replay("stage", A) == 2
        assert versions_heard(database) == {A: [1, 2]}
        assert [(version, reason) for _, version, reason in parked_now(database)] == [
            (3, "poison: cannot be heard"),
            (4, "behind version 1"),
        ]
        consumer.apply([line(A, 5)])
        Now.poison = frozenset()
        assert consumer.replay("stage", A) == 3
        assert versions_heard(database) == {A: [1, 2, 3, 4, 5]}

    def test_out_of_order_is_applied_only_when_forced(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 2), line(A, 1), line(A, 3)])
        assert consumer.replay("stage", A) == 0
        assert consumer.replay("stage", A, force=True) == 2
        assert versions_heard(database) == {A: [2, 1, 3]}
        consumer.apply([line(A, 1), line(A, 4)])
        assert versions_heard(database) == {A: [2, 1, 3, 4]}

    def test_dropping_goes_on_record_and_lets_the_stream_go_on(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, "poison"), line(A, 2)])
        consumer.drop("stage", A, 1, reason="sent by mistake", actor=OPERATOR)
        assert versions_heard(database) == {A: [2]}
        with database.read() as connection:
            entry = connection.execute(sa.select(tables.journal)).one()
        assert (entry.type, entry.actor) == ("parked_message_dropped", "operator")
        assert json.loads(entry.payload) == {
            "type": "line_said",
            "version": 1,
            "reason": "sent by mistake",
            "was": "poison: cannot be heard",
        }

    def test_what_was_dropped_does_not_come_back(self, consumer: Consumer, database: Database) -> None:
        consumer.apply([line(A, 1, "poison"), line(A, 2, "poison"), line(A, 3)])
        consumer.drop("stage", A, 2, reason="no", actor=OPERATOR)
        consumer.drop("stage", A, 1, reason="no", actor=OPERATOR)
        consumer.apply([line(A, 1, "poison"), line(A, 2, "poison"), line(A, 3), line(A, 4)])
        assert versions_heard(database) == {A: [3, 4]}
        assert parked_now(database) == []

    def test_only_what_is_parked_can_be_dropped(self, consumer: Consumer) -> None:
        with pytest.raises(NotFound):
            consumer.drop("stage", A, 1, reason="no", actor=OPERATOR)


class TestFaults:
    def test_a_transient_fault_parks_nothing_and_holds(self, database: Database) -> None:
        class Now(Upset):
            transient = frozenset({"later"})

        consumer = listener(database, Now)
        batch = [line(A, 1), line(A, 2, "later"), line(A, 3)]
        for _ in range(MAX_TRIES + 2):
            with pytest.raises(Transient):
                consumer.apply(batch, redelivered=True)
        assert (versions_heard(database), parked_now(database)) == ({}, [])
        Now.transient = frozenset()
        consumer.apply(batch, redelivered=True)
        assert versions_heard(database) == {A: [1, 2, 3]}
        assert count(database, tables.attempt) == 0

    def test_too_many_parked_in_a_row_hold(self, consumer: Consumer, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(consumer_module, "MAX_PARKED_IN_ROW", 3)
        batch = [line(f"line/{n}", 1, "bug") for n in range(10)]
        for _ in range(3):
            with pytest.raises(Transient, match="3 messages parked in a row"):
                consumer.apply(batch)
        assert len(parked_now(database)) == 3

    def test_a_message_that_kills_the_process_is_parked_and_nothing_else_is(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = [line(A, 1), line(B, 1, "killer"), line(B, 2), line(C, 1)]
        lives = 0
        while True:
            consumer = _mortal(database)
            try:
                consumer.apply(batch, redelivered=lives > 0)
                break
            except Death:
                lives += 1
        assert lives == MAX_TRIES + 1
        assert versions_heard(database) == {A: [1], C: [1]}
        assert parked_now(database) == [
            (B, 1, f"poison: the process died at it in {MAX_TRIES} tries"),
            (B, 2, "behind version 1"),
        ]
        assert count(database, tables.attempt) == 0

    def test_a_parked_message_that_kills_the_process_is_not_tried_for_ever(self, database: Database) -> None:
        listener(database).apply([line(A, 1, f"wait {B}"), line(A, 2)])
        with database.write() as connection:
            text = json.dumps({"data": {"text": "killer"}, "day": "2024-03-01", "personal": None}).encode()
            connection.execute(sa.update(tables.parked).where(tables.parked.c.version == 1).values(body=text))
            past = listener(database).context.clock.wall() - timedelta(seconds=1)
            connection.execute(sa.update(tables.parked).values(next_try=past))
        lives = 0
        while lives < 10:
            try:
                _mortal(database).release(())
                break
            except Death:
                lives += 1
        assert lives == MAX_TRIES
        assert parked_now(database)[0] == (A, 1, f"poison: the process died at it in {MAX_TRIES} tries")
        assert count(database, tables.attempt) == 0
        assert _mortal(database).release(()) == 0

    def test_a_database_that_is_away_makes_no_parked_message_suspect(self, database: Database) -> None:
        class Now(Upset):
            transient = frozenset({f"wait {B}"})

        listener(database).apply([line(A, 1, f"wait {B}")])
        consumer = listener(database, Now)
        with database.write() as connection:
            past = consumer.context.clock.wall() - timedelta(seconds=1)
            connection.execute(sa.update(tables.parked).values(next_try=past))
        for _ in range(MAX_TRIES + 2):
            with pytest.raises(Transient):
                consumer.release(())
        Now.transient = frozenset()
        consumer.apply([line(B, 1)])
        assert versions_heard(database) == {B: [1], A: [1]}
        assert count(database, tables.attempt) == 0

    @pytest.mark.parametrize("point", ["consumer.mid_batch", "consumer.before_commit", "consumer.after_commit"])
    def test_a_crash_at_any_point_loses_and_doubles_nothing(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, point: str
    ) -> None:
        def hit(name: str) -> None:
            if name == point:
                raise Death

        batch = [line(A, 1), line(B, 1), line(A, 2)]
        monkeypatch.setattr(failpoints, "hit", hit)
        with pytest.raises(Death):
            listener(database).apply(batch)
        monkeypatch.undo()
        listener(database).apply([*batch, line(A, 3)], redelivered=True)
        assert versions_heard(database) == {A: [1, 2, 3], B: [1]}

    def test_without_the_inbox_the_same_crash_doubles(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """The control: the test above would see a double."""
        consumer = listener(database)
        consumer.apply([line(A, 1)])
        with database.write() as connection:
            connection.execute(sa.delete(tables.inbox))
            connection.execute(sa.delete(tables.inbox_head))
        consumer.apply([line(A, 1)], redelivered=True)
        assert versions_heard(database) == {A: [1, 1]}


def _mortal(database: Database) -> Consumer:
    """A new life of the process, which ends at the line `killer`."""

    def hear(unit: object, events: object) -> None:
        for event in events:  # type: ignore[attr-defined]
            if event.data["text"] == "killer":
                raise Death
            unit.connection.execute(  # type: ignore[attr-defined]
                sa.insert(heard).values(stream=event.stream, version=event.version, text="")
            )

    reactions = Reactions()
    reactions.hears(SAID)(hear)
    return Consumer(context(database), reactions)
