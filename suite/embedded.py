"""The whole suite in one process: SQLite files, no broker, every service on a port of its own.

The caller has monkey-patched the process already (`suite.cli` does). `kill -9` loses nothing at any moment: what was answered is in
the files, what was pending is sent again at the next start, and the consumers recognise what they have handled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import structlog
from eventlet.event import Event

from kernel.bus.consumer import Consumer
from kernel.bus.relay import LocalPublisher, Relay
from kernel.clock import Clock
from kernel.context import Context
from kernel.errors import Transient
from kernel.ops.settings import Settings
from kernel.runtime.service import Runtime, ServiceHost
from kernel.store.database import Database
from suite.assembly import contexts, migrate, only_process
from suite.services import INSTALLED

log = structlog.get_logger(__name__)

#: Seconds between looks at an empty pending table for which nobody has rung, and after a failure.
IDLE, BACKOFF = 0.5, 0.5
#: Seconds between two looks of somebody who waits until everything has been heard.
SETTLING = 0.005


class Embedded:
    """The running suite. `start`, then `stop`; `settle` waits until every event has been heard.

    Whoever passes a `clock` moves the business day, and calls `tick` after each move.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self._day_is_moved = clock is not None
        self.contexts: dict[str, Context] = contexts(settings, tuple(service.name for service in INSTALLED), clock)
        consumers = [Consumer(self.contexts[service.name], service.reactions) for service in INSTALLED]
        self.relays = [Relay(context.database, LocalPublisher(name, consumers)) for name, context in self.contexts.items()]
        self.consumers = consumers
        self.hosts: list[ServiceHost] = []
        self._running = False
        self._threads: list[Any] = []
        self._bells: list[Bell] = []

    def start(self, *, doors: bool = True) -> None:
        """Starts the relays, and with `doors` the services' HTTP."""
        self._running = True
        if doors:
            for service in INSTALLED:
                service.prepare()
            for service in INSTALLED:
                runtime = Runtime.of(self.contexts[service.name], self.settings, day_is_moved=self._day_is_moved)
                host = ServiceHost(service.service_class, runtime, service.port(self.settings.base_port))
                host.start()
                self.hosts.append(host)
        self._bells = [Bell(context.database) for context in self.contexts.values()]
        self._threads = [eventlet.spawn(self._relay, *pair) for pair in zip(self.relays, self._bells, strict=True)]

    def stop(self) -> None:
        """Finishes running requests and batches, then closes."""
        for host in self.hosts:
            host.stop()
        self._running = False
        for bell in self._bells:
            bell.ring()
        for thread in self._threads:
            thread.wait()
        for context in self.contexts.values():
            context.database.dispose()

    def settle(self) -> None:
        """Waits until nothing is pending anywhere: what a reaction says is pending before what it heard is gone."""
        while any(relay.depth() for relay in self.relays):
            eventlet.sleep(SETTLING)

    def tick(self) -> None:
        """Runs every service's timers once, now: after the business day was moved."""
        for host in self.hosts:
            host.tick()

    def addresses(self) -> dict[str, str]:
        base = self.settings.base_port
        return {service.name: f"http://{self.settings.http_host}:{service.port(base)}" for service in INSTALLED}

    def _relay(self, relay: Relay, bell: Bell) -> None:
        while self._running:
            # Quieted before the look: what is said after it rings again.
            bell.quiet()
            try:
                if relay.round():
                    eventlet.sleep(0)
                    continue
                relay.publisher.idle()
                bell.wait(IDLE)
            except Transient as error:
                log.warning("relay holds", service=relay.database.schema, error=str(error))
                eventlet.sleep(BACKOFF)
            except Exception:
                # There is no supervisor to start this thread again. Nothing was confirmed, so nothing is lost.
                log.exception("relay holds", service=relay.database.schema)
                eventlet.sleep(BACKOFF)


class Bell:
    """Rung by the commands of a database in this process; its relay waits for it instead of looking again and again."""

    def __init__(self, database: Database) -> None:
        self._rung = Event()
        database.bell = self.ring

    def ring(self) -> None:
        if not self._rung.ready():
            self._rung.send()

    def quiet(self) -> None:
        if self._rung.ready():
            self._rung.reset()

    def wait(self, seconds: float) -> None:
        """Until it rings, or so long."""
        with eventlet.Timeout(seconds, False):
            self._rung.wait()


@contextmanager
def running(settings: Settings, clock: Clock | None = None, *, doors: bool = True) -> Iterator[Embedded]:
    """Migrates, starts, and stops at the end."""
    with only_process(settings):
        migrate(settings)
        suite = Embedded(settings, clock)
        suite.start(doors=doors)
        try:
            yield suite
        finally:
            suite.stop()
