"""The ground on which the fault tests play: a stage and its audience on private servers, and what is said and heard there.

    def scene(play: Play) -> None:
        relay = play.start("relay")
        play.start("audience")
        play.say(200)
        ...

    prove("relay: killed", ground, scene, without="inbox")

`prove` plays the scene twice, with all safeguards and with one taken away, compares what was asked for with what was heard, and
writes both to build/faults.json. `play.without` is what a scene passes on to the process that is to lack it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from kernel.bus import topology
from kernel.bus.connection import close, connect
from kernel.errors import Transient
from kernel.failpoints import STATUS
from kernel.store.database import Database
from kernel.store.tables import parked
from tests import stage
from tests.faults.accounting import Account, Result, record
from tests.faults.nursery import SIDES, Forked
from tests.faults.private import PrivateServers
from tests.faults.processes import GivenUp, Process, wait_until
from tests.faults.sides import say_once

#: Where moments are drawn from; `make reseed` gives others.
SEED = os.environ.get("XINHUO_TEST_SEED", "20240301")
#: Seconds between the commands of a load, and until a command without an answer is sent again.
PACE, AGAIN = 0.005, 0.1

T = TypeVar("T")


class Ground:
    """A database and a vhost of the private servers, for one play after the other."""

    def __init__(self, servers: PrivateServers, database: str, broker: str, logs: Path) -> None:
        self.servers = servers
        self.database, self.broker, self.logs = database, broker, logs
        self.plays = itertools.count()
        self._declared = False

    @property
    def vhost(self) -> str:
        return self.broker.rpartition("/")[2]

    def clear(self) -> None:
        """Empties tables and queues of what the last play left."""
        engine = sa.create_engine(self.database, poolclass=sa.NullPool)
        with engine.begin() as connection:
            # Whoever was killed may still hold locks.
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            for schema in ("stage", "audience"):
                connection.execute(sa.schema.DropSchema(schema, cascade=True, if_exists=True))
        for schema in ("stage", "audience"):
            stage.store(self.database, schema).dispose()
        self._clear_queues()

    def _clear_queues(self) -> None:
        connection = connect(self.broker, "tests")
        channel = connection.channel()
        if not self._declared:
            topology.declare_source(channel, "stage", stage.SUBSCRIPTIONS)
            self._declared = True
        for shard in range(topology.SHARDS):
            name = topology.queue_of("audience", shard)
            wait_until(partial(_without_consumer, channel, name), f"{name} to have no consumer")
            wait_until(partial(_purged, channel, name), f"{name} to be empty")
        close(connection)


def _without_consumer(channel: Any, name: str) -> bool:
    return not channel.queue_declare(name, passive=True).consumer_count


def _purged(channel: Any, name: str) -> bool:
    return not channel.queue_purge(name)


class Play:
    """One run of a scene: its processes, what is said in it, and what of it is heard."""

    def __init__(self, case: str, ground: Ground, without: str) -> None:
        self.ground = ground
        self.account = Account(case)
        self.without = without
        self.random = random.Random(f"{SEED} {case}")
        self.logs = ground.logs / str(next(ground.plays))
        self.processes: list[Process] = []
        self._numbers = itertools.count()
        self._given_up = threading.Event()
        self.stage = stage.context(Database(ground.database, "stage"))
        self.hall = Database(ground.database, "audience")

    # -- processes

    def start(
        self,
        kind: str,
        *arguments: str,
        without: bool = False,
        failpoints: str = "",
        blow: str = "",
        broker: str = "",
    ) -> Process:
        """Starts a process without waiting. `without`: it lacks the safeguard that this play does without, if any."""
        command = [kind, "--database", self.ground.database, "--broker", broker or self.ground.broker, *arguments]
        if without and self.without:
            command += ["--without", self.without]
        if blow:
            command += ["--blow", blow]
        log = self.logs / f"{kind}-{len(self.processes)}.log"
        process = Forked(SIDES, *command, name=kind, log=log, green=kind == "audience", failpoints=failpoints)
        self.processes.append(process)
        return process

    def ended(self, process: Process) -> None:
        """Nobody expects it to live any more."""
        self.processes.remove(process)

    def died(self, process: Process) -> None:
        """Waits until it has died at its failpoint."""
        assert process.join() == STATUS, process.tail()
        self.ended(process)

    def kill(self, process: Process) -> None:
        process.kill()
        self.ended(process)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        self.stage.database.dispose()
        self.hall.dispose()

    # -- saying

    def say(self, count: int, streams: int = 8, per_command: int = 10) -> None:
        """So many lines over so many streams, several in a command; all are answered with success."""
        numbers = [next(self._numbers) for _ in range(count)]
        for start in range(0, count, per_command):
            lines = [(f"line/{number % streams}", str(number)) for number in numbers[start : start + per_command]]
            stage.say(self.stage, lines)
            for stream, key in lines:
                self.account.ok(stream, key)

    def say_one(self, stream: str, text: str = "", *, keep_trying: bool = False) -> str:
        """A line with an idempotency key, said again until it is answered if `keep_trying`. Returns its key."""
        key = str(next(self._numbers))
        while True:
            with self.account.attempt(stream, key, unknown=(Transient,)):
                say_once(self.stage, stream, key, text=text and f"{text} {key}", answer=lambda: None)
                return key
            if not keep_trying:
                return key
            if self._given_up.wait(AGAIN):
                raise GivenUp(f"line {key} was not answered")

    def lines(self, count: int, streams: int = 6) -> list[tuple[str, str]]:
        """Lines for a speaker, not yet said."""
        numbers = [next(self._numbers) for _ in range(count)]
        return [(f"line/{number % streams}", str(number)) for number in numbers]

    def speak(self, lines: list[tuple[str, str]], **options: Any) -> Process:
        """Starts a speaker with those of the lines that are not answered yet; `spoken` notes what it answers."""
        answered = set(self.account.keys("ok"))
        left = [line for line in lines if line[1] not in answered]
        for line in left:
            self.account.begin(*line)
        file = self.logs / f"lines-{len(self.processes)}-{len(left)}.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in left))
        return self.start("speaker", "--lines", str(file), **options)

    def spoken(self, speaker: Process) -> None:
        """Notes what an ended speaker has answered."""
        for line in speaker.output().splitlines():
            if line.startswith("ok "):
                self.account.end(line.removeprefix("ok "), "ok")

    @contextlib.contextmanager
    def load(self, threads: int = 2, streams: int = 4) -> Iterator[None]:
        """Commands, one after the other in each thread, each with streams of its own, as long as the block lasts."""
        over = threading.Event()
        troubles: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for count in itertools.count():
                    if over.wait(PACE):
                        return
                    self.say_one(f"line/{number}-{count % streams}", keep_trying=True)
            except BaseException as trouble:
                troubles.append(trouble)

        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        try:
            yield
        except BaseException:
            # Nobody starts again what is down: who goes on asking would ask for ever, and hide what went wrong.
            self._given_up.set()
            raise
        finally:
            over.set()
            for worker in workers:
                worker.join()
        if troubles:
            raise troubles[0]

    # -- hearing

    def heard(self) -> int:
        with self.hall.read() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(stage.heard)).scalar_one())

    def wait_heard(self, more: int) -> None:
        """Waits until so many more lines are heard than now."""
        before = self.ask(self.heard)
        self.wait(lambda: self.heard() >= before + more, f"{more} more lines to be heard")

    def wait_said(self, more: int) -> None:
        """Waits until so many more lines are asked for."""
        before = len(self.account.asked())
        self.wait(lambda: len(self.account.asked()) >= before + more, f"{more} more lines to be said")

    def wait_gone(self, count: int) -> None:
        """Waits until so many lines are neither heard nor pending."""

        def gone() -> bool:
            answered = len(self.account.keys("ok"))
            return answered - self.heard() - stage.pending_now(self.stage.database) >= count

        self.wait(gone, f"{count} lines to be under way")

    def ask(self, question: Callable[[], T]) -> T:
        """The answer, asked for again while a server is away."""
        found: list[T] = []

        def asked() -> bool:
            found.append(question())
            return True

        self.wait(asked, "an answer of the database")
        return found[0]

    def wait(self, question: Callable[[], bool], what: str, *, dead: bool = False) -> None:
        """Waits until it is so. The processes must live meanwhile, unless `dead`."""

        def patient() -> bool:
            try:
                return question()
            except Transient:
                return False

        wait_until(patient, what, alive=() if dead else self.processes)

    def drain(self) -> None:
        """Waits until all that was said has arrived where it goes: a last line of each stream has come through behind it."""
        self.wait(lambda: not stage.pending_now(self.stage.database), "nothing to be pending")
        last = {stream: self.say_one(stream) for stream in self.streams()}
        self.wait(lambda: set(last) <= self._closed(set(last.values())), "the last line of each stream")
        self.wait(lambda: not stage.pending_now(self.stage.database), "nothing to be pending")

    def streams(self) -> list[str]:
        return sorted({stream for stream, _ in self.account.asked()})

    def _closed(self, keys: set[str]) -> set[str]:
        """The streams whose last line is heard or parked."""
        heard = sa.select(stage.heard.c.stream).where(stage.heard.c.text.in_(keys))
        bodies = sa.select(parked.c.stream, parked.c.body)
        with self.hall.read() as connection:
            found = set(connection.execute(heard).scalars())
            for stream, body in connection.execute(bodies):
                with contextlib.suppress(ValueError):  # undecodable, which is why it is parked
                    if json.loads(body)["data"]["text"] in keys:
                        found.add(stream)
        return found

    def result(self) -> Result:
        query = sa.select(stage.heard.c.stream, stage.heard.c.text).order_by(stage.heard.c.id)
        with self.hall.read() as connection:
            return self.account.compare([(stream, text.split()[-1]) for stream, text in connection.execute(query)])


Scene = Callable[[Play], None]


def prove(case: str, ground: Ground, scene: Scene, *, without: str, then: Callable[[Play], None] | None = None) -> None:
    """Plays the scene with all safeguards and without one, records both, and requires that the first is sound.

    `then` looks closer at the sound play, before its processes are killed.
    """
    with _on_servers(case, ground, without) as play:
        scene(play)
        control = play.result()
    with _on_servers(case, ground, "") as play:
        scene(play)
        result = play.result()
        if then:
            then(play)
    record(result, control=control, safeguard=without)
    result.require_sound()


@contextlib.contextmanager
def _on_servers(case: str, ground: Ground, without: str) -> Iterator[Play]:
    ground.servers.heal()
    ground.clear()
    with contextlib.closing(Play(case, ground, without)) as play:
        yield play
