"""The first half of the main stories: in each city, under each version of the national rules, one candidate walks from the application
to the activist, and at every step what the rules forbid is tried first. A companion in the same branch goes a less straight way, and a
patient one a longer way. The second half is `onward`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kernel.actor import Actor
from kernel.workdays import add_months
from suite.client import Acting
from suite.demo.desk import Desk
from suite.demo.ground import Ground
from suite.demo.meeting import MASSES, PRESENT, Meeting, totals
from suite.demo.narrator import Narrator
from suite.demo.people import Person
from suite.demo.registering import a_minor
from suite.demo.trials import Trials
from suite.demo.walk import Walk
from suite.demo.way import Way


@dataclass
class Story:
    """`cast`: seven people who have not applied yet; the last is somebody else's.

    `main` goes all the way, `friend` with it; `companion` is talked with late; `patient` keeps up until the form is to be issued. `home`:
    in Jinhua, the village of `main`'s household registration, another one of the county.
    """

    ground: Ground
    narrator: Narrator
    trials: Trials
    desk: Desk
    enterprise: Desk
    cast: list[Person]
    home: Desk | None = None
    main: Way = field(init=False)
    companion: Way = field(init=False)
    patient: Way = field(init=False)
    friend: Way = field(init=False)
    worker: Way = field(init=False)

    def __post_init__(self) -> None:
        self.main, self.companion, self.patient, self.friend = (self._walk(self.desk, person) for person in self.cast[:4])
        self.worker = self._walk(self.enterprise, self.cast[4])

    def _walk(self, desk: Desk, person: Person) -> Way:
        return Way(desk, self.ground.calendar, person.name, person.id_number, self._tell)

    def _tell(self, day: date, text: str, sources: Any, note: str = "") -> None:
        self.narrator.step(day, text, sources, note=note)

    @property
    def all(self) -> tuple[Way, ...]:
        """Those of the village, `main` first."""
        return self.main, self.companion, self.patient, self.friend

    @property
    def city(self) -> str:
        return self.desk.city

    @property
    def jinhua(self) -> bool:
        return self.city == "jinhua"

    @property
    def today(self) -> date:
        return self.ground.calendar.today

    def refuse(self, rule: str, tried: str, by: Acting, path: str, body: Any) -> None:
        self.trials.refuse(rule, tried, by, path, body, city=self.city)

    def later(self, days: int = 0, months: int = 0) -> None:
        self.ground.calendar.to(add_months(self.today, months) + timedelta(days=days))

    def _meeting(self, *walks: Walk) -> Meeting:
        return Meeting(self.desk, self.ground.calendar, walks, self._tell)

    # -- application and talk

    def begin(self) -> None:
        """Applications, the talk, and in Jinhua the publicity of the applications."""
        self.trials.expect(self.city, self.today)
        self.narrator.note("、".join(walk.name for walk in self.all), indent="")
        self._try_applications()
        self.main.apply()
        self.refuse("dossier.one_person", "同一人再申请一次", self.desk.clerk, "/applications", self.main.application_body())
        for walk in self.all[1:]:
            walk.apply()
        self._apply_at_work()
        self.later(days=5)
        self._talk()
        if self.jinhua:
            self._show_applications()
        else:
            meeting = self._meeting(self.main)
            self.refuse(
                "recommendation.pool",
                "申请后几天即召开推荐会议",
                self.desk.clerk,
                "/recommendation-meetings",
                meeting.recommendation_body(),
            )

    def _try_applications(self) -> None:
        other = self._walk(self.desk, self.cast[5])
        minor = a_minor(self.desk.county_code, self.today, len(self.trials.counts))
        tries: list[tuple[str, str, dict[str, Any]]] = [
            ("application.written", "没有书面申请", other.application_body(document="")),
            ("application.age", "十七岁的人提出申请", other.application_body(id_number=minor)),
            (
                "application.organisation",
                "在校学生向居住地支部申请",
                other.application_body(main="study", study={"has_organisation": True}),
            ),
            ("order.future", "申请日期写成明天", other.application_body(day=self.today + timedelta(days=1))),
        ]
        for rule, tried, body in tries:
            self.refuse(rule, tried, self.desk.clerk, "/applications", body)

    def _apply_at_work(self) -> None:
        """A villager at an enterprise's branch. In Jinhua two years under contract, and consent for a villagers' committee member."""
        clerk, worker = self.enterprise.clerk, self.worker
        if not self.jinhua:
            worker.apply(worker.at_work_body(), note="在企业工作，向企业党组织申请；")
            return
        short = worker.at_work_body(work={"months": 23})
        self.refuse("application.two_new_term", "农村户籍，在企业只工作了 23 个月", clerk, "/applications", short)
        rule = "application.two_new_village_committee"
        departing = {"village_committee_member": True, "departures": {rule: "企业党组织培养多年，群众公认"}}
        body = worker.at_work_body(**departing)
        self.refuse("application.exception_consent", "村委会成员在企业申请，没有县里的书面同意", clerk, "/applications", body)
        given = self.enterprise.county.post(
            "recruitment",
            "/consents",
            {"branch": self.enterprise.code, "id_number": worker.id_number, "rule": rule, "document": "同意函"},
        )
        self.narrator.step(self.today, f"县（市、区）委组织部书面同意 {worker.name} 的例外", ["Xinhuo"])
        answer = worker.apply({**body, "consents": [given["consent_id"]]})
        for departure in answer["departures"]:
            self.narrator.note(f"偏离 {departure['rule']}（{departure['source']}），理由记录在案：{departure['written_reason']}")

    def _talk(self) -> None:
        yesterday = self.main.talk_body(day=self.today - timedelta(days=6))
        self.refuse("order.sequence", "谈话日期早于申请日期", self.desk.clerk, f"{self.main.path}/talk", yesterday)
        if self.trials.book.at(self.city, self.today).has_rule("talk.topics"):
            short = self.main.talk_body(topics=["motive"])
            self.refuse("talk.topics", "谈话只问了入党动机", self.desk.clerk, f"{self.main.path}/talk", short)
        for walk in (self.main, self.patient, self.friend, self.worker):
            walk.talk()

    def _show_applications(self) -> None:
        """Jinhua shows applications too, at the members' meeting and on the board. Source: JH 6."""
        self._post_with_trials(self.main, "application")
        others = (*self.all[1:], self.worker)
        for walk in others:
            walk.post("application")
        self._end_with_trials(self.main, "application")
        for walk in others:
            walk.take_down("application")
        self.worker.withdraw()

    # -- publicity

    def _post_with_trials(self, walk: Walk, stage: str) -> None:
        path, clerk = f"{walk.path}/publicities", self.desk.clerk
        if self.jinhua:
            body = walk.posting_body(stage, announced_on=None)
            self.refuse("publicity.announced_and_posted", "只张贴，没有在党员大会上通报", clerk, path, body)
        else:
            body = walk.posting_body(stage, content={"cultivation": "按期培养。"})
            self.refuse("publicity.content_required", "公示内容没有工作实绩", clerk, path, body)
        content = {**walk.posting_body(stage)["content"], "address": "本村 8 号"}
        self.refuse("publicity.content_forbidden", "公示写上住址", clerk, path, walk.posting_body(stage, content=content))
        walk.post(stage)

    def _end_with_trials(self, walk: Walk, stage: str) -> None:
        posted = walk.publicities[stage]
        end, first = f"/publicities/{posted['publicity_id']}/end", date.fromisoformat(posted["first_possible"])
        self.later(days=1)
        objection = walk.object(stage)
        self.ground.calendar.to(first - timedelta(days=1))
        self.refuse("publicity.period", "公示期最后一天就撤下", self.desk.clerk, end, {})
        self.ground.calendar.to(first)
        self.refuse("publicity.objection_open", "异议未办结就撤下公示", self.desk.clerk, end, {})
        walk.investigate(objection)
        conclusion = {"outcome": "unfounded", "reason": "经查不实。"}
        path = f"/objections/{objection}/conclusion"
        self.refuse("publicity.objection_heard", "没有听取本人意见就对异议作结论", self.desk.secretary, path, conclusion)
        walk.answer_objection(objection)
        walk.take_down(stage)

    # -- recommendation

    def recommend(self) -> None:
        """The meeting, the counts by two tellers, the result."""
        self.refuse(
            "recommendation.required",
            "没有推荐就确定为入党积极分子",
            self.desk.secretary,
            f"{self.main.path}/determination",
            self.main.determination_body(),
        )
        meeting = self._meeting(*self.all)
        self._try_meetings(meeting)
        if self.jinhua:
            self._under_rectification(True)
        meeting.hold_recommendation()
        self._count_with_trials(meeting)
        if self.jinhua:
            self._conclude_jinhua(meeting)
        else:
            self._conclude_nanning(meeting)

    def _try_meetings(self, meeting: Meeting) -> None:
        if self.jinhua:
            return
        body = meeting.recommendation_body
        known = [{"category": "villager_representative", "count": MASSES - 2}]
        tries: list[tuple[str, str, dict[str, Any]]] = [
            ("recommendation.secret_ballot", "举手推荐", body(secret=False)),
            ("recommendation.absent_heard", "缺席的党员没有听取意见", body(absent_heard=[])),
            ("recommendation.mass_categories", "有两名群众代表没有登记类别", body(mass=known)),
        ]
        for rule, tried, wrong in tries:
            self.refuse(rule, tried, self.desk.clerk, "/recommendation-meetings", wrong)

    def _count_with_trials(self, meeting: Meeting) -> None:
        path, (first, second) = f"{meeting.path}/tallies", self.desk.tellers
        more = meeting.tally_body(self.main, "masses", totals(28, MASSES + 1))
        self.refuse("tally.sums", "发出的票多于到会的人", first, path, more)
        right = meeting.tally_body(self.main, "masses", totals(28, MASSES))
        first.post("recruitment", path, right)
        self.refuse("tally.two_tellers", "同一名计票人录入两次", first, path, right)
        second.post("recruitment", path, meeting.tally_body(self.main, "masses", totals(27, MASSES)))
        body = meeting.conclusion_body()
        self.refuse("tally.tellers_agree", "两名计票人录入不一致就办结", self.desk.secretary, f"{meeting.path}/conclusion", body)
        low = {self.companion.id: 66}
        meeting.count_all(low if not self.jinhua else 90)

    def _conclude_jinhua(self, meeting: Meeting) -> None:
        path, body = f"{meeting.path}/conclusion", meeting.conclusion_body()
        self.refuse("recommendation.delegate_signature", "党委派员没有签字就办结", self.desk.secretary, path, body)
        meeting.sign()
        self.refuse("application.rectification_delegate", "整顿中的村没有县级派员在场就办结", self.desk.secretary, path, body)
        self._open_rectification()
        meeting.conclude(county_delegate=self.delegate)

    def _conclude_nanning(self, meeting: Meeting) -> None:
        """The companion has less than seven tenths of the members' votes: "in principle", so a written reason lets it pass."""
        rule = "recommendation.member_share"
        written = "近两年连续评为先进，支部委员会集体研究后建议列入"
        answer = meeting.conclude(departures_by_candidate={self.companion.id: {rule: written}})
        for result in answer["results"]:
            for departure in result["departures"]:
                share = PRESENT * 66 // 100
                self.narrator.note(
                    f"{self.companion.name} 党员票 {share} 张赞成，不足七成，偏离 {departure['rule']}（{departure['source']}），"
                    f"理由记录在案：{departure['written_reason']}"
                )

    # -- rectification (JH 1)

    @property
    def delegate(self) -> dict[str, str]:
        return {"organisation": self.desk.county_code, "account": f"county.{self.desk.county_code}", "document": "派员通知"}

    def _under_rectification(self, under: bool) -> None:
        self.desk.county.patch("registry", f"/organisations/{self.desk.code}", {"under_rectification": under})
        self.narrator.step(self.today, f"{self.desk.branch['name']} {'列为整顿对象' if under else '整顿结束'}", ["JH 1"])
        self.ground.settle()

    def _open_rectification(self) -> None:
        body = {
            "branch": self.desk.code,
            "township": self.desk.committee,
            "document": "整顿方案",
            "reason": "换届中有宗族势力干扰。",
        }
        self._case = self.desk.county.post("recruitment", "/rectifications", body)["case_id"]
        self.narrator.step(self.today, "县（市、区）委组织部会同乡镇（街道）立整顿案，派员列席该村的决定", ["JH 1"])

    def _close_rectification(self) -> None:
        self.desk.county.post("recruitment", f"/rectifications/{self._case}/end", {"conclusion": "整顿达标。"})
        self._under_rectification(False)

    # -- determination

    def determine(self) -> None:
        """Jinhua: the superior's approval comes first. Nanning: a secret ballot. Then the decision, contacts, publicity, filing."""
        self.later(days=4)
        main, path = self.main, f"{self.main.path}/determination"
        if self.jinhua:
            body = main.determination_body(county_delegate=self.delegate)
            self.refuse("activist.superior_approval", "没有报上级党委审批", self.desk.secretary, path, body)
            for walk in self.all:
                walk.approve()
        else:
            self._ballot_with_trials()
        self.later(days=1)
        more = {"county_delegate": self.delegate} if self.jinhua else {}
        wrong_body = main.determination_body(decided_by="members_meeting", **more)
        self.refuse("activist.body", "设支部委员会的支部改由党员大会决定", self.desk.secretary, path, wrong_body)
        nobody = main.determination_body(contacts=[], **more)
        self.refuse("activist.contacts", "没有指定培养联系人", self.desk.secretary, path, nobody)
        other = f"{self.companion.path}/determination"
        untalked = self.companion.determination_body(**more)
        self.refuse("dossier.complete", f"{self.companion.name} 没有谈话记录", self.desk.secretary, other, untalked)
        self.companion.talk()
        for one in self.all:
            one.determine(**more)
        if self.jinhua:
            self._close_rectification()
        self._become_activists()

    def _ballot_with_trials(self) -> None:
        """The companion fails in the first ballot, and passes in a second one later."""
        ballot = self._meeting(*self.all)
        self.refuse(
            "activist.ballot",
            "举手表决",
            self.desk.clerk,
            "/determination-meetings",
            ballot.ballot_body(secret=False),
        )
        ballot.hold_ballot()
        ballot.count_all({self.main.id: 80, self.companion.id: 40})
        hidden = ballot.conclusion_body(tally_shown=False)
        self.refuse("activist.tally_on_the_spot", "没有当场公布票数", self.desk.secretary, f"{ballot.path}/conclusion", hidden)
        ballot.conclude()
        path, body = f"{self.companion.path}/determination", self.companion.determination_body()
        self.refuse("activist.majority", f"{self.companion.name} 票决未过半数", self.desk.secretary, path, body)
        self.later(days=7)
        again = self._meeting(self.companion)
        again.hold_ballot()
        again.count_all(80)
        again.conclude()

    def _become_activists(self) -> None:
        self.later(days=1)
        if self.jinhua:
            self.main.post("activist")
        else:
            self._post_with_trials(self.main, "activist")
        for walk in self.all[1:]:
            walk.post("activist")
        if self.jinhua:
            self.ground.calendar.to(date.fromisoformat(self.main.publicities["activist"]["first_possible"]))
            self.main.take_down("activist")
        else:
            self._end_with_trials(self.main, "activist")
        for walk in self.all[1:]:
            walk.take_down("activist")
        self.later(days=2)
        path, body = f"{self.main.path}/proposal", self.main.proposal_body()
        self.refuse("activist.filing", "没有报上级党委备案，就提议列为发展对象", self.desk.secretary, path, body)
        for walk in self.all:
            walk.file()

    # -- cultivation

    def cultivate(self, outcome: str) -> None:
        """Training and review; a wrong entry is put right by two people; the companion may have to leave the pool."""
        self.later(days=10)
        for walk in self.all:
            walk.train()
        self._correct()
        path = f"{self.companion.path}/proceedings"
        self.refuse(
            "adjustment.reason", f"提议将 {self.companion.name} 调整出库，不写理由", self.desk.secretary, path, {"reason": " "}
        )
        proceeding = self.companion.propose_end()
        decision = {"outcome": "leave", "reason": "经查属实。"}
        decide = f"/proceedings/{proceeding}/decision"
        self.refuse("adjustment.hearing", "没有听取本人意见就决定", self.desk.organiser, decide, decision)
        self.companion.hear_on_end(proceeding)
        self.later(days=2)
        self.companion.decide_end(proceeding, outcome)

    def _correct(self) -> None:
        """Whoever asked for a correction does not approve it, whatever posts the account holds."""
        posts = (*self.desk.clerk.actor.posts, *self.desk.organiser.actor.posts)
        both = self.ground.doors.as_actor(Actor(self.desk.clerk.actor.account, posts))
        asked = self.main.ask_correction(both)
        path, approval = f"/corrections/{asked}/decision", {"approved": True, "reason": "与毕业证书相符。"}
        self.refuse("correction.four_eyes", "申请更正的人自己批准", both, path, approval)
        self.main.correct(asked)
