"""PostgreSQL restarted and killed while commands, relay and consumer are at work; entries that commit late."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from kernel.errors import Transient
from kernel.unit import Unit, command
from tests import stage
from tests.faults.broken import ANSWER_LAST
from tests.faults.ground import Ground, Play, prove

pytestmark = [pytest.mark.faults, pytest.mark.catalogue("X1")]

ON_DISK = "commits on the disk"


def test_a_database_that_is_restarted(ground: Ground) -> None:
    postgres = ground.servers.postgres

    def scene(play: Play) -> None:
        play.start("relay")
        play.start("audience")
        with play.load():
            play.wait_heard(100)
            if play.without:
                play.account.ok("line/early", "answered early")
                with contextlib.suppress(Transient), command(play.stage) as unit:
                    record(unit, "line/early", "answered early")
                    postgres.restart()
            else:
                for mode in ("fast", "immediate"):
                    postgres.restart(mode)
                    play.wait_heard(100)
        play.drain()

    prove("PostgreSQL restarted under load", ground, scene, without=ANSWER_LAST)


def test_a_database_that_is_killed(ground: Ground) -> None:
    postgres = ground.servers.postgres

    def scene(play: Play) -> None:
        if play.without:
            with commits_that_do_not_wait(ground):
                play.stage.database.dispose()
                postgres.pause_wal_writer()
                play.say(100)
                postgres.kill()
            play.stage.database.dispose()
        play.start("relay")
        play.start("audience")
        with play.load():
            for _ in range(0 if play.without else 2):
                play.wait_heard(play.random.randrange(1, 150))
                postgres.kill()
                ground.servers.heal()
            play.wait_heard(50)
        play.drain()

    prove("PostgreSQL killed under load", ground, scene, without=ON_DISK)


@contextlib.contextmanager
def commits_that_do_not_wait(ground: Ground) -> Iterator[None]:
    """New sessions do not wait for the disk. The server is dead at the end of the block, and started again here."""
    name = sa.make_url(ground.database).database
    administer(ground, f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        yield
    finally:
        ground.servers.heal()
        administer(ground, f"ALTER DATABASE {name} RESET synchronous_commit")


def administer(ground: Ground, statement: str) -> None:
    engine = sa.create_engine(ground.database, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def test_entries_that_commit_after_later_ones_were_relayed(ground: Ground) -> None:
    def scene(play: Play) -> None:
        play.start("relay", without=True)
        play.start("audience")
        with contextlib.ExitStack() as open_ones:
            for number in range(3):
                unit = open_ones.enter_context(command(play.stage))
                record(unit, f"line/late {number}", f"late {number}".replace(" ", "-"))
                # Its number in the sequence is taken now; it commits at the end of the block.
                unit.finish()
            play.say(60)
            play.wait(lambda: play.heard() == 60, "the later ones to be heard")
        for number in range(3):
            play.account.ok(f"line/late {number}", f"late-{number}")
        play.say(20)
        play.drain()

    prove("entries that commit late", ground, scene, without="look at all that is pending")


def record(unit: Unit, stream: str, key: str) -> None:
    unit.record(stage.SAID, stream=stream, expected=None, home_county="330702", day=stage.DAY, data={"text": key})
