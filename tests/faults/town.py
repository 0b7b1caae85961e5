"""A town at the registry's door: organisations registered and renamed over HTTP, and what recruitment hears of them, in order.

A trigger before each insert into recruitment's replica notes what the reaction says, before the replica's key and its guard against
old versions can hide a second time or a wrong order.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from kernel.actor import Actor, Post
from kernel.clock import Clock
from kernel.failpoints import STATUS
from kernel.http.auth import Tokens
from kernel.ops.settings import Settings
from kernel.store.database import Database
from services.recruitment.tables import organisation as replica
from services.registry.tables import organisation
from tests.faults.accounting import Account, Result
from tests.faults.ground import AGAIN, PACE, SEED
from tests.faults.nursery import Forked
from tests.faults.processes import PATIENCE, GivenUp, Process, free_port, wait_until

TRIGGERS = {
    "sqlite": (
        "CREATE TABLE said (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT, name TEXT)",
        "CREATE TRIGGER note BEFORE INSERT ON organisation BEGIN INSERT INTO said (code, name) VALUES (NEW.code, NEW.name); END",
    ),
    "postgresql": (
        "CREATE TABLE recruitment.said (id serial PRIMARY KEY, code text, name text)",
        "CREATE FUNCTION recruitment.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
        "INSERT INTO recruitment.said (code, name) VALUES (NEW.code, NEW.name); RETURN NEW; END $$",
        "CREATE TRIGGER note BEFORE INSERT ON recruitment.organisation FOR EACH ROW EXECUTE FUNCTION recruitment.note()",
    ),
}
CITY = "3307"
COUNTIES = tuple(f"33070{number}" for number in range(1, 7))


def base_port() -> int:
    """A base port whose first followers are free."""
    while True:
        base = free_port()
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for port in range(base, base + 4):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return base


class Town:
    """One run of a case: its processes, what was answered at the registry's door, what recruitment heard."""

    _directory: Path

    def __init__(self, case: str, port: int, registry: Database, recruitment: Database, without: str) -> None:
        self.account = Account(case)
        self.without = without
        self.random = random.Random(f"{SEED} {case}")
        self.processes: list[Process] = []
        self._address = f"http://127.0.0.1:{port}"
        self._registry, self._recruitment = registry, recruitment
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        actor = Actor("administrator", (Post("post", "administrator", CITY, f"/{CITY}/", Clock().today().replace(year=2000)),))
        self._token = Tokens(Settings().token_secret, Clock()).mint(actor)
        with recruitment.write() as connection:
            for statement in TRIGGERS[connection.dialect.name]:
                connection.exec_driver_sql(statement)

    # -- processes

    def start(self, *command: str, without: bool, failpoints: str, **settings: object) -> Process:
        """Starts `xinhuo COMMAND` without waiting; `without`: it lacks the safeguard that this run does without, if any."""
        lacking = ("--without", self.without) if without and self.without else ()
        log = self._directory / f"{'-'.join(command)}.log"
        name, green = " ".join(command), command[0] != "relay"
        process = Forked("xinhuo", *lacking, *command, name=name, log=log, green=green, failpoints=failpoints, **settings)
        self.processes.append(process)
        return process

    def died(self, process: Process) -> None:
        """Waits until it has died at its failpoint."""
        assert process.join() == STATUS, process.tail()
        self.processes.remove(process)

    def end(self, process: Process, *, cleanly: bool) -> None:
        """Kills it, or tells it to stop."""
        self.processes.remove(process)
        if cleanly:
            assert process.terminate() == 0, process.tail()
        else:
            process.kill()

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        for database in (self._registry, self._recruitment):
            database.dispose()

    # -- asking

    def found(self) -> None:
        """Registers the organisations."""
        with requests.Session() as session:
            for code in (CITY, *COUNTIES):
                top = code == CITY
                kind = {"kind": "city_department" if top else "county_department", "parent": None if top else CITY}
                self._ask(session, code, "POST", "/organisations", {"code": code} | kind)

    def rename(self, session: requests.Session, code: str) -> str:
        """Gives the organisation a name that nothing has had before, and returns it."""
        return self._ask(session, code, "PATCH", f"/organisations/{code}", {})

    def _ask(self, session: requests.Session, code: str, method: str, path: str, body: dict[str, Any]) -> str:
        """One command with a new name, sent again under the same idempotency key until it is answered. Raises `GivenUp`."""
        with self._lock:
            number = next(self._numbers)
        name = f"组织{number}"
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": f"key-{number}"}
        session.trust_env = False
        patience = time.monotonic() + PATIENCE
        while True:
            with self.account.attempt(code, name):
                answer = session.request(method, self._address + path, json=body | {"name": name}, headers=headers, timeout=30)
                if answer.status_code >= 500:
                    raise OSError(answer.text)  # not answered: a transient fault
                assert answer.ok, answer.text
                return name
            if self._given_up.wait(AGAIN) or time.monotonic() > patience:
                tails = "".join(f"\n--- {process.name}\n{process.tail()}" for process in self.processes)
                raise GivenUp(f"{name} was not answered{tails}")

    @contextlib.contextmanager
    def load(self, threads: int = 2) -> Iterator[None]:
        """Renames in each thread, one after the other, as long as the block lasts."""
        over = threading.Event()
        troubles: list[BaseException] = []

        def work(codes: Sequence[str]) -> None:
            try:
                with requests.Session() as session:
                    for code in itertools.cycle(codes):
                        if over.wait(PACE):
                            return
                        self.rename(session, code)
            except BaseException as trouble:
                troubles.append(trouble)

        workers = [threading.Thread(target=work, args=(COUNTIES[number::threads],)) for number in range(threads)]
        for worker in workers:
            worker.start()
        try:
            yield
        except BaseException:
            # Nobody starts the processes again: who knocks at their doors would knock for ever, and hide what went wrong.
            self._given_up.set()
            raise
        finally:
            over.set()
            for worker in workers:
                worker.join()
        if troubles:
            raise troubles[0]

    # -- hearing

    def heard(self) -> list[tuple[str, str]]:
        with self._recruitment.read() as connection:
            return [(code, name) for code, name in connection.exec_driver_sql("SELECT code, name FROM said ORDER BY id")]

    def wait_heard(self, more: int) -> None:
        before = len(self.heard())
        wait_until(lambda: len(self.heard()) >= before + more, f"{more} more events to be heard", alive=self.processes)

    def drain(self) -> None:
        """A last name for each organisation has come through behind all others."""
        with requests.Session() as session:
            last = {self.rename(session, code) for code in (CITY, *COUNTIES)}
        wait_until(lambda: last <= {name for _, name in self.heard()}, "the last names", alive=self.processes)

    def result(self) -> Result:
        return self.account.compare(self.heard())

    def require_same(self) -> None:
        """What recruitment keeps is what the registry holds."""
        columns = [column.name for column in replica.columns if column.name in organisation.columns]
        tables = []
        for database, table in ((self._registry, organisation), (self._recruitment, replica)):
            with database.read() as connection:
                tables.append({tuple(row) for row in connection.execute(sa.select(*(table.c[name] for name in columns)))})
        assert tables[0] == tables[1]
        assert len(tables[0]) == 1 + len(COUNTIES)
