"""The rules that findings are measured by: those of today and those at the end of last year, looked up once per county."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from kernel.encoding import canonical
from kernel.policy import Parameter, Policy, PolicyBook, county_of
from services.alerts.domain.life import Sign, proposed_level
from services.alerts.domain.triggers import earliest, new_year


@dataclass(frozen=True)
class Measure:
    """The rules of one place and day, with what an explanation says of them. The same for hundreds of findings: made once."""

    policy: Policy
    _levels: dict[Sign, str] = field(default_factory=dict)
    _thresholds: dict[tuple[str, ...], str] = field(default_factory=dict)

    def level(self, sign: Sign) -> str:
        """The level that a finding calls for by itself, before any warning."""
        if sign not in self._levels:
            self._levels[sign] = proposed_level([sign], None, False, self.policy)
        return self._levels[sign]

    def thresholds(self, parameters: tuple[str, ...]) -> str:
        """The parameters with value, source and article, as canonical JSON."""
        if parameters not in self._thresholds:
            known = [name for name in parameters if self.policy.has(name)]
            self._thresholds[parameters] = canonical([_threshold(self.policy, name) for name in known])
        return self._thresholds[parameters]


def _threshold(policy: Policy, name: str) -> dict[str, Any]:
    parameter = policy[name]
    return {
        "parameter": name,
        "value": parameter.value,
        "unit": parameter.unit,
        "source": parameter.source,
        "article": policy.cite(parameter.source),
        "pack": parameter.pack,
        "unconfirmed": parameter.unconfirmed,
        "note": parameter.note,
    }


@cache
def _code() -> bytes:
    """The text of this service's code that makes findings."""
    package = resources.files("services.alerts")
    files = [file for room in ("commands", "domain") for file in (package / room).iterdir() if file.name.endswith(".py")]
    return b"".join(file.read_bytes() for file in sorted(files, key=str))


def fingerprint(book: PolicyBook) -> str:
    """SHA-256 in hexadecimal over the packs and the code that measures by them: with another one, findings may be others."""
    return hashlib.sha256(book.digest.encode() + _code()).hexdigest()


#: How the parameters are called on which a finding may rest.
MEASURED = ("alert.", "plan.deviation.", "satisfaction.", "warning.")


def _end_of(year: int) -> date:
    return date(year, 12, 31)


@dataclass(frozen=True)
class Rules:
    book: PolicyBook
    today: date
    _places: dict[tuple[str, str], tuple[Measure, Measure]] = field(default_factory=dict)
    _turns: dict[tuple[str, str], date | None] = field(default_factory=dict)

    def turn(self, city: str, county: str) -> date | None:
        """The next day on which `of` measures otherwise, None where no such day is known."""
        key = (city, county)
        if key not in self._turns:
            self._turns[key] = self._next(city, county_of(county))
        return self._turns[key]

    def _next(self, city: str, county: str | None) -> date | None:
        last_year, now = (self._measures(city, county, day) for day in (_end_of(self.today.year - 1), self.today))
        # What has changed this year has changed for the end of last year when the year is over.
        days = [new_year(self.today.year + 1)] if last_year != now else []
        day = self.book.next_change(self.today)
        while day is not None and self._measures(city, county, day) == now:
            day = self.book.next_change(day)
        return earliest([*days, day], self.today)

    def _measures(self, city: str, county: str | None, day: date) -> list[Parameter]:
        policy = self.book.at(city, day, county)
        return [policy[name] for name in policy.names() if name.startswith(MEASURED)]

    def of(self, city: str, county: str) -> tuple[Measure, Measure]:
        """At the end of last year, and today."""
        key = (city, county)
        if key not in self._places:
            days = (_end_of(self.today.year - 1), self.today)
            last_year, now = (Measure(self.book.at(city, day, county_of(county))) for day in days)
            self._places[key] = (last_year, now)
        return self._places[key]
