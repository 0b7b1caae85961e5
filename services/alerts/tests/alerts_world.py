"""A small world for alerts' tests: a city with a county, a committee and a branch, and what others tell.

world = World(tmp_path, date(2018, 4, 2))
world.admitted(2014)
warning = world.a_warning()
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from kernel.actor import Actor, Post
from kernel.bus.consumer import Consumer
from kernel.bus.event import Event, Message, body_of, headers_of, message_of
from kernel.clock import FileClock
from kernel.context import Context
from kernel.encoding import canonical, plain
from kernel.ids import new_id
from kernel.policy import shipped_book
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.unit import command
from services.alerts import tables
from services.alerts.commands import assessing, circumstances, issuing, lifting, rectifying
from services.alerts.domain import states
from services.alerts.domain.findings import finding_id
from services.alerts.reactions import REACTIONS
from services.alerts.schemas import bodies
from tests.kit import make_tables

_CODES = {"jinhua": ("3307", "330702"), "nanning": ("4501", "450102")}
REGISTERED = date(2014, 1, 6)
#: Tables that hold what others have told, and what follows from it.
HEARD = (
    "organisation",
    "roll",
    "figure",
    "admission",
    "activist",
    "late_step",
    "departure",
    "evaluation",
    "touched",
    "finding",
    "due",
)

#: action of the tests -> (command, body schema, roles)
COMMANDS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "assess": (assessing.assess_now, bodies.Assessment, states.ISSUERS),
    "circumstance": (circumstances.record_circumstance, bodies.Circumstance, states.ISSUERS),
    "end_circumstance": (circumstances.end_circumstance, bodies.Reasoned, states.ISSUERS),
    "issue": (issuing.issue_warning, bodies.NewWarning, states.WARNING.roles("issue")),
    "escalate": (issuing.escalate, bodies.Escalation, states.WARNING.roles("escalate")),
    "withdraw": (issuing.withdraw_warning, bodies.Reasoned, states.WARNING.roles("withdraw")),
    "receive": (rectifying.receive_warning, bodies.Receipt, states.WARNING.roles("receive")),
    "plan": (rectifying.plan_rectification, bodies.Plan, states.WARNING.roles("plan")),
    "criticise": (rectifying.write_self_criticism, bodies.SelfCriticism, states.WARNING.roles("criticise")),
    "report": (rectifying.report_rectification, bodies.Report, states.WARNING.roles("report")),
    "check": (lifting.check_rectification, bodies.Check, states.WARNING.roles("accept")),
    "lift": (lifting.lift_warning, bodies.Lifting, states.WARNING.roles("lift")),
    "waive": (lifting.waive_triggers, bodies.Reasoned, states.WARNING.roles("waive")),
}
PARTS = {"self_criticism": "认识不足", "causes": "重视不够", "measures": "逐项整改", "work_plan": "按月推进"}


def context_of(folder: Path, city: str, url: str = "") -> Context:
    """The context over a world's files, or a given database; several processes may have one each."""
    clock = FileClock(folder / "today")
    database = Database(url or f"sqlite:///{folder}/{city}.db", "alerts")
    keys = KeyStore(Database(f"sqlite:///{folder}/{city}-keys.db", "keys"), bytes(32), clock)
    return Context("alerts", database, keys, clock, shipped_book())


def _message(event: Event) -> Message:
    headers = headers_of(
        event_id=event.id,
        source=event.source,
        type=event.type,
        schema_version=event.schema_version,
        stream=event.stream,
        version=event.version,
        home_county=event.home_county,
        time=event.time,
        correlation_id=event.correlation_id,
    )
    return message_of(headers, body_of(canonical(event.data), event.day, None, {}))


