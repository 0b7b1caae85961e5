"""Everybody else: a few candidates in every county of both cities, who go their ways together, month by month, and end as people do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from kernel.policy import PolicyBook
from kernel.workdays import add_months
from suite.demo.assembly import Assembly, CommitteeMeeting, by_committee, by_members, voted
from suite.demo.desk import Desk
from suite.demo.ground import Ground
from suite.demo.inquiry import Inquiry, concern, rule_for, sources_of
from suite.demo.meeting import Meeting
from suite.demo.narrator import Narrator
from suite.demo.onward import PROSPECT_BALLOTS
from suite.demo.people import Person
from suite.demo.quota import Quota
from suite.demo.registering import NAMES
from suite.demo.way import TRAINING, Way

#: How somebody's way ends here, and how often of a hundred.
FATES = {
    "activist": 22,  # in the pool
    "removed": 6,  # adjusted out of the pool
    "prospect": 8,  # listed and vetted, not pre-examined yet
    "not_passed": 4,
    "full": 32,
    "disqualified": 4,  # on probation
    "not_recommended": 9,  # stays an applicant
    "refused": 6,
    "withdrawn": 9,
}
#: Those who come to the meeting, who become activists, prospects, probationary members.
AT_THE_MEETING = frozenset(FATES) - {"refused", "withdrawn"}
ACTIVISTS = AT_THE_MEETING - {"not_recommended"}
PROSPECTS = ACTIVISTS - {"activist", "removed"}
ADMITTED = frozenset({"full", "disqualified"})


@dataclass
class Crowd:
    """`cast`: branch's desk -> the people who apply there. Each gets a fate from `random`."""

    ground: Ground
    narrator: Narrator
    book: PolicyBook
    random: Random
    cast: Sequence[tuple[Desk, Sequence[Person]]]
    quota: Quota
    walks: list[Way] = field(default_factory=list)
    fates: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fates, weights = zip(*FATES.items(), strict=True)
        for desk, people in self.cast:
            for person in people:
                walk = Way(desk, self.ground.calendar, person.name, person.id_number)
                self.walks.append(walk)
                self.fates[walk.id_number] = self.random.choices(fates, weights)[0]

    @property
    def today(self) -> date:
        return self.ground.calendar.today

    def with_fate(self, fates: Iterable[str], city: str | None = None) -> list[Way]:
        wanted = set(fates)
        return [w for w in self.walks if self.fates[w.id_number] in wanted and city in (None, w.desk.city)]

    def later(self, days: int = 0, months: int = 0) -> None:
        self.ground.calendar.to(add_months(self.today, months) + timedelta(days=days))

    def each(self, title: str, walks: Sequence[Way], do: Callable[[Way], object]) -> None:
        """The same step for many, told in one line with the articles of all."""
        sources: dict[str, None] = {}
        for number, walk in enumerate(walks, start=1):
            self.narrator.progress(f"{self.today}　{title}　{number}/{len(walks)}")
            answer = do(walk)
            if isinstance(answer, dict):
                sources |= dict.fromkeys(article["source"] for article in answer.get("articles", ()))
        if walks:
            cities = Counter(walk.desk.city for walk in walks)
            said = "，".join(f"{NAMES[city]} {count} 人" for city, count in sorted(cities.items()))
            self.narrator.step(self.today, f"{title}：{said}", sources or ["Xinhuo"])

    # -- the months

    def go(self) -> None:
        self.each("提出入党申请", self.walks, Way.apply)
        self.later(days=12)
        self.each("派人谈话", self.walks, Way.talk)
        self._show("application", "公示接到的申请", self.with_fate(FATES, "jinhua"))
        self.each("本人撤回申请", self.with_fate({"withdrawn"}), Way.withdraw)
        self.each("经提议、通知、听取意见，决定不予接收", self.with_fate({"refused"}), self._end)
        self.later(months=6)
        self._meetings()
        self._determine()
        self.later(days=30)
        self.each("参加集中培训，考核合格", self.with_fate(ACTIVISTS), Way.train)
        self.later(months=5)
        self.each("半年考察", self.with_fate(ACTIVISTS), Way.review)
        self.each("经提议、通知、听取意见，调整出库", self.with_fate({"removed"}), self._end)
        self.later(months=6)
        self._list_prospects()
        self._vet()
        self._admit()
        self._convert()

    def _show(self, stage: str, title: str, walks: Sequence[Way]) -> None:
        self.each(title, walks, lambda walk: walk.post(stage))
        ends = [date.fromisoformat(walk.publicities[stage]["first_possible"]) for walk in walks]
        self.ground.calendar.to(max(ends, default=self.today))
        self.each("公示期满撤下", walks, lambda walk: walk.take_down(stage))

    def _end(self, walk: Way) -> dict[str, Any]:
        proceeding = walk.propose_end()
        walk.hear_on_end(proceeding)
        return walk.decide_end(proceeding, "leave")

    def _by_branch(self, walks: Sequence[Way]) -> Mapping[str, list[Way]]:
        found: dict[str, list[Way]] = defaultdict(list)
        for walk in walks:
            found[walk.desk.code].append(walk)
        return found

    def _meetings(self) -> None:
        """One meeting in every branch. Whose votes are too few, or whom the meeting does not recommend, stays an applicant."""
        branches, sources = self._by_branch(self.with_fate(AT_THE_MEETING)), dict[str, None]()
        for number, walks in enumerate(branches.values(), start=1):
            self.narrator.progress(f"{self.today}　推荐会议　{number}/{len(branches)}")
            desk, meeting = walks[0].desk, Meeting(walks[0].desk, self.ground.calendar, walks)
            meeting.hold_recommendation()
            lost = [walk.id for walk in walks if self.fates[walk.id_number] == "not_recommended"]
            meeting.count_all(dict.fromkeys(lost, 40))
            if desk.city == "jinhua":
                meeting.sign()
            answer = meeting.conclude(recommended=[walk.id for walk in walks if walk.id not in lost])
            sources |= dict.fromkeys(article["source"] for article in answer["articles"])
        self.narrator.step(self.today, f"各支部推荐会议 {len(branches)} 次", sources)

    def _determine(self) -> None:
        self.later(days=5)
        self.each("上级党委审批同意", self.with_fate(ACTIVISTS, "jinhua"), Way.approve)
        self._ballots(self.with_fate(ACTIVISTS, "nanning"), "/determination-meetings")
        self.later(days=1)
        chosen = self.with_fate(ACTIVISTS)
        self.each("支部决定确定为入党积极分子", chosen, Way.determine)
        self._show("activist", "公示确定的入党积极分子", chosen)
        self.each("报上级党委备案", chosen, Way.file)

    # -- prospects

    def _ballots(self, walks: Sequence[Way], path: str) -> None:
        """The branch committees' secret ballots. Source: NN 3(3)."""
        branches = self._by_branch(walks)
        for several in branches.values():
            ballot = Meeting(several[0].desk, self.ground.calendar, several)
            ballot.hold_ballot(path)
            ballot.count_all(80)
            ballot.conclude()
        self.narrator.step(self.today, f"南宁市支部委员会无记名票决 {len(branches)} 次", ["NN 3(3)"])

    def _list_prospects(self) -> None:
        self.later(days=3)
        chosen, nanning = self.with_fate(PROSPECTS), self.with_fate(PROSPECTS, "nanning")
        self.each("听取党小组、联系人、党员和群众意见", chosen, Way.hear_opinions)
        self._ballots(nanning, PROSPECT_BALLOTS)
        self.each("支部讨论同意列为发展对象", chosen, Way.propose)
        self.each("报上级党委备案", chosen, Way.endorse)
        self._show("prospect", "公示拟列的发展对象", nanning)
        self.each("列为发展对象", chosen, Way.list_prospect)
        self.each("支部政治审查", chosen, Way.review_by_branch)
        self.each("党委审查条件和培养教育情况", chosen, Way.review_by_committee)
        self.later(days=10)
        self.each("短期集中培训，考核合格", chosen, lambda walk: walk.train(**TRAINING))

    # -- admission

    def _admit(self) -> None:
        chosen, jinhua = self.with_fate(ADMITTED), self.with_fate(ADMITTED, "jinhua")
        year = self.today.year
        for walk in chosen:
            self.quota.approve(walk.desk, year)
        codes = {walk.id_number: self.quota.code(walk.desk, year) for walk in chosen}
        self.each("县（市、区）委组织部审查数量和结构，同意启动", jinhua, Way.consent_to_start)
        self.each("党委预审合格，发给入党志愿书", chosen, lambda walk: walk.pre_examine(codes[walk.id_number]))
        self.later(days=8)
        self._vote("支部大会接收预备党员", chosen, by_members, "admission")
        self._show_more("公示接收预备党员", chosen, ("probationary", "residence"))
        self.each("支部决议报党委审批", chosen, Way.report)
        self.later(days=6)
        self.each("派专人谈话并记录", chosen, Way.committee_talk)
        self._vote("党委会票决接收预备党员", chosen, by_committee, "admission")
        self.each("党委审批接收为预备党员", chosen, Way.approve_admission)
        self.later(days=14)
        self.each("入党宣誓", chosen, Way.take_oath)

    def _convert(self) -> None:
        chosen, full = self.with_fate(ADMITTED), self.with_fate({"full"})
        self.later(months=5)
        self.each("预备期半年考察", chosen, Way.review_probation)
        self.each("经支部大会讨论、通知本人、听取意见，取消预备党员资格", self.with_fate({"disqualified"}), self._end)
        ends = [day for walk in full if (day := walk.showing("probation_ends"))]
        self.ground.calendar.to(max(ends, default=self.today) + timedelta(days=1))
        self.each("本人提出转正申请", full, Way.apply_for_conversion)
        self._vote("支部大会讨论转正", full, by_members, "conversion")
        self._show("conversion", "公示转正", full)
        self.each("转正决议报党委审批", full, Way.report_conversion)
        self.later(days=20)
        self._vote("党委会票决转正", full, by_committee, "conversion")
        self.each("党委审批转为正式党员", full, Way.approve_conversion)
        self.ground.settle()

    def _vote(self, title: str, walks: Sequence[Way], meeting: Callable[..., Assembly | CommitteeMeeting], about: str) -> None:
        branches = self._by_branch(walks)
        for number, several in enumerate(branches.values(), start=1):
            self.narrator.progress(f"{self.today}　{title}　{number}/{len(branches)}")
            voted(meeting(several, about))
        self.narrator.step(self.today, f"{title}：{len(branches)} 次，{len(walks)} 人通过", ["NT 21"])

    def _show_more(self, title: str, walks: Sequence[Way], stages: Sequence[str]) -> None:
        """The notices that the city's packs ask for, at the same time."""
        here = {city: self.book.at(city, self.today) for city in NAMES}
        pairs = [(walk, stage) for walk in walks for stage in stages if here[walk.desk.city].has(f"publicity.{stage}.period")]
        self.each(title, walks, lambda walk: [walk.post(stage) for one, stage in pairs if one is walk])
        ends = [date.fromisoformat(walk.publicities[stage]["first_possible"]) for walk, stage in pairs]
        self.ground.calendar.to(max(ends, default=self.today))
        self.each("公示期满撤下", walks, lambda walk: [walk.take_down(stage) for one, stage in pairs if one is walk])

    # -- vetting

    def _vet(self) -> None:
        """The departments answer by themselves; some report something, one cannot say."""
        chosen, ground = self.with_fate(PROSPECTS), self.ground
        inquiries = [Inquiry(walk, ground.calendar, ground.doors, ground.departments, self.book) for walk in chosen]
        listed: set[str] = set()
        for inquiry in inquiries:
            county = inquiry.walk.desk.county_code
            if inquiry.walk.jinhua and county not in listed:
                inquiry.list_departments()
                listed.add(county)
        against = [walk for walk in chosen if self.fates[walk.id_number] == "not_passed"]
        ground.departments.script([rule_for(w, "police", **concern("2014年受刑事处罚", category="criminal")) for w in against])
        opened = {inquiry.walk.id_number: inquiry for inquiry in inquiries}
        self.each("立案征询各部门", chosen, lambda walk: self._cited(walk, "open", opened[walk.id_number].open()))
        ground.suite.tick()
        for inquiry in inquiries:
            self.narrator.progress(f"{self.today}　等待各部门答复")
            inquiry.wait_for(dict.fromkeys(inquiry.requests, 1))
        for walk in against:
            inquiry = opened[walk.id_number]
            inquiry.adjudicate("police", "obstacle", "生效裁判确认。")
            inquiry.inform("police")
            inquiry.hear("police")
        self.later(days=14)
        passed = [walk for walk in chosen if walk not in against]

        def conclude(walk: Way) -> dict[str, Any]:
            outcome = "not_passed" if walk in against else "passed"
            return self._cited(walk, "conclude", opened[walk.id_number].conclude(outcome))

        self.each("党委作出审查结论：通过", passed, conclude)
        self.each("告知本人、听取陈述后作出审查结论：不通过", against, conclude)
        ground.settle()

    def _cited(self, walk: Way, action: str, answer: dict[str, Any]) -> dict[str, Any]:
        """An answer of vetting with the articles of its action."""
        sources = sources_of(self.book.at(walk.desk.city, self.today), action)
        return {**answer, "articles": [{"source": source} for source in sources]}
