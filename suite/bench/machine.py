"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kernel.bus import connection as amqp
from suite.bench.ground import Ground

LIBRARIES = ("nameko", "eventlet", "amqp", "kombu", "SQLAlchemy", "psycopg2-binary")


def describe(ground: Ground) -> dict[str, Any]:
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": _postgresql(ground.database_url),
        "rabbitmq": _rabbitmq(ground.amqp_url),
        "libraries": {name: version(name) for name in LIBRARIES},
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def _cpu() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1).strip() if found else platform.processor()


def _postgresql(url: str) -> dict[str, str]:
    """The version, and the settings on which the cost of a commit depends."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        return {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names}


def _rabbitmq(url: str) -> str:
    connection = amqp.connect(url, "bench")
    try:
        return str(connection.server_properties["version"])
    finally:
        amqp.close(connection)
