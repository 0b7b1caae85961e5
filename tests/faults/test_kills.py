"""Kills, pauses and stops at work: relay and consumer, alone and beside another instance."""

from __future__ import annotations

import re
from signal import SIGKILL, SIGTERM, SIGUSR1

import pytest

from tests.faults.broken import WORD_TO_STOP
from tests.faults.ground import Ground, Play, prove
from tests.faults.processes import Process, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.catalogue("X1")]

KILLS = 4
#: An audience that takes everything for new: it shows each second copy.
FORGETFUL = ("--without", "inbox")


def test_a_relay_killed_at_any_moment_under_load(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("audience")
        with play.load():
            for _ in range(KILLS):
                # Without its safeguard the blow is placed: the rows are deleted, and not yet sent.
                blow = "relay.after_delete=3" if play.without else ""
                relay = play.start("relay", without=True, failpoints=blow)
                if play.without:
                    play.died(relay)
                else:
                    play.wait_heard(play.random.randrange(1, 150))
                    play.kill(relay)
        play.start("relay")
        play.drain()

    prove("relay killed under load", ground, scene, without="deletion after the confirm")


def test_a_consumer_killed_at_any_moment_under_load(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("relay")
        with play.load():
            for _ in range(KILLS):
                blow = "consumer.after_commit=3" if play.without else ""
                consumer = play.start("audience", without=True, failpoints=blow)
                if play.without:
                    play.died(consumer)
                else:
                    play.wait_heard(play.random.randrange(1, 150))
                    play.kill(consumer)
        play.start("audience", without=True)
        play.drain()

    prove("consumer killed under load", ground, scene, without="inbox")


def test_two_relays_of_which_the_one_that_relays_is_paused_between_publish_and_delete(ground: Ground) -> None:
    def scene(play: Play) -> None:
        audience = play.start("audience", *FORGETFUL)
        play.say(120)
        first = play.start("relay", without=True, blow="relay.after_publish=2:SIGSTOP")
        wait_until(lambda: paused(first), "its pause")
        second = play.start("relay", without=True)
        second.wait_for_line("up")
        if play.without:
            play.wait(lambda: play.heard() >= 120, "the second relay to have sent all")
        first.resume()
        play.drain()
        assert audience.running

    prove("two relays, one paused", ground, scene, without="lock")


def test_a_consumer_paused_in_mid_batch_with_a_second_instance_ready(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("relay")
        first = play.start("audience", without=True, blow="consumer.mid_batch=4:SIGSTOP")
        play.say(300)
        wait_until(lambda: paused(first), "its pause")
        second = play.start("audience", "--tell", without=True)
        with play.load():
            # The other one still lies there, its transaction open.
            wait_until(lambda: handled_by(second) > 0, "the second instance to go on")
        play.drain()
        assert paused(first)
        first.resume()
        first.wait_for_line("streams hold")
        if not play.without:
            play.say(40)
            play.drain()

    prove("consumer paused in mid-batch, second instance ready", ground, scene, without="acknowledgement after the commit")


@pytest.mark.catalogue("X2")
def test_two_instances_that_have_both_handled_messages_and_one_is_killed(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("relay")
        # Without the inbox the blow is placed: between a commit and its acknowledgement.
        first = play.start("audience", "--tell", "--armed", without=True, blow="consumer.after_commit=1:SIGKILL")
        second = play.start("audience", "--tell", without=True)
        with play.load():
            wait_until(lambda: handled_by(first) > 0 and handled_by(second) > 0, "both to handle messages")
            if play.without:
                first.send(SIGUSR1)
                assert first.join() == -SIGKILL
                play.ended(first)
            else:
                play.wait_heard(play.random.randrange(1, 150))
                play.kill(first)
            play.wait_heard(50)
        play.drain()

    prove("two instances have both handled messages, one is killed", ground, scene, without="inbox")


def test_a_clean_stop_of_consumer_and_relay_under_load(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("relay")
        with play.load():
            for _ in range(3):
                blow = "consumer.after_commit=4:SIGTERM" if play.without else ""
                consumer = play.start("audience", *FORGETFUL, without=True, blow=blow)
                if not play.without:
                    play.wait_heard(play.random.randrange(50, 200))
                assert (consumer.join() if play.without else consumer.terminate()) == 0, consumer.tail()
                play.ended(consumer)
        play.start("audience", *FORGETFUL)
        play.drain()

    prove("clean stop of a consumer under load", ground, scene, without="acknowledgement at the stop")


def test_a_clean_stop_of_a_relay_under_load(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("audience", *FORGETFUL)
        with play.load():
            for _ in range(3):
                blow = "relay.after_publish=4:SIGTERM" if play.without else ""
                relay = play.start("relay", without=True, blow=blow)
                if not play.without:
                    play.wait_heard(play.random.randrange(50, 200))
                assert (relay.join() if play.without else relay.terminate()) == (-SIGTERM if play.without else 0), relay.tail()
                play.ended(relay)
        play.start("relay")
        play.drain()

    prove("clean stop of a relay under load", ground, scene, without=WORD_TO_STOP)


def paused(process: Process) -> bool:
    stat = f"/proc/{process.pid}/stat"
    with open(stat) as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


def handled_by(process: Process) -> int:
    counts = re.findall(r"handled (\d+)", process.output())
    return int(counts[-1]) if counts else 0
