"""What only the servers' transport has: strangers, several instances, faults of connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp
import pytest
import sqlalchemy as sa

from kernel.bus import topology
from kernel.bus.amqp_publisher import AmqpPublisher
from kernel.bus.connection import close, connect
from kernel.bus.relay import Relay
from kernel.bus.relay_process import Exclusive
from kernel.store.tables import instance
from tests import stage
from tests.faults.processes import wait_until
from tests.integration.bus_worlds import Servers, given_servers, on_servers

pytestmark = pytest.mark.servers
A, B = "line/a", "line/b"


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    with given_servers() as found:
        yield found


@pytest.fixture
def world(urls: tuple[str, str], tmp_path: Path) -> Iterator[Servers]:
    with on_servers(tmp_path, *urls) as world:
        yield world


@pytest.fixture
def channel(world: Servers) -> Iterator[Any]:
    connection = connect(world.broker, "tests")
    yield connection.channel()
    close(connection)


def say_many(world: Servers, count: int, streams: int = 40) -> None:
    world.say(*[(f"line/{number % streams}", "text") for number in range(count)])


def in_order(world: Servers, count: int, streams: int = 40) -> bool:
    return world.heard() == {
        f"line/{stream}": list(range(1, len(range(stream, count, streams)) + 1)) for stream in range(streams)
    }


def depth(channel: Any, shard: int) -> tuple[int, int]:
    """Messages ready and consumers of a shard queue."""
    answer = channel.queue_declare(topology.queue_of("audience", shard), passive=True)
    return answer.message_count, answer.consumer_count


@pytest.mark.catalogue("X1")
def test_a_stock_nameko_listener_of_somebody_else_hears_our_events(world: Servers) -> None:
    (stranger,) = world.start("stranger")
    world.say((A, "to be"), (B, "a song, which it does not listen to"), (A, "or not"))
    world.start("relay")
    stranger.wait_for_line("heard to be")
    stranger.wait_for_line("heard or not")
    assert "song" not in stranger.output()
    assert stranger.terminate() == 0
    world.processes.remove(stranger)


def test_messages_of_strangers_in_a_shard_queue_upset_nothing(world: Servers, channel: Any) -> None:
    world.start()
    world.say((A, "1"))
    world.wait_for(1)
    for body, properties in (
        (b"\xff\x00", {}),
        (b"", {"application_headers": {"cloudEvents_stream": A, "x": [1, {"y": None}], "f": 1.5}}),
        (b"{}", {"application_headers": {"bytes": b"\xff\xfe"}, "content_encoding": "no-such-code", "priority": 3}),
        (b"{}", {"message_id": b"\xff", "application_headers": {"cloudEvents_streamversion": "two"}}),
    ):
        channel.basic_publish(amqp.Message(body, **properties), "", topology.queue_of("audience", 1))
    world.say((A, "2"))
    world.wait_for(6)
    assert world.heard() == {A: [1, 2]}
    assert all(reason.startswith("poison: undecodable") for _, _, reason in world.parked())
    assert len(world.parked()) == 4


def test_queues_that_somebody_deleted_are_made_again_and_nothing_is_taken_for_sent(world: Servers, channel: Any) -> None:
    world.start("relay")
    world.say((A, "1"))
    wait_until(lambda: not stage.pending_now(world.stage.database), "the first to be sent", alive=world.processes)
    for shard in range(topology.SHARDS):
        channel.queue_delete(topology.queue_of("audience", shard))
    world.say((A, "2"), (B, "1"))
    wait_until(lambda: not stage.pending_now(world.stage.database), "the others to be sent", alive=world.processes)
    assert sum(depth(channel, shard)[0] for shard in range(topology.SHARDS)) == 2


def test_what_nobody_hears_is_sent_all_the_same(world: Servers) -> None:
    publisher = AmqpPublisher(world.broker, "stage", {})
    world.say((A, "1"), (A, "2"))
    relay = Relay(world.stage.database, publisher)
    assert relay.round() == 2
    publisher.close()
    # For the fixture, which deletes them.
    topology_of_all(world)


def topology_of_all(world: Servers) -> None:
    connection = connect(world.broker, "tests")
    topology.declare_source(connection.channel(), "stage", stage.SUBSCRIPTIONS)
    close(connection)


@pytest.mark.catalogue("X2")
def test_two_instances_share_the_shards_and_the_survivor_takes_all(world: Servers, channel: Any) -> None:
    first, second = world.start("audience")[0], world.start("audience")[0]
    world.start("relay")

    def owned() -> bool:
        # Each shard has exactly one consumer: nobody stands by where it has no share.
        return [depth(channel, shard)[1] for shard in range(topology.SHARDS)] == [1] * topology.SHARDS

    def both_announced() -> bool:
        with world.hall.read() as connection:
            return len(connection.execute(sa.select(instance.c.name)).all()) == 2

    wait_until(both_announced, "both instances to announce themselves", alive=world.processes)
    say_many(world, 800)
    world.wait_for(800)
    wait_until(owned, "each shard to have one consumer", alive=world.processes)
    assert in_order(world, 800)

    first.kill()
    world.processes.remove(first)
    world.say(*[(f"line/{number}", "text") for number in range(40)])
    world.wait_for(840)
    assert in_order(world, 840)
    assert second.terminate() == 0
    world.processes.remove(second)


def test_connections_that_are_cut_on_both_sides_are_made_again(world: Servers, channel: Any) -> None:
    world.start()
    for part in range(3):
        say_many(world, 400)
        world.wait_for(400 * part + 100)
        cut(world)
    world.wait_for(1200)
    assert in_order(world, 1200)
    assert world.parked() == []


def cut(world: Servers) -> None:
    """Ends all sessions of the services on the database, the relay's with its lock among them."""
    database = sa.make_url(world.database).database
    engine = sa.create_engine(world.database)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = :database AND pid <> pg_backend_pid() AND application_name LIKE 'xinhuo%'"
            ),
            {"database": database},
        )
    engine.dispose()
    # This process's own connections are among them.
    world.hall.dispose()
    world.stage.database.dispose()


def test_one_relay_works_and_the_other_stands_by(world: Servers) -> None:
    topology_of_all(world)
    first, second = Exclusive(world.stage.database), Exclusive(world.stage.database)
    assert first.acquire()
    assert not second.acquire()
    assert first.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_a_relay_that_is_killed_is_replaced_by_the_one_that_stands_by(world: Servers) -> None:
    first, _second = world.start("relay")[0], world.start("relay")[0]
    world.start("audience")
    say_many(world, 200)
    world.wait_for(200)
    first.kill()
    world.processes.remove(first)
    say_many(world, 200)
    world.wait_for(400)
    assert in_order(world, 400)
