"""`xinhuo up --servers`: a process per service and per relay, restarted when it dies, stopped cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from kernel.ops.settings import Settings
from suite.services import DEPARTMENT_PORT_OFFSET

log = structlog.get_logger(__name__)

#: Seconds: the first pause before a restart, the longest, and how long a process must live to count as healthy.
FIRST_PAUSE, LONGEST_PAUSE, HEALTHY = 0.5, 15.0, 10.0
#: Seconds a process has to finish its requests and batches before it is killed.
GRACE = 15.0


@dataclass
class Child:
    """A process of the suite: the arguments of the command `xinhuo`, and variables of its own."""

    name: str
    arguments: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    log: Path | None = None  # where it writes; its parent's own output if None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    restarts: int = 0

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which stops the children in order.
        with ExitStack() as stack:
            output = stack.enter_context(open(self.log, "ab")) if self.log else None
            self.process = subprocess.Popen(
                [sys.executable, "-m", "suite.cli", *self.arguments],
                env={**os.environ, **self.environ},
                start_new_session=True,
                stdout=output,
                stderr=output,
            )
        self.started = time.monotonic()


class Supervisor:
    """Keeps the children running until it is told to stop."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "_stopping", True))
        for child in self.children:
            child.start()
        try:
            while not self._stopping:
                for child in self.children:
                    self._look_after(child)
                time.sleep(0.1)
        finally:
            self.stop()

    def _look_after(self, child: Child) -> None:
        assert child.process is not None
        now = time.monotonic()
        if child.due:
            if now >= child.due:
                child.due = 0.0
                child.restarts += 1
                child.start()
        elif (status := child.process.poll()) is not None:
            child.pause = FIRST_PAUSE if now - child.started > HEALTHY else min(child.pause * 2, LONGEST_PAUSE)
            child.due = now + child.pause
            log.warning("process died, will be restarted", process=child.name, status=status, in_seconds=child.pause)

    def stop(self) -> None:
        """Services first, so that their last events still go out; then the relays. What does not end in time is killed."""
        order = sorted(self.children, key=lambda child: child.arguments[0] == "relay")
        for kind in (False, True):
            group = [child for child in order if (child.arguments[0] == "relay") == kind and child.process]
            for child in group:
                if child.process and child.process.poll() is None:
                    child.process.terminate()
            deadline = time.monotonic() + GRACE
            for child in group:
                assert child.process is not None
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.error("did not stop in time, killed", process=child.name)
                    child.process.kill()
                    child.process.wait()


def department_child(settings: Settings) -> Child:
    """The process that plays the departments' systems, in development."""
    port = settings.base_port + DEPARTMENT_PORT_OFFSET
    return Child("department", ["department", "--port", str(port)])


@contextmanager
def department_process(settings: Settings, *, wanted: bool = True, log: Path | None = None) -> Iterator[None]:
    """Runs the departments' system beside the embedded suite. `log`: where it writes."""
    if not wanted:
        yield
        return
    child = department_child(settings)
    child.log = log
    child.start()
    assert child.process is not None
    try:
        yield
    finally:
        child.process.terminate()
        child.process.wait(GRACE)
