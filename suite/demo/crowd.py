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
from suite.demo.desk import Desk
from suite.demo.ground import Ground
from suite.demo.inquiry import Inquiry, concern, rule_for, sources_of
from suite.demo.narrator import Narrator
from suite.demo.people import Person
from suite.demo.registering import NAMES
from suite.demo.walk import Meeting, Walk

#: How somebody's way ends here, and how often of a hundred.
FATES = {
    "activist": 42,  # in the pool, not yet vetted
    "passed": 22,
    "not_passed": 4,
    "removed": 6,  # adjusted out of the pool
    "not_recommended": 10,  # stays an applicant
    "refused": 6,
    "withdrawn": 10,
}
#: Those who come to the meeting, and those who become activists.
AT_THE_MEETING = frozenset(FATES) - {"refused", "withdrawn"}
ACTIVISTS = AT_THE_MEETING - {"not_recommended"}


@dataclass
class Crowd:
    """`cast`: branch's desk -> the people who apply there. Each gets a fate from `random`."""

    ground: Ground
    narrator: Narrator
    book: PolicyBook
    random: Random
    cast: Sequence[tuple[Desk, Sequence[Person]]]
    walks: list[Walk] = field(default_factory=list)
    fates: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fates, weights = zip(*FATES.items(), strict=True)
        for desk, people in self.cast:
            for person in people:
                walk = Walk(desk, self.ground.calendar, person.name, person.id_number)
                self.walks.append(walk)
                self.fates[walk.id_number] = self.random.choices(fates, weights)[0]

    @property
    def today(self) -> date:
        return self.ground.calendar.today

    def with_fate(self, fates: Iterable[str], city: str | None = None) -> list[Walk]:
        wanted = set(fates)
        return [w for w in self.walks if self.fates[w.id_number] in wanted and city in (None, w.desk.city)]

    def later(self, days: int = 0, months: int = 0) -> None:
        self.ground.calendar.to(add_months(self.today, months) + timedelta(days=days))

    def each(self, title: str, walks: Sequence[Walk], do: Callable[[Walk], object]) -> None:
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
        self.each("提出入党申请", self.walks, Walk.apply)
        self.later(days=12)
        self.each("派人谈话", self.walks, Walk.talk)
        self._show("application", "公示接到的申请", self.with_fate(FATES, "jinhua"))
        self.each("本人撤回申请", self.with_fate({"withdrawn"}), Walk.withdraw)
        self.each("经提议、通知、听取意见，决定不予接收", self.with_fate({"refused"}), self._end)
        self.later(months=6)
        self._meetings()
        self._determine()
        self.later(days=30)
        self.each("参加集中培训，考核合格", self.with_fate(ACTIVISTS), Walk.train)
        self._vet()
        self.later(months=3)
        self.each("半年考察", self.with_fate(ACTIVISTS), Walk.review)
        self.each("经提议、通知、听取意见，调整出库", self.with_fate({"removed"}), self._end)

    def _show(self, stage: str, title: str, walks: Sequence[Walk]) -> None:
        self.each(title, walks, lambda walk: walk.post(stage))
        ends = [date.fromisoformat(walk.publicities[stage]["first_possible"]) for walk in walks]
        self.ground.calendar.to(max(ends, default=self.today))
        self.each("公示期满撤下", walks, lambda walk: walk.take_down(stage))

    def _end(self, walk: Walk) -> dict[str, Any]:
        proceeding = walk.propose_end()
        walk.hear_on_end(proceeding)
        return walk.decide_end(proceeding, "leave")

    def _by_branch(self, walks: Sequence[Walk]) -> Mapping[str, list[Walk]]:
        found: dict[str, list[Walk]] = defaultdict(list)
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
        self.each("上级党委审批同意", self.with_fate(ACTIVISTS, "jinhua"), Walk.approve)
        branches = self._by_branch(self.with_fate(ACTIVISTS, "nanning"))
        for walks in branches.values():
            ballot = Meeting(walks[0].desk, self.ground.calendar, walks)
            ballot.hold_determination()
            ballot.count_all(80)
            ballot.conclude()
        self.narrator.step(self.today, f"南宁市支部委员会无记名票决 {len(branches)} 次", ["NN 3(3)"])
        self.later(days=1)
        chosen = self.with_fate(ACTIVISTS)
        self.each("支部决定确定为入党积极分子", chosen, Walk.determine)
        self._show("activist", "公示确定的入党积极分子", chosen)
        self.each("报上级党委备案", chosen, Walk.file)

    # -- vetting

    def _vet(self) -> None:
        """The departments answer by themselves; some report something, one cannot say."""
        chosen, ground = self.with_fate({"passed", "not_passed"}), self.ground
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
        passed = self.with_fate({"passed"})

        def conclude(walk: Walk) -> dict[str, Any]:
            return self._cited(walk, "conclude", opened[walk.id_number].conclude(self.fates[walk.id_number]))

        self.each("党委作出审查结论：通过", passed, conclude)
        self.each("告知本人、听取陈述后作出审查结论：不通过", against, conclude)

    def _cited(self, walk: Walk, action: str, answer: dict[str, Any]) -> dict[str, Any]:
        """An answer of vetting with the articles of its action."""
        sources = sources_of(self.book.at(walk.desk.city, self.today), action)
        return {**answer, "articles": [{"source": source} for source in sources]}
