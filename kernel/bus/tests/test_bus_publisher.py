"""The publisher against a broker that answers as the test says."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.bus import amqp_publisher, topology, wire
from kernel.bus import connection as amqp
from kernel.bus.amqp_publisher import AmqpPublisher
from kernel.bus.relay import Pending
from kernel.errors import Transient
from tests.stage import SUBSCRIPTIONS, line

Answer = tuple[str, int, bool]  # ack, nack, return, blocked, unblocked or lost; tag; multiple


class Broker:
    """One broker over many connections. `answers(connection)` says what comes next; an empty list: silence."""

    def __init__(self, answers: Callable[[FakeConnection], list[Answer]]) -> None:
        self.answers = answers
        self.taken: list[str] = []  # ids of messages in the order in which the broker took them
        self.connections = 0

    def connect(
        self, _url: str, _name: str, *, on_blocked: Callable[[str], None], on_unblocked: Callable[[], None]
    ) -> FakeConnection:
        self.connections += 1
        return FakeConnection(self, on_blocked, on_unblocked)


class FakeConnection:
    """What of a connection the publisher uses."""

    frame_max = 4096

    def __init__(self, broker: Broker, on_blocked: Callable[[str], None], on_unblocked: Callable[[], None]) -> None:
        self.broker = broker
        self.on_blocked = on_blocked
        self.on_unblocked = on_unblocked
        self.blocked = False
        self.confirmed: set[str] = set()
        self.transport = SimpleNamespace(write=self.write)
        self.bytes_sent = 0
        self.events: dict[str, set[Callable[..., None]]] = {"basic_ack": set(), "basic_nack": set(), "basic_return": set()}
        self.open: dict[int, str] = {}  # unconfirmed, by tag
        self.tag = 0

    def channel(self) -> Any:
        return SimpleNamespace(channel_id=1, events=self.events, confirm_select=lambda: None)

    def collect(self) -> None:
        pass

    def heartbeat_tick(self) -> None:
        pass

    def write(self, data: bytes) -> None:
        for id in filter(None, data.decode().split(";")):
            self.tag += 1
            self.open[self.tag] = id
            self.broker.taken.append(id)
        # A copy from before an alarm may still be under way; once another copy is confirmed it does no harm.
        under_way = set(self.open.values()) - self.confirmed
        assert len(under_way) == len({id.split("#")[0] for id in under_way}), "two unconfirmed messages of one stream"

    def pump(self, _seconds: float) -> None:
        for what, tag, multiple in self.broker.answers(self):
            if what == "lost":
                raise ConnectionResetError("gone")
            if what == "blocked":
                self.blocked = True
                self.on_blocked("alarm")
            elif what == "unblocked":
                self.blocked = False
                self.on_unblocked()
            elif what == "return":
                message = SimpleNamespace(properties={"message_id": self.open[tag]})
                self._tell("basic_return", None, "stage.events", "line_said", message)
            else:
                self._tell(f"basic_{what}", tag, multiple)
                for known in list(self.open):
                    if known == tag or (multiple and known < tag):
                        id = self.open.pop(known)
                        if what == "ack":
                            self.confirmed.add(id)

    def _tell(self, event: str, *arguments: Any) -> None:
        for callback in self.events[event]:
            callback(*arguments)


def publisher(broker: Broker, monkeypatch: pytest.MonkeyPatch, **options: Any) -> AmqpPublisher:
    monkeypatch.setattr(wire, "publication", lambda _c, _e, _t, id, _h, _b, _f: f"{id};".encode())
    monkeypatch.setattr(topology, "declare_source", lambda *_: None)
    monkeypatch.setattr(amqp, "connect", broker.connect)
    return AmqpPublisher("amqp://x", "stage", SUBSCRIPTIONS, **options)


def rows(*ids: str, type: str = "line_said") -> list[Pending]:
    """Pending rows; an id is stream#version."""
    found = []
    for seq, id in enumerate(ids, 1):
        stream = id.split("#")[0]
        headers = dict(line(stream, 1).headers) | {"cloudEvents_id": id}
        found.append(Pending(seq, stream, type, json.dumps(headers), b"{}"))
    return found


def confirm_all(connection: FakeConnection) -> list[Answer]:
    return [("ack", max(connection.open), True)] if connection.open else []


def test_all_that_is_confirmed_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(confirm_all)
    assert sorted(publisher(broker, monkeypatch).publish(rows("a#1", "b#1", "a#2", "a#3"))) == [1, 2, 3, 4]
    assert broker.taken == ["a#1", "b#1", "a#2", "a#3"]


def test_the_window_bounds_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    most: list[int] = []

    def answers(connection: FakeConnection) -> list[Answer]:
        most.append(len(connection.open))
        return confirm_all(connection)

    sent = publisher(Broker(answers), monkeypatch, window=10).publish(rows(*(f"{n}#1" for n in range(95))))
    assert (len(sent), max(most)) == (95, 10)


