"""Scoring's doors over a world's files, as a process of their own: `python scoring_process.py DIRECTORY CITY`.

Prints the port on the first line of standard output, and stops cleanly at SIGTERM.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from kernel.ops import logs  # noqa: E402
from kernel.ops.settings import Settings  # noqa: E402
from kernel.runtime.service import Runtime, ServiceHost  # noqa: E402
from kernel.runtime.signals import wait_for_stop  # noqa: E402
from services.scoring.service import Scoring  # noqa: E402
from services.scoring.tests.scoring_world import context_of  # noqa: E402

if __name__ == "__main__":
    settings = Settings.load({})
    logs.configure("scoring", level=settings.log_level, format=settings.log_format)
    host = ServiceHost(Scoring, Runtime.of(context_of(Path(sys.argv[1]), sys.argv[2]), settings), 0)
    host.start()
    print(host.port, flush=True)
    wait_for_stop(host)
    host.stop()
