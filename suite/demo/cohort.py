"""Many lifecycles side by side on one running suite, each in a thread of its own as long as it need not wait for a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice

from kernel.policy import PolicyBook, shipped_book
from suite.client import Doors
from suite.demo.departments import Departments
from suite.demo.desk import Desk
from suite.demo.lifecycle import Lifecycle
from suite.demo.quota import Quota
from suite.demo.registering import CODES
from suite.demo.smalltown import SmallTown
from suite.demo.walk import Calendar

#: The place of so many lifecycles in a committee's figure of one year.
PLACES = 200


@dataclass
class Cohort:
    """`size` lifecycles over both cities' villages. `live` takes them all from the application to full membership."""

    doors: Doors
    departments: Departments
    calendar: Calendar
    towns: Sequence[SmallTown]
    book: PolicyBook = field(default_factory=shipped_book)

    def __post_init__(self) -> None:
        self.quota = Quota(lambda _text, _source: None, county=2 * PLACES, committee=PLACES)

    def lifecycles(self, size: int) -> list[Lifecycle]:
        """In turn in every village of every town."""
        places = islice(cycle([(town, village) for town in self.towns for village in town.villages]), size)
        return [self._lifecycle(town, town.desk(village)) for town, village in places]

    def _lifecycle(self, town: SmallTown, desk: Desk) -> Lifecycle:
        return Lifecycle(town.a_way(desk), self.doors, self.departments, self.book, self.quota)

    def live(self, lifecycles: Iterable[Lifecycle], threads: int, at_each_day: Callable[[date], object] = lambda _: None) -> None:
        """Raises what the first of them failed of."""
        waiting: list[tuple[date, Iterator[date]]] = [(self.calendar.today, lifecycle.go()) for lifecycle in lifecycles]
        with ThreadPoolExecutor(threads) as pool:
            while waiting:
                day = max(self.calendar.today, min(day for day, _ in waiting))
                self.calendar.to(day)
                at_each_day(day)
                due = [way for wanted, way in waiting if wanted <= day]
                waiting = [(wanted, way) for wanted, way in waiting if wanted > day]
                for way, wanted in zip(due, pool.map(lambda way: next(way, None), due), strict=True):
                    if wanted is not None:
                        waiting.append((wanted, way))


def towns(doors: Doors, calendar: Calendar) -> list[SmallTown]:
    return [SmallTown(doors, calendar, city) for city in CODES]
