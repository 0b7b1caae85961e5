"""Buries what a test run leaves behind, also when the run itself is killed with SIGKILL.

Every process that the harness starts carries the run's mark in its environment, and hands it on to the processes that it starts
itself. A process apart from the run holds the other end of a pipe: when the pipe closes, because the run ended or died, it kills
every process that carries the mark, and no other, and removes the directories that it was told of.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

VARIABLE = "FAULTS_RUN_MARK"


class Undertaker:
    """The run's end of the pipe."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def mark(self) -> dict[str, str]:
        """The variable that every started process must have in its environment. The watch begins with the first call."""
        self._begin()
        return {VARIABLE: self._mark}

    def remove(self, directory: Path) -> None:
        """Remove the directory when the run ends."""
        process = self._begin()
        with self._lock:
            assert process.stdin is not None
            process.stdin.write(f"{directory}\n")
            process.stdin.flush()

    def bury(self) -> None:
        """Kills and removes now, and returns when it is done."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def _begin(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._process is None:
                # In a session of its own: Ctrl-C must not reach it before its work is done.
                command = [sys.executable, __file__, self._mark]
                self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)
            return self._process


def marked(mark: str) -> list[int]:
    """The processes that carry this mark."""
    wanted = f"{VARIABLE}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # Ended meanwhile, or somebody else's: not ours in either case.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found


def main() -> None:
    mark = sys.argv[1]
    directories = [line.rstrip("\n") for line in sys.stdin]
    # Again until none is left: a supervisor may have started a child between the look and the blow.
    while pids := marked(mark):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)  # what cannot be removed stays in the system's temporary directory


undertaker = Undertaker()

if __name__ == "__main__":
    main()
