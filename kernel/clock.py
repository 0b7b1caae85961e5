"""The two clocks. Nothing else in the suite reads the system's time.

Business time (`today`, `now`) dates the steps of a case; it may be simulated, except in production.
Wall time (`wall`) serves tokens, signatures, leases and retries, and is never simulated.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """Real time."""

    simulated = False

    def today(self) -> date:
        """The business day in Asia/Shanghai."""
        return self.now().astimezone(SHANGHAI).date()

    def now(self) -> datetime:
        """The business instant, in UTC."""
        return self.wall()

    def wall(self) -> datetime:
        """The real instant, in UTC."""
        return datetime.now(UTC)


class SimulatedClock(Clock):
    """Business time that stands still until it is set; wall time goes on."""

    simulated = True

    def __init__(self, day: date) -> None:
        self._day = day

    def set(self, day: date) -> None:
        self._day = day

    def now(self) -> datetime:
        # Nine in the morning, so that the UTC date is the same day.
        return datetime.combine(self._day, time(9), tzinfo=SHANGHAI).astimezone(UTC)


class FileClock(SimulatedClock):
    """Business day read from a file at each call, so that several processes share one simulated day."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set(self, day: date) -> None:
        # Replaced in one step: a reader never sees half a date.
        fresh = self._path.with_suffix(".new")
        fresh.write_text(day.isoformat())
        fresh.replace(self._path)

    def now(self) -> datetime:
        self._day = date.fromisoformat(self._path.read_text().strip())
        return super().now()
