"""What the world of recruitment's tests knows of the way from the members' meeting to full membership."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kernel.actor import Actor
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from services.recruitment.commands import approvals, assemblies, probation, reports
from services.recruitment.domain import states
from services.recruitment.schemas import admissions, bodies

STEPS = ("examined", "voted", "reported", "probationary", "conversion_reported", "full")


def look(world: Any, query: Callable[..., Any], *ids: str, as_: Actor | None = None, roles: Any = None, **params: Any) -> Any:
    """What a query shows to a branch secretary, or to somebody else; looks are written as HTTP would."""
    actor = as_ or world.account("branch_secretary")
    with world.context.database.read() as connection:
        reader = Reader(world.context, connection, actor, roles or states.READERS, "test", params, "/", Cursors("secret"))
        answer = query(reader, *ids)
    reader.write_looks()
    return answer


COMMANDS: Mapping[str, tuple[Any, Any, tuple[str, ...]]] = {
    "members_meeting": (assemblies.hold_members_meeting, admissions.MembersMeeting, states.CANDIDATE.roles("admission_meeting")),
    "report": (reports.report_admission, admissions.Report, states.CANDIDATE.roles("report")),
    "report_conversion": (reports.report_conversion, admissions.Report, states.CANDIDATE.roles("report_conversion")),
    "annul_vote": (reports.annul_admission_vote, bodies.Return, states.CANDIDATE.roles("annul_vote")),
    "annul_conversion_vote": (reports.annul_conversion_vote, bodies.Return, states.CANDIDATE.roles("annul_conversion_vote")),
    "committee_talk": (approvals.hold_committee_talk, admissions.CommitteeTalk, states.CANDIDATE.roles("committee_talk")),
    "extend_decision": (approvals.extend_decision, admissions.Extension, states.CANDIDATE.roles("extend_decision")),
    "committee_meeting": (
        assemblies.hold_committee_meeting,
        admissions.CommitteeMeeting,
        states.CANDIDATE.roles("committee_meeting"),
    ),
    "admit": (approvals.approve_admission, admissions.CommitteeDecision, states.CANDIDATE.roles("approve_admission")),
    "reject_admission": (approvals.reject_admission, admissions.Rejection, states.CANDIDATE.roles("reject_admission")),
    "oath": (probation.take_oath, admissions.Oath, states.CANDIDATE.roles("take_oath")),
    "review_probation": (probation.review_probation, admissions.ProbationReview, states.CANDIDATE.roles("review_probation")),
    "apply_for_conversion": (
        probation.apply_for_conversion,
        admissions.ConversionApplication,
        states.CANDIDATE.roles("apply_for_conversion"),
    ),
    "extend_probation": (probation.extend_probation, admissions.ProbationExtension, states.CANDIDATE.roles("extend_probation")),
    "convert": (probation.approve_conversion, admissions.CommitteeDecision, states.CANDIDATE.roles("approve_conversion")),
    "reject_conversion": (probation.reject_conversion, admissions.Rejection, states.CANDIDATE.roles("reject_conversion")),
}


class Bodies:
    """Bodies of meetings, for `World`."""

    branch: str
    committee: str

    def assembly(self, candidates: Iterable[str], **values: Any) -> dict[str, Any]:
        """A members' meeting of all full members of the branch."""
        return {
            "branch": self.branch,
            "kind": "admission",
            "candidates": list(candidates),
            "entitled": 3,
            "present": 3,
            "secret": True,
            "one_by_one": True,
            "minutes": "支部大会记录",
            **values,
        }

    def session(self, candidates: Iterable[str], **values: Any) -> dict[str, Any]:
        """A meeting of the committee's nine members."""
        return {
            "committee": self.committee,
            "kind": "admission",
            "candidates": list(candidates),
            "entitled": 9,
            "present": 9,
            "secret": True,
            "one_by_one": True,
            "introduced_by": "钱委员",
            "minutes": "党委会记录",
            **values,
        }


class Way:
    """Steps of `Candidate`."""

    world: Any
    id: str
    row: Any
    post: Any
    count: Any

    def get_voted(self) -> None:
        self.vote("admission", self.world.later(days=5).assembly([self.id]))

    def vote(self, kind: str, body: Mapping[str, Any], **totals: Any) -> str:
        """A members' meeting on this one, counted, signed in Jinhua, concluded. Returns its id."""
        world = self.world
        meeting = str(world.do("members_meeting", {**body, "kind": kind})["meeting_id"])
        self.count(meeting, "body", totals or world.totals(3, 3))
        if world.city == "jinhua":
            world.do("sign", {"opinion": "程序合规"}, meeting)
        world.do("conclude", {"tally_shown": True}, meeting)
        return meeting

    def show(self, *stages: str) -> None:
        """The notices stand side by side and come down when their periods are over."""
        posted = [self.post(stage, **({"announced_on": None} if stage == "residence" else {})) for stage in stages]
        self.world.at(max(answer["first_possible"] or self.world.today for answer in posted))
        for answer in posted:
            self.world.do("take_down", {}, answer["publicity_id"])

    def get_reported(self) -> None:
        self.show("probationary", *(("residence",) if self.world.city == "nanning" else ()))
        self.world.do("report", {"document": "关于接收预备党员的请示"}, self.id)

    def get_probationary(self) -> None:
        self.talk_before_approval()
        self.vote_in_committee("admission")
        self.world.do("admit", {"document": "关于批准接收预备党员的批复"}, self.id)

    def talk_before_approval(self, **values: Any) -> None:
        body = {"talker": "赵组织", "topics": ["knowledge", "understanding", "motive"], "record": "谈话记录", **values}
        self.world.later(days=2).do("committee_talk", body, self.id, as_=self.world.account("county_organiser"))

    def vote_in_committee(self, kind: str, **values: Any) -> str:
        """The committee's meeting on this one, counted by two organisers and concluded. Returns its id."""
        world = self.world.later(days=2)
        in_favour = values.pop("in_favour", 8)
        meeting = str(world.do("committee_meeting", world.session([self.id], kind=kind, **values))["meeting_id"])
        body = {"candidate_id": self.id, "voters": "body", **world.totals(in_favour, 9)}
        for teller in ("organiser-1", "organiser-2"):
            world.do("tally", body, meeting, as_=world.account("committee_organiser", teller))
        world.do("conclude", {}, meeting, as_=world.account("committee_organiser"))
        return meeting

    def get_conversion_reported(self) -> None:
        self.get_ready_for_conversion()
        self.vote("conversion", self.world.assembly([self.id]))
        self.show("conversion")
        self.world.do("report_conversion", {"document": "关于预备党员转正的请示"}, self.id)

    def get_ready_for_conversion(self) -> None:
        """Oath, reviews, application, and the end of the probation."""
        world = self.world
        if self.row.oath_on is None:
            world.later(days=10).do("oath", {"occasion": "“七一”入党宣誓仪式"}, self.id)
        while self.row.probation_review_due <= self.row.probation_ends:
            review = {"findings": "表现良好", "conclusion": "continue"}
            world.at(max(world.today, self.row.probation_review_due)).do("review_probation", review, self.id)
        if self.row.conversion_applied_on is None:
            world.do("apply_for_conversion", {"document": "转正申请书"}, self.id)
        world.at(max(world.today, self.row.probation_ends))

    def get_full(self) -> None:
        self.vote_in_committee("conversion")
        self.world.do("convert", {"document": "关于批准转正的批复"}, self.id)
