"""The second half of the main stories: from the activist to the full member, what the rules forbid tried first at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kernel.policy import Policy
from kernel.workdays import add_months
from suite.client import Acting
from suite.demo.assembly import by_committee, by_members, voted
from suite.demo.desk import Desk
from suite.demo.examination import Examination
from suite.demo.quota import Quota
from suite.demo.story import Story
from suite.demo.walk import Calendar
from suite.demo.way import HEARD, TRAINING, Way

PROSPECT_BALLOTS = "/prospect-meetings"


@dataclass
class Onward:
    """The rest of a story's way. `go` yields the day on which it goes on: others act meanwhile. The patient one's way is `patience`."""

    story: Story
    quota: Quota
    examination: Examination = field(init=False)

    def __post_init__(self) -> None:
        self.examination = Examination(self.story)

    # -- short names

    @property
    def desk(self) -> Desk:
        return self.story.desk

    @property
    def main(self) -> Way:
        return self.story.main

    @property
    def pair(self) -> list[Way]:
        """Those who are admitted together."""
        return [self.story.main, self.story.friend]

    @property
    def today(self) -> date:
        return self.story.today

    @property
    def jinhua(self) -> bool:
        return self.story.jinhua

    @property
    def policy(self) -> Policy:
        return self.story.trials.book.at(self.story.city, self.today)

    @property
    def revised(self) -> bool:
        """The national rules of 2026 are in force today."""
        return "national-2026" in self.policy.packs

    def refuse(self, rule: str, tried: str, by: Acting, path: str, body: Any) -> None:
        self.story.refuse(rule, tried, by, path, body)

    def later(self, days: int = 0, months: int = 0) -> None:
        self.story.later(days, months)

    # -- the way

    def go(self, outcome: str) -> Iterator[date]:
        """From the year's cultivation to the full membership of `main`. `outcome`: what became of the companion."""
        story = self.story
        since = self.main.showing("since")
        assert since is not None
        yield add_months(since, 6)
        going = [walk for walk in story.all if walk is not story.companion or outcome == "stay"]
        for walk in going:
            walk.review()
        yield add_months(since, 12) - timedelta(days=1)
        for walk in going:
            walk.review()
        self._too_early()
        self.later(days=1)
        self.become_prospects(going)
        self.review_and_train(going)
        self.examination.main()
        for walk in (story.patient, story.friend):
            self.pass_quietly(walk)
        if outcome == "stay":
            self.examination.not_passed(story.companion)
        self.pre_examine()
        self.later(days=6)
        self.assemble()
        self.decide()
        yield from self.probation()

    # -- prospect

    def _too_early(self) -> None:
        path, body = f"{self.main.path}/proposal", self.main.proposal_body()
        self.refuse("prospect.earliest", "差一天满一年就提议列为发展对象", self.desk.secretary, path, body)

    def become_prospects(self, going: list[Way]) -> None:
        main, path = self.main, f"{self.main.path}/proposal"
        main.hear_opinions(tuple(HEARD)[:3])
        self.refuse("prospect.opinions", "没有听取群众意见", self.desk.secretary, path, main.proposal_body())
        main.hear_opinions(tuple(HEARD)[3:])
        for walk in going[1:]:
            walk.hear_opinions()
        if not self.jinhua:
            self._ballots(going)
        one = main.proposal_body(introducers=main.proposal_body()["introducers"][:1])
        self.refuse("prospect.introducers", "只有一名入党介绍人", self.desk.secretary, path, one)
        for walk in going:
            walk.propose(**self._elsewhere(walk))
        self.later(days=2)
        listing = f"{main.path}/listing"
        if self.revised:
            posting = main.posting_body("prospect")
            self.refuse(
                "prospect.superior_agreement", "上级党委尚未同意就公示", self.desk.clerk, f"{main.path}/publicities", posting
            )
        else:
            self.refuse("prospect.filing", "没有报上级党委备案就列为发展对象", self.desk.secretary, listing, {})
        for walk in going:
            walk.endorse()
        if self.policy.has("publicity.prospect.period"):
            self.show(going, "prospect")
        for walk in going:
            walk.list_prospect()

    def _elsewhere(self, walk: Way) -> dict[str, Any]:
        """In Jinhua the main candidate's household registration is in another village of the county. Source: JH 5."""
        if not self.jinhua or walk is not self.main or self.story.home is None:
            return {}
        return {"elsewhere": True, "home_village": self.story.home.code}

    def _ballots(self, going: list[Way]) -> None:
        """The branch committee's secret ballot; the first one fails for the main candidate. Source: NN 3(3)."""
        story, path = self.story, f"{self.main.path}/proposal"
        ballot = story._meeting(*going)
        body = ballot.ballot_body(secret=False)
        self.refuse("prospect.ballot", "举手表决发展对象", self.desk.clerk, PROSPECT_BALLOTS, body)
        ballot.hold_ballot(PROSPECT_BALLOTS)
        ballot.count_all({self.main.id: 40})
        ballot.conclude()
        self.refuse("prospect.majority", "票决未过半数就提议", self.desk.secretary, path, self.main.proposal_body())
        self.later(days=5)
        again = story._meeting(self.main)
        again.hold_ballot(PROSPECT_BALLOTS)
        again.count_all(100)
        again.conclude()

    def show(self, walks: Sequence[Way], *stages: str) -> None:
        show(self.story.ground.calendar, walks, *stages)

    # -- political review and training

    def review_and_train(self, going: list[Way]) -> None:
        """The branch first, then the committee; the training is too short, then long enough."""
        main, desk = self.main, self.desk
        if self.jinhua:
            path = f"{main.path}/committee-review"
            self.refuse("review.order", "支部还没有审查，党委就审查", desk.organiser, path, main.review_body())
            early = self.examination.inquiry.opening_body()
            self.examination.refuse("review.order", "支部、党委还没有审查，就征求部门意见", "/cases", early)
        self._try_examination("review.required", "没有政治审查就预审")
        for walk in going:
            walk.review_by_branch()
        self.later(days=3)
        for walk in going:
            walk.review_by_committee()
        main.train()
        self._try_examination("training.length", "培训只有一天、八学时就预审")
        self.later(days=4)
        if self.jinhua:
            main.train(**TRAINING, assessed="failed")
            self._try_examination("training.assessed", "培训考核不合格就预审")
            self.later(days=4)
        for walk in going:
            walk.train(**TRAINING)

    def pass_quietly(self, walk: Way) -> None:
        """A case in which every department has nothing to say."""
        inquiry = self.examination.quiet(walk)
        inquiry.open()
        inquiry.wait_for(dict.fromkeys(inquiry.requests, 1))
        self.later(days=1)
        inquiry.conclude("passed")
        self.story.ground.settle()

    # -- pre-examination

    def _try_examination(self, rule: str, tried: str, code: str = "X-0000") -> None:
        path = f"{self.main.path}/pre-examination"
        self.refuse(rule, tried, self.desk.organiser, path, self.main.examination_body(code))

    def pre_examine(self) -> None:
        main, desk, year = self.main, self.desk, self.today.year
        assembly = by_members([main], "admission")
        self.refuse("pre_examination.form", "没有预审就召开支部大会", desk.clerk, "/admission-meetings", assembly.body())
        if self.jinhua:
            self._try_examination("pre_examination.county_consent", "县（市、区）委组织部还没有同意就预审")
            consent, body = f"{main.path}/start-consent", {"document": "发展党员预审意见"}
            self.refuse("pre_examination.dossier_first", "异地发展，没有先报全程记实档案", desk.county, consent, body)
            main.send_dossier()
            self.refuse("plan.figure", "没有批准的年度数就同意启动", desk.county, consent, body)
        self.quota.approve(desk, year)
        if self.jinhua:
            main.consent_to_start()
            self._try_examination("form.coded", "用自编的编号发给志愿书", "ZB-001")
        spoilt = self.quota.code(desk, year)
        main.pre_examine(spoilt)
        body = {"reason": "志愿书填写作废。", "form": "void"}
        main.step(
            desk.organiser, "pre-examination-reopening", body, f"{main.name} 的志愿书填写作废，编号 {spoilt} 登记作废，重新预审"
        )
        self._try_examination("form.code_reused", "再用作废的编号", spoilt)
        for walk in self.pair:
            if self.jinhua and walk is not main:
                walk.consent_to_start()
            walk.pre_examine(self.quota.code(desk, year))

    # -- the members' meeting

    def assemble(self) -> None:
        """The first vote does not pass; the second does. Then the notices, and the report to the committee."""
        main, desk = self.main, self.desk
        self._try_assemblies("admission")
        self._vote_with_trials("admission")
        report = f"{main.path}/report"
        body = {"document": "支部大会决议"}
        self.refuse("meeting.majority", "赞成未超过应到会的半数就上报", desk.secretary, report, body)
        self.later(days=7)
        voted(by_members([main], "admission"))
        self.refuse("publicity.period", "公示期未满就上报", desk.secretary, report, body)
        self.show(self.pair, *self.after_the_vote())
        for walk in self.pair:
            walk.report()

    def after_the_vote(self) -> tuple[str, ...]:
        """In Nanning at the residence too, at the same time. Source: NN 3(4)."""
        return tuple(stage for stage in ("probationary", "residence") if self.policy.has(f"publicity.{stage}.period"))

    def _try_assemblies(self, about: str) -> None:
        assembly = by_members(self.pair, about)
        half = assembly.entitled // 2
        body = assembly.body
        fewer = {"entitled": assembly.entitled - 1, "present": assembly.present - 1}
        left_out = {"excluded": [{"group": "old_bedridden_long_ill", "count": 1}], **fewer}
        tries: list[tuple[str, str, dict[str, Any]]] = [
            ("meeting.quorum", "到会人数刚好一半", body(present=half, written=assembly.entitled - half)),
            ("meeting.ballot", "举手表决", body(secret=False)),
            ("meeting.one_by_one", "两人一并讨论和表决", body(one_by_one=False)),
            ("meeting.excluded", "未经上级同意，把一名长期卧床的党员不计入应到会人数", body(**left_out)),
        ]
        for rule, tried, wrong in tries:
            self.refuse(rule, tried, self.desk.clerk, "/admission-meetings", wrong)

    def _vote_with_trials(self, about: str) -> None:
        """A vote that fails for the main candidate, counted and concluded as it must be."""
        assembly = by_members(self.pair, about)
        assembly.hold()
        assembly.count_all({self.main.id: 40})
        path = f"{assembly.path}/conclusion"
        if self.jinhua:
            self.refuse("meeting.delegate_signature", "党委派员没有签字", self.desk.secretary, path, assembly.conclusion_body())
            assembly.sign()
        else:
            hidden = assembly.conclusion_body(tally_shown=False)
            self.refuse("meeting.tally_on_the_spot", "没有当场公布票数", self.desk.secretary, path, hidden)
        assembly.conclude()

    # -- the committee

    def decide(self) -> None:
        main, desk = self.main, self.desk
        admission, body = f"{main.path}/admission", {"document": "批复"}
        self.refuse("committee.talk", "没有谈话就审批", desk.organiser, admission, body)
        talk = f"{main.path}/committee-talk"
        if self.jinhua:
            self.refuse(
                "committee.talk_by_organiser", "不是派驻的县级组织员谈话", desk.organiser, talk, main.committee_talk_body()
            )
        self.later(days=5)
        for walk in self.pair:
            walk.committee_talk()
        self._try_committee()
        meeting = by_committee(self.pair, "admission")
        meeting.hold()
        meeting.count_all({main.id: 40})
        meeting.conclude()
        self.refuse("committee.majority", "票决未超过半数就批准", desk.organiser, admission, body)
        self.later(days=10)
        voted(by_committee([main], "admission"))
        for walk in self.pair:
            walk.approve_admission()
        self.story.ground.settle()

    def _try_committee(self) -> None:
        meeting = by_committee(self.pair, "admission")
        body: Callable[..., dict[str, Any]] = meeting.body
        tries: list[tuple[str, str, dict[str, Any]]] = [
            ("committee.quorum", "到会委员不足半数", body(present=3)),
            ("committee.one_by_one", "两人一并讨论和表决", body(one_by_one=False)),
        ]
        if self.jinhua:
            tries += [
                ("committee.ballot", "党委举手表决", body(secret=False)),
                ("committee.introduced", "没有逐一介绍情况", body(introduced_by="")),
            ]
        for rule, tried, wrong in tries:
            self.refuse(rule, tried, self.desk.organiser, "/committee-meetings", wrong)

    # -- probation and conversion

    def probation(self) -> Iterator[date]:
        main, desk = self.main, self.desk
        self.later(days=10)
        for walk in self.pair:
            walk.take_oath()
        ends = self.story.friend.showing("probation_ends"), main.showing("probation_ends")
        assert ends[0] is not None and ends[1] is not None
        yield add_months(ends[0], -6)
        for walk in self.pair:
            walk.review_probation()
        yield ends[0] - timedelta(days=7)
        assembly = by_members([main], "conversion")
        path = "/admission-meetings"
        self.refuse("conversion.own_application", "本人没有提出转正申请", desk.clerk, path, assembly.body())
        for walk in self.pair:
            walk.apply_for_conversion()
        self.refuse("conversion.after_probation", "预备期未满就讨论转正", desk.clerk, path, assembly.body())
        extension = f"{main.path}/probation-extension"
        self.refuse("probation.extension", "延长预备期三个月", desk.organiser, extension, main.extension_body(3))
        yield max(ends[0], ends[1]) + timedelta(days=1)
        self._try_assemblies("conversion")
        self.convert(*self.pair)

    def convert(self, *walks: Way) -> None:
        """The members' vote, the notice, the report, the committee's vote, the approval."""
        voted(by_members(walks, "conversion"))
        self.show(walks, "conversion")
        for walk in walks:
            walk.report_conversion()
        self.later(days=20)
        voted(by_committee(walks, "conversion"))
        for walk in walks:
            walk.approve_conversion()
        self.story.ground.settle()


def show(calendar: Calendar, walks: Sequence[Way], *stages: str) -> None:
    """The notices of several people together, as long as they have to be up."""
    for walk in walks:
        for stage in stages:
            walk.post(stage)
    ends = [walk.publicities[stage]["first_possible"] for walk in walks for stage in stages]
    calendar.to(max(date.fromisoformat(day) for day in ends))
    for walk in walks:
        for stage in stages:
            walk.take_down(stage)
