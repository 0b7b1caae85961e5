"""A vetting service on SQLite with a committee, a branch and a prospect in it; tests read as sentences on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from inspect import signature
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kernel.actor import Actor, Post
from kernel.bus.event import Event
from kernel.clock import SimulatedClock
from kernel.context import Context
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.policy import shipped_book
from kernel.store import keys
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.store.tables import access_log, journal, pending
from kernel.unit import command
from services.vetting import deliveries, reactions, tables
from services.vetting.commands import answering, cases, villages
from tests.kit import make_tables

NAME = "王小明"
ID_NUMBER = "330702199001010014"
START = date(2016, 7, 4)
FAR = date(2010, 1, 1)

#: A village of another township, by city.
VILLAGES = {"jinhua": "330702009001", "nanning": "450102009001"}
CONTENT = {"sex": "男", "born": "1990年1月", "unit_and_post": "某公司职员", "cultivation": "按期考察", "record": "工作积极"}
CONCERN = {"category": "administrative", "statement": "2014年因赌博受行政处罚", "rests_on_concluded_findings": True}

CITIES = {"jinhua": ("3307", "330702"), "nanning": ("4501", "450102")}


class World:
    """One city, one county, one committee with a branch. `url`: a PostgreSQL database that has been provisioned."""

    def __init__(
        self,
        directory: Path,
        city: str = "nanning",
        domain: str = "rural",
        day: date = START,
        url: str | None = None,
        home_village: str | None = None,
        elsewhere: bool = False,
    ) -> None:
        self.city, (top, self.county) = city, CITIES[city]
        self.committee, self.branch = f"{self.county}001", f"{self.county}001001"
        self.county_path = f"/{top}/{self.county}/"
        self.committee_path = f"{self.county_path}{self.committee}/"
        self.path = f"{self.committee_path}{self.branch}/"
        self.domain = domain
        self.clock = SimulatedClock(day)
        store = KeyStore(Database(url or f"sqlite:///{directory}/{keys.SCHEMA}.sqlite3", keys.SCHEMA), bytes(32), self.clock)
        store.create_table()
        database = Database(url or f"sqlite:///{directory}/vetting.sqlite3", "vetting")
        if url is None:
            make_tables(database, tables.metadata)
        self.context = Context("vetting", database, store, self.clock, shipped_book())
        self.candidate = "01890a5d-ac96-774b-bcce-b302099a8060"
        self._versions: dict[str, int] = {}
        for code, path in (
            (self.county, self.county_path),
            (self.committee, self.committee_path),
            (self.branch, self.path),
        ):
            self.hear_organisation(code, path)
        self.hear_prospect(self.candidate, home_village=home_village, elsewhere=elsewhere)
        self.hear_reviews(self.candidate)

    # -- what others tell

    def event(self, source: str, type: str, stream: str, data: Mapping[str, Any], day: date, **rest: Any) -> Event:
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        return Event(
            id=f"{stream}-{version}",
            source=source,
            type=type,
            stream=stream,
            version=version,
            schema_version=1,
            home_county=self.county,
            time="2016-01-01T00:00:00.000000Z",
            correlation_id="test",
            day=day,
            data=data,
            subject=rest.get("subject"),
            sealed=rest.get("sealed", {}),
        )

    def hear_organisation(self, code: str, path: str, name: str | None = None, city: str | None = None) -> None:
        data = {
            "code": code,
            "name": name or f"组织{code}",
            "kind": "branch",
            "domain": self.domain,
            "parent": None,
            "path": path,
            "city": city or self.city,
            "county": path.split("/")[2],
            "approval_power": path == self.committee_path,
            "has_committee": True,
            "employees": None,
            "under_rectification": False,
            "key_managed": False,
        }
        event = self.event("registry", "organisation_registered", f"organisation/{code}", data, FAR)
        with command(self.context) as unit:
            reactions.organisation_told(unit, [event])

    def hear_prospect(
        self,
        candidate: str,
        since: date = date(2016, 6, 1),
        committee: str | None = None,
        home_village: str | None = None,
        elsewhere: bool = False,
    ) -> None:
        with command(self.context) as unit:
            sealed = unit.seal(candidate, {"name": NAME, "id_number": ID_NUMBER})
        data = {
            **self.about(candidate),
            "committee": committee or self.committee,
            "since": since.isoformat(),
            "elsewhere": elsewhere or home_village is not None,
            "home_village": home_village,
        }
        self.hear("prospect_listed", candidate, data, since, subject=candidate, sealed=sealed)

    def hear_reviews(self, candidate: str, *by: str, day: date = date(2016, 6, 3), passed: bool = True) -> None:
        """The branch's and the committee's own review, unless others are named."""
        for who in by or ("branch", "committee"):
            self.hear("prospect_reviewed", candidate, {**self.about(candidate), "by": who, "passed": passed}, day)

    def hear_left(self, candidate: str, stage: str = "prospect") -> None:
        self.hear("candidate_left", candidate, {**self.about(candidate), "end": "withdrawn", "stage": stage})

    def hear_admitted(self, candidate: str) -> None:
        today = self.clock.today().isoformat()
        days = {"meeting_on": today, "approved_on": today, "probation_ends": today, "young": None}
        self.hear("admitted", candidate, {**self.about(candidate), **days})

    def hear_corrected(self, candidate: str, stage: str = "prospect", name: str = NAME, id_number: str = ID_NUMBER) -> Event:
        with command(self.context) as unit:
            sealed = unit.seal(candidate, {"name": name, "id_number": id_number})
        data = {**self.about(candidate), "corrected": ["id_number"], "stage": stage}
        return self.hear("candidate_corrected", candidate, data, subject=candidate, sealed=sealed)

    def about(self, candidate: str) -> dict[str, Any]:
        return {
            "candidate_id": candidate,
            "branch": self.branch,
            "committee": self.committee,
            "path": self.path,
            "city": self.city,
            "county": self.county,
            "domain": self.domain,
        }

    def hear(self, type: str, candidate: str, data: Mapping[str, Any], day: date | None = None, **rest: Any) -> Event:
        """Recruitment tells something of a candidate. Returns the event, to be heard again."""
        event = self.event("recruitment", type, f"candidate/{candidate}", data, day or self.clock.today(), **rest)
        self.hear_again(event)
        return event

    def hear_again(self, event: Event) -> None:
        reaction = reactions.REACTIONS.get(event.source, event.type)
        assert reaction is not None
        with command(self.context) as unit:
            reaction(unit, [event])

    # -- who acts

    def organiser(self, organisation: str | None = None, path: str | None = None) -> Actor:
        post = Post("post-1", "committee_organiser", organisation or self.committee, path or self.committee_path, FAR)
        return Actor("organiser", (post,))

    def superior(self) -> Actor:
        return Actor("county", (Post("post-2", "county_department", self.county, self.county_path, FAR),))

    def in_village(self, action: Any, actor: Actor | None = None, **body: Any) -> Any:
        """Runs a command as the secretary of the home village's branch."""
        return self.do(action, actor or self.villager(), ("branch_secretary", "branch_clerk"), **body)

    def villager(self, path: str | None = None) -> Actor:
        path = path or self.village_path
        return Actor("village", (Post("post-3", "branch_secretary", path.split("/")[-2], path, FAR),))

    def township(self) -> Actor:
        return self.organiser(self.village_path.split("/")[-3], self.village_path.rsplit("/", 2)[0] + "/")

    def do(self, action: Any, actor: Actor | None = None, roles: tuple[str, ...] | None = None, **body: Any) -> Any:
        """Runs a command as the committee's organiser, unless another is named."""
        with command(self.context, actor or self.organiser(), roles or ("committee_organiser",)) as unit:
            ids = {name: body.pop(name) for name in signature(action).parameters if name in body}
            return action(unit, body, **ids)

    def as_superior(self, action: Any, **body: Any) -> Any:
        return self.do(action, self.superior(), ("county_department",), **body)

    # -- steps

    def build_village(self, city: str | None = None) -> None:
        """The township committee and the branch of the village whose code is `VILLAGES[city]`."""
        village = VILLAGES[city or self.city]
        top, county = CITIES[city or self.city]
        township = f"/{top}/{county}/{village[:-3]}/"
        self.village_path = f"{township}{village}/"
        self.hear_organisation(village[:-3], township, f"乡党委{village[:-3]}", city)
        self.hear_organisation(village, self.village_path, f"村党支部{village}", city)

    def ask_village(self, case_id: str, **body: Any) -> str:
        return str(self.do(villages.ask_home_village, case_id=case_id, **body)["request_id"])

    def show(self, request_id: str, content: Mapping[str, str] | None = None, **body: Any) -> Any:
        """The notice goes up in the village, announced and posted today."""
        given = {"announced_on": self.clock.today(), "places": ["村务公开栏"], "content": content or CONTENT}
        return self.in_village(villages.post_notice, request_id=request_id, **(given | body))

    def give(self, request_id: str, answer: str = "clear", **fields: Any) -> Any:
        return self.in_village(villages.give_opinion, request_id=request_id, answer=answer, **fields)

    def give_back(self, request_id: str) -> Any:
        return self.do(villages.return_opinion, self.township(), request_id=request_id)

    def village_answers(self, request_id: str, answer: str = "clear", **fields: Any) -> None:
        """The whole way in the village: notice, end, opinion, return."""
        posted = self.show(request_id)
        if posted["first_possible"] and self.clock.today() < posted["first_possible"]:
            self.clock.set(posted["first_possible"])
        self.in_village(villages.end_notice, request_id=request_id)
        self.give(request_id, answer, **fields)
        self.give_back(request_id)

    def deliver(self) -> None:
        """The departments' systems take everything that waits for them."""
        now = self.context.clock.wall()
        with self.context.database.write() as connection:
            taken = deliveries.take_due(connection, now, 100)
            deliveries.sent(connection, [row.delivery_id for row in taken], now)

    def list_departments(self, *codes: str) -> None:
        self.as_superior(cases.set_county_list, county=self.county, departments=list(codes), document="组通〔2016〕1号", day=FAR)

    def opened(self, *chosen: str, **body: Any) -> Any:
        departments = [{"department": code} for code in (chosen or ("governance", "justice"))]
        if self.city == "jinhua" and not chosen:
            departments = []
        return self.do(cases.open_case, candidate_id=self.candidate, departments=departments, **body)

    def answer(self, request_id: str, answer: str = "clear", webhook: str | None = None, **fields: Any) -> str:
        """The department answers through the callback. Returns the id of the reply."""
        request = self.request(request_id)
        body = {"request_id": request_id, "answer": answer, **fields}
        with command(self.context, Actor("d", department=request.department), ("department",)) as unit:
            reply = answering.take_callback(unit, request.department, webhook or f"msg-{request_id}-{answer}", b"{}", body)
        return str(reply["reply_id"])

    def concern(self, request_id: str, webhook: str | None = None, **fields: Any) -> str:
        return self.answer(request_id, "concern", webhook, **(CONCERN | fields))

    def all_clear(self, opened: Mapping[str, Any], but: tuple[str, ...] = ()) -> None:
        for request in opened["requests"]:
            if request["department"] not in but:
                self.answer(request["request_id"])

    # -- what stands

    def inquiry(self, request_id: str) -> Any:
        table = tables.home_village
        with self.context.database.read() as connection:
            return connection.execute(select(table).where(table.c.request_id == request_id)).one()

    def look(
        self,
        query: Any,
        *ids: str,
        actor: Actor | None = None,
        roles: Collection[str] = ("committee_organiser",),
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """Asks as HTTP would, and writes the looks."""
        with self.context.database.read() as connection:
            who = actor or self.organiser()
            reader = Reader(self.context, connection, who, roles, "test", params or {}, "/", Cursors("secret"), params or {})
            answer = query(reader, *ids)
        reader.write_looks()
        return answer

    def looks(self) -> list[Any]:
        """Who looked at what."""
        with self.context.database.read() as connection:
            return list(connection.execute(select(access_log.c.account, access_log.c.action, access_log.c.object)))

    def candidate_row(self, candidate: str | None = None) -> Any:
        table = tables.candidate
        with self.context.database.read() as connection:
            return connection.execute(select(table).where(table.c.candidate_id == (candidate or self.candidate))).one()

    def case(self, case_id: str) -> Any:
        with self.context.database.read() as connection:
            return connection.execute(select(tables.case).where(tables.case.c.case_id == case_id)).one()

    def request(self, request_id: str) -> Any:
        with self.context.database.read() as connection:
            return connection.execute(select(tables.request).where(tables.request.c.request_id == request_id)).one()

    def replies(self, case_id: str) -> list[Any]:
        table = tables.reply
        with self.context.database.read() as connection:
            return list(connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.version)))

    def deliveries(self) -> list[Any]:
        with self.context.database.read() as connection:
            return list(connection.execute(select(tables.delivery).order_by(tables.delivery.c.queued_at)))

    def published(self) -> list[Any]:
        with self.context.database.read() as connection:
            return list(connection.execute(select(pending).order_by(pending.c.seq)))

    def entries(self, case_id: str) -> list[Any]:
        with self.context.database.read() as connection:
            query = select(journal).where(journal.c.stream == f"case/{case_id}").order_by(journal.c.version)
            return list(connection.execute(query))


def id_of(opened: Mapping[str, Any], department: str) -> str:
    """The request to a department of a case just opened."""
    return next(str(r["request_id"]) for r in opened["requests"] if r["department"] == department)
