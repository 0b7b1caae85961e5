"""The vetting service as a process of its own on SQLite, for the tests: vetting_process.py DIRECTORY

Prints its port on the first line, and stops cleanly at SIGTERM. Where the departments listen stands in DIRECTORY/departments.toml.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from kernel.clock import FileClock  # noqa: E402
from kernel.context import Context  # noqa: E402
from kernel.ops import logs  # noqa: E402
from kernel.ops.settings import Settings  # noqa: E402
from kernel.policy import shipped_book  # noqa: E402
from kernel.runtime.service import Runtime, ServiceHost  # noqa: E402
from kernel.runtime.signals import wait_for_stop  # noqa: E402
from kernel.store import keys  # noqa: E402
from kernel.store.database import Database  # noqa: E402
from kernel.store.keys import KeyStore  # noqa: E402
from services.vetting.service import Vetting  # noqa: E402


def main() -> None:
    directory = Path(sys.argv[1])
    logs.configure("vetting")
    clock = FileClock(directory / "today")
    store = KeyStore(Database(f"sqlite:///{directory}/{keys.SCHEMA}.sqlite3", keys.SCHEMA), bytes(32), clock)
    database = Database(f"sqlite:///{directory}/vetting.sqlite3", "vetting")
    context = Context("vetting", database, store, clock, shipped_book())
    host = ServiceHost(Vetting, Runtime.of(context, Settings.load(os.environ)), 0)
    host.start()
    print(host.port, flush=True)
    wait_for_stop()
    host.stop()
    host.wait()


if __name__ == "__main__":
    main()
