"""A small town of each city on a running suite: one county, one township, some villages of the real divisions, with rolls and posts."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from suite.client import Acting, Doors
from suite.demo import registering
from suite.demo.desk import Desk
from suite.demo.divisions import divisions_csv
from suite.demo.people import People, Person
from suite.demo.registering import CODES, Organisation
from suite.demo.walk import Calendar
from suite.demo.way import Way

VILLAGES = 6
COUNTIES = {"jinhua": "330723", "nanning": "450123"}
#: Members of a village, and people of the county who may apply.
ROLL, APPLICANTS = 12, 900
#: Longer than anybody lets it run: lifecycles wave after wave take a lifetime of business days.
TERM = (date(2013, 1, 1), date(2199, 12, 31))


@dataclass
class SmallTown:
    """One city. `a_desk()` gives a village that nobody has had, `a_way(desk)` the next person."""

    doors: Doors
    calendar: Calendar
    city: str
    _given: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.county = COUNTIES[self.city]
        self.people = People(7, self.calendar.today, minimum_age=18, probation_months=12)
        self._applicants = self.people.applicants(self.county, 0, APPLICANTS, domain="rural")
        self.administrator = administrator(self.doors, self.city)
        self.villages = self._build()

    def a_desk(self) -> Desk:
        """Raises IndexError where every village has been given."""
        with self._lock:
            village = self.villages[self._given]
            self._given += 1
        return self.desk(village)

    def desk(self, village: Organisation) -> Desk:
        """Accounts with sessions of their own: what runs side by side shares none."""
        return registering.desk_of(self.doors, self.administrator, village)

    def a_person(self) -> Person:
        with self._lock:
            return next(self._applicants)

    def a_way(self, desk: Desk) -> Way:
        person = self.a_person()
        return Way(desk, self.calendar, person.name, person.id_number)

    def _build(self) -> list[Organisation]:
        office = self.administrator
        office.upload("registry", "/imports/divisions", self._divisions(), "text/csv")
        branches: list[Organisation] = list(office.every("registry", "/organisations", kind="branch"))
        entries = [
            registering.roll_row(entry)
            for ordinal, branch in enumerate(branches)
            for entry in self.people.members(self.county, branch["code"], ordinal, ROLL, domain=branch["domain"])
        ]
        office.upload("registry", "/imports/members", registering.as_xlsx(entries), registering.XLSX)
        office.upload("registry", "/imports/posts", registering.as_csv(registering.posts_for(branches, TERM)), "text/csv")
        return branches

    def _divisions(self) -> bytes:
        """The county, its first township with enough villages, and these."""
        rows = list(csv.DictReader(io.StringIO(divisions_csv(self.city).decode())))
        below = [row for row in rows if row["parent"].startswith(self.county) and row["name"].endswith(("村民委员会", "村委会"))]
        township = next(row["parent"] for row in below if sum(r["parent"] == row["parent"] for r in below) >= VILLAGES)
        villages = [row for row in below if row["parent"] == township][:VILLAGES]
        return registering.as_csv([row for row in rows if row["code"] in (self.county, township)] + villages)


def administrator(doors: Doors, city: str) -> Acting:
    code = CODES[city]
    return doors.acting("admin", "administrator", code, f"/{code}/")
