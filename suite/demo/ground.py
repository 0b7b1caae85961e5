"""The demo's ground: the whole suite in this process, the departments' system in another, and a day that is moved by hand."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kernel.clock import SimulatedClock
from kernel.http.auth import Tokens
from kernel.ops import logs
from kernel.ops.settings import Settings
from kernel.runtime import collector
from services.vetting import connections
from suite.client import Acting, Doors
from suite.demo.departments import Departments
from suite.embedded import Embedded, running
from suite.ports import free_base_port
from suite.services import DEPARTMENT_PORT_OFFSET
from suite.supervisor import department_process

#: Seconds between tries while events travel inside the process, and for the other process to come up.
PAUSE, COMING_UP = 0.005, 30.0


class Stopped(Exception):
    """Somebody has asked the demo to stop."""


class Calendar:
    """The business day of the running suite. It only goes forward; the timers tick on each new day.

    With `stopping` set the day does not go on any more: what was begun on it is done.
    """

    stopping = False

    def __init__(self, clock: SimulatedClock, suite: Embedded) -> None:
        self._clock = clock
        self._suite = suite

    @property
    def today(self) -> date:
        return self._clock.today()

    def to(self, day: date) -> None:
        if day < self.today:
            raise ValueError(f"the day only goes forward: {self.today} is past {day}")
        if day > self.today:
            if self.stopping:
                raise Stopped
            self._suite.settle()
            self._clock.set(day)
            self._suite.tick()


@dataclass
class Ground:
    """Everything that the demo acts on. `administrator` sees all posts, to give each account a token with its own."""

    suite: Embedded
    calendar: Calendar
    doors: Doors
    departments: Departments
    settings: Settings

    def administrator(self, city_code: str) -> Acting:
        return self.doors.acting("admin", "administrator", city_code, f"/{city_code}/")

    def settle(self) -> None:
        self.suite.settle()


@contextmanager
def prepared(data_dir: Path, day: date, seed: int) -> Iterator[Ground]:
    """Starts everything, and stops it at the end."""
    import eventlet

    environ = {**os.environ, "XINHUO_PROFILE": "embedded", "XINHUO_DATA_DIR": str(data_dir)}
    for unwanted in ("XINHUO_CLOCK_FILE", "XINHUO_FAILPOINTS", "XINHUO_DEPARTMENTS"):
        environ.pop(unwanted, None)
    environ["XINHUO_BASE_PORT"] = str(free_base_port(Settings.load(environ).base_port, seed))
    settings = Settings.load(environ)
    data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        _log_to(data_dir / "demo.log", stack)
        clock = SimulatedClock(day)
        connections.use(connections.load(environ))
        suite = stack.enter_context(running(settings, clock))
        stack.enter_context(department_process(settings, log=data_dir / "department.log"))
        doors = Doors(suite.addresses(), Tokens(settings.token_secret, clock), wait=lambda: eventlet.sleep(PAUSE), patience=6_000)
        departments = Departments(f"http://127.0.0.1:{settings.base_port + DEPARTMENT_PORT_OFFSET}", doors.wait)
        departments.wait_until_up(COMING_UP)
        collector.calm()
        yield Ground(suite, Calendar(clock, suite), doors, departments, settings)


def _log_to(path: Path, stack: ExitStack) -> None:
    """What the services log goes into a file: it has durations and ids, and would stand in the way of the progress."""
    logs.configure("demo", level="info")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    file = stack.enter_context(path.open("w", encoding="utf-8"))
    stack.callback(handler.setStream, handler.setStream(file))
