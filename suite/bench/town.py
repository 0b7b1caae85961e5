"""The part of the suite that is put under load: recruitment, with the organisations of one branch, and applications for it.

One person is one request: `applications.lua` makes persons whom nobody has seen before.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import delete, insert

from kernel.actor import Actor, Post
from kernel.clock import Clock
from kernel.http.auth import Tokens
from kernel.ops.settings import Settings
from kernel.store.database import Database
from suite.bench.process import ROOT, SideFailed
from suite.services import BY_NAME

SERVICE = "recruitment"
#: Code, kind, whether it approves admissions; each below the one before.
ORGANISATIONS = (
    ("3307", "city_department", False),
    ("330702", "county_department", False),
    ("330702001", "committee", True),
    ("330702001001", "branch", False),
)
LUA = Path(__file__).with_name("applications.lua")
#: Persons that a run of wrk may use up.
ROOM = 1_000_000
START = 60


def path_to(code: str) -> str:
    codes = [known for known, _, _ in ORGANISATIONS]
    return f"/{'/'.join(codes[: codes.index(code) + 1])}/"


def organisations() -> list[dict[str, Any]]:
    """Rows of recruitment's copy, as the registry would have told."""
    return [
        {
            "code": code,
            "name": f"组织{code}",
            "kind": kind,
            "domain": "rural",
            "parent": ORGANISATIONS[at - 1][0] if at else None,
            "path": path_to(code),
            "city": "jinhua",
            "county": "330702" if at else "3307",
            "approval_power": approves,
            "has_committee": True,
            "employees": None,
            "under_rectification": False,
            "version": 1,
        }
        for at, (code, kind, approves) in enumerate(ORGANISATIONS)
    ]


def tell_organisations(database: Database) -> None:
    """Writes recruitment's copy of the organisations."""
    from services.recruitment.tables import organisation

    with database.write() as connection:
        connection.execute(delete(organisation))
        connection.execute(insert(organisation), organisations())


def token(settings: Settings) -> str:
    """Of the branch's clerk."""
    branch = ORGANISATIONS[-1][0]
    post = Post("bench", "branch_clerk", branch, path_to(branch), date(2010, 1, 1))
    return Tokens(settings.token_secret, Clock()).mint(Actor("bench", (post,)), timedelta(hours=4))


def port_of(base: int) -> int:
    """Where recruitment listens in a suite with that base port."""
    return BY_NAME[SERVICE].port(base)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Door:
    """A running process of the suite: its address, and its number for /proc."""

    address: str
    pid: int


@contextmanager
def running(arguments: Sequence[str], environ: Mapping[str, str], port: int) -> Iterator[Door]:
    """`xinhuo ARGUMENTS` in a process of its own, ready to be asked at `port`; stopped at the end."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "suite.cli", *arguments],
            cwd=ROOT,
            env={**os.environ, "XINHUO_LOG_LEVEL": "warning", **environ},
            stdout=log,
            stderr=log,
        )
        door = Door(f"http://127.0.0.1:{port}", process.pid)
        try:
            if not _becomes_ready(process, door):
                log.seek(0)
                raise SideFailed(f"xinhuo {' '.join(arguments)} was not ready (status {process.poll()})\n{log.read()[-3000:]}")
            yield door
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _becomes_ready(process: subprocess.Popen[bytes], door: Door) -> bool:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{door.address}/readyz", timeout=5).ok:
                return True
        except requests.ConnectionError:
            # Not listening yet.
            time.sleep(0.1)
    return False


@dataclass(frozen=True)
class Load:
    """What one wrk saw."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50_ms: float
    p99_ms: float


def apply_at(doors: Sequence[Door], key: str, first: int, seconds: int, connections: int = 8) -> list[Load]:
    """One wrk per door, side by side, each with its own persons. Raises `SideFailed` where a request was not answered with success."""
    started = [
        subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(LUA), door.address],
            env={**os.environ, "XINHUO_BENCH_TOKEN": key, "XINHUO_BENCH_FIRST": str(first + at * ROOM)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for at, door in enumerate(doors)
    ]
    found = []
    for process in started:
        said, _ = process.communicate(timeout=seconds + 60)
        load = Load(**json.loads(said.splitlines()[-1]))
        if load.refused or load.broken:
            raise SideFailed(f"of {load.requests} requests {load.refused} were refused and {load.broken} broke off")
        found.append(load)
    return found