class World:
    """City, county, committee, branch. Everything told is kept, so that it can be told again."""

    def __init__(
        self, folder: Path, today: date, city: str = "nanning", registered: date = REGISTERED, url: str = "", **branch: Any
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.city, (self.city_code, self.county) = city, _CODES[city]
        self.clock = FileClock(folder / "today")
        self.clock.set(today)
        self.context = context_of(folder, city, url)
        if not url:
            make_tables(self.context.database, tables.metadata)
        self.context.keys.create_table()
        self.told: list[Event] = []
        self._versions: dict[str, itertools.count[int]] = {}
        self.committee, self.branch = f"{self.county}001", f"{self.county}001001"
        self.paths: dict[str, str] = {}
        self.an_organisation(self.city_code, "city_department", None, registered)
        self.an_organisation(self.county, "county_department", self.city_code, registered)
        self.an_organisation(self.committee, "committee", self.county, registered, approval_power=True)
        self.an_organisation(self.branch, "branch", self.committee, registered, **{"domain": "agency", **branch})

    def close(self) -> None:
        self.context.database.dispose()
        self.context.keys._database.dispose()

    # -- what others tell

    def tell(self, source: str, type: str, stream: str, data: Mapping[str, Any], day: date | None = None) -> Event:
        event = self.event(source, type, stream, data, day)
        self.hear([event])
        return event

    def event(self, source: str, type: str, stream: str, data: Mapping[str, Any], day: date | None = None) -> Event:
        version = next(self._versions.setdefault(stream, itertools.count(1)))
        event = Event(
            id=new_id(),
            source=source,
            type=type,
            stream=stream,
            version=version,
            schema_version=1,
            home_county=self.county,
            time="",
            correlation_id=new_id(),
            day=day or self.today,
            data=plain(data),
            subject=None,
            sealed={},
        )
        self.told.append(event)
        return event

    def hear(self, events: Iterable[Event]) -> None:
        """One after the other, as a consumer does with events of different types."""
        for event in events:
            reaction = REACTIONS.get(event.source, event.type)
            assert reaction is not None
            with command(self.context) as unit:
                reaction(unit, [event])

    def hear_batch(self, events: list[Event]) -> None:
        """Events of one type at once."""
        reaction = REACTIONS.get(events[0].source, events[0].type)
        assert reaction is not None
        with command(self.context) as unit:
            reaction(unit, events)

    def forget(self) -> None:
        """What was heard and found is gone, as before a refill."""
        with self.context.database.write() as connection:
            for name in (*HEARD, "assessed", "inbox", "inbox_head"):
                connection.execute(delete(tables.metadata.tables[name]))

    def refill(self, events: list[Event], batch: int = 7) -> None:
        """The same events through the consumer, as a republished journal brings them: batches of all types at once."""
        consumer = Consumer(self.context, REACTIONS)
        for start in range(0, len(events), batch):
            consumer.apply([_message(event) for event in events[start : start + batch]])
        assert self.rows("parked") == []

    def an_organisation(self, code: str, kind: str, parent: str | None, day: date = REGISTERED, **values: Any) -> str:
        self.paths[code] = (self.paths[parent] if parent else "/") + f"{code}/"
        self.tell("registry", "organisation_registered", f"organisation/{code}", self.particulars(code, kind, **values), day)
        return code

    def particulars(self, code: str, kind: str, **values: Any) -> dict[str, Any]:
        return {
            "code": code,
            "name": f"组织{code}",
            "kind": kind,
            "domain": None,
            "path": self.paths[code],
            "city": self.city,
            "county": self.county,
            "approval_power": False,
            "key_managed": False,
            **values,
        }

    def place(self, code: str | None = None) -> dict[str, Any]:
        branch = code or self.branch
        return {"branch": branch, "path": self.paths[branch], "city": self.city, "county": self.county}

    def admitted(self, year: int, branch: str | None = None, young: bool | None = True, times: int = 1) -> None:
        for _ in range(times):
            id = new_id()
            data = {**self.place(branch), "candidate_id": id, "meeting_on": date(year, 6, 10), "young": young}
            self.tell("recruitment", "admitted", f"candidate/{id}", data)

    def an_activist(self, year: int, branch: str | None = None) -> None:
        id = new_id()
        data = {**self.place(branch), "candidate_id": id, "since": date(year, 3, 1)}
        self.tell("recruitment", "activist_determined", f"candidate/{id}", data)

    def figure(self, organisation: str, year: int, figure: int) -> None:
        data = {"organisation": organisation, "path": self.paths[organisation], "year": year, "figure": figure}
        self.tell("recruitment", "figure_approved", f"figure/{organisation}/{year}", data)

    def late(self, due: date, candidate: str | None = None, step: str = "talk") -> str:
        id = candidate or new_id()
        data = {**self.place(), "candidate_id": id, "step": step, "due": due}
        self.tell("recruitment", "step_overdue", f"candidate/{id}", data)
        return id

    def caught_up(self, candidate: str, due: date, step: str = "talk") -> None:
        data = {**self.place(), "candidate_id": candidate, "step": step, "due": due}
        self.tell("recruitment", "step_caught_up", f"candidate/{candidate}", data)

    def left(self, candidate: str) -> None:
        data = {**self.place(), "candidate_id": candidate, "end": "withdrawn", "stage": "applicant"}
        self.tell("recruitment", "candidate_left", f"candidate/{candidate}", data)

    def roll(self, members: int, aged: int) -> None:
        data = {**self.place(), "members": members, "young": 0, "young_age": 35, "aged": aged, "ageing_age": 60}
        self.tell("registry", "roll_counted", f"roll/{self.branch}", data)

    def evaluated(self, year: int, score: str, held_on: date, branch: str | None = None) -> None:
        id = new_id()
        data = {
            **self.place(branch),
            "evaluation_id": id,
            "year": year,
            "held_on": held_on,
            "very": 10,
            "satisfied": 10,
            "basically": 10,
            "dissatisfied": 10,
            "score": score,
            "threshold": "80",
            "below": float(score) < 80,
        }
        self.tell("scoring", "evaluation_concluded", f"evaluation/{id}", data)

    # -- who acts

    @property
    def today(self) -> date:
        return self.clock.today()

    def at(self, day: date) -> World:
        self.clock.set(day)
        return self

    def later(self, days: int) -> World:
        return self.at(self.today + timedelta(days=days))

    def account(self, role: str, at: str | None = None) -> Actor:
        usual = {"committee_organiser": self.committee, "county_department": self.county, "city_department": self.city_code}
        code = at or usual.get(role, self.branch)
        return Actor(f"{role}.{code}", (Post(f"post-{role}", role, code, self.paths[code], date(2010, 1, 1)),))

    @property
    def secretary(self) -> Actor:
        return self.account("branch_secretary")

    def do(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> dict[str, Any]:
        """Runs the command as HTTP would: body checked by its schema, roles of the endpoint, one transaction."""
        function, schema, roles = COMMANDS[action]
        loaded = schema().load(plain(body))
        with command(self.context, as_ or self.account(roles[0]), roles) as unit:
            answer: dict[str, Any] = function(unit, loaded, *ids)
        return answer

    def assess(self) -> int:
        return assessing.assess(self.context)

    # -- what stands in the tables

    def rows(self, table: str, **where: Any) -> list[Any]:
        chosen = tables.metadata.tables[table]
        query = select(chosen).where(*[chosen.c[name] == value for name, value in where.items()])
        with self.context.database.read() as connection:
            return list(connection.execute(query.order_by(*chosen.primary_key.columns)))

    def found(self, organisation: str | None = None) -> dict[tuple[str, str], Any]:
        """The findings about an organisation, the branch if not said, after an assessment: (trigger, period) -> row."""
        self.assess()
        return {(row.trigger, row.period): row for row in self.rows("finding", organisation=organisation or self.branch)}

    def one(self, trigger: str, organisation: str | None = None) -> Any:
        """The one finding of a trigger, its facts read; None where there is none."""
        found = [row for (name, _), row in self.found(organisation).items() if name == trigger]
        assert len(found) <= 1, found
        return found[0] if found else None

    def warning(self, id: str) -> Any:
        (row,) = self.rows("warning", warning_id=id)
        return row

    # -- warnings

    def issue(self, trigger: str = "satisfaction", period: str = "2017", **values: Any) -> dict[str, Any]:
        organisation = values.pop("organisation", self.branch)
        return {
            "organisation": organisation,
            "findings": [finding_id(organisation, trigger, period)],
            "level": "letter",
            "reason": "情形属实",
            "due": self.today + timedelta(days=30),
            "addressee": "支部书记",
            **values,
        }

    def yellow(self, **values: Any) -> dict[str, Any]:
        """What a yellow card needs beside."""
        return {"heard_on": self.today, "statement": "情况属实，接受批评", "circulation": "本党委所属各党支部", **values}

    def a_warning(self, *steps: str, **values: Any) -> str:
        """A branch whose satisfaction was 72, warned by letter, as far as the steps say, each on a later day."""
        if not self.rows("evaluation"):
            self.evaluated(2017, "72.00", self.today)
        id = str(self.do("issue", self.issue(**values))["warning_id"])
        for step in steps:
            self.later(1).step(step, id)
        return id

    def step(self, step: str, id: str) -> dict[str, Any]:
        own = {"receive": {}, "plan": {"plan": "整改方案"}, "report": {"report": "整改完成"}, "criticise": {"parts": PARTS}}
        if step in own:
            return self.do(step, own[step], id, as_=self.secretary)
        given = {"check": {"outcome": "accepted", "findings": "属实"}, "lift": {}}
        return self.do(step, given[step], id)

    def said(self, type: str) -> list[dict[str, Any]]:
        """The data of the events of a type that are ready to go."""
        return [json.loads(row.body)["data"] for row in self.rows("pending", type=type)]
