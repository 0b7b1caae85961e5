"""The suite as people run it: `xinhuo up` in a process of its own (servers: with one per service and relay), and the departments'
system beside it. A file holds the business day for all of them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import requests

from kernel.clock import Clock, FileClock
from kernel.http.auth import Tokens
from kernel.ops.settings import DEVELOPMENT_TOKEN_SECRET
from suite.client import Acting, Doors
from suite.demo.departments import Departments
from suite.services import BY_NAME, DEPARTMENT_PORT_OFFSET
from tests import servers
from tests.faults import processes
from tests.faults.nursery import xinhuo
from tests.faults.processes import Process, wait_until

START = date(2015, 3, 2)


class Calendar:
    """The business day of all processes."""

    def __init__(self, path: Path) -> None:
        self._clock = FileClock(path)
        self._clock.set(START)

    @property
    def today(self) -> date:
        return self._clock.today()

    def to(self, day: date) -> None:
        assert day >= self.today
        self._clock.set(day)


class RunningSuite:
    """Started by `running_suite`. `doors` wait out outages."""

    def __init__(self, profile: str, directory: Path, **settings: str) -> None:
        self.profile, self.directory = profile, directory
        self.base_port = processes.free_base()
        self.calendar = Calendar(directory / "today")
        self.settings = {
            "profile": profile,
            "data_dir": str(directory / "data"),
            "clock_file": str(directory / "today"),
            "base_port": str(self.base_port),
            "log_level": "warning",
            **settings,
        }
        addresses = {name: f"http://127.0.0.1:{service.port(self.base_port)}" for name, service in BY_NAME.items()}
        self.doors = Doors(addresses, Tokens(DEVELOPMENT_TOKEN_SECRET, Clock()), patience=3_000, outages=True)
        self.departments = Departments(f"http://127.0.0.1:{self.base_port + DEPARTMENT_PORT_OFFSET}")
        self._up: Process | None = None

    # -- processes

    def start(self) -> None:
        """`xinhuo up`, until every service is ready."""
        servers_too = ["--servers"] if self.profile == "servers" else []
        self._up = xinhuo("up", "--no-department", *servers_too, log=self.directory / "up.log", **self.settings)
        for address in self.doors.addresses.values():
            self._up.wait_ready(f"{address}/readyz")

    def start_departments(self, stack: ExitStack) -> None:
        port = str(self.base_port + DEPARTMENT_PORT_OFFSET)
        log = self.directory / "department.log"
        stack.enter_context(xinhuo("department", "--port", port, log=log, **self.settings))
        self.departments.wait_until_up(processes.PATIENCE)

    def kill(self, service: str) -> None:
        """SIGKILL: embedded the whole suite, which is started again; on servers one service, which its supervisor starts again."""
        assert self._up is not None
        if self.profile == "embedded":
            self._up.kill()
            self.start()
            return
        before = self._process_of(service)
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: self._process_of(service) not in (0, before), f"another process of {service}", alive=[self._up])
        self._up.wait_ready(f"{self.doors.addresses[service]}/readyz")

    def stop(self) -> None:
        """As Ctrl-C does. On servers all processes end with it."""
        if self._up is not None and self._up.running:
            self._up.terminate()

    def children(self) -> dict[str, int]:
        """On servers: the supervisor's processes that run now, `service NAME` and `relay NAME`, with their numbers."""
        assert self._up is not None
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(entry) == self._up.pid:
                _, there, command = _arguments(entry).partition(b"suite.cli ")
                if there:
                    found[command.decode().strip()] = int(entry.name)
        return found

    def _process_of(self, service: str) -> int:
        return self.children().get(f"service {service}", 0)

    # -- people and operators

    def administrator(self, city_code: str) -> Acting:
        return self.doors.acting("admin", "administrator", city_code, f"/{city_code}/")

    def command(self, *arguments: str, status: int = 0) -> str:
        """What `xinhuo ARGUMENTS` says, run as an operator runs it."""
        with xinhuo(*arguments, log=self.directory / "commands.log", **self.settings) as process:
            assert process.join() == status, process.output()
            return process.output()

    def settled(self, service: str) -> int:
        """Waits until the service has nothing left to send. Returns how many messages are put aside there."""
        wait_until(lambda: self._health(service).get("pending") == 0, f"nothing pending in {service}")
        return int(self._health(service)["parked"])

    def _health(self, service: str) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False
            told: dict[str, Any] = session.get(f"{self.doors.addresses[service]}/readyz", timeout=30).json()
        return told


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _arguments(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return b""


@contextmanager
def running_suite(profile: str, directory: Path) -> Iterator[RunningSuite]:
    """The suite and the departments' system, ready; on servers with a database and a vhost of its own."""
    with ExitStack() as stack:
        given = {}
        if profile == "servers":
            given["database_url"] = stack.enter_context(servers.temporary_database()).url
            given["amqp_url"] = stack.enter_context(servers.temporary_vhost())
        suite = RunningSuite(profile, directory, **given)
        stack.callback(suite.stop)
        suite.start()
        suite.start_departments(stack)
        yield suite
