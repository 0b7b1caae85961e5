"""A small world for recruitment's tests: one branch per city on SQLite, and builders that read as sentences.

world = World(tmp_path, "jinhua", date(2015, 3, 2))
candidate = world.a_candidate().at("recommended")
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select

from kernel.actor import Actor, Post
from kernel.bus.event import Event
from kernel.clock import FileClock
from kernel.context import Context
from kernel.ids import new_id
from kernel.policy import shipped_book
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.unit import command
from kernel.workdays import add_months
from services.recruitment import tables
from services.recruitment.commands import (
    activists,
    application,
    conclusions,
    corrections,
    cultivation,
    meetings,
    publicities,
    rectifications,
)
from services.recruitment.domain import states
from services.recruitment.reactions import REACTIONS
from services.recruitment.schemas import bodies
from services.recruitment.tests import admitting, prospecting
from services.recruitment.tests.values import an_id_number, plain
from tests.kit import make_tables

_CODES = {"jinhua": ("3307", "330702"), "nanning": ("4501", "450102")}
_numbers = itertools.count(1)

#: action of the tests -> (command, body schema, roles)
COMMANDS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "submit": (application.submit_application, bodies.Application, states.CANDIDATE.roles("submit")),
    "consent": (application.give_consent, bodies.Consent, states.COUNTY),
    "talk": (application.hold_talk, bodies.Talk, states.CANDIDATE.roles("talk")),
    "withdraw": (application.withdraw, bodies.Withdrawal, states.CANDIDATE.roles("withdraw")),
    "recommendation": (meetings.hold_recommendation, bodies.RecommendationMeeting, states.CANDIDATE.roles("nominate")),
    "determination": (meetings.hold_determination, bodies.DeterminationMeeting, states.CANDIDATE.roles("ballot")),
    "tally": (meetings.enter_tally, bodies.Tally, states.TELLERS),
    "sign": (meetings.sign_result, bodies.Signature, states.DELEGATES),
    "cancel": (meetings.cancel_meeting, bodies.Cancellation, (*states.SECRETARY, *states.COMMITTEE)),
    "conclude": (conclusions.conclude_meeting, bodies.Conclusion, (*states.SECRETARY, *states.COMMITTEE)),
    "approve": (activists.approve_activist, bodies.Approval, states.CANDIDATE.roles("approve")),
    "decline": (activists.decline_activist, bodies.Return, states.CANDIDATE.roles("decline")),
    "annul": (activists.annul_determination, bodies.Return, states.CANDIDATE.roles("annul")),
    "determine": (activists.determine_activist, bodies.Determination, states.CANDIDATE.roles("determine")),
    "file": (activists.file_activist, bodies.Filing, states.CANDIDATE.roles("file")),
    "contacts": (activists.change_contacts, bodies.Contacts, states.CANDIDATE.roles("change_contacts")),
    "post": (publicities.post_publicity, bodies.Posting, states.CANDIDATE.roles("post_activist")),
    "take_down": (publicities.end_publicity, bodies.TakingDown, states.CANDIDATE.roles("take_down")),
    "object": (publicities.receive_objection, bodies.NewObjection, states.CANDIDATE.roles("objection")),
    "investigate": (publicities.investigate_objection, bodies.Findings, states.CANDIDATE.roles("objection")),
    "hear_objection": (publicities.hear_on_objection, bodies.Statement, states.CANDIDATE.roles("objection")),
    "conclude_objection": (publicities.conclude_objection, bodies.ObjectionEnd, states.CANDIDATE.roles("conclude_objection")),
    "review": (cultivation.review_activist, bodies.Review, states.CANDIDATE.roles("review")),
    "train": (cultivation.record_training, bodies.Training, states.CANDIDATE.roles("train")),
    "propose": (cultivation.propose_end, bodies.Proposal, states.CANDIDATE.roles("propose_end")),
    "notify": (cultivation.notify_person, bodies.NoticeGiven, states.CANDIDATE.roles("proceed")),
    "hear": (cultivation.hear_person, bodies.Hearing, states.CANDIDATE.roles("proceed")),
    "decide": (cultivation.decide_proceeding, bodies.EndDecision, states.CANDIDATE.roles("remove")),
    "request_correction": (
        corrections.request_correction,
        bodies.CorrectionRequest,
        states.CANDIDATE.roles("request_correction"),
    ),
    "correct": (corrections.decide_correction_request, bodies.CorrectionDecision, states.CANDIDATE.roles("correct")),
    "open_rectification": (rectifications.open_rectification, bodies.Rectification, states.COUNTY),
    "measure": (rectifications.note_measure, bodies.Measure, states.COUNTY),
    **prospecting.COMMANDS,
    **admitting.COMMANDS,
    "close_rectification": (rectifications.close_rectification, bodies.RectificationEnd, states.COUNTY),
}


@cache
def _rows_of(table: str, names: frozenset[str], nothing: frozenset[str]) -> Any:
    """The rows in which each of the columns is as its parameter says, or `nothing`."""
    chosen = tables.metadata.tables[table]
    conditions = [chosen.c[name].is_(None) if name in nothing else chosen.c[name] == bindparam(name) for name in sorted(names)]
    return select(chosen).where(*conditions)


_journal = tables.metadata.tables["journal"]
_VERSIONS = select(_journal.c.stream, func.max(_journal.c.version).label("last")).group_by(_journal.c.stream)


def context_of(folder: Path, city: str, url: str | None = None) -> Context:
    """The context over a world's files, or a PostgreSQL database that has been provisioned; several processes may have one each."""
    clock = FileClock(folder / "today")
    database = Database(url or f"sqlite:///{folder}/{city}.db", "recruitment")
    keys = KeyStore(Database(url or f"sqlite:///{folder}/{city}-keys.db", "keys"), bytes(32), clock)
    return Context("recruitment", database, keys, clock, shipped_book())


