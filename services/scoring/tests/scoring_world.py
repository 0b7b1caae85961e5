"""A small world for scoring's tests: a committee and its branches on SQLite, and builders that read as sentences.

world = World(tmp_path)
held = world.an_evaluation(world.a_newcomer())
held.count_all().conclude()
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kernel.actor import Actor, Post
from kernel.bus.event import Event
from kernel.clock import FileClock
from kernel.context import Context
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.ids import new_id
from kernel.policy import shipped_book
from kernel.store.database import Database
from kernel.store.keys import SCHEMA, KeyStore
from kernel.unit import command
from services.scoring import schemas, tables
from services.scoring.commands import conclusions, counting, evaluations, followups
from services.scoring.domain import states
from services.scoring.reactions import REACTIONS
from tests.kit import make_tables

NAME = "王小明"
DAY = date(2017, 3, 10)
FAR = date(2010, 1, 1)
_CODES = {"jinhua": ("3307", "330702"), "nanning": ("4501", "450102")}
_numbers = itertools.count(1)

#: action of the tests -> (command, body schema, roles)
COMMANDS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "hold": (evaluations.hold_evaluation, schemas.Evaluation, states.EVALUATION.roles("hold")),
    "tally": (counting.enter_tally, schemas.Tally, states.EVALUATION.roles("count")),
    "conclude": (conclusions.conclude_evaluation, schemas.Conclusion, states.EVALUATION.roles("conclude")),
    "cancel": (evaluations.cancel_evaluation, schemas.Cancellation, states.EVALUATION.roles("cancel")),
    "report": (followups.report_self_check, schemas.Report, states.SELF_CHECK.roles("report")),
    "answer": (followups.answer_self_check, schemas.CommitteeAnswer, states.SELF_CHECK.roles("accept")),
    "talk": (followups.record_talk, schemas.TalkRecord, states.TALK.roles("talk")),
}

#: Grades of a group: very, satisfied, basically, dissatisfied.
GOOD = (9, 1, 0, 0)
POOR = (2, 3, 2, 3)


def context_of(folder: Path, city: str, url: str | None = None) -> Context:
    """The context over a world's files; several processes may have one each. `url`: a PostgreSQL database, provisioned."""
    clock = FileClock(folder / "today")
    database = Database(url or f"sqlite:///{folder}/{city}.db", "scoring")
    keys = KeyStore(Database(url or f"sqlite:///{folder}/{city}-keys.db", SCHEMA), bytes(32), clock)
    return Context("scoring", database, keys, clock, shipped_book())


