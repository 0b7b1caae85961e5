"""The demo service as a process, and clients for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from kernel.actor import Actor, Post
from kernel.clock import Clock
from kernel.http.auth import Tokens
from kernel.ops.settings import DEVELOPMENT_TOKEN_SECRET
from kernel.store.database import Database
from tests import servers
from tests.faults.nursery import Forked
from tests.faults.processes import Process

TOKENS = Tokens(DEVELOPMENT_TOKEN_SECRET, Clock())

_numbers = itertools.count()


def demo_service(url: str, port: int, directory: Path, log: Path) -> Process:
    """Starts it without waiting; port 0 is any that is free."""
    return Forked("kernel.http.tests.demo_service:main", url, str(port), str(directory), log=log, name="demo service", green=True)


@dataclass
class DemoProcess:
    """The service in a process of its own."""

    url: str
    directory: Path
    port: int = 0
    process: Any = None
    session: requests.Session = field(default_factory=requests.Session)

    def start(self) -> DemoProcess:
        self.process = demo_service(self.url, self.port, self.directory, self.log)
        self.port = int(self.process.wait_for_line("PORT=").partition("=")[2])
        return self

    def stop(self) -> int:
        self.session.close()
        return self.process.terminate()

    def kill(self) -> None:
        self.process.kill()
        self.stop()

    @property
    def log(self) -> Path:
        return self.directory / "log"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Database:
        return Database(self.url, "demo")

    def rows(self, statement: str) -> list[Any]:
        database = self.database
        with database.read() as connection:
            found = list(connection.execute(sa.text(statement)))
        database.dispose()
        return found

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request as the secretary, with a fresh idempotency key; headers given replace these."""
        headers = {"Authorization": f"Bearer {a_token()}", "Idempotency-Key": f"key-{next(_numbers)}"}
        headers.update(options.pop("headers", {}))
        kept = {name: value for name, value in headers.items() if value is not None}
        return self.session.request(method, self.address + path, headers=kept, timeout=30, **options)

    def take(self, text: str = "hello", path: str = "/3307/330702/", **options: Any) -> requests.Response:
        return self.call("POST", "/notes", json={"path": path, "text": text}, **options)


def a_secretary(path: str = "/3307/", account: str = "zhang", role: str = "branch_secretary") -> Actor:
    return Actor(account, (Post("p1", role, path.strip("/").rpartition("/")[2], path, date(2010, 1, 1)),))


def a_token(actor: Actor | None = None) -> str:
    return TOKENS.mint(actor or a_secretary())


def bearer(actor: Actor) -> dict[str, str]:
    return {"Authorization": f"Bearer {a_token(actor)}"}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """One service for all tests that do not mind what others wrote."""
    directory = tmp_path_factory.mktemp("demo")
    process = DemoProcess(f"sqlite:///{directory}/demo.db", directory).start()
    yield process
    process.stop()


@pytest.fixture
def a_demo(tmp_path: Path) -> Iterator[Callable[..., DemoProcess]]:
    """Starts services of a test's own, on the same store unless told otherwise."""
    started: list[DemoProcess] = []

    def start(url: str | None = None, port: int = 0, name: str = "demo") -> DemoProcess:
        process = DemoProcess(url or f"sqlite:///{tmp_path}/demo.db", tmp_path, port).start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def each_demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """The service on SQLite and on PostgreSQL."""
    directory = tmp_path_factory.mktemp("each")
    if request.param == "sqlite":
        process = DemoProcess(f"sqlite:///{directory}/demo.db", directory).start()
        yield process
        process.stop()
        return
    if servers.available().database_url is None:
        pytest.skip("; ".join(servers.available().why_not))
    with servers.temporary_database() as given:
        engine = sa.create_engine(given.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA demo")
            connection.exec_driver_sql("CREATE SCHEMA subject_keys")
        process = DemoProcess(given.url, directory).start()
        yield process
        process.stop()
