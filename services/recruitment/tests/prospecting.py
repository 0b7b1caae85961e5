"""What the world of recruitment's tests knows of the way from the activist to the issued form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from kernel.ids import new_id
from kernel.workdays import add_months
from services.recruitment.commands import codes, examinations, figures, meetings, prospects, reviews
from services.recruitment.domain import states
from services.recruitment.schemas import bodies
from services.recruitment.schemas import prospects as schemas

STEPS = ("proposed", "prospect")

COMMANDS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "hear_opinions": (prospects.hear_opinions, schemas.Opinions, states.CANDIDATE.roles("hear_opinions")),
    "prospect_ballot": (meetings.hold_prospect_ballot, bodies.DeterminationMeeting, states.CANDIDATE.roles("prospect_ballot")),
    "propose_prospect": (prospects.propose_prospect, schemas.ProspectProposal, states.CANDIDATE.roles("propose")),
    "endorse": (prospects.endorse_proposal, schemas.Endorsement, states.CANDIDATE.roles("endorse")),
    "return_proposal": (prospects.return_proposal, bodies.Return, states.CANDIDATE.roles("return_proposal")),
    "annul_proposal": (prospects.annul_proposal, bodies.Return, states.CANDIDATE.roles("annul_proposal")),
    "list_prospect": (prospects.list_prospect, schemas.Listing, states.CANDIDATE.roles("list_prospect")),
    "introducers": (prospects.change_introducers, schemas.Introducers, states.CANDIDATE.roles("change_introducers")),
    "branch_review": (reviews.review_by_branch, schemas.ProspectReview, states.CANDIDATE.roles("review_by_branch")),
    "committee_review": (reviews.review_by_committee, schemas.ProspectReview, states.CANDIDATE.roles("review_by_committee")),
    "send_dossier": (examinations.send_dossier, schemas.Submission, states.CANDIDATE.roles("send_dossier")),
    "consent_to_start": (examinations.consent_to_start, schemas.Start, states.CANDIDATE.roles("consent_to_start")),
    "pre_examine": (examinations.pre_examine, schemas.Examination, states.CANDIDATE.roles("pre_examine")),
    "reopen": (examinations.reopen, schemas.Reopening, states.CANDIDATE.roles("reopen")),
    "categories": (examinations.name_categories, schemas.Categories, states.COUNTY),
    "figure": (figures.approve_figure, schemas.Figure, ("county_department", "city_department")),
    "codes": (codes.issue_codes, schemas.FormCodes, ("county_department", "city_department")),
    "end_code": (codes.end_code, schemas.FormEnd, (*states.COMMITTEE, *states.COUNTY, "city_department")),
}


class Bodies:
    """Bodies, figures and forms, for `World`."""

    city: str
    county: str
    committee: str
    branch: str
    members: list[str]
    today: date
    do: Any
    account: Any
    rows: Any
    hear: Any
    path: str

    def ballot(self, candidate: str, **values: Any) -> dict[str, Any]:
        body = {"branch": self.branch, "candidates": [candidate], "body": "branch_committee"}
        return {**body, "entitled": 5, "present": 5, "secret": True, "minutes": "支委会记录", **values}

    def introducers(self, **values: Any) -> list[dict[str, Any]]:
        return [{"member_id": id, "relative": False, **values} for id in self.members[:2]]

    def proposal(self, **values: Any) -> dict[str, Any]:
        return {
            "decided_by": "branch_committee",
            "introducers": self.introducers(),
            "minutes": "支委会决议",
            **values,
        }

    def a_figure(self, number: int, year: int | None = None, **values: Any) -> dict[str, Any]:
        """The county's approval for the committee."""
        body = {"organisation": self.committee, "year": year or self.today.year, "figure": number, "document": "年度计划批复"}
        answer: dict[str, Any] = self.do("figure", {**body, **values})
        return answer

    def a_code(self, code: str, year: int | None = None) -> str:
        """A form of the year at the committee, made by the city for the county, handed down by it."""
        body = {"year": year or self.today.year, "codes": [code]}
        self.do("codes", {**body, "to": self.county}, as_=self.account("city_department"))
        self.do("codes", {**body, "to": self.committee})
        return code

    def vetted(self, candidate_id: str, outcome: str = "passed", valid: int = 12) -> None:
        """Vetting tells its conclusion of today, valid for so many months."""
        until = add_months(self.today, valid).isoformat() if outcome == "passed" else None
        place = {"branch": self.branch, "committee": self.committee, "path": self.path, "city": self.city, "county": self.county}
        data = {"case_id": new_id(), "candidate_id": candidate_id, "outcome": outcome, **place}
        told = {**data, "concluded_on": self.today.isoformat(), "valid_until": until}
        self.hear("vetting", "vetting_concluded", f"vetting/{data['case_id']}", told)


