"""What the demo shows, act by act."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from kernel.policy import PolicyBook, shipped_book
from kernel.workdays import add_months
from suite.demo import account, registering
from suite.demo.account import Account
from suite.demo.crowd import Crowd
from suite.demo.desk import Desk
from suite.demo.examination import Examination
from suite.demo.ground import Ground
from suite.demo.narrator import Narrator
from suite.demo.people import People, Person
from suite.demo.registering import NAMES, Organisation, Town
from suite.demo.story import Story
from suite.demo.trials import Trials

#: The days on which the acts begin. Both cities' documents and the national rules of 2014 are in force on the first ones, the revision
#: of 2026 on the last.
FOUNDED, STORIES_2014, CROWD, STORIES_2026 = date(2015, 1, 5), date(2015, 3, 2), date(2016, 3, 1), date(2026, 5, 20)
#: People who apply in each branch of the crowd.
APPLICANTS = 3
#: How the companion of a story ends: adjusted out of the pool, or vetted and not passed.
COMPANIONS = {("jinhua", "2014"): "leave", ("nanning", "2014"): "stay", ("jinhua", "2026"): "stay", ("nanning", "2026"): "leave"}


@dataclass
class Demo:
    """One run. `seconds`: how long each act took; `shown`: whom one may look at afterwards, see `left`."""

    ground: Ground
    narrator: Narrator
    seed: int
    book: PolicyBook = field(default_factory=shipped_book)
    town: Town = field(default_factory=Town)
    seconds: dict[str, float] = field(default_factory=dict)
    trials: Trials = field(init=False)
    shown: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trials = Trials(self.book, self.narrator, self.ground.calendar)

    @contextmanager
    def _act(self, name: str, title: str, text: str) -> Iterator[None]:
        self.narrator.chapter(title, text)
        started = time.monotonic()
        yield
        self.ground.settle()
        self.seconds[name] = round(time.monotonic() - started, 1)

    def play(self) -> Account:
        self._introduction()
        with self._act("registry", "一　组织、名册与岗位", "金华、南宁两市的真实行政区划成为各级党组织；人是随机生成的。"):
            self._found()
        text = "国家规定为 2014 年《细则》。每一步之前，先试规定所不许的；✗ 为试过而被拒绝的。"
        with self._act("stories_2014", "二　两市各一名申请人，2014 年《细则》", text):
            self._stories("2014", STORIES_2014)
        with self._act("crowd", "三　各县（市、区）的其他申请人", "21 个县（市、区）同时进行，各自走各自的路。"):
            self._crowd()
        text = "国家规定为 2026 年修订的《细则》，同样的规则再试一遍。"
        with self._act("stories_2026", "四　两市各一名申请人，2026 年《细则》", text):
            self._stories("2026", STORIES_2026)
        with self._act("account", "五　清点与核验", ""):
            drawn = account.drawn_up(self.ground, self.town, self.trials, self.narrator)
            account.tell(drawn, self.narrator, self._county_names())
        return drawn

    def _introduction(self) -> None:
        policy = self.book.at("jinhua", STORIES_2014)
        self.narrator.line("薪火演示：两个城市，两套规定，从入党申请到入党积极分子，到部门审查。全部经各服务的 HTTP 接口办理。")
        self.narrator.line("依据的写法：")
        for source in ("NT 7", "NT' 7", "JH 6"):
            self.narrator.line(f"  {source:6}  {policy.cite(source)}")
        self.narrator.line(f"  {'NN 3(4)':6} {self.book.at('nanning', STORIES_2014).cite('NN 3(4)')}")

    # -- the acts

    def _found(self) -> None:
        ground, narrator = self.ground, self.narrator
        self.town = registering.import_divisions(ground, narrator)
        registering.choose(self.town, ("2014", "2026"), Random(self.seed))
        registering.establish(ground, self.town, narrator)
        registering.enrol(ground, self.town, narrator, self.seed)
        registering.appoint(ground, self.town, narrator)

    def _stories(self, era: str, start: date) -> None:
        """Nanning's applicants need half a year before the meeting; Jinhua's go their whole way meanwhile."""
        self.ground.calendar.to(start)
        nanning, jinhua = self._story("nanning", era), self._story("jinhua", era)
        nanning.begin()
        self.narrator.line()
        self._jinhua(jinhua, era)
        self.ground.calendar.to(add_months(start, 6) + timedelta(days=5))
        self.narrator.line()
        self.narrator.note(f"南宁市　{nanning.desk.branch['name']}　半年以后", indent="")
        nanning.recommend()
        self._finish(nanning, era)
        desk = jinhua.desk
        accounts = {"clerk": desk.clerk, "organiser": desk.organiser, "county": desk.county}
        self.shown = {name: acting.actor.account for name, acting in accounts.items()} | {"candidate": jinhua.main.id}

    def _jinhua(self, story: Story, era: str) -> None:
        story.begin()
        story.later(days=30)
        story.recommend()
        self._finish(story, era)

    def _finish(self, story: Story, era: str) -> None:
        """From the recommendation to the vetting's conclusion, and the companion's end."""
        outcome = COMPANIONS[story.city, era]
        story.determine()
        story.cultivate(outcome)
        examination = Examination(story)
        examination.main()
        if outcome == "stay":
            examination.not_passed(story.companion)
        story.main.review()

    def _story(self, city: str, era: str) -> Story:
        branch = self.town.stories[city, era]
        cast = list(self._people(era).applicants(branch["home_county"], 0, 4, domain=branch["domain"]))
        desks = (self._desk(branch), self._desk(self.town.two_new[city]))
        return Story(self.ground, self.narrator, self.trials, *desks, cast)

    def _people(self, era: str) -> People:
        """Of full age on the first day of the era. Each era has people of its own."""
        on = {"2014": STORIES_2014, "2026": STORIES_2026}[era]
        return People(self.seed + int(era), on, minimum_age=18, probation_months=12)

    def _desk(self, branch: Organisation) -> Desk:
        administrator = self.ground.administrator(registering.CODES[branch["city"]])
        return registering.desk_of(self.ground.doors, administrator, branch)

    def _crowd(self) -> None:
        self.ground.calendar.to(CROWD)
        people = self._people("2014")
        cast: list[tuple[Desk, list[Person]]] = []
        for branch in self.town.crowd:
            self.narrator.progress(f"{NAMES[branch['city']]}　{branch['name']}")
            found = people.applicants(branch["home_county"], 1, APPLICANTS, domain=branch["domain"])
            cast.append((self._desk(branch), list(found)))
        Crowd(self.ground, self.narrator, self.book, Random(self.seed), cast).go()

    def _county_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for code in registering.CODES.values():
            found: list[dict[str, Any]] = self.ground.administrator(code).every(
                "registry", "/organisations", kind="county_department"
            )
            names |= {item["code"]: item["name"].removesuffix("委组织部") for item in found}
        return names
