"""Several ways at once: each goes on until it has to wait for a day, and whoever's day is next goes on then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from heapq import heapify, heappop, heappush

from suite.demo.narrator import Narrator
from suite.demo.walk import Calendar


@dataclass
class Part:
    """`way` yields the days for which it waits. `title` is told when it goes on after somebody else."""

    title: str
    start: date
    way: Iterator[date]


def play(calendar: Calendar, narrator: Narrator, parts: Iterable[Part]) -> None:
    """Runs all parts to their ends, in the order of their days; on one day, in the order given."""
    waiting = [(part.start, number, part) for number, part in enumerate(parts)]
    heapify(waiting)
    last: Part | None = None
    while waiting:
        day, number, part = heappop(waiting)
        calendar.to(max(day, calendar.today))
        if part is not last:
            narrator.line()
            narrator.note(part.title, indent="")
            last = part
        wanted = next(part.way, None)
        if wanted is not None:
            heappush(waiting, (max(wanted, calendar.today), number, part))
