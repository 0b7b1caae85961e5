"""Builders that tests share: a service's context on a fresh SQLite file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import MetaData

from kernel.clock import SimulatedClock
from kernel.context import Context
from kernel.policy import PolicyBook
from kernel.store import keys
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.store.tables import service_metadata

TODAY = date(2015, 3, 2)
MASTER = bytes(range(32))


def a_context(directory: Path, service: str = "recruitment", *, today: date = TODAY, metadata: MetaData | None = None) -> Context:
    """A context with its own file under `directory`, shared keys, a simulated day and the packs of the project."""
    clock = SimulatedClock(today)
    database = Database(f"sqlite:///{directory}/{service}.sqlite3", service)
    with database.write() as connection:
        (metadata or service_metadata()).create_all(connection)
    store = KeyStore(Database(f"sqlite:///{directory}/{keys.SCHEMA}.sqlite3", keys.SCHEMA), MASTER, clock)
    store.create_table()
    return Context(service, database, store, clock, PolicyBook.load())
