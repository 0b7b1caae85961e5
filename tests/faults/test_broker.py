"""RabbitMQ restarted, killed, alarmed, cut off and refusing, while relay and consumer are at work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.ground import Ground, Play, prove
from tests.faults.processes import PATIENCE
from tests.faults.proxy import BASIC_ACK, BASIC_NACK, FROM_SERVER, TO_SERVER, Blow, Proxy

pytestmark = [pytest.mark.faults, pytest.mark.catalogue("X1")]


def proxied(ground: Ground, proxy: Proxy) -> str:
    return ground.broker.replace(f":{ground.servers.rabbit.port}/", f":{proxy.port}/")


def restart(play: Play) -> None:
    play.ground.servers.rabbit.restart()


def kill(play: Play) -> None:
    play.ground.servers.rabbit.kill()
    play.ground.servers.heal()


def alarm(play: Play) -> None:
    play.ground.servers.rabbit.set_memory_alarm(True)
    # Commands do not care.
    play.wait_said(100)
    play.ground.servers.rabbit.set_memory_alarm(False)


@pytest.mark.parametrize(
    ("name", "blow"),
    [("restarted", restart), ("killed", kill), ("under a memory alarm", alarm)],
)
def test_a_broker_that_stops_taking_messages(ground: Ground, name: str, blow: Callable[[Play], None]) -> None:
    def scene(play: Play) -> None:
        with Proxy(("127.0.0.1", ground.servers.rabbit.port)) as proxy:
            # Seconds, so many that the broker does not give up the frozen connection before enough is under way on a busy machine.
            relay = play.start("relay", "--heartbeat", "60", without=True, broker=proxied(ground, proxy))
            play.start("audience")
            with play.load():
                play.wait_heard(100)
                if play.without:
                    # What the relay has written since is still under way when the blow falls.
                    proxy.freeze(TO_SERVER)
                    play.wait_gone(200)
                    proxy.cut()
                    proxy.thaw()
                blow(play)
                play.wait_heard(100)
            play.drain()
            assert relay.running

    prove(f"RabbitMQ {name} under load", ground, scene, without="confirms")


def test_connections_that_the_broker_closes(ground: Ground) -> None:
    def scene(play: Play) -> None:
        with Proxy(("127.0.0.1", ground.servers.rabbit.port)) as proxy:
            play.start("relay", broker=proxied(ground, proxy))
            play.start("audience", without=True)
            with play.load():
                play.wait_heard(100)
                if play.without:
                    # The broker has taken the message, and its word is lost with the connection.
                    proxy.strike_at(FROM_SERVER, BASIC_ACK, nth=5)
                    assert proxy.struck.wait(PATIENCE)
                for _ in range(2):
                    ground.servers.rabbit.close_connections()
                    play.wait_heard(100)
            play.drain()

    prove("RabbitMQ closes the connections under load", ground, scene, without="inbox")


def test_messages_that_the_broker_refuses_are_sent_again_in_order(ground: Ground) -> None:
    def scene(play: Play) -> None:
        rabbit = ground.servers.rabbit
        rabbit.ctl("set_policy", "-p", ground.vhost, "full", ".*", '{"max-length": 20, "overflow": "reject-publish"}')
        play.say(800, streams=2, per_command=200)
        first = play.start("relay")
        first.wait_for_line("the broker refused a message")
        play.kill(first)

        def make_room() -> None:
            # It knows what it has had, but takes everything in any order, so that it shows the order of sending.
            play.start("audience", "--without", "check of the order")
            play.wait_heard(10)

        with Proxy(("127.0.0.1", rabbit.port)) as proxy:
            # Before the relay hears of the first refusal, there is room again for what comes behind it.
            proxy.strike_at(FROM_SERVER, BASIC_NACK, blow=Blow.NONE, action=make_room)
            play.start("relay", "--batch", "800", without=True, broker=proxied(ground, proxy))
            assert proxy.struck.wait(PATIENCE)
            play.drain()

    try:
        prove("RabbitMQ refuses messages", ground, scene, without="one unconfirmed per stream")
    finally:
        ground.servers.rabbit.ctl("clear_policy", "-p", ground.vhost, "full")
