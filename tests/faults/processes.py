"""Processes under test: started, watched, paused, killed; nothing survives the run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from suite.ports import OFFSETS, free_ports
from tests.faults.undertaker import undertaker

ROOT = Path(__file__).resolve().parents[2]

#: Seconds after which a wait is given up. A safety net against hanging, not a bound that a test may lean on.
PATIENCE = 120.0

T = TypeVar("T")

#: The ports of this run: below the system's range for outgoing connections, since a client that keeps knocking at a port in that range
#: can be given the very same port as its own and then talks to itself. Each worker of a run has its own, for what is free when somebody
#: looks may be taken a moment later: first those from which a suite counts its ports, then single ones.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
_BASES = range(20_000 + 3_000 * _WORKER, 22_000 + 3_000 * _WORKER, 100)
_SINGLE = range(_BASES.stop, _BASES.stop + 1_000)

_ports = random.SystemRandom()
_given: set[int] = set()
_last_base = _ports.randrange(len(_BASES))


class Died(AssertionError):
    """A process ended while something was still expected of it."""


class GivenUp(AssertionError):
    """Something is asked for no more: the run has failed elsewhere, or patience has ended."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens, given out only once per run."""
    for port in _ports.sample(_SINGLE, len(_SINGLE)):
        if port not in _given and free_ports(port):
            _given.add(port)
            return port
    raise RuntimeError(f"no free port between {_SINGLE.start} and {_SINGLE.stop}")


def free_base() -> int:
    """A base port from which a suite and what belongs to it can count; another one each time, until all have had their turn."""
    global _last_base
    for _ in _BASES:
        _last_base = (_last_base + 1) % len(_BASES)
        base = _BASES[_last_base]
        if free_ports(*(base + offset for offset in OFFSETS)):
            return base
    raise RuntimeError(f"no free base port between {_BASES.start} and {_BASES.stop}")


def wait_until(question: Callable[[], T], what: str, *, patience: float = PATIENCE, alive: Iterable[Process] = ()) -> T:
    """Asks until the answer is true and returns it; `Died` when one of `alive` ends before, TimeoutError at the end of patience."""
    end = time.monotonic() + patience
    while True:
        answer = question()
        if answer:
            return answer
        for process in alive:
            process.must_live(what)
        if time.monotonic() > end:
            tails = "".join(f"\n--- {process.name}\n{process.tail()}" for process in alive)
            raise TimeoutError(f"waited {patience:.0f} s for {what}{tails}")
        time.sleep(0.05)


def http_status(url: str) -> int | None:
    """The status of a GET, None when nobody answers."""
    # Without proxies: the address is on this machine, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)
    except OSError:
        return None


class Started(Protocol):
    """What a process is to the system."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float) -> int:
        """Raises subprocess.TimeoutExpired."""


class Process:
    """One subprocess in a session of its own; its output goes to `log`, appended."""

    def __init__(
        self,
        command: Sequence[object],
        *,
        name: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        user: str | None = None,
    ) -> None:
        """`env` is the whole environment; `user` is the account to run as (only root may change it)."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._offset = output.tell()
            self._system: Started = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(os.environ if env is None else env) | undertaker.mark(),
                cwd=cwd,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )

    @property
    def pid(self) -> int:
        return self._system.pid

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._system.poll()

    @property
    def running(self) -> bool:
        return self.status is None

    def output(self) -> str:
        """What this run has written so far."""
        with self.log.open("rb") as log:
            log.seek(self._offset)
            return log.read().decode(errors="replace")

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.output().splitlines()[-lines:])

    def must_live(self, what: str) -> None:
        if not self.running:
            raise Died(f"{self.name} ended with status {self.status} before {what}\n{self.tail()}")

    def wait_for_line(self, text: str, patience: float = PATIENCE) -> str:
        """The first line of the output that holds `text`."""

        def line() -> str:
            return next((line for line in self.output().splitlines() if text in line), "")

        return wait_until(line, f"{text!r} in the output of {self.name}", patience=patience, alive=[self])

    def wait_ready(self, url: str, patience: float = PATIENCE) -> None:
        """Waits until `url` (usually …/readyz) answers 200."""
        wait_until(lambda: http_status(url) == 200, f"200 from {url}", patience=patience, alive=[self])

    def send(self, number: signal.Signals) -> None:
        """To the process alone; use `kill` for its whole group."""
        if self.running:
            os.kill(self.pid, number)

    def pause(self) -> None:
        """SIGSTOP to the whole group: open connections and transactions stay as they are."""
        self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_group(signal.SIGCONT)

    def kill(self) -> int:
        """SIGKILL to the whole group; returns the exit status."""
        self._signal_group(signal.SIGKILL)
        return self.join()

    def terminate(self, patience: float = PATIENCE) -> int:
        """SIGTERM, then waits; TimeoutError when it does not end."""
        self.send(signal.SIGTERM)
        return self.join(patience)

    def join(self, patience: float = PATIENCE) -> int:
        try:
            return self._system.wait(patience)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.name} did not end within {patience:.0f} s\n{self.tail()}") from None

    def _signal_group(self, number: signal.Signals) -> None:
        # Asked first, because the number of a process that was already waited for may belong to somebody else.
        if self.running:
            os.killpg(self.pid, number)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def environment(**settings: object) -> dict[str, str]:
    """This process's environment without any XINHUO_ setting, and `settings` on top (names without the prefix, any case)."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("XINHUO_")}
    return clean | {f"XINHUO_{key.upper()}": str(value) for key, value in settings.items()} | {"PYTHONUNBUFFERED": "1"}


def xinhuo(*arguments: str, log: Path, name: str = "", **settings: object) -> Process:
    """Starts `xinhuo ARGUMENTS` with exactly these settings, for example `xinhuo("service", "registry", log=…, http_port=…)`."""
    command = [sys.executable, "-m", "suite.cli", *arguments]
    return Process(command, name=name or " ".join(arguments), log=log, env=environment(**settings))


def script(path: Path, *arguments: str, log: Path, name: str = "", **settings: object) -> Process:
    """Starts a Python file of the tests with the project importable."""
    env = environment(**settings) | {"PYTHONPATH": str(ROOT)}
    return Process([sys.executable, path, *arguments], name=name or path.stem, log=log, env=env)