def test_single_confirms_may_come_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(lambda connection: [("ack", tag, False) for tag in sorted(connection.open, reverse=True)])
    assert sorted(publisher(broker, monkeypatch).publish(rows("a#1", "b#1", "a#2"))) == [1, 2, 3]


def test_a_refusal_is_never_a_confirm_and_what_was_confirmed_before_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(lambda connection: [("ack", 1, False), ("nack", 2, False)] if 2 in connection.open else [])
    sender = publisher(broker, monkeypatch)
    assert sender.publish(rows("a#1", "b#1", "a#2", "b#2")) == [1]
    broker.answers = confirm_all
    assert sorted(sender.publish(rows("b#1", "a#2", "b#2"))) == [1, 2, 3]
    assert broker.connections == 2
    assert [id for id in broker.taken if id.startswith("b")] == ["b#1", "b#1", "b#2"]


@pytest.mark.parametrize("fault", ["nack", "lost", "blocked"])
def test_where_nothing_was_confirmed_it_is_a_transient_fault(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    sender = publisher(Broker(lambda connection: [(fault, 1, False)]), monkeypatch)
    with pytest.raises(Transient):
        sender.publish(rows("a#1"))


def test_under_an_alarm_it_waits_on_the_same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(lambda connection: [("blocked", 0, False)])
    sender = publisher(broker, monkeypatch)
    for _ in range(5):
        with pytest.raises(Transient):
            sender.publish(rows("a#1", "b#1"))
    assert broker.taken == ["a#1", "b#1"]
    broker.answers = lambda connection: [("unblocked", 0, False)] if connection.blocked else confirm_all(connection)
    assert sorted(sender.publish(rows("a#1", "b#1"))) == [1, 2]
    assert broker.connections == 1


def test_a_broker_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Transient, match="no confirm"):
        publisher(Broker(lambda connection: []), monkeypatch, patience=0).publish(rows("a#1"))


def test_a_message_that_no_queue_took_is_not_confirmed_where_somebody_hears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(connection: FakeConnection) -> list[Answer]:
        return [("return", 1, False), ("ack", 2, True)] if connection.open else []

    assert publisher(Broker(answers), monkeypatch).publish(rows("a#1", "b#1")) == [2]


def test_a_message_that_nobody_hears_is_confirmed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(connection: FakeConnection) -> list[Answer]:
        return [("return", 1, False), ("ack", 1, False)] if connection.open else []

    assert publisher(Broker(answers), monkeypatch).publish(rows("a#1", type="line_mumbled")) == [1]


@given(data=st.data(), streams=st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_whatever_the_broker_does_nothing_is_lost_and_nothing_overtakes(data: st.DataObject, streams: list[int]) -> None:
    faults = [8]

    def answers(connection: FakeConnection) -> list[Answer]:
        if connection.blocked:
            return [(data.draw(st.sampled_from(["unblocked", "unblocked", "lost"])), 0, False)]
        if not connection.open:
            return []
        tag = data.draw(st.sampled_from(sorted(connection.open)))
        choices = ["ack", "ack", "ack"] + (["nack", "lost", "blocked", "return"] if faults[0] else [])
        what = data.draw(st.sampled_from(choices))
        faults[0] -= what not in ("ack",)
        return [(what, tag, data.draw(st.booleans()))]

    with pytest.MonkeyPatch.context() as monkeypatch:
        broker = Broker(answers)
        sender = publisher(broker, monkeypatch, window=4)
        monkeypatch.setattr(amqp_publisher, "CHUNK", 3)
        version: dict[int, int] = {}
        ids = []
        for stream in streams:
            version[stream] = version.get(stream, 0) + 1
            ids.append(f"{stream}#{version[stream]}")
        waiting = rows(*ids)
        confirmed: set[int] = set()
        while waiting:
            try:
                confirmed.update(sender.publish(waiting))
            except Transient:
                continue
            waiting = [row for row in waiting if row.seq not in confirmed]
            kept = {row.stream for row in waiting}
            for stream in kept:
                seqs = [row.seq for row in rows(*ids) if row.stream == stream]
                done = [seq in confirmed for seq in seqs]
                assert done == sorted(done, reverse=True), "a later one of the stream is confirmed before an earlier"
    first_seen = list(dict.fromkeys(broker.taken))
    assert sorted(first_seen) == sorted(ids)
    for stream in set(streams):
        mine = [id for id in first_seen if id.startswith(f"{stream}#")]
        assert mine == [f"{stream}#{n + 1}" for n in range(len(mine))]


def test_queues_that_were_made_just_now_settle_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(confirm_all)
    sender = publisher(broker, monkeypatch)
    waits: list[tuple[float, int]] = []
    monkeypatch.setattr(topology, "declare_source", lambda *_: True)
    monkeypatch.setattr(amqp_publisher.time, "sleep", lambda seconds: waits.append((seconds, len(broker.taken))))
    sender.publish(rows("a#1"))
    assert waits == [(amqp_publisher.SETTLE, 0)]
    assert broker.taken == ["a#1"]
