"""What a chapter is, and what it acts on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zlib import crc32

from kernel.policy import Policy, PolicyBook, shipped_book
from suite.demo import registering
from suite.demo.desk import Desk
from suite.demo.ground import Ground
from suite.demo.narrator import Narrator
from suite.demo.people import People, Person
from suite.demo.quota import Quota
from suite.demo.registering import Organisation, Town
from suite.demo.trials import Trials


@dataclass
class Scene:
    """A chapter's ground: both cities with their divisions, rolls and posts, on which nobody has applied yet."""

    ground: Ground
    town: Town
    narrator: Narrator
    trials: Trials
    seed: int
    book: PolicyBook = field(default_factory=shipped_book)
    shown: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.quota = Quota(lambda text, source: self.tell(self.ground.calendar.today, text, [source]))

    def desk(self, branch: Organisation) -> Desk:
        administrator = self.ground.administrator(registering.CODES[branch["city"]])
        return registering.desk_of(self.ground.doors, administrator, branch)

    def people(self, series: str, on: date, branch: Organisation, count: int) -> list[Person]:
        """Of full age on that day, invented; each series has people of its own."""
        people = People(self.seed + crc32(series.encode()), on, minimum_age=18, probation_months=12)
        return list(people.applicants(branch["home_county"], 0, count, domain=branch["domain"]))

    def tell(self, day: date, text: str, sources: Any, note: str = "") -> None:
        self.narrator.step(day, text, sources, note=note)

    def lived(self, way: Iterator[date]) -> None:
        """Moves the day along with somebody's way."""
        for day in way:
            self.ground.calendar.to(max(day, self.ground.calendar.today))


@dataclass(frozen=True)
class Chapter:
    """`wanted`: from a city's packs of a day, the rules that have to refuse here. `play` calls `Trials.expect` for each such day."""

    name: str
    title: str
    text: str
    wanted: Callable[[Policy], set[str]]
    play: Callable[[Scene], None]
