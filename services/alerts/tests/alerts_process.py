"""Alerts' doors over a world's files, as a process of their own: `python alerts_process.py DIRECTORY CITY`.

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
from services.alerts.service import Alerts  # noqa: E402
from services.alerts.tests.alerts_world import context_of  # noqa: E402

if __name__ == "__main__":
    settings = Settings.load({})
    logs.configure("alerts", level=settings.log_level, format=settings.log_format)
    host = ServiceHost(Alerts, Runtime.of(context_of(Path(sys.argv[1]), sys.argv[2]), settings), 0)
    host.start()
    print(host.port, flush=True)
    wait_for_stop(host)
    host.stop()
