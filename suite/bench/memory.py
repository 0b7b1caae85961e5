"""`memory`: what a service process holds after 10,000 commands, and the embedded suite after 1,000.

PSS: pages that several processes share are counted in parts, so the figures of a machine's processes may be added up.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.ops.settings import Settings
from kernel.store.database import Database
from suite.bench import command, town
from suite.bench.ground import Ground
from suite.bench.rounds import OURS, Scenario

COMMANDS, EMBEDDED_COMMANDS = 10_000, 1_000
#: Seconds of load between looks at the count.
STRETCH = 5


def pss(pid: int) -> float:
    """MiB."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found.group(1)) / 1024


@dataclass
class _Persons:
    """Numbers the persons, so that nobody applies twice."""

    used: int = 0

    def some(self) -> int:
        self.used += town.ROOM
        return self.used


def _work(door: town.Door, key: str, persons: _Persons, wanted: int) -> None:
    done = 0
    while done < wanted:
        done += sum(load.requests for load in town.apply_at([door], key, persons.some(), STRETCH))


def _after_commands(door: town.Door, key: str, persons: _Persons, wanted: int, at_start: list[float]) -> float:
    at_start.append(round(pss(door.pid), 1))
    _work(door, key, persons, wanted)
    return pss(door.pid)


@contextmanager
def embedded(directory: Path) -> Iterator[town.Door]:
    """The whole suite in one process, with the organisations of one branch."""
    base = 20_000 + town.free_port() % 20_000
    environ = {"XINHUO_PROFILE": "embedded", "XINHUO_DATA_DIR": str(directory), "XINHUO_BASE_PORT": str(base)}
    with town.running(["up", "--no-department"], environ, town.port_of(base)) as door:
        database = Database(f"sqlite:///{directory}/{town.SERVICE}.sqlite3", town.SERVICE, pool_size=1)
        town.tell_organisations(database)
        database.dispose()
        yield door


@contextmanager
def scenario(ground: Ground) -> Iterator[Scenario]:
    settings = command.prepared(ground)
    persons = _Persons()
    notes: dict[str, Any] = {"at_start": []}

    def ours(_number: int) -> float:
        command.empty(ground)
        with command.services(settings, 1) as (door,):
            return _after_commands(door, town.token(settings), persons, ground.size(COMMANDS), notes["at_start"])

    yield Scenario(
        name="memory",
        what=f"PSS of a service process after {ground.size(COMMANDS):,} commands",
        unit="MiB",
        sides={OURS: ours},
        notes=notes,
    )


@contextmanager
def embedded_scenario(ground: Ground) -> Iterator[Scenario]:
    persons = _Persons()
    notes: dict[str, Any] = {"at_start": []}

    def ours(_number: int) -> float:
        with tempfile.TemporaryDirectory() as directory, embedded(Path(directory)) as door:
            return _after_commands(door, town.token(Settings()), persons, ground.size(EMBEDDED_COMMANDS), notes["at_start"])

    yield Scenario(
        name="memory embedded",
        what=f"PSS of the embedded suite, all services in one process, after {ground.size(EMBEDDED_COMMANDS):,} commands",
        unit="MiB",
        sides={OURS: ours},
        notes=notes,
    )
