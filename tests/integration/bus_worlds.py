"""The stage and its audience on each transport: embedded on SQLite, or on PostgreSQL and RabbitMQ."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from kernel.bus import topology
from kernel.bus.connection import close, connect
from kernel.context import Context
from kernel.store.database import Database
from tests import servers, stage
from tests.faults.nursery import Forked
from tests.faults.processes import Process, wait_until
from tests.integration import stage_process

#: `embedded` or `servers` restricts the tests to one of them.
PROFILE = os.environ.get("XINHUO_TEST_PROFILE", "")

W = TypeVar("W", bound="World")


class World(ABC):
    """Two stores, and the processes that carry events from one to the other. `kinds` names the processes."""

    kinds: tuple[str, ...]

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.processes: list[Process] = []
        self.stage: Context
        self.hall: Database

    def start(self, *kinds: str, failpoints: str = "") -> list[Process]:
        """Starts the named processes, or all, and waits until they are up."""
        started = [self._start(kind, failpoints) for kind in kinds or self.kinds]
        for process in started:
            process.wait_for_line("up")
        self.processes += started
        return started

    @abstractmethod
    def arguments(self) -> tuple[str, ...]: ...

    def _start(self, kind: str, failpoints: str) -> Process:
        log = self._logs / f"{kind}-{len(self.processes)}.log"
        arguments, green = (kind, *self.arguments()), kind in stage_process.GREEN
        return Forked("tests.integration.stage_process:main", *arguments, log=log, name=kind, green=green, failpoints=failpoints)

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
        self.processes.clear()

    def terminate(self) -> None:
        for process in self.processes:
            assert process.terminate() == 0, process.tail()
        self.processes.clear()

    def say(self, *lines: tuple[str, str]) -> None:
        stage.say(self.stage, lines)

    def heard(self) -> dict[str, list[int]]:
        return stage.versions_heard(self.hall)

    def parked(self) -> list[tuple[str, int, str]]:
        return stage.parked_now(self.hall)

    def wait_for(self, count: int) -> None:
        """Waits until so many events are heard or parked, and nothing is pending."""

        def done() -> bool:
            there = sum(map(len, self.heard().values())) + len(self.parked())
            return there >= count and not stage.pending_now(self.stage.database)

        wait_until(done, f"{count} events heard or parked", alive=self.processes)


class Embedded(World):
    kinds = ("embedded",)

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._directory = directory
        self.stage = stage.context(stage.store(directory / "stage.db", "stage"))
        self.hall = stage.store(directory / "audience.db", "audience")

    def arguments(self) -> tuple[str, ...]:
        return (str(self._directory),)


class Servers(World):
    kinds = ("relay", "audience")

    def __init__(self, logs: Path, database: str, broker: str) -> None:
        super().__init__(logs)
        self.database, self.broker = database, broker
        self.stage = stage.context(stage.store(database, "stage"))
        self.hall = stage.store(database, "audience")

    def arguments(self) -> tuple[str, ...]:
        return (self.database, self.broker)


@contextlib.contextmanager
def embedded(directory: Path) -> Iterator[Embedded]:
    with _closing(Embedded(directory)) as world:
        yield world


@contextlib.contextmanager
def given_servers() -> Iterator[tuple[str, str]]:
    """URLs of an empty database and an empty vhost; skips where there are no servers."""
    if PROFILE == "embedded":
        pytest.skip("only the embedded profile is asked for")
    if not servers.available().both:
        pytest.skip("; ".join(servers.available().why_not))
    with servers.temporary_database() as database, servers.temporary_vhost() as broker:
        yield database.url, broker


@contextlib.contextmanager
def on_servers(directory: Path, database: str, broker: str) -> Iterator[Servers]:
    with _closing(Servers(directory, database, broker)) as world:
        _declare(world)
        try:
            yield world
        finally:
            world.kill()
            _empty(world)


def _declare(world: Servers) -> None:
    """Makes the queues beforehand: after those that it makes itself, a relay waits a while."""
    connection = connect(world.broker, "tests")
    topology.declare_source(connection.channel(), "stage", stage.SUBSCRIPTIONS)
    close(connection)


def _empty(world: Servers) -> None:
    """A database and a vhost for one test would take longer than the test."""
    with world.hall.write() as connection:
        for schema in ("stage", "audience"):
            connection.execute(sa.schema.DropSchema(schema, cascade=True))
    connection = connect(world.broker, "tests")
    channel = connection.channel()
    for shard in range(topology.SHARDS):
        channel.queue_delete(topology.queue_of("audience", shard))
    channel.exchange_delete(topology.exchange_of("stage"))
    close(connection)


@contextlib.contextmanager
def _closing(world: W) -> Iterator[W]:
    try:
        yield world
    finally:
        world.kill()
        world.stage.database.dispose()
        world.hall.dispose()
