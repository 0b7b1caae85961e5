"""A small world for the tests of organizers: one committee with two branches, and what others tell; commands run as HTTP would run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from contracts import recruitment, registry
from kernel.actor import Actor, Post
from kernel.bus.consumer import Consumer
from kernel.bus.event import EventType, Message, body_of, headers_of, message_of
from kernel.clock import Clock, SimulatedClock
from kernel.context import Context
from kernel.encoding import canonical
from kernel.ids import new_id
from kernel.policy import shipped_book
from kernel.store.database import Database
from kernel.store.keys import SCHEMA, KeyStore
from kernel.unit import command
from kernel.workdays import add_months
from services.organizers import tables
from services.organizers.commands import appointments, ending, proceedings, tasks
from services.organizers.domain import states
from services.organizers.reactions import REACTIONS
from services.organizers.schemas import bodies
from tests.kit import MASTER, a_context

FAR = date(2010, 1, 1)
_CODES = {"jinhua": ("3307", "330702"), "nanning": ("4501", "450102")}

#: action of the tests -> (command, body schema, roles)
COMMANDS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "recommend": (appointments.recommend, bodies.Recommendation, states.APPOINTMENT.roles("recommend")),
    "consent": (appointments.consent, bodies.Consent, states.APPOINTMENT.roles("consent")),
    "check": (appointments.check, bodies.Check, states.APPOINTMENT.roles("check")),
    "appoint": (appointments.appoint, bodies.Appointment, states.APPOINTMENT.roles("appoint")),
    "renew": (appointments.renew, bodies.Document, states.APPOINTMENT.roles("renew")),
    "resign": (ending.resign, bodies.Document, states.APPOINTMENT.roles("resign")),
    "assess": (proceedings.assess, bodies.AssessmentBody, states.APPOINTMENT.roles("assess")),
    "decline": (proceedings.propose_decline, bodies.Proposal, states.APPOINTMENT.roles("propose_decline")),
    "dismiss": (proceedings.propose_dismissal, bodies.Proposal, states.APPOINTMENT.roles("propose_dismissal")),
    "notify": (proceedings.notify_person, bodies.Notice, states.APPOINTMENT.roles("proceed")),
    "hear": (proceedings.hear_person, bodies.Hearing, states.APPOINTMENT.roles("proceed")),
    "decide": (proceedings.decide_proceeding, bodies.Decision, states.APPOINTMENT.roles("decline")),
    "ask_review": (proceedings.ask_review, bodies.ReviewRequest, states.APPOINTMENT.roles("ask_review")),
    "review": (proceedings.review, bodies.Review, states.APPOINTMENT.roles("review")),
    "open": (tasks.open_task, bodies.NewTask, states.TASK.roles("open")),
    "log": (tasks.log_work, bodies.Work, states.TASK.roles("log")),
    "close": (tasks.close_task, bodies.Closing, states.TASK.roles("finish")),
    "hand_over": (tasks.hand_over, bodies.HandOver, states.TASK.roles("hand_over")),
}

CONDITIONS = ("party_work_experience", "no_violation", "no_upheld_adverse_report")


def _served(url: str, clock: Clock) -> Context:
    keys = KeyStore(Database(url, SCHEMA), MASTER, clock)
    return Context("organizers", Database(url, "organizers"), keys, clock, shipped_book())


class World:
    """`do` runs a command as somebody who may; `hear` lets the service hear an event through its consumer."""

    def __init__(self, folder: Path, city: str = "nanning", today: date = date(2016, 1, 5), url: str | None = None) -> None:
        """`url`: of a PostgreSQL database, provisioned."""
        self.city, (self.city_code, self.county) = city, _CODES[city]
        self.clock = SimulatedClock(today)
        self.context = _served(url, self.clock) if url else a_context(folder, "organizers", today=today, metadata=tables.metadata)
        self.context = replace(self.context, clock=self.clock)
        self.consumer = Consumer(self.context, REACTIONS)
        self.versions: dict[str, int] = {}
        self.committee = f"{self.county}001"
        self.path = f"/{self.city_code}/{self.county}/{self.committee}/"
        self.branch, self.other_branch = f"{self.committee}001", f"{self.committee}002"
        parent = "/"
        for code, kind in (
            (self.city_code, "city_department"),
            (self.county, "county_department"),
            (self.committee, "committee"),
        ):
            parent += f"{code}/"
            self.an_organisation(code, kind, parent)
        for code in (self.branch, self.other_branch):
            self.an_organisation(code, "branch", f"{self.path}{code}/")

    # -- what others tell

    def message(
        self, type: EventType, stream: str, data: Mapping[str, Any], subject: str | None = None, **personal: str
    ) -> Message:
        type.check(data)
        self.versions[stream] = self.versions.get(stream, 0) + 1
        sealed = {}
        if subject:
            with command(self.context) as unit:
                sealed = unit.seal(subject, personal)
        headers = headers_of(
            event_id=new_id(),
            source=type.source,
            type=type.type,
            schema_version=1,
            stream=stream,
            version=self.versions[stream],
            home_county=self.county,
            time="2016-01-05T01:00:00Z",
            correlation_id=new_id(),
        )
        return message_of(headers, body_of(canonical(data), self.today, subject, sealed))

    def hear(self, *messages: Message) -> None:
        self.consumer.apply(messages)
        assert self.rows("parked") == []

    def an_organisation(self, code: str, kind: str, path: str, **values: Any) -> None:
        data = {**registry.ORGANISATION_REGISTERED.example, "code": code, "name": f"组织{code}", "kind": kind, "path": path}
        data |= {"domain": "rural", "parent": None, "city": self.city, "county": self.county}
        data |= {"approval_power": kind == "committee", **values}
        self.hear(self.message(registry.ORGANISATION_REGISTERED, f"organisation/{code}", data))

    def a_member(self, id: str | None = None, **values: Any) -> str:
        id = id or new_id()
        data = {"member_id": id, "branch": self.branch, "path": f"{self.path}{self.branch}/", "status": "full"}
        data |= {"joined": "2005-07-01", "full_since": "2006-07-01", **values}
        self.hear(self.message(registry.MEMBER_REGISTERED, f"member/{id}", data, id, name="李组织"))
        return id

    def a_candidate(self, branch: str | None = None) -> str:
        id = new_id()
        self.hear(self.of(id, recruitment.ACTIVIST_DETERMINED, branch, since="2015-06-01"))
        return id

    def of(self, id: str, type: EventType, branch: str | None = None, **data: Any) -> Message:
        code = branch or self.branch
        where = {"candidate_id": id, "branch": code, "committee": self.committee, "path": f"{self.path}{code}/"}
        where |= {"city": self.city, "county": self.county, "domain": "rural"}
        return self.message(type, f"candidate/{id}", {**where, **data})

    def close(self) -> None:
        self.context.database.dispose()
        self.context.keys._database.dispose()

    # -- days

    @property
    def today(self) -> date:
        return self.clock.today()

    def at(self, day: date) -> World:
        self.clock.set(day)
        return self

    def later(self, months: int = 0, days: int = 0) -> World:
        return self.at(add_months(self.today, months) + timedelta(days=days))

    # -- who acts

    def actor(self, role: str, account: str | None = None, path: str | None = None) -> Actor:
        at = {"branch_secretary": f"{self.path}{self.branch}/", "county_department": f"/{self.city_code}/{self.county}/"}
        where = path or at.get(role, self.path)
        return Actor(account or role, (Post(f"post-{role}", role, where.strip("/").rpartition("/")[2], where, FAR),))

    def organizer(self, account: str = "organizer.one") -> Actor:
        return self.actor("special_organizer", account)

    def do(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> dict[str, Any]:
        function, schema, roles = COMMANDS[action]
        loaded = schema().load({name: v.isoformat() if isinstance(v, date) else v for name, v in body.items()})
        with command(self.context, as_ or self.actor("committee_organiser"), roles) as unit:
            answer: dict[str, Any] = function(unit, loaded, *ids)
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

    def types(self, stream: str) -> list[str]:
        return [row.type for row in sorted(self.rows("journal", stream=stream), key=lambda row: int(row.version))]

    # -- steps

    def recommended(self, member: str | None = None, **body: Any) -> str:
        given = {"organisation": self.branch, "member_id": member or self.a_member(), "reason": "熟悉党务", **body}
        return str(self.do("recommend", given, as_=self.actor("branch_secretary"))["organizer_id"])

    def consented(self, **body: Any) -> str:
        id = self.recommended(**body)
        self.do("consent", {"given": True, "document": "意愿书"}, id, as_=self.actor("branch_secretary"))
        return id

    def findings(self, unmet: Iterable[str] = (), **body: Any) -> dict[str, Any]:
        conditions = [{"condition": name, "met": name not in unmet, "document": "核查 1 号"} for name in CONDITIONS]
        return {"conditions": conditions, "preferred": ["branch_secretary"], "review": "审查", "inspection": "考察", **body}

    def checked(self, unmet: Iterable[str] = (), member: str | None = None, **body: Any) -> str:
        id = self.consented(member=member)
        self.do("check", self.findings(unmet, **body), id)
        return id

    def appointed(self, account: str = "organizer.one", **body: Any) -> str:
        id = self.checked()
        self.do("appoint", {"account": account, "document": "聘书", **body}, id)
        return id

    def assessed(self, id: str, *years: int) -> None:
        for year in years:
            self.do("assess", {"year": year, "passed": True, "evidence": "考核表"}, id)

    def proposed(self, kind: str, id: str) -> str:
        return str(self.do(kind, {"reason": "长期不履职"}, id)["proceeding_id"])

    def heard(self, proceeding: str) -> None:
        self.do("notify", {"way": "书面"}, proceeding)
        self.do("hear", {"appeared": True, "statement": "家中有事"}, proceeding)

    def failed(self, id: str, year: int = 1) -> str:
        body = {"year": year, "passed": False, "evidence": "考核表", "reason": "未履职"}
        proceeding = str(self.do("assess", body, id)["proceeding_id"])
        self.heard(proceeding)
        self.do("decide", {"outcome": "upheld", "reason": "属实"}, proceeding)
        return proceeding

    def a_task(self, id: str, candidate: str | None = None, **body: Any) -> str:
        given = {"organizer_id": id, "kind": "accompany" if candidate else "guide", "branch": self.branch, "reason": "帮助培养"}
        return str(self.do("open", {**given, "candidate_id": candidate, **body})["task_id"])
