"""Every crash point of command, relay and consumer on servers: the process dies there, is started again, and nothing is wrong."""

from __future__ import annotations

import threading

import pytest

from tests.faults.broken import ANSWER_LAST, IDEMPOTENCY
from tests.faults.ground import Ground, Play, prove
from tests.faults.processes import PATIENCE
from tests.faults.proxy import BASIC_PUBLISH, TO_SERVER, Proxy

pytestmark = [pytest.mark.faults, pytest.mark.catalogue("X1")]


@pytest.mark.parametrize(
    ("point", "where", "without"),
    [
        ("command.before_transaction", "before the transaction", ANSWER_LAST),
        ("command.before_commit", "before the commit", ANSWER_LAST),
        ("command.after_commit", "after the commit, before the answer", IDEMPOTENCY),
    ],
)
def test_a_command_whose_process_dies_and_which_is_sent_again_happens_once(
    ground: Ground, point: str, where: str, without: str
) -> None:
    def scene(play: Play) -> None:
        play.start("relay")
        play.start("audience")
        lines = play.lines(60)
        first = play.speak(lines, without=True, failpoints=f"{point}=30")
        play.died(first)
        play.spoken(first)
        second = play.speak(lines, without=True)
        assert second.join() == 0, second.tail()
        play.spoken(second)
        play.ended(second)
        play.drain()

    prove(f"command dies {where}", ground, scene, without=without)


@pytest.mark.parametrize(
    ("point", "where", "without"),
    [
        ("relay.before_publish", "before the publish", "deletion after the confirm"),
        ("relay.after_publish", "after the publish, before the delete", "inbox"),
        ("relay.after_delete", "after the delete", "deletion after the confirm"),
    ],
)
def test_a_relay_that_dies_is_made_good_by_the_next(ground: Ground, point: str, where: str, without: str) -> None:
    def scene(play: Play) -> None:
        play.start("audience", without=without == "inbox")
        play.say(250)
        play.died(play.start("relay", without=without != "inbox", failpoints=f"{point}=2"))
        play.say(50)
        play.start("relay")
        play.drain()

    prove(f"relay dies {where}", ground, scene, without=without)


def test_a_relay_that_dies_in_mid_batch_is_made_good_by_the_next(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("audience", without=True)
        play.say(250, streams=200)
        with Proxy(("127.0.0.1", ground.servers.rabbit.port)) as proxy:
            started = threading.Event()

            def kill() -> None:
                started.wait()
                relay.kill()
                play.wait(lambda: play.heard() == 40, "what the broker has taken to be heard", dead=True)

            # The broker takes forty of the first fifty; the relay is dead before it can delete them.
            proxy.strike_at(TO_SERVER, BASIC_PUBLISH, nth=41, action=kill)
            relay = play.start("relay", broker=through(ground, proxy))
            started.set()
            assert proxy.struck.wait(PATIENCE)
            play.ended(relay)
        play.start("relay")
        play.drain()

    prove("relay dies in mid-batch", ground, scene, without="inbox")


@pytest.mark.parametrize(
    ("point", "where", "without"),
    [
        ("consumer.before_transaction", "before the transaction", "acknowledgement after the commit"),
        ("consumer.mid_batch", "in mid-batch", "acknowledgement after the commit"),
        ("consumer.before_commit", "before the commit", "acknowledgement after the commit"),
        ("consumer.after_commit", "after the commit, before the acknowledgement", "inbox"),
    ],
)
def test_a_consumer_that_dies_is_made_good_by_the_next(ground: Ground, point: str, where: str, without: str) -> None:
    def scene(play: Play) -> None:
        play.start("relay")
        play.say(300)
        play.died(play.start("audience", without=True, failpoints=f"{point}=3"))
        play.say(50)
        play.start("audience", without=True)
        play.drain()

    prove(f"consumer dies {where}", ground, scene, without=without)


def through(ground: Ground, proxy: Proxy) -> str:
    return ground.broker.replace(f":{ground.servers.rabbit.port}/", f":{proxy.port}/")
