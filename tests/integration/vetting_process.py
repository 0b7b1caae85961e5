"""The vetting service as a process of its own on SQLite, for the tests; its argument is the directory of its files.

Prints its port, and stops cleanly at SIGTERM. It is forked from a warm process, see `tests.faults.nursery`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kernel.clock import FileClock
from kernel.context import Context
from kernel.ops import logs
from kernel.ops.settings import Settings
from kernel.policy import shipped_book
from kernel.runtime.service import Runtime, ServiceHost
from kernel.runtime.signals import wait_for_stop
from kernel.store import keys
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from services.vetting.service import Vetting


def main() -> None:
    directory = Path(sys.argv[1])
    logs.configure("vetting")
    clock = FileClock(directory / "today")
    store = KeyStore(Database(f"sqlite:///{directory}/{keys.SCHEMA}.sqlite3", keys.SCHEMA), bytes(32), clock)
    database = Database(f"sqlite:///{directory}/vetting.sqlite3", "vetting")
    context = Context("vetting", database, store, clock, shipped_book())
    host = ServiceHost(Vetting, Runtime.of(context, Settings.load(os.environ)), 0)
    host.start()
    print(f"PORT={host.port}", flush=True)
    wait_for_stop()
    host.stop()
    host.wait()