class Way:
    """Steps of `Candidate`."""

    world: Any
    id: str
    row: Any
    post: Any
    count: Any

    def get_ready_to_propose(self) -> None:
        """Filed, reviewed, trained, heard on, a year gone by; in Nanning the ballot has passed."""
        world = self.world
        if self.row.filed_on is None:
            world.do("file", {"document": "备案 1 号"}, self.id)
        for _ in range(2):
            world.at(max(world.today, self.row.review_due)).do(
                "review", {"findings": "表现好", "conclusion": "continue"}, self.id
            )
        world.at(max(world.today, add_months(self.row.since, 12)))
        self.train()
        heard = [{"source": source, "summary": "同意"} for source in ("group", "contacts", "members", "masses")]
        world.do("hear_opinions", {"heard": heard}, self.id)
        if world.city == "nanning":
            self.vote_on_listing(4)

    def vote_on_listing(self, in_favour: int, shown: bool = True) -> str:
        meeting = str(self.world.do("prospect_ballot", self.world.ballot(self.id))["meeting_id"])
        self.count(meeting, "body", self.world.totals(in_favour, 5))
        self.world.do("conclude", {"tally_shown": shown}, meeting)
        return meeting

    def get_proposed(self) -> None:
        self.get_ready_to_propose()
        self.world.later(days=1).do("propose_prospect", self.world.proposal(), self.id)

    def get_prospect(self) -> None:
        world = self.world
        world.later(days=1).do("endorse", {"document": "党委批复"}, self.id)
        policy = world.context.policies.at(world.city, world.today)
        if policy.has("publicity.prospect.period"):
            posted = self.post("prospect")
            world.at(posted["first_possible"]).do("take_down", {}, posted["publicity_id"])
        world.do("list_prospect", {}, self.id)

    def get_reviewed(self) -> None:
        """The branch, then the committee, then the departments; and the prospect's training."""
        world = self.world
        passed = {"passed": True, "findings": "审查合格"}
        world.later(days=3).do("branch_review", passed, self.id)
        world.later(days=3).do("committee_review", passed, self.id)
        self.train()
        world.later(days=10).vetted(self.id)

    def train(self, **values: Any) -> None:
        """Three days of training that end today."""
        world = self.world.later(days=2)
        started = world.today - timedelta(days=2)
        body = {"title": "培训班", "started_on": started, "ended_on": world.today, "days": 3, "hours": 24, "assessed": "passed"}
        world.do("train", {**body, **values}, self.id)

    def get_ready_to_examine(self) -> str:
        """Reviewed, a place and a form there, in Jinhua the county's consent. Returns the form's code."""
        world = self.world
        self.get_reviewed()
        code = f"{world.today.year}-{self.id[-12:]}"
        known = world.rows("figure", organisation=world.committee, year=world.today.year)
        world.a_figure((known[0].figure if known else 0) + 1)
        if world.city == "jinhua":
            world.a_code(code)
            if self.row.elsewhere or self.row.domain == "two_new":
                world.do("send_dossier", {"document": "报送全程记实档案"}, self.id)
            world.do("consent_to_start", {"document": "同意启动"}, self.id)
        return code

    def examine(self, code: str | None, **values: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.world.do("pre_examine", {"document": "预审意见", "form_code": code, **values}, self.id)
        return answer

    def get_examined(self) -> None:
        code = self.get_ready_to_examine()
        self.examine(code)
