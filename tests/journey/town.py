"""A small town of each city for the journeys: one county, one township, some villages of the real divisions, with rolls and posts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from suite.demo import registering
from suite.demo.desk import Desk
from suite.demo.divisions import divisions_csv
from suite.demo.people import People
from suite.demo.registering import CODES
from suite.demo.walk import Walk
from tests.journey.running import START, RunningSuite

VILLAGES = 6
COUNTIES = {"jinhua": "330723", "nanning": "450123"}


class Town:
    """One city. `a_desk()` gives the next village, `a_walk(desk)` the next person."""

    def __init__(self, suite: RunningSuite, city: str) -> None:
        self.suite, self.city, self.county = suite, city, COUNTIES[city]
        self.people = People(7, START, minimum_age=18, probation_months=12)
        self._applicants = self.people.applicants(self.county, 0, 100, domain="rural")
        self.desks = self._built()

    def a_desk(self) -> Desk:
        return next(self.desks)

    def a_walk(self, desk: Desk) -> Walk:
        person = next(self._applicants)
        return Walk(desk, self.suite.calendar, person.name, person.id_number)

    def _built(self) -> Iterator[Desk]:
        administrator = self.suite.administrator(CODES[self.city])
        administrator.upload("registry", "/imports/divisions", self._divisions(), "text/csv")
        branches = administrator.every("registry", "/organisations", kind="branch")
        entries = [
            registering.roll_row(entry)
            for ordinal, branch in enumerate(branches)
            for entry in self.people.members(self.county, branch["code"], ordinal, 12, domain=branch["domain"])
        ]
        administrator.upload("registry", "/imports/members", registering.as_xlsx(entries), registering.XLSX)
        administrator.upload("registry", "/imports/posts", registering.as_csv(registering.posts_for(branches)), "text/csv")
        for branch in branches:
            yield registering.desk_of(self.suite.doors, administrator, branch)

    def _divisions(self) -> bytes:
        """The county, its first township with enough villages, and these."""
        rows = list(csv.DictReader(io.StringIO(divisions_csv(self.city).decode())))
        below = [row for row in rows if row["parent"].startswith(self.county) and row["name"].endswith(("村民委员会", "村委会"))]
        township = next(row["parent"] for row in below if sum(r["parent"] == row["parent"] for r in below) >= VILLAGES)
        villages = [row for row in below if row["parent"] == township][:VILLAGES]
        return registering.as_csv([row for row in rows if row["code"] in (self.county, township)] + villages)
