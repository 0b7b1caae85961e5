"""A meeting over the doors: recommendation, or a ballot of the branch committee, with its counts and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from suite.client import Acting
from suite.demo.desk import Desk
from suite.demo.walk import Answer, Body, Calendar, Tell, Walk, keep_to_oneself

#: A category of mass representatives that fits the domain. Source: NN 3(1).
CATEGORIES = {
    "rural": "villager_representative",
    "community": "resident_representative",
    "agency": "staff_on_establishment",
    "institution": "staff_on_establishment",
    "state_enterprise": "worker_representative",
    "two_new": "worker_representative",
}
#: Members entitled, present, and mass representatives at the meetings here.
ENTITLED, PRESENT, MASSES = 12, 10, 32
#: Members of a branch committee.
COMMITTEE = 5


def totals(in_favour: int, cast: int, **more: int) -> dict[str, int]:
    """The figures of one count in which nobody abstained."""
    return {"issued": cast, "cast": cast, "in_favour": in_favour, "against": cast - in_favour, "abstain": 0, "invalid": 0, **more}


@dataclass
class Meeting:
    """A meeting of a branch about several candidates: recommendation, or the ballot on determining activists."""

    desk: Desk
    calendar: Calendar
    walks: Sequence[Walk]
    tell: Tell = keep_to_oneself
    id: str = ""
    kind: str = ""

    @property
    def path(self) -> str:
        return f"/meetings/{self.id}"

    def _told(self, answer: Answer, text: str, note: str = "") -> Answer:
        sources = [article["source"] for article in answer.get("articles", ())]
        self.tell(date.fromisoformat(answer["day"]), text, sources, note)
        return answer

    # -- recommendation

    def recommendation_body(self, **changes: Any) -> Body:
        category = CATEGORIES.get(self.desk.branch["domain"], "villager_representative")
        return {
            "branch": self.desk.code,
            "candidates": [walk.id for walk in self.walks],
            "members_entitled": ENTITLED,
            "members_present": PRESENT,
            "absent_heard": [{"way": "telephone", "count": ENTITLED - PRESENT}],
            "mass_representatives": MASSES,
            "mass": [{"category": category, "count": MASSES}],
            "secret": True,
            "minutes": "推荐会议记录",
            **changes,
        }

    def hold_recommendation(self, **changes: Any) -> Answer:
        answer = self.desk.clerk.post("recruitment", "/recommendation-meetings", self.recommendation_body(**changes))
        self.id, self.kind = answer["meeting_id"], answer["kind"]
        name = {"two_recommendations": "召开党员和群众代表推荐会议", "masses": "召开群众推优会"}[self.kind]
        heard = f"应到党员 {ENTITLED} 人、实到 {PRESENT} 人，缺席 {ENTITLED - PRESENT} 人已电话听取意见；群众代表 {MASSES} 人"
        return self._told(answer, f"{name}，推荐对象 {len(self.walks)} 人", heard)

    @property
    def voters(self) -> tuple[str, ...]:
        return {"two_recommendations": ("members", "masses"), "masses": ("masses",)}.get(self.kind, ("body",))

    # -- counting

    @property
    def tellers(self) -> Sequence[Acting]:
        return self.desk.tellers

    @property
    def concluder(self) -> Acting:
        return self.desk.secretary

    def tally_body(self, walk: Walk, voters: str, figures: Mapping[str, int]) -> Body:
        return {"candidate_id": walk.id, "voters": voters, **figures}

    def figures(self, voters: str, share: int) -> dict[str, int]:
        """`share` percent in favour of those who voted, rounded down; absent members who were heard are in favour."""
        if voters == "members":
            return totals(PRESENT * share // 100, PRESENT, absent_in_favour=ENTITLED - PRESENT)
        cast = MASSES if voters == "masses" else COMMITTEE
        return totals(cast * share // 100, cast)

    def count(self, walk: Walk, voters: str, figures: Mapping[str, int]) -> None:
        """Both tellers enter the same."""
        body = self.tally_body(walk, voters, figures)
        results = [teller.post("recruitment", f"{self.path}/tallies", body)["result"] for teller in self.tellers]
        if results[-1] != "agreed":
            raise AssertionError(f"two equal counts came out as {results}")
        whose = {"members": "党员票", "masses": "群众票", "body": "表决票"}[voters]
        absent = f"，未到会党员赞成 {figures['absent_in_favour']}" if figures.get("absent_in_favour") else ""
        text = f"两名计票人录入一致：{walk.name} {whose}收回 {figures['cast']} 张，赞成 {figures['in_favour']}{absent}"
        self.tell(self.calendar.today, text, ("Xinhuo",), "")

    def count_all(self, share: int | Mapping[str, int] = 90) -> None:
        """Everything that has not been counted. `share`: percent in favour, of all or by candidate."""
        for walk in self.walks:
            percent = share if isinstance(share, int) else share.get(walk.id, 90)
            for voters in self.voters:
                self.count(walk, voters, self.figures(voters, percent))

    # -- the end

    def sign(self) -> Answer:
        answer = self.desk.organiser.post("recruitment", f"{self.path}/signature", {"opinion": "程序合规，情况属实。"})
        return self._told(answer, "党委派员列席并在推荐结果上签字")

    def conclusion_body(self, **changes: Any) -> Body:
        if self.voters == ("body",):
            return {"tally_shown": True, **changes}
        return {"recommended": [walk.id for walk in self.walks], **changes}

    def conclude(self, **changes: Any) -> Answer:
        answer = self.concluder.post("recruitment", f"{self.path}/conclusion", self.conclusion_body(**changes))
        names = {walk.id: walk.name for walk in self.walks}
        said = {
            "qualified": "取得资格",
            "not_qualified": "未取得资格",
            "passed": "通过",
            "not_passed": "未通过",
            "left": "已离开",
        }
        outcomes = {names[result["candidate_id"]]: said[result["outcome"]] for result in answer["results"]}
        text = "；".join(f"{walk.name} {outcomes[walk.name]}" for walk in self.walks)
        return self._told(answer, f"办结会议：{text}")

    # -- the branch committee's ballots (NN): on determining activists, on listing prospects

    def ballot_body(self, **changes: Any) -> Body:
        return {
            "branch": self.desk.code,
            "candidates": [walk.id for walk in self.walks],
            "body": self.desk.body,
            "entitled": COMMITTEE,
            "present": COMMITTEE,
            "secret": True,
            "minutes": "支部委员会会议记录",
            **changes,
        }

    def hold_ballot(self, path: str = "/determination-meetings", **changes: Any) -> Answer:
        body = self.ballot_body(**changes)
        answer = self.desk.clerk.post("recruitment", path, body)
        self.id, self.kind = answer["meeting_id"], answer["kind"]
        return self._told(answer, f"支部委员会无记名票决，应到 {body['entitled']} 人、实到 {body['present']} 人")
