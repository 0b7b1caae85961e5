"""Processes of the stage and its audience (see `tests.stage`), started by the tests of the bus:

embedded DIRECTORY         the audience hears the stage in one process, on SQLite files
relay DATABASE BROKER      the stage's relay
audience DATABASE BROKER   the audience as a nameko service
stranger DATABASE BROKER   somebody else's nameko service, which prints what it hears

They are forked from warm processes, see `tests.faults.nursery`.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kernel.bus.amqp_publisher import AmqpPublisher
from kernel.bus.relay import LocalPublisher, Relay
from kernel.bus.relay_process import Exclusive, run, run_process
from kernel.store.database import Database
from tests import stage

#: The kinds that run under eventlet.
GREEN = frozenset({"audience", "stranger"})


def embedded(directory: str) -> None:
    consumer = stage.listener(Database(f"sqlite:///{Path(directory) / 'audience.db'}", "audience"))
    store = Database(f"sqlite:///{Path(directory) / 'stage.db'}", "stage")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop.set).start())
    print("up", flush=True)
    run(Relay(store, LocalPublisher("stage", [consumer]), batch=50), stop)


def relay(database: str, broker: str) -> None:
    publisher = AmqpPublisher(broker, "stage", stage.SUBSCRIPTIONS)
    print("up", flush=True)
    run_process(Relay(Exclusive(Database(database, "stage")), publisher))


def audience(database: str, broker: str) -> None:
    from kernel.bus.amqp_consumer import Streams

    class Audience:
        name = "audience"
        streams = Streams(stage.audience())

    runtime = SimpleNamespace(
        context=stage.context(Database(database, "audience")),
        settings=SimpleNamespace(profile="servers", amqp_url=broker),
        health=SimpleNamespace(checks={}),
    )
    serve(Audience, {"xinhuo": runtime})


def stranger(_database: str, broker: str) -> None:
    from nameko.events import event_handler

    class Stranger:
        name = "stranger"

        @event_handler("stage", "line_said")
        def hear(self, payload: Any) -> None:
            print("heard", payload["data"]["text"], flush=True)

    serve(Stranger, {"AMQP_URI": broker})


def serve(service: type, config: dict[str, Any]) -> None:
    from nameko.containers import ServiceContainer

    from kernel.runtime.signals import wait_for_stop

    container = ServiceContainer(service, config=config)
    container.start()
    print("up", flush=True)
    wait_for_stop()
    container.stop()


def main() -> None:
    kind, *arguments = sys.argv[1:]
    {"embedded": embedded, "relay": relay, "audience": audience, "stranger": stranger}[kind](*arguments)
