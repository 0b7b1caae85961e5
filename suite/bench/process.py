"""A side in a process of its own, from start to figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds after which a side counts as hanging. A side that works takes a small part of it.
PATIENCE = 300


class SideFailed(Exception):
    """A side's process ended or hung without giving its figures."""


class Side:
    """See `stage` for what is said."""

    def __init__(self, module: str, process: subprocess.Popen[str], errors: Any) -> None:
        self.module = module
        self.process = process
        self._errors = errors

    def wait_ready(self) -> None:
        while (line := self._line()) != "ready":
            if not line:
                raise self._failed()

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def go(self) -> None:
        self.say("go")

    def figures(self) -> dict[str, Any]:
        """What the side has measured. Whatever else a library has printed is passed over."""
        while line := self._line():
            if line.startswith("{"):
                figures: dict[str, Any] = json.loads(line)
                return figures
        raise self._failed()

    def _line(self) -> str:
        assert self.process.stdout is not None
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        try:
            # A line of a side that talks is never empty; an empty one is its end.
            return self.process.stdout.readline().rstrip("\n")
        finally:
            watchdog.cancel()

    def _failed(self) -> SideFailed:
        self.process.kill()
        status = self.process.wait()
        self._errors.seek(0)
        return SideFailed(f"{self.module} ended with status {status}\n{self._errors.read()[-3000:]}")


@contextmanager
def side(module: str, task: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Iterator[Side]:
    """Starts a side and waits until it is ready. At the end it is terminated if it still runs."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module],
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        found = Side(module, process, errors)
        try:
            found.say(json.dumps(task))
            found.wait_ready()
            yield found
        finally:
            process.terminate()
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def measured(module: str, task: Mapping[str, Any]) -> dict[str, Any]:
    """One side from start to figures."""
    with side(module, task) as running:
        running.go()
        return running.figures()
