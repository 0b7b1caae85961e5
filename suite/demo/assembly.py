"""The meetings that vote on admission and conversion: the members' of a branch, and the committee's. Used by demo and journey tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from suite.client import Acting
from suite.demo.meeting import Meeting, totals
from suite.demo.walk import Answer, Body, Walk

KINDS = {"admission": "接收预备党员", "conversion": "预备党员转正"}
#: Members of a committee here.
COMMITTEE = 7


@dataclass
class Assembly(Meeting):
    """The members' meeting of a branch. `about`: admission or conversion. One member is absent and has filed an opinion in writing."""

    about: str = "admission"
    entitled: int = 0
    present: int = 0
    written: int = 1

    def __post_init__(self) -> None:
        self.entitled = self.desk.count_members()
        self.present = self.entitled - self.written

    def body(self, **changes: Any) -> Body:
        return {
            "branch": self.desk.code,
            "kind": self.about,
            "candidates": [walk.id for walk in self.walks],
            "entitled": self.entitled,
            "present": self.present,
            "excluded": [],
            "excluded_approval": None,
            "excluded_adopted": False,
            "written": self.written,
            "secret": True,
            "one_by_one": True,
            "leaving": {},
            "minutes": "支部大会会议记录",
            **changes,
        }

    def hold(self, **changes: Any) -> Answer:
        body = self.body(**changes)
        answer = self.desk.clerk.post("recruitment", "/admission-meetings", body)
        self.id, self.kind = answer["meeting_id"], answer["kind"]
        came = f"有表决权的正式党员 {body['entitled']} 人、实到 {body['present']} 人，会前书面意见 {body['written']} 份"
        return self._told(answer, f"召开支部大会，逐个讨论{KINDS[self.about]} {len(self.walks)} 人", came)

    def figures(self, voters: str, share: int) -> dict[str, int]:
        """`share` percent in favour of those present; what was filed in writing stands apart, and is in favour."""
        return totals(self.present * share // 100, self.present, absent_in_favour=self.written)


@dataclass
class CommitteeMeeting(Meeting):
    """The committee's meeting, counted by two of its own organisers."""

    about: str = "admission"

    def body(self, **changes: Any) -> Body:
        return {
            "committee": self.desk.committee,
            "kind": self.about,
            "candidates": [walk.id for walk in self.walks],
            "entitled": COMMITTEE,
            "present": COMMITTEE,
            "secret": True,
            "one_by_one": True,
            "introduced_by": "组织委员",
            "minutes": "党委会会议记录",
            **changes,
        }

    def hold(self, **changes: Any) -> Answer:
        body = self.body(**changes)
        answer = self.desk.organiser.post("recruitment", "/committee-meetings", body)
        self.id, self.kind = answer["meeting_id"], answer["kind"]
        came = f"应到委员 {body['entitled']} 人、实到 {body['present']} 人；组织委员逐一介绍"
        return self._told(answer, f"党委会逐个讨论、票决{KINDS[self.about]} {len(self.walks)} 人", came)

    @property
    def tellers(self) -> Sequence[Acting]:
        return self.desk.tellers_of_the_committee

    @property
    def concluder(self) -> Acting:
        return self.desk.organiser

    def figures(self, voters: str, share: int) -> dict[str, int]:
        return totals(COMMITTEE * share // 100, COMMITTEE)


def voted(meeting: Assembly | CommitteeMeeting, share: int = 100, **changes: Any) -> list[str]:
    """The whole meeting, from the roll call to the result. Returns the outcomes, in the order of the candidates."""
    meeting.hold(**changes)
    meeting.count_all(share)
    if isinstance(meeting, Assembly) and meeting.walks[0].jinhua:
        meeting.sign()
    outcomes = {result["candidate_id"]: result["outcome"] for result in meeting.conclude()["results"]}
    return [str(outcomes[walk.id]) for walk in meeting.walks]


def by_members(walks: Sequence[Walk], about: str) -> Assembly:
    first = walks[0]
    return Assembly(first.desk, first.calendar, walks, first.tell, about=about)


def by_committee(walks: Sequence[Walk], about: str) -> CommitteeMeeting:
    first = walks[0]
    return CommitteeMeeting(first.desk, first.calendar, walks, first.tell, about=about)
