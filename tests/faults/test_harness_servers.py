"""The private servers themselves: they keep what they promised, and the blows land."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import amqp
import psycopg2
import pytest

from tests.faults import private
from tests.faults.private import PrivateServers
from tests.faults.processes import PATIENCE, wait_until
from tests.faults.proxy import BASIC_ACK, FROM_SERVER, PG_COMMIT, PG_COMMITTED, TO_SERVER, Proxy

pytestmark = pytest.mark.faults


def rows(url: str) -> int:
    with closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("bring_down", ["kill", "stop"])
def test_postgres_keeps_what_was_committed(private_servers: PrivateServers, bring_down: str) -> None:
    postgres = private_servers.postgres
    with postgres.database() as database:
        with closing(psycopg2.connect(database.url.replace("+psycopg2", ""))) as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE TABLE t (x int)")
            connection.commit()
            cursor.execute("INSERT INTO t VALUES (1)")
            connection.commit()
            cursor.execute("INSERT INTO t VALUES (2)")
            getattr(postgres, bring_down)()
        private_servers.heal()
        assert rows(database.url) == 1


@pytest.mark.parametrize(("pattern", "direction", "committed"), [(PG_COMMIT, TO_SERVER, 0), (PG_COMMITTED, FROM_SERVER, 1)])
def test_a_commit_can_be_cut_off_before_it_arrives_or_before_it_is_answered(
    private_servers: PrivateServers, pattern: object, direction: str, committed: int
) -> None:
    with private_servers.postgres.database() as database, Proxy(("127.0.0.1", private_servers.postgres.port)) as proxy:
        with closing(psycopg2.connect(database.url.replace("+psycopg2", ""))) as connection:
            connection.cursor().execute("CREATE TABLE t (x int)")
            connection.commit()
        through = f"host=127.0.0.1 port={proxy.port} user=postgres dbname={database.name}"
        with closing(psycopg2.connect(through)) as connection:
            connection.cursor().execute("INSERT INTO t VALUES (1)")
            proxy.strike_at(direction, pattern)  # type: ignore[arg-type]
            with pytest.raises(psycopg2.OperationalError):
                connection.commit()
        assert rows(database.url) == committed


def channel(url: str, port: int | None = None) -> amqp.Channel:
    address, _, vhost = url.removeprefix("amqp://guest:guest@").partition("/")
    host = f"127.0.0.1:{port}" if port else address
    connection = amqp.Connection(host=host, virtual_host=vhost, confirm_publish=True, read_timeout=PATIENCE)
    connection.connect()
    return connection.channel()


def quorum_queue(channel: amqp.Channel) -> None:
    channel.queue_declare("q", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})


def publish(channel: amqp.Channel, body: str, timeout: float | None = None) -> None:
    message = amqp.Message(body, delivery_mode=2)
    channel.basic_publish_confirm(message, routing_key="q", confirm_timeout=timeout)


def drained(url: str, count: int) -> list[str]:
    """What the queue holds, once `count` messages have been read."""
    reader = channel(url)
    found: list[str] = []
    # A consumer, because after a crash basic.get fails until the queue has elected a leader, and a consumer waits for it.
    tag = reader.basic_consume("q", no_ack=True, callback=lambda message: found.append(str(message.body)))
    while len(found) < count:
        reader.connection.drain_events(timeout=PATIENCE)
    reader.basic_cancel(tag)
    while (message := reader.basic_get("q", no_ack=True)) is not None:
        found.append(str(message.body))
    reader.connection.close()
    return found


@pytest.mark.parametrize("blow", ["restart", "kill", "close_connections"])
def test_rabbit_keeps_what_was_confirmed(private_servers: PrivateServers, blow: str) -> None:
    rabbit = private_servers.rabbit
    with rabbit.vhost() as url:
        first = channel(url)
        quorum_queue(first)
        for number in range(10):
            publish(first, str(number))
        getattr(rabbit, blow)()
        with pytest.raises((OSError, amqp.AMQPError)):
            publish(first, "never")
        private_servers.heal()
        assert drained(url, 10) == [str(number) for number in range(10)]


def test_a_memory_alarm_blocks_publishers_until_it_is_cleared(private_servers: PrivateServers) -> None:
    rabbit = private_servers.rabbit
    with rabbit.vhost() as url:
        publisher = channel(url)
        quorum_queue(publisher)
        rabbit.set_memory_alarm(True)
        with pytest.raises(TimeoutError):
            publish(publisher, "waits", timeout=1)
        rabbit.set_memory_alarm(False)
        wait_until(lambda: rabbit.depths(url.rpartition("/")[2]) == {"q": 1}, "the message that waited")


def test_a_confirm_can_be_cut_off_after_the_broker_took_the_message(private_servers: PrivateServers) -> None:
    rabbit = private_servers.rabbit
    with rabbit.vhost() as url, Proxy(("127.0.0.1", rabbit.port)) as proxy:
        publisher = channel(url, proxy.port)
        quorum_queue(publisher)
        proxy.strike_at(FROM_SERVER, BASIC_ACK, nth=3)
        publish(publisher, "0")
        publish(publisher, "1")
        with pytest.raises((OSError, amqp.AMQPError)):
            publish(publisher, "2")
        assert drained(url, 3) == ["0", "1", "2"]


def test_private_servers_are_not_the_given_ones(private_servers: PrivateServers) -> None:
    assert private_servers.postgres.port != 5432
    assert private_servers.rabbit.port != 5672
    assert private_servers.rabbit.node in private_servers.rabbit.ctl("eval", "node().")
    blows: list[Callable[[], object]] = [private.PrivatePostgres().kill, private.PrivateRabbit().kill]
    for blow in blows:
        with pytest.raises(RuntimeError, match="not been started"):
            blow()
