"""Invented people for the demo: the same seed gives the same people, in any order and as many as are asked for.

Every person is a pure function of (seed, county, series, number), so that nothing is remembered and nobody has to be
made before somebody else. Names come from the tables of Faker's `zh_CN` provider, weighted as there, drawn with one
generator per person. Identification numbers are valid, unique within a county and begin with its code: they belong to
nobody on purpose, and to somebody perhaps by chance, so the demo's data stay in the demo.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from math import gcd
from random import Random
from zlib import crc32

from faker.providers.person.zh_CN import Provider

from kernel import id_number
from kernel.workdays import add_months

_SEQUENCES = 500  # numbers of one sex for one birth date in one division
# Members and applicants draw from different sequence numbers of a day, so that they never share a number.
_MEMBERS, _APPLICANTS = range(400), range(400, _SEQUENCES)

_EDUCATION = ("primary", "middle_school", "high_school", "vocational", "college", "bachelor", "postgraduate")
_SCHOOLING: Mapping[str, tuple[int, ...]] = {"old": (25, 40, 20, 8, 5, 2, 0), "young": (0, 12, 18, 12, 28, 26, 4)}
_OCCUPATIONS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "rural": (("farmer", 62), ("worker", 18), ("technician", 6), ("manager", 8), ("other", 6)),
    "community": (("worker", 32), ("technician", 24), ("manager", 22), ("other", 22)),
    "agency": (("official", 92), ("technician", 8)),
    "institution": (("technician", 78), ("manager", 22)),
    "state_enterprise": (("worker", 52), ("technician", 26), ("manager", 22)),
    "two_new": (("worker", 42), ("technician", 30), ("manager", 28)),
    "university": (("student", 70), ("technician", 30)),
}
_RETIRED_AT = 60


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. Codes of sex, education and occupation are those of the registry."""

    name: str
    id_number: str
    birth_date: date
    sex: str
    education: str
    occupation: str


@dataclass(frozen=True, slots=True)
class RollEntry:
    """A person as a row of the member roll."""

    person: Person
    branch: str
    status: str
    joined: date
    full_on: date | None


@dataclass(frozen=True, slots=True)
class _Series:
    """A kind of people: born on one of `days` from `first` on, with sequence numbers that are theirs alone."""

    name: str
    first: date
    days: int
    sequences: range
    male_share: float


class People:
    """All invented people of one seed, as of one day: on it even the youngest has reached `minimum_age` (years)."""

    def __init__(self, seed: int, on: date, *, minimum_age: int, probation_months: int) -> None:
        self.seed = seed
        self.on = on
        self._minimum_age = minimum_age
        self._probation_months = probation_months
        self._roll = self._series("members", minimum_age + 2, 82, _MEMBERS, 0.68)
        self._new = self._series("applicants", minimum_age, 46, _APPLICANTS, 0.55)

    def members(self, county: str, branch: str, ordinal: int, count: int, *, domain: str) -> Iterator[RollEntry]:
        """`count` members of a branch. `ordinal` numbers a county's branches from 0 and keeps their people apart."""
        for number in _block(ordinal, count):
            random = self._random(county, self._roll, number)
            yield self._enrolled(self._person(county, self._roll, number, domain, random), branch, random)

    def applicants(self, county: str, ordinal: int, count: int, *, domain: str) -> Iterator[Person]:
        """`count` people below 46 who have not joined yet; `ordinal` as with `members`."""
        for number in _block(ordinal, count):
            yield self._person(county, self._new, number, domain, self._random(county, self._new, number))

    def _series(self, name: str, youngest: int, oldest: int, sequences: range, male_share: float) -> _Series:
        last = add_months(self.on, -12 * youngest)
        first = add_months(self.on, -12 * oldest) + timedelta(days=1)
        return _Series(name, first, (last - first).days + 1, sequences, male_share)

    def _random(self, county: str, series: _Series, number: int) -> Random:
        return Random(crc32(f"{self.seed}/{county}/{series.name}".encode()) << 40 | number)

    def _person(self, county: str, series: _Series, number: int, domain: str, random: Random) -> Person:
        male = random.random() < series.male_share
        born, sequence = self._birth(county, series, number)
        first_17 = f"{county}{born:%Y%m%d}{2 * sequence + male:03d}"
        age = (self.on - born).days // 365
        schooling = _SCHOOLING["old" if age > 55 else "young"]
        education = random.choices(_EDUCATION, schooling)[0]
        if age >= _RETIRED_AT and domain != "rural":
            occupation = "retired"
        else:
            names, weights = zip(*_OCCUPATIONS[domain], strict=True)
            occupation = random.choices(names, weights)[0]
        sex = "male" if male else "female"
        number_18 = first_17 + id_number.check_character(first_17)
        return Person(_name(sex, random), number_18, born, sex, education, occupation)

    def _birth(self, county: str, series: _Series, number: int) -> tuple[date, int]:
        """Birth date and sequence of a person; different numbers never get both alike.

        Numbers walk over the days in great steps (a step without a common divisor reaches every day once) and begin the
        next sequence when all days are used.
        """
        turn, place = divmod(number, series.days)
        if turn >= len(series.sequences):
            raise ValueError(f"no numbers left for {series.name} of {county}")
        start = crc32(f"{self.seed}/{county}/{series.name}/start".encode())
        day = (start + place * _step(series.days)) % series.days
        # Every day begins at a sequence number of its own; `turn` then runs through all of them.
        offset = crc32(day.to_bytes(4, "big"), start)
        return series.first + timedelta(days=day), series.sequences[(offset + turn) % len(series.sequences)]

    def _enrolled(self, person: Person, branch: str, random: Random) -> RollEntry:
        adult = add_months(person.birth_date, 12 * self._minimum_age)
        # Somewhere between the first and the last possible day, rather early in life.
        joined = adult + timedelta(days=int((self.on - adult).days * random.random() ** 1.5))
        full_on = add_months(joined, self._probation_months)
        if full_on > self.on:
            return RollEntry(person, branch, "probationary", joined, None)
        return RollEntry(person, branch, "full", joined, full_on)


# Branches of a county get blocks of so many numbers each.
_BLOCK = 1_000


def _block(ordinal: int, count: int) -> range:
    if not 0 <= count <= _BLOCK:
        raise ValueError(f"a branch has 0 to {_BLOCK} people here, not {count}")
    return range(ordinal * _BLOCK, ordinal * _BLOCK + count)


@cache
def _step(days: int) -> int:
    """A step near the golden section of `days`, without a common divisor: neighbours come out far apart in age."""
    step = int(days * 0.6180339887)
    while gcd(step, days) != 1:
        step += 1
    return step


def _name(sex: str, random: Random) -> str:
    return _draw(_LAST, random) + _draw(_FIRST[sex], random)


def _table(names: Mapping[str, float] | Sequence[str]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    weights = list(names.values()) if isinstance(names, Mapping) else [1.0] * len(names)
    return tuple(names), tuple(accumulate(weights))


def _draw(table: tuple[tuple[str, ...], tuple[float, ...]], random: Random) -> str:
    names, sums = table
    return names[min(bisect(sums, random.random() * sums[-1]), len(names) - 1)]


_LAST = _table(Provider.last_names)
_FIRST = {"male": _table(Provider.first_names_male), "female": _table(Provider.first_names_female)}
