"""A service of the suite as it runs on servers: under eventlet, with its door open, hearing its streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, make_url

from kernel.bus.amqp_consumer import Streams
from kernel.bus.event import Event
from kernel.bus.reaction import Reactions
from kernel.clock import Clock
from kernel.context import Context
from kernel.http.entrypoints import Reader, query
from kernel.ops.logs import configure
from kernel.ops.settings import Settings
from kernel.policy import PolicyBook
from kernel.runtime.runtime import Runtime
from kernel.runtime.service import ServiceHost
from kernel.store import keys
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.unit import Unit
from suite.bench.ground import SINK, STEP
from suite.bench.statements import INSERT, UPDATE

REACTIONS = Reactions()


@REACTIONS.hears(STEP)
def heard(unit: Unit, events: Sequence[Event]) -> None:
    rows = {
        "candidates": [event.data["candidate_id"] for event in events],
        "branches": [event.data["branch"] for event in events],
        "since": [event.data["since"] for event in events],
        "days": [event.day for event in events],
    }
    unit.connection.exec_driver_sql(UPDATE, rows)
    unit.connection.exec_driver_sql(INSERT, rows)


class Watcher:
    """The service under measurement. It has a door because services have one."""

    name = SINK
    streams = Streams(REACTIONS)

    @query("GET", "/nothing", roles=("auditor",), summary="Nothing")
    def nothing(self, reader: Reader) -> dict[str, Any]:
        reader.paths()
        return {}


def context(task: Any, name: str) -> Context:
    clock = Clock()
    url: URL = make_url(task["database_url"])
    store = KeyStore(Database(url.render_as_string(hide_password=False), keys.SCHEMA, pool_size=2), bytes(range(32)), clock)
    return Context(name, Database(task["database_url"], name), store, clock, PolicyBook({}))


def host(task: Any) -> ServiceHost:
    """The service, not started yet. It logs what is worth a look."""
    configure(SINK, level="warning")
    settings = Settings(profile="servers", database_url=task["database_url"], amqp_url=task["amqp_url"])
    return ServiceHost(Watcher, Runtime.of(context(task, SINK), settings), port=0)