class World:
    """One city: department, county, committee, one branch. `do` runs a command as somebody who may."""

    def __init__(self, folder: Path, city: str = "nanning", today: date = DAY, url: str | None = None) -> None:
        self.city, (self.city_code, self.county) = city, _CODES[city]
        self.clock = FileClock(folder / "today")
        self.clock.set(today)
        self.context = context_of(folder, city, url)
        if url is None:
            make_tables(self.context.database, tables.metadata)
        self.context.keys.create_table()
        self.committee = f"{self.county}001"
        self.committee_path = f"/{self.city_code}/{self.county}/{self.committee}/"
        self.an_organisation(self.city_code, "city_department", f"/{self.city_code}/")
        self.an_organisation(self.county, "county_department", f"/{self.city_code}/{self.county}/")
        self.an_organisation(self.committee, "committee", self.committee_path, approval_power=True)
        self.branch = self.a_branch()
        self.path = f"{self.committee_path}{self.branch}/"

    def close(self) -> None:
        self.context.database.dispose()
        self.context.keys._database.dispose()

    # -- what others tell

    def hear(self, source: str, type: str, stream: str, data: Mapping[str, Any], **rest: Any) -> Event:
        event = Event(
            id=new_id(),
            source=source,
            type=type,
            stream=stream,
            version=rest.get("version") or next(_numbers),
            schema_version=1,
            home_county=self.county,
            time="",
            correlation_id=new_id(),
            day=self.today,
            data=data,
            subject=rest.get("subject"),
            sealed=rest.get("sealed", {}),
        )
        self.hear_again(event)
        return event

    def hear_again(self, *events: Event) -> None:
        reaction = REACTIONS.get(events[0].source, events[0].type)
        assert reaction is not None
        with command(self.context) as unit:
            reaction(unit, events)

    def an_organisation(self, code: str, kind: str, path: str, **values: Any) -> None:
        data = {
            "code": code,
            "name": f"组织{code}",
            "kind": kind,
            "domain": "rural",
            "path": path,
            "city": self.city,
            "county": self.county,
            "approval_power": False,
            **values,
        }
        self.hear("registry", "organisation_registered", f"organisation/{code}", data)

    def a_branch(self, **values: Any) -> str:
        code = f"{self.committee}{next(_numbers) % 100_000:05d}"
        self.an_organisation(code, "branch", f"{self.committee_path}{code}/", **values)
        return code

    def a_newcomer(self, approved_on: date = date(2016, 11, 2), branch: str | None = None, name: str = NAME) -> str:
        id = new_id()
        with command(self.context) as unit:
            sealed = unit.seal(id, {"name": name, "id_number": "450102199005040014", "particulars": "{}"})
        data = {**self.place(id, branch), "approved_on": approved_on.isoformat(), "young": True}
        self.hear("recruitment", "admitted", f"candidate/{id}", data, subject=id, sealed=sealed)
        return id

    def place(self, candidate: str, branch: str | None = None) -> dict[str, Any]:
        code = branch or self.branch
        return {"candidate_id": candidate, "branch": code, "path": f"{self.committee_path}{code}/"}

    def converts(self, candidate: str, approved_on: date, full_since: date | None = None) -> Event:
        said = {"full_since": (full_since or approved_on).isoformat(), "approved_on": approved_on.isoformat()}
        return self.hear("recruitment", "converted", f"candidate/{candidate}", {**self.place(candidate), **said})

    def leaves(self, candidate: str, stage: str = "probationary") -> Event:
        said = {"end": "disqualified", "stage": stage}
        return self.hear("recruitment", "candidate_left", f"candidate/{candidate}", {**self.place(candidate), **said})

    def corrects(self, candidate: str, name: str, stage: str = "probationary") -> Event:
        with command(self.context) as unit:
            sealed = unit.seal(candidate, {"name": name, "id_number": "450102199005040014"})
        said = {"corrected": ["name"], "stage": stage}
        stream = f"candidate/{candidate}"
        data = {**self.place(candidate), **said}
        return self.hear("recruitment", "candidate_corrected", stream, data, subject=candidate, sealed=sealed)

    # -- who acts

    @property
    def today(self) -> date:
        return self.clock.today()

    def at(self, day: date) -> World:
        self.clock.set(day)
        return self

    def later(self, **delta: int) -> World:
        return self.at(self.today + timedelta(**delta))

    def account(self, role: str, name: str | None = None, branch: str | None = None) -> Actor:
        top = f"/{self.city_code}/"
        where = {
            "committee_organiser": (self.committee, self.committee_path),
            "county_organiser": (self.committee, self.committee_path),
            "county_department": (self.county, f"{top}{self.county}/"),
            "city_department": (self.city_code, top),
            "auditor": (self.city_code, top),
        }
        code = branch or self.branch
        at, path = where.get(role, (code, f"{self.committee_path}{code}/"))
        return Actor(name or role, (Post(f"post-{role}", role, at, path, FAR),))

    def do(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> dict[str, Any]:
        """Runs the command as HTTP would: body checked by its schema, roles of the door, one transaction."""
        function, schema, roles = COMMANDS[action]
        loaded = schema().load(plain(body))
        with command(self.context, as_ or self.account(roles[0]), roles) as unit:
            answer: dict[str, Any] = function(unit, loaded, *ids)
        return answer

    def look(self, query: Any, *ids: str, role: str = "branch_secretary", as_: Actor | None = None, **params: Any) -> Any:
        actor = as_ or self.account(role)
        with self.context.database.read() as connection:
            reader = Reader(self.context, connection, actor, (role,), "test", params, "/", Cursors("secret"))
            answer = query(reader, *ids)
        reader.write_looks()
        return answer

    # -- what stands

    def rows(self, table: str, **where: Any) -> list[Any]:
        chosen = tables.metadata.tables[table]
        query = select(chosen).where(*[chosen.c[name] == value for name, value in where.items()])
        with self.context.database.read() as connection:
            return list(connection.execute(query))

    def row(self, table: str, **where: Any) -> Any:
        (found,) = self.rows(table, **where)
        return found

    # -- bodies

    def evaluation(self, **values: Any) -> dict[str, Any]:
        return {
            "branch": self.branch,
            "members_entitled": 12,
            "members_present": 10,
            "mass_entitled": 30,
            "mass_present": 30,
            "secret": True,
            "guide": {"organisation": self.committee, "name": "李指导", "post": "组织委员"},
            "minutes": "会议记录",
            **values,
        }

    def an_evaluation(self, **values: Any) -> Held:
        body = self.evaluation(**values)
        answer = self.do("hold", body, as_=self.account("branch_clerk", branch=body["branch"]))
        return Held(self, answer["evaluation_id"], body["branch"], answer)


@dataclass
class Held:
    """An evaluation that the world leads on."""

    world: World
    id: str
    branch: str
    answer: dict[str, Any] = field(repr=False)

    def enter(self, teller: str, subject: str = "work", voters: str = "members", grades: Any = GOOD, **values: Any) -> str:
        body = {"subject": subject, "voters": voters, **tally(grades), **values}
        actor = self.world.account("branch_clerk", teller, self.branch)
        return str(self.world.do("tally", body, self.id, as_=actor)["result"])

    def count(self, subject: str = "work", members: Any = GOOD, masses: Any = GOOD) -> Held:
        """Both tellers enter the same for both groups."""
        for voters, grades in (("members", members), ("masses", masses)):
            for teller in ("teller-1", "teller-2"):
                self.enter(teller, subject, voters, grades)
        return self

    def count_all(self, **grades: Any) -> Held:
        """Everything that is judged; `work` and ids name the grades that both groups give, good ones where none are named."""
        for subject in self.answer["subjects"]:
            both = grades.get(subject, GOOD)
            self.count(subject, both, both)
        return self

    def conclude(self, **body: Any) -> dict[str, Any]:
        return self.world.do("conclude", body, self.id, as_=self.world.account("branch_secretary", branch=self.branch))


def tally(grades: Any, **values: Any) -> dict[str, int]:
    very, satisfied, basically, dissatisfied = grades
    cast = sum(grades)
    said = {"very": very, "satisfied": satisfied, "basically": basically, "dissatisfied": dissatisfied, "invalid": 0}
    return {"issued": cast, "cast": cast, **said, **values}


def plain(value: Any) -> Any:
    """Dates as the wire has them."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
