"""A service's doors over the files of a test's world, as a process of its own with the arguments SERVICE WORLD DIRECTORY CITY.

WORLD is the module whose `context_of(directory, city)` opens them. Prints the port, and stops cleanly at SIGTERM. It is forked from a
warm process, see `tests.faults.nursery`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from kernel.ops import logs
from kernel.ops.settings import Settings
from kernel.runtime.service import Runtime, ServiceHost
from kernel.runtime.signals import wait_for_stop
from suite.services import BY_NAME


def main() -> None:
    name, world, directory, city = sys.argv[1:]
    settings = Settings.load({})
    logs.configure(name, level=settings.log_level, format=settings.log_format)
    context = import_module(world).context_of(Path(directory), city)
    host = ServiceHost(BY_NAME[name].service_class, Runtime.of(context, settings), 0)
    host.start()
    print(f"PORT={host.port}", flush=True)
    wait_for_stop(host)
    host.stop()
