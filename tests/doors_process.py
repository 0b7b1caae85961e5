"""A service's doors over the files of a test's world, in a process of its own: `python doors_process.py SERVICE WORLD DIRECTORY CITY`.

WORLD is the module whose `context_of(directory, city)` opens them. Prints the port on the first line of standard output, and stops
cleanly at SIGTERM.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402

from kernel.ops import logs  # noqa: E402
from kernel.ops.settings import Settings  # noqa: E402
from kernel.runtime.service import Runtime, ServiceHost  # noqa: E402
from kernel.runtime.signals import wait_for_stop  # noqa: E402
from suite.services import BY_NAME  # noqa: E402

if __name__ == "__main__":
    name, world, directory, city = sys.argv[1:]
    settings = Settings.load({})
    logs.configure(name, level=settings.log_level, format=settings.log_format)
    context = import_module(world).context_of(Path(directory), city)
    host = ServiceHost(BY_NAME[name].service_class, Runtime.of(context, settings), 0)
    host.start()
    print(host.port, flush=True)
    wait_for_stop(host)
    host.stop()
