"""The demo as a stranger runs it: `xinhuo demo` in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tests.faults.processes import Process, free_base, xinhuo


def played(run: Path, *more: str) -> Process:
    """Starts it with its files in `run`. It is not forked from another: each orders its sets in its own way."""
    run.mkdir()
    arguments = ("demo", "--data-dir", str(run / "data"), "--report", str(run / "demo.json"), *more)
    return xinhuo(*arguments, log=run / "transcript", base_port=free_base())
