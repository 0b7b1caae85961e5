"""Messages that cannot be applied: poisoned, undecodable, killing the process. Later ones of their stream wait, others flow."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kernel.actor import Actor
from kernel.store.tables import parked, pending
from tests import stage
from tests.faults.ground import Ground, Play, prove
from tests.faults.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.catalogue("X1")]

BAD, WELL = "line/bad", "line/well"


def test_a_poisoned_message_is_replayed_after_the_consumer_is_mended(ground: Ground) -> None:
    def scene(play: Play) -> None:
        relay_and_lines(play)
        ill = play.start("audience", "--poison", "2", without=True)
        play.drain()
        if not play.without:
            waits_alone(play, "poison: cannot be heard")
        assert ill.terminate() == 0
        play.ended(ill)
        stage.listener(play.hall).replay("stage", BAD)
        play.start("audience")
        play.drain()
        assert stage.parked_now(play.hall) == []

    prove("poisoned message, replayed", ground, scene, without="parking")


def test_an_undecodable_message_is_replayed_after_people_have_put_it_right(ground: Ground) -> None:
    def scene(play: Play) -> None:
        relay_and_lines(play, spoil=True)
        play.start("audience", without=True)
        play.drain()
        if not play.without:
            waits_alone(play, "poison: undecodable")
        with play.hall.write() as connection:
            connection.execute(sa.update(parked).where(parked.c.stream == BAD, parked.c.version == 3).values(body=BODIES[0]))
        stage.listener(play.hall).replay("stage", BAD)
        play.drain()
        assert stage.parked_now(play.hall) == []

    prove("undecodable message, put right and replayed", ground, scene, without="parking")


BODIES: list[bytes] = []


def relay_and_lines(play: Play, *, spoil: bool = False) -> None:
    """Ten lines in the bad stream, of which the third (its key is 2) cannot be heard, and fifty in others."""
    for _ in range(10):
        play.say_one(BAD)
    play.say(50)
    if spoil:
        with play.stage.database.write() as connection:
            query = sa.select(pending).where(pending.c.stream == BAD).order_by(pending.c.seq)
            row = connection.execute(query).all()[2]
            BODIES[:] = [bytes(row.body)]
            connection.execute(sa.update(pending).where(pending.c.seq == row.seq).values(body=b"\xff{"))
    play.start("relay")


def waits_alone(play: Play, reason: str) -> None:
    """The third and all behind it wait; the two before it and the other streams have been heard."""
    found = stage.parked_now(play.hall)
    assert found[0][:2] == (BAD, 3) and found[0][2].startswith(reason)
    assert [(stream, version) for stream, version, _ in found] == [(BAD, version) for version in range(3, 12)]
    heard = stage.versions_heard(play.hall)
    assert heard.pop(BAD) == [1, 2]
    assert sum(map(len, heard.values())) == 50 + 8


def test_a_message_that_kills_the_process_is_parked_and_dropped(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.say_one(BAD)
        stage.say(play.stage, [(BAD, "die")])
        play.say_one(BAD)
        play.say(50)
        play.start("relay")
        for _ in range(5):
            consumer = play.start("audience", without=True)
            wait_until(lambda consumer=consumer: not consumer.running or survived(play), "its death, or its survival")  # type: ignore[misc]
            if consumer.running:
                break
            assert consumer.status == 3, consumer.tail()
            play.ended(consumer)
        else:
            assert play.without, "it kills the process again and again"
            return
        stage.listener(play.hall).drop("stage", BAD, 2, reason="kills the process", actor=Actor("operator"))
        play.drain()
        assert stage.parked_now(play.hall) == []

    def survived(play: Play) -> bool:
        return (BAD, 2) in [(stream, version) for stream, version, _ in stage.parked_now(play.hall)] and play.heard() == 51

    prove("message that kills the process, dropped", ground, scene, without="attempt counter")
