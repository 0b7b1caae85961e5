"""Builders that tests share: a service's context on a fresh SQLite file, its doors in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import MetaData

from kernel.clock import SimulatedClock
from kernel.context import Context
from kernel.policy import shipped_book
from kernel.store import keys
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.store.tables import service_metadata
from tests.faults.nursery import Forked

TODAY = date(2015, 3, 2)
MASTER = bytes(range(32))
#: The tables that every service has.
KERNEL = service_metadata()

#: SQLite files with nothing but empty tables, by what declares them.
_empty: dict[MetaData, bytes] = {}


def make_tables(database: Database, metadata: MetaData) -> None:
    """The tables on a file that is not there yet: made once per process, then copied."""
    path = Path(database.url.database or "")
    assert database.sqlite and not path.exists(), f"{path} is there already"
    if metadata not in _empty:
        with database.write() as connection:
            metadata.create_all(connection)
        with database.engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _empty[metadata] = path.read_bytes()
    else:
        path.write_bytes(_empty[metadata])


def a_context(directory: Path, service: str = "recruitment", *, today: date = TODAY, metadata: MetaData | None = None) -> Context:
    """A context with its own file under `directory`, shared keys, a simulated day and the packs of the project."""
    clock = SimulatedClock(today)
    database = Database(f"sqlite:///{directory}/{service}.sqlite3", service)
    make_tables(database, metadata or KERNEL)
    store = KeyStore(Database(f"sqlite:///{directory}/{keys.SCHEMA}.sqlite3", keys.SCHEMA), MASTER, clock)
    store.create_table()
    return Context(service, database, store, clock, shipped_book())


@contextmanager
def doors_of(service: str, world: str, directory: Path, city: str) -> Iterator[str]:
    """The address of the service's doors over a world's files; `world` is the module that has `context_of`."""
    arguments, log = (service, world, str(directory), city), directory / "log"
    with Forked("tests.doors_process:main", *arguments, log=log, name=f"doors of {service}", green=True, warm=[world]) as process:
        yield f"http://127.0.0.1:{process.wait_for_line('PORT=').partition('=')[2]}"
        assert process.terminate() == 0, process.tail()
