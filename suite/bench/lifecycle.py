"""`lifecycle`: whole lifecycles per second through all services on servers, from the application to the full member; `embedded`: the same
in one process. Lifecycles of both cities go side by side; the business day moves when all of them wait for one.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families

from kernel.clock import Clock, FileClock
from kernel.http.auth import Tokens
from kernel.ops.settings import Settings
from suite.bench import town
from suite.bench.ground import Ground
from suite.bench.rounds import OURS, Scenario
from suite.client import Doors
from suite.demo.cohort import Cohort, towns
from suite.demo.departments import Departments
from suite.ports import free_base_port
from suite.services import BY_NAME, DEPARTMENT_PORT_OFFSET

#: Lifecycles of a round, and how many of them act at the same moment.
SIZE, THREADS = 12, 4
#: The first business day of a run; each round takes some four years.
START = date(2015, 3, 2)
#: The counter of events applied.
APPLIED = "xinhuo_events_applied_total"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Calendar:
    """The business day of all processes of the suite, in a file."""

    def __init__(self, path: Path, day: date) -> None:
        self._clock = FileClock(path)
        self._clock.set(day)

    @property
    def today(self) -> date:
        return self._clock.today()

    def to(self, day: date) -> None:
        if day > self.today:
            self._clock.set(day)


@contextmanager
def suite(environ: Mapping[str, str], *arguments: str) -> Iterator[tuple[Cohort, int]]:
    """`xinhuo up` with the departments' system beside it, two small towns on it. Yields the cohort and the process."""
    with tempfile.TemporaryDirectory() as directory:
        base = free_base_port(20_000, int(time.monotonic_ns()) % 1_000_000)
        calendar = Calendar(Path(directory) / "today", START)
        settings = {
            "XINHUO_DATA_DIR": f"{directory}/data",
            "XINHUO_CLOCK_FILE": f"{directory}/today",
            "XINHUO_BASE_PORT": str(base),
            **environ,
        }
        addresses = {name: f"http://127.0.0.1:{service.port(base)}" for name, service in BY_NAME.items()}
        doors = Doors(addresses, Tokens(Settings().token_secret, Clock()), patience=6_000, outages=True)
        departments = Departments(f"http://127.0.0.1:{base + DEPARTMENT_PORT_OFFSET}")
        with town.running(["up", *arguments], settings, town.port_of(base)) as door:
            departments.wait_until_up(town.START)
            yield Cohort(doors, departments, calendar, towns(doors, calendar)), door.pid


def processor_seconds(parent: int) -> dict[str, float]:
    """Processor time so far, by what the process and its children are called."""
    found: dict[str, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # ended meanwhile
        if int(entry.name) == parent or int(stat[1]) == parent:
            name = " ".join(arguments[arguments.index("suite.cli") + 1 :]).strip() if "suite.cli" in arguments else arguments[0]
            found[name] = found.get(name, 0.0) + (int(stat[11]) + int(stat[12])) / TICKS_PER_SECOND
    return found


def events_applied(doors: Doors) -> float:
    """Events that the services have applied so far, each at its own metrics."""
    total = 0.0
    for service, address in doors.addresses.items():
        families = text_string_to_metric_families(requests.get(f"{address}/metrics", timeout=town.START).text)
        samples = (sample for family in families for sample in family.samples)
        total += sum(s.value for s in samples if s.name == APPLIED and s.labels["service"] == service)
    return total


def _measured(cohort: Cohort, parent: int, size: int, notes: dict[str, Any]) -> float:
    """Lifecycles per second. Everybody has to become a full member."""
    lifecycles, commands = cohort.lifecycles(size), list[str]()
    cohort.doors.answered = lambda key, _path: commands.append(key)
    before, applied, started = processor_seconds(parent), events_applied(cohort.doors), time.monotonic()
    cohort.live(lifecycles, THREADS)
    seconds = time.monotonic() - started
    states = [lifecycle.walk.now()["state"] for lifecycle in lifecycles]
    if states != ["full"] * size:
        raise AssertionError(f"not everybody became a full member: {states}")
    spent = processor_seconds(parent)
    notes["events_per_second"].append(round((events_applied(cohort.doors) - applied) / seconds, 1))
    notes["commands_per_second"].append(round(len(commands) / seconds, 1))
    notes["commands_per_lifecycle"] = round(len(commands) / size, 1)
    shares = {name: round(spent[name] - before.get(name, 0.0), 2) for name in spent}
    notes["processor_seconds"].append(dict(sorted(shares.items(), key=lambda item: -item[1])))
    return size / seconds


def _scenario(name: str, what: str, cohort: Cohort, parent: int, size: int) -> Scenario:
    notes: dict[str, Any] = {
        "size": size,
        "threads": THREADS,
        "commands_per_second": [],
        "events_per_second": [],
        "processor_seconds": [],
    }
    return Scenario(
        name=name,
        what=what,
        unit="lifecycles/s",
        sides={OURS: lambda _: _measured(cohort, parent, size, notes)},
        notes=notes,
    )


@contextmanager
def scenario(ground: Ground) -> Iterator[Scenario]:
    environ = {"XINHUO_PROFILE": "servers", "XINHUO_DATABASE_URL": ground.database_url, "XINHUO_AMQP_URL": ground.amqp_url}
    with suite(environ, "--servers") as (cohort, parent):
        what = "whole lifecycles per second through all services, a process per service and relay"
        yield _scenario("lifecycle", what, cohort, parent, 4 if ground.quick else SIZE)


@contextmanager
def embedded_scenario(ground: Ground) -> Iterator[Scenario]:
    with suite({"XINHUO_PROFILE": "embedded"}) as (cohort, parent):
        what = "whole lifecycles per second, all services in one process on SQLite"
        yield _scenario("embedded", what, cohort, parent, 4 if ground.quick else SIZE)