class World(prospecting.Bodies, admitting.Bodies):
    """One city: department, county, committee, branch with three full members. `do` runs a command as somebody who may."""

    def __init__(self, folder: Path, city: str, today: date, *, url: str | None = None, **branch: Any) -> None:
        self.city, (self.city_code, self.county) = city, _CODES[city]
        self.folder = folder
        self.clock = FileClock(folder / "today")
        self.clock.set(today)
        self.context = context_of(folder, city, url)
        if url is None:
            make_tables(self.context.database, tables.metadata)
            self.context.keys.create_table()
        self.committee = f"{self.county}001"
        self.branch = f"{self.committee}001"
        self.path = f"/{self.city_code}/{self.county}/{self.committee}/{self.branch}/"
        self._tell_organisations(branch)
        self.members = [self.a_member() for _ in range(3)]

    def close(self) -> None:
        self.context.database.dispose()
        self.context.keys._database.dispose()

    # -- what others tell

    def hear(self, source: str, type: str, stream: str, data: Mapping[str, Any]) -> None:
        self.hear_all([(source, type, stream, data)])

    def hear_all(self, told: Iterable[tuple[str, str, str, Mapping[str, Any]]]) -> None:
        """Events of one type, in one batch."""
        events = [self._event(*one) for one in told]
        reaction = REACTIONS.get(events[0].source, events[0].type)
        assert reaction is not None
        with command(self.context) as unit:
            reaction(unit, events)

    def _event(self, source: str, type: str, stream: str, data: Mapping[str, Any]) -> Event:
        return Event(
            id=new_id(),
            source=source,
            type=type,
            stream=stream,
            version=next(_numbers),
            schema_version=1,
            home_county=self.county,
            time="",
            correlation_id=new_id(),
            day=self.today,
            data=data,
            subject=None,
            sealed={},
        )

    def _tell_organisations(self, branch: Mapping[str, Any]) -> None:
        path = "/"
        kinds = ((self.city_code, "city_department"), (self.county, "county_department"), (self.committee, "committee"))
        parent = None
        for code, kind in (*kinds, (self.branch, "branch")):
            path += f"{code}/"
            self.an_organisation(code, kind, parent, path, **(branch if kind == "branch" else {}))
            parent = code

    def an_organisation(self, code: str, kind: str, parent: str | None, path: str, **values: Any) -> None:
        data = {
            "code": code,
            "name": f"组织{code}",
            "kind": kind,
            "domain": "rural",
            "parent": parent,
            "path": path,
            "city": self.city,
            "county": self.county,
            "approval_power": kind == "committee",
            "has_committee": True,
            "employees": None,
            "under_rectification": False,
            "key_managed": False,
            **values,
        }
        self.hear("registry", "organisation_registered", f"organisation/{code}", data)

    def a_member(self, status: str = "full", branch: str | None = None, full_since: date = date(2006, 7, 1)) -> str:
        id = new_id()
        data = {
            "member_id": id,
            "branch": branch or self.branch,
            "path": self.path,
            "status": status,
            "joined": "2005-07-01",
            "full_since": full_since.isoformat(),
        }
        self.hear("registry", "member_registered", f"member/{id}", data)
        return id

    # -- who acts

    @property
    def today(self) -> date:
        return self.clock.today()

    def at(self, day: date) -> World:
        self.clock.set(day)
        return self

    def later(self, **delta: int) -> World:
        """Days or months go by."""
        months = delta.pop("months", 0)
        return self.at(add_months(self.today, months) + timedelta(**delta))

    def account(self, role: str, name: str | None = None, path: str | None = None) -> Actor:
        at = {
            "committee_organiser": self.committee,
            "county_organiser": self.committee,
            "county_department": self.county,
            "city_department": self.city_code,
        }.get(role, self.branch)
        where = path or self.path[: self.path.index(f"/{at}/") + len(at) + 2]
        return Actor(name or role, (Post(f"post-{role}", role, at, where, date(2010, 1, 1)),))

    def do(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> dict[str, Any]:
        """Runs the command as HTTP would: body checked by its schema, roles of the endpoint, one transaction."""
        function, schema, roles = COMMANDS[action]
        loaded = schema().load(plain(body))
        actor = as_ or self.account(roles[0])
        with command(self.context, actor, roles) as unit:
            answer: dict[str, Any] = function(unit, loaded, *ids)
        return answer

    # -- what stands in the tables

    def row(self, table: str, **where: Any) -> Any:
        found = self.rows(table, **where)
        assert len(found) == 1, found
        return found[0]

    def rows(self, table: str, **where: Any) -> list[Any]:
        nothing = frozenset(name for name, value in where.items() if value is None)
        with self.context.database.read() as connection:
            return list(connection.execute(_rows_of(table, frozenset(where), nothing), where))

    def versions(self) -> dict[str, int]:
        """The last version of each stream of the journal."""
        with self.context.database.read() as connection:
            return {row.stream: row.last for row in connection.execute(_VERSIONS)}

    def types(self, stream: str) -> list[str]:
        """The types of a stream's entries, in order."""
        return [row.type for row in sorted(self.rows("journal", stream=stream), key=lambda row: row.version)]

    # -- bodies

    def application(self, **values: Any) -> dict[str, Any]:
        return {
            "branch": self.branch,
            "name": "王小明",
            "id_number": an_id_number(county=self.county),
            "document": "入党申请书 2015-01",
            "receives_as": "residence",
            "main": "none",
            "rural_registration": True,
            "village_committee_member": False,
            "works_and_lives_at_registered_place": True,
            "unit_and_post": "示例村村民",
            "phone": "13800000000",
            "address": "示例村 8 号",
            **values,
        }

    def two_new_work(self, **values: Any) -> dict[str, Any]:
        """An application at the branch of a `two_new` organisation where the person works."""
        work = {"has_organisation": True, "domain": "two_new", "months": 30, "contract": True, "loose": False}
        return self.application(**{"receives_as": "work", "main": "work", "work": work, **values})

    def meeting(self, candidates: Iterable[str], **values: Any) -> dict[str, Any]:
        return {
            "branch": self.branch,
            "candidates": list(candidates),
            "members_entitled": 22,
            "members_present": 20,
            "absent_heard": [{"way": "telephone", "count": 2}],
            "mass_representatives": 30,
            "mass": [{"category": "villager_representative", "count": 30}],
            "secret": True,
            "minutes": "会议记录 1 号",
            **values,
        }

    @staticmethod
    def totals(in_favour: int, cast: int, **values: Any) -> dict[str, Any]:
        return {
            "issued": cast,
            "cast": cast,
            "in_favour": in_favour,
            "against": cast - in_favour,
            "abstain": 0,
            "invalid": 0,
            **values,
        }

    def a_candidate(self, **values: Any) -> Candidate:
        answer = self.do("submit", self.application(**values))
        return Candidate(self, answer["candidate_id"])


@dataclass
class Candidate(prospecting.Way, admitting.Way):
    """A candidate whom the world leads on: `at(state)` takes all steps up to there, each on a day when it may be taken."""

    world: World
    id: str

    @property
    def row(self) -> Any:
        return self.world.row("candidate", candidate_id=self.id)

    @property
    def state(self) -> str:
        return str(self.row.state)

    def at(self, state: str) -> Candidate:
        """received, talked, recommended, approved, determined, activist; then `prospecting.Way`; from examined on: `admitting.Way`."""
        steps = ("received", "talked", "recommended", "approved", "determined", "activist", *prospecting.STEPS, *admitting.STEPS)
        done = self.state if self.state != "received" else "talked" if self.row.talked_on else "received"
        done = "voted" if done == "examined" and self.row.vote_passed else done
        for step in steps[steps.index(done) + 1 : steps.index(state) + 1]:
            getattr(self, f"get_{step}")()
        return self

    def get_talked(self) -> None:
        self.world.do("talk", {"talker": "李联系", "topics": sorted(_ALL_TOPICS), "record": "谈话记录"}, self.id)
        if self.world.city == "jinhua":
            posted = self.post("application")
            self.world.later(days=8).do("take_down", {}, posted["publicity_id"])

    def post(self, stage: str, **values: Any) -> dict[str, Any]:
        body = {
            "stage": stage,
            "announced_on": self.world.today,
            "places": ["党务公开栏"],
            "content": {"cultivation": "按期培养", "record": "工作积极"},
            **values,
        }
        return self.world.do("post", body, self.id)

    def get_recommended(self) -> None:
        self.world.later(months=6)
        meeting = self.world.do("recommendation", self.world.meeting([self.id]))["meeting_id"]
        self.count(meeting, "masses", self.world.totals(28, 30))
        if self.world.city == "nanning":
            self.count(meeting, "members", self.world.totals(18, 20, absent_in_favour=2))
        else:
            self.world.do("sign", {"opinion": "程序合规"}, meeting)
        self.world.do("conclude", {"recommended": [self.id]} if self.world.city == "jinhua" else {}, meeting)

    def count(self, meeting: str, voters: str, totals: Mapping[str, Any]) -> str:
        """Both tellers enter the same."""
        body = {"candidate_id": self.id, "voters": voters, **totals}
        for teller in ("teller-1", "teller-2"):
            answer = self.world.do("tally", body, meeting, as_=self.world.account("branch_clerk", teller))
        return str(answer["result"])

    def get_approved(self) -> None:
        if self.world.city == "jinhua":
            self.world.later(days=3).do("approve", {"document": "同意批复"}, self.id)
            return
        body = {
            "branch": self.world.branch,
            "candidates": [self.id],
            "body": "branch_committee",
            "entitled": 5,
            "present": 5,
            "secret": True,
            "minutes": "支委会记录",
        }
        meeting = self.world.later(days=3).do("determination", body)["meeting_id"]
        self.count(meeting, "body", self.world.totals(4, 5))
        self.world.do("conclude", {"tally_shown": True}, meeting)

    def get_determined(self) -> None:
        self.world.later(days=1).do("determine", self.determination(), self.id)

    def determination(self, **values: Any) -> dict[str, Any]:
        return {
            "decided_by": "branch_committee",
            "contacts": [{"member_id": id, "relative": False} for id in self.world.members[:2]],
            "minutes": "支委会决议",
            **values,
        }

    def get_activist(self) -> None:
        posted = self.post("activist")
        self.world.at(posted["first_possible"]).do("take_down", {}, posted["publicity_id"])


_ALL_TOPICS = ("study_and_work", "knowledge", "motive", "law_abidance", "family")
