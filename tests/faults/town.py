"""A town at the registry's door: organisations registered and renamed over HTTP, and what every other service hears of them, in order.

A trigger before each insert into a service's replica notes what its reaction says, before the replica's key and its guard against
old versions can hide a second time or a wrong order.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
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
from services.registry.tables import organisation
from suite.services import BY_NAME, INSTALLED
from tests.faults.accounting import Account, Result
from tests.faults.ground import AGAIN, PACE, SEED
from tests.faults.nursery import SIDES, Forked
from tests.faults.processes import PATIENCE, GivenUp, Process, wait_until

TRIGGERS = {
    "sqlite": (
        "CREATE TABLE said (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT, name TEXT)",
        "CREATE TRIGGER note BEFORE INSERT ON organisation BEGIN INSERT INTO said (code, name) VALUES (NEW.code, NEW.name); END",
    ),
    "postgresql": (
        "CREATE TABLE {0}.said (id serial PRIMARY KEY, code text, name text)",
        "CREATE FUNCTION {0}.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
        "INSERT INTO {0}.said (code, name) VALUES (NEW.code, NEW.name); RETURN NEW; END $$",
        "CREATE TRIGGER note BEFORE INSERT ON {0}.organisation FOR EACH ROW EXECUTE FUNCTION {0}.note()",
    ),
}
#: Who hears of organisations.
HEARERS = tuple(service.name for service in INSTALLED if service.name != "registry")
CITY = "3307"
COUNTIES = tuple(f"33070{number}" for number in range(1, 7))


class Town:
    """One run of a case: its processes, what was answered at the registry's door, what the others heard. `stores`: by service."""

    _directory: Path

    def __init__(self, case: str, port: int, stores: Mapping[str, Database], without: str) -> None:
        self.account = Account(case)
        self.without = without
        self.random = random.Random(f"{SEED} {case}")
        self.processes: list[Process] = []
        self._address = f"http://127.0.0.1:{port}"
        self._stores = stores
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        actor = Actor("administrator", (Post("post", "administrator", CITY, f"/{CITY}/", Clock().today().replace(year=2000)),))
        self._token = Tokens(Settings().token_secret, Clock()).mint(actor)
        for hearer in self.hearers:
            with stores[hearer].write() as connection:
                for statement in TRIGGERS[connection.dialect.name]:
                    connection.exec_driver_sql(statement.format(hearer))

    @property
    def hearers(self) -> list[str]:
        return [name for name in self._stores if name != "registry"]

    # -- processes

    def start(self, *command: str, without: bool, failpoints: str, **settings: object) -> Process:
        """Starts `xinhuo COMMAND` without waiting; `without`: it lacks the safeguard that this run does without, if any."""
        lacking = ("--without", self.without) if without and self.without else ()
        log = self._directory / f"{'-'.join(command)}.log"
        name, green = " ".join(command), command[0] != "relay"
        arguments = ("xinhuo", *lacking, *command)
        process = Forked(SIDES, *arguments, name=name, log=log, green=green, failpoints=failpoints, **settings)
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
        for database in self._stores.values():
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

    def heard(self, hearer: str = "recruitment") -> list[tuple[str, str]]:
        with self._stores[hearer].read() as connection:
            return [(code, name) for code, name in connection.exec_driver_sql("SELECT code, name FROM said ORDER BY id")]

    def wait_heard(self, more: int) -> None:
        """Until recruitment has heard so many more, and everybody something.

        Whoever gets nowhere in life after life has to take his first message for one that kills, and parks it: that is its own test.
        """
        goals = {hearer: len(self.heard(hearer)) + (more if hearer == "recruitment" else 1) for hearer in self.hearers}
        wait_until(
            lambda: all(len(self.heard(hearer)) >= goal for hearer, goal in goals.items()),
            f"{more} more events to be heard",
            alive=self.processes,
        )

    def drain(self) -> None:
        """A last name for each organisation has come through behind all others, everywhere."""
        with requests.Session() as session:
            last = {self.rename(session, code) for code in (CITY, *COUNTIES)}
        for hearer in self.hearers:
            heard = partial(self._names, hearer)
            wait_until(lambda heard=heard: last <= heard(), f"the last names in {hearer}", alive=self.processes)  # type: ignore[misc]

    def _names(self, hearer: str) -> set[str]:
        return {name for _, name in self.heard(hearer)}

    def result(self) -> Result:
        """Of all who hear together: what went wrong bears the name of the one with whom it did."""
        found = {hearer: self.account.compare(self.heard(hearer)) for hearer in self.hearers}
        first = next(iter(found.values()))
        wrong = {
            field: tuple(f"{hearer} {key}" for hearer, result in found.items() for key in getattr(result, field))
            for field in ("lost", "doubled", "out_of_order", "unexpected")
        }
        return Result(first.case, first.accepted, first.unknown, **wrong)

    def require_same(self) -> None:
        """What everybody keeps is what the registry holds."""
        for hearer in self.hearers:
            replica = BY_NAME[hearer].metadata.tables["organisation"]
            columns = [
                column.name for column in replica.columns if column.name in organisation.columns and column.name != "version"
            ]
            tables = []
            for database, table in ((self._stores["registry"], organisation), (self._stores[hearer], replica)):
                with database.read() as connection:
                    tables.append({tuple(row) for row in connection.execute(sa.select(*(table.c[name] for name in columns)))})
            assert tables[0] == tables[1], hearer
            assert len(tables[0]) == 1 + len(COUNTIES)
