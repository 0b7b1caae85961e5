"""Runs one service: its own nameko container with its own config and port. Several may run in one process."""

from __future__ import annotations

from typing import Any

import eventlet
import structlog
from nameko.containers import ServiceContainer

from kernel.errors import Transient
from kernel.http import idempotency
from kernel.http.server import ADDRESS_KEY, WebServer
from kernel.runtime.runtime import CONFIG_KEY, Runtime
from kernel.runtime.timers import Timer, take

__all__ = ["CONFIG_KEY", "Runtime", "ServiceHost"]

log = structlog.get_logger(__name__)

#: Seconds between two rounds of housekeeping.
HOUSEKEEPING = 3_600


class ServiceHost:
    """A service class at work on a port; 0 takes a free one.

    The process has to be monkey-patched by its entry point. `stop` reads no more, lets running requests and batches finish,
    and returns when they have.
    """

    def __init__(self, service: type[Any], runtime: Runtime, port: int) -> None:
        self.runtime = runtime
        self.name: str = service.name
        if self.name != runtime.context.service:
            raise ValueError(f"service {self.name} was given the context of {runtime.context.service}")
        address = (runtime.settings.http_host, port)
        self._housekeeping: Any = None
        self._container = ServiceContainer(service, {CONFIG_KEY: runtime, ADDRESS_KEY: address})

    @property
    def port(self) -> int:
        """The port in fact. Only after `start`."""
        server: WebServer = self._container.shared_extensions[WebServer]
        return server.port

    def start(self) -> None:
        """Raises `PortTaken`."""
        try:
            self._container.start()
        except BaseException:
            # What was set up before the one that failed holds its socket.
            self._container.kill()
            raise
        self._housekeeping = self._container.spawn_managed_thread(self._keep_house, identifier="housekeeping")
        log.info("started", service=self.name, port=self.port)

    def tick(self) -> None:
        """Runs every timer once, now: for whoever moves the business day and does not want to wait for the wall clock."""
        for entrypoint in self._container.entrypoints:
            if isinstance(entrypoint, Timer):
                entrypoint.tick()

    def stop(self) -> None:
        if self._housekeeping is not None:
            self._housekeeping.kill()
        self._container.stop()
        log.info("stopped", service=self.name)

    def wait(self) -> None:
        """Returns when the service has been stopped; raises what it died of."""
        self._container.wait()

    def _keep_house(self) -> None:
        """Deletes what the kernel keeps for a while only. Killed at the stop, at any point: the transaction rolls back."""
        context = self.runtime.context
        while True:
            eventlet.sleep(HOUSEKEEPING)
            try:
                if take(context, "housekeeping", self.runtime.instance, 2 * HOUSEKEEPING):
                    with context.database.write() as connection:
                        forgotten = idempotency.forget_old(connection, context.clock)
                    log.info("forgot old answers", service=self.name, answers=forgotten)
            except Transient as error:
                log.warning("housekeeping put off", service=self.name, reason=str(error))
