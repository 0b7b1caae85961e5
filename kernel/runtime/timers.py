"""Timers that tick on one instance at a time.

    @every(60, "overdue")
    def publish_overdue(self, context: Context) -> None: ...

Before each run the instance takes or renews a row in the table `lease`, and renews it while the run goes on. When the holder dies,
another one takes over as soon as the row has run out. A holder that was paused may come back and finish its run beside its
successor's: what a timer does has to stand being done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import eventlet
import structlog
from eventlet.event import Event
from nameko.extensions import Entrypoint, register_entrypoint
from sqlalchemy import delete, or_, update

from kernel.context import Context
from kernel.errors import Transient
from kernel.ops import metrics
from kernel.runtime.runtime import CONFIG_KEY, Runtime
from kernel.store.database import insert_ignore
from kernel.store.tables import lease

log = structlog.get_logger(__name__)

#: A lease outlives so many ticks that did not come, and at least this many seconds.
TICKS_MISSED = 3
LEAST_SECONDS = 5.0

Method = TypeVar("Method", bound=Callable[..., Any])


def take(context: Context, name: str, holder: str, seconds: float) -> bool:
    """Takes or renews the lease for so long. Returns whether `holder` has it. Raises `Transient`."""
    now = context.clock.wall()
    until = now + timedelta(seconds=seconds)
    with context.database.write() as connection:
        # One statement decides: the second of two that try at once finds the row changed.
        mine = update(lease).where(lease.c.name == name, or_(lease.c.holder == holder, lease.c.until < now))
        if connection.execute(mine.values(holder=holder, until=until)).rowcount == 1:
            return True
        row = {"name": name, "holder": holder, "until": until}
        return connection.execute(insert_ignore(connection, lease), row).rowcount == 1


def give_back(context: Context, name: str, holder: str) -> None:
    """Lets go of the lease, so that another instance need not wait for its end."""
    with context.database.write() as connection:
        connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


class Timer(Entrypoint):  # type: ignore[misc]
    """Runs a method every so many seconds of wall time, where it holds the lease."""

    def __init__(self, seconds: float, name: str, follows_day: bool = True) -> None:
        super().__init__()
        self.seconds = seconds
        self.name = name
        self.follows_day = follows_day
        self.lease_seconds = max(TICKS_MISSED * seconds, LEAST_SECONDS)
        self._stopping = Event()
        self._loop: Any = None
        self._held_at: datetime | None = None

    def start(self) -> None:
        if self.follows_day and self._runtime.day_is_moved:
            return
        self._loop = self.container.spawn_managed_thread(self._run, identifier=f"timer {self.name}")

    def stop(self) -> None:
        if not self._stopping.ready():
            self._stopping.send()
        if self._loop is not None:
            self._loop.wait()
        self._let_go()

    def kill(self) -> None:
        if self._loop is not None:
            self._loop.kill()

    @property
    def _runtime(self) -> Runtime:
        runtime: Runtime = self.container.config[CONFIG_KEY]
        return runtime

    def _run(self) -> None:
        while not self._sleep(self.seconds):
            self.tick()

    def _sleep(self, seconds: float) -> bool:
        """Returns whether it is time to stop."""
        with eventlet.Timeout(seconds, False):
            self._stopping.wait()
        return bool(self._stopping.ready())

    def tick(self) -> None:
        """One run, where the lease is had."""
        if not self._hold():
            return
        renewal = eventlet.spawn(self._keep)
        done = Event()
        try:
            self.container.spawn_worker(
                self, (self._runtime.context,), {}, handle_result=lambda _, result, failure: self._note(done, result, failure)
            )
            done.wait()
        finally:
            renewal.kill()

    def _hold(self) -> bool:
        runtime = self._runtime
        service, now = runtime.context.service, runtime.context.clock.wall()
        # Not before the moment itself: a clock that was set back must not make a lease look fresh for an hour.
        fresh = timedelta(seconds=self.lease_seconds / TICKS_MISSED / 2)
        if self._held_at is not None and self._held_at <= now < self._held_at + fresh:
            return True
        try:
            held = take(runtime.context, self.name, runtime.instance, self.lease_seconds)
        except Transient as error:
            # Without the database there is nothing to do either; the next tick tries again.
            log.warning("no lease", service=service, timer=self.name, reason=str(error))
            held = False
        metrics.lease_held.labels(service, self.name).set(int(held))
        # What was had is good for longer than this: ticks that follow one another closely need not write it again.
        self._held_at = now if held else None
        return held

    def _keep(self) -> None:
        while True:
            eventlet.sleep(self.lease_seconds / TICKS_MISSED)
            self._hold()

    def _note(self, done: Any, result: Any, failure: Any) -> tuple[Any, Any]:
        # nameko logs the failure with its stack.
        outcome = "done" if failure is None else "failed"
        metrics.timer_runs.labels(self._runtime.context.service, self.name, outcome).inc()
        done.send()
        return result, failure

    def _let_go(self) -> None:
        runtime = self._runtime
        self._held_at = None
        try:
            give_back(runtime.context, self.name, runtime.instance)
        except Transient as error:
            log.warning("lease left to run out", timer=self.name, reason=str(error))
        metrics.lease_held.labels(runtime.context.service, self.name).set(0)


def every(seconds: float, name: str, *, follows_day: bool = True) -> Callable[[Method], Method]:
    """method(self, context): runs every so many seconds on one instance of the service. `name` is unique in the service.

    `follows_day`: what it does depends on the business day and on what is recorded. Where somebody moves the day
    (`Runtime.day_is_moved`), it runs on `ServiceHost.tick` only.
    """

    def register(function: Method) -> Method:
        register_entrypoint(function, Timer(seconds, name, follows_day))
        return function

    return register
