"""Whether a service is alive, ready, and what is degraded.

Ready means that the own database answers. Everything else (the broker, what waits in tables) is reported and measured, so that a
broken broker does not take the doors down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import generate_latest
from sqlalchemy import func, select

from kernel.context import Context
from kernel.errors import Transient
from kernel.ops import metrics
from kernel.store.tables import parked, pending

#: A look at something outside: None when it is well, otherwise what is wrong with it.
Check = Callable[[], str | None]

#: So many events waiting for the relay are worth a word.
PENDING_WORTH_A_WORD = 1_000


@dataclass
class Health:
    """The state of one service. Extensions add checks of what they depend on, for example `health.checks["broker"] = ...`."""

    context: Context
    checks: dict[str, Check] = field(default_factory=dict)

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether the service can answer, and what to say about it."""
        # A pooled connection may have died with the server that is back by now: the second try has a fresh one.
        ready = self.context.database.answers() or self.context.database.answers()
        degraded = {name: trouble for name, check in self.checks.items() if (trouble := check())}
        said: dict[str, Any] = {"service": self.context.service, "ready": ready}
        if ready and (depths := self._depths()) is not None:
            said["pending"], said["parked"] = depths
            if depths[0] > PENDING_WORTH_A_WORD:
                degraded["relay"] = f"{depths[0]} events wait for the relay"
            if depths[1]:
                degraded["parked"] = f"{depths[1]} messages are parked"
        return ready, {**said, "degraded": degraded}

    def exposition(self) -> bytes:
        """All metrics of the process in Prometheus' text format."""
        self._depths()
        return generate_latest()

    def _depths(self) -> tuple[int, int] | None:
        try:
            with self.context.database.read() as connection:
                waiting = connection.execute(select(func.count()).select_from(pending)).scalar_one()
                aside = connection.execute(select(func.count()).select_from(parked)).scalar_one()
        except Transient:
            # Readiness tells that the database is away; the gauges keep what was last known.
            return None
        metrics.pending_depth.labels(self.context.service).set(waiting)
        metrics.parked_depth.labels(self.context.service).set(aside)
        return waiting, aside
