"""Refilling a consumer from a publisher's journal."""

from __future__ import annotations

import json
from datetime import date

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from marshmallow import Schema, fields

from contracts.registry import ORGANISATION_CHANGED, ORGANISATION_REGISTERED
from contracts.vetting import VETTING_CONCLUDED
from kernel.bus import parking
from kernel.bus.consumer import Consumer
from kernel.bus.event import EventType, message_of
from kernel.bus.reaction import Reactions
from kernel.errors import Stale
from kernel.ops.settings import Settings
from kernel.store import tables
from kernel.unit import command
from suite.assembly import contexts, migrate
from suite.bus import messages, republish, republish_command, require_stopped
from suite.services import BY_NAME
from tests.kit import a_context

DAY = date(2015, 3, 2)


class Data(Schema):
    n = fields.Integer(required=True)


MOVED = EventType("registry", "moved", 1, Data, "Somebody has moved.", {"n": 1}, personal=("name",))


@pytest.fixture
def publisher(tmp_path):
    context = a_context(tmp_path, "registry")
    for number in range(7):
        with command(context) as unit:
            stream = f"member/{number % 3}"
            person = {"subject": "p1", "personal": {"name": "张三", "phone": "1"}} if number % 2 else {}
            unit.record(MOVED, stream=stream, expected=None, home_county="330702", day=DAY, data={"n": number}, **person)
            unit.record("of_no_concern", stream=stream, expected=None, home_county="330702", day=DAY, data={})
    return context


@pytest.fixture
def consumer(tmp_path):
    reactions = Reactions()
    consumer = Consumer(a_context(tmp_path, "recruitment"), reactions)
    consumer.heard = []
    reactions.hears(MOVED)(lambda unit, events: consumer.heard.extend((event.stream, event.version) for event in events))
    return consumer


def test_the_bytes_are_those_that_were_sent_at_the_time(publisher, monkeypatch):
    with publisher.database.read() as connection:
        sent = {
            (row.stream, row.headers, row.body) for row in connection.execute(sa.select(tables.pending)) if row.type == MOVED.type
        }
    again = [message for page in messages(publisher, (MOVED,)) for message in page]
    assert len(again) == len(sent) == 7
    for message in again:
        assert any(
            (message.stream, dict(message.headers), message.body) == (stream, json.loads(headers), body)
            for stream, headers, body in sent
        )


def test_a_refill_gives_each_stream_in_order_and_nothing_twice(publisher, consumer, monkeypatch):
    with publisher.database.read() as connection:
        live = [message_of(json.loads(row.headers), row.body) for row in connection.execute(sa.select(tables.pending))]
    consumer.apply([message for message in live if message.stream == "member/1"])
    assert republish(publisher, (MOVED,), consumer, dry_run=True) == 7
    assert len(consumer.heard) == 2
    assert republish(publisher, (MOVED,), consumer) == republish(publisher, (MOVED,), consumer) == 7
    assert sorted(consumer.heard) == sorted((message.stream, message.version) for message in live)
    for stream in {stream for stream, _ in consumer.heard}:
        versions = [version for other, version in consumer.heard if other == stream]
        assert versions == sorted(versions)
    consumer.apply(live)
    assert len(consumer.heard) == 7


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("XINHUO_DATA_DIR", str(tmp_path))
    loaded = Settings.load({"XINHUO_DATA_DIR": str(tmp_path)})
    migrate(loaded)
    return loaded


def say(context, what, version, **data):
    """Records an event of a contract on its example's stream. Returns the message that goes out."""
    with command(context) as unit:
        place = {"stream": "organisation/x", "expected": version - 1, "home_county": "330702"}
        unit.record(what, **place, day=DAY, data={**what.example, **data})
    with context.database.write() as connection:
        row = connection.execute(sa.select(tables.pending)).one()
        connection.execute(sa.delete(tables.pending))
    return message_of(json.loads(row.headers), row.body)


@pytest.mark.parametrize("name", ["recruitment", "vetting"])
def test_what_was_lost_comes_back_though_life_has_gone_on(settings, name):
    """The broker lost its disk, and nobody noticed at once."""
    found = contexts(settings, ("registry", name))
    target = Consumer(found[name], BY_NAME[name].reactions)
    target.apply([say(found["registry"], ORGANISATION_REGISTERED, 1, name="A")])
    say(found["registry"], ORGANISATION_CHANGED, 2, name="B")  # confirmed by the broker, and lost
    target.apply([say(found["registry"], ORGANISATION_CHANGED, 3, name="C")])
    say(found["registry"], ORGANISATION_CHANGED, 4, name="D")
    for _ in range(2):
        result = CliRunner().invoke(republish_command, ["registry", "--to", name], catch_exceptions=False)
        assert (result.exit_code, result.output) == (0, f"已回灌 4 个事件：registry → {name}\n")
    target.apply([say(found["registry"], ORGANISATION_CHANGED, 5, name="E")])
    organisation = BY_NAME[name].metadata.tables["organisation"]
    with found[name].database.read() as connection:
        assert connection.execute(sa.select(organisation.c.name)).scalars().all() == ["E"]
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.inbox)).scalar_one() == 5
        assert parking.counts(connection) == {}


def test_what_could_not_be_applied_is_counted(settings):
    found = contexts(settings, ("vetting", "recruitment"))
    say(found["vetting"], VETTING_CONCLUDED, 1)  # of a candidate whom recruitment does not know
    result = CliRunner().invoke(republish_command, ["vetting", "--to", "recruitment"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.output.splitlines()[-2:] == [
        "已回灌 1 个事件：vetting → recruitment",
        "来自 vetting 的消息尚有 1 条未能处理，暂存着：见 xinhuo parked list",
    ]


def test_no_transaction_of_the_publisher_is_open_while_the_consumer_works(publisher):
    """It would be cut off when the consumer takes its time, and hold back the publisher's house-keeping."""
    for _ in messages(publisher, (MOVED,)):
        assert publisher.database.engine.pool.checkedout() == 0


def test_a_consumer_that_runs_is_not_refilled(consumer):
    context = consumer.context
    require_stopped(context)
    with context.database.write() as connection:
        connection.execute(sa.insert(tables.instance), {"name": "a", "seen_at": context.clock.wall()})
    with pytest.raises(Stale, match="正在运行"):
        require_stopped(context)
