"""What the demo shows, act by act."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from zlib import crc32

from kernel.policy import PolicyBook, shipped_book
from kernel.workdays import add_months
from suite.demo import account, registering
from suite.demo.account import Account
from suite.demo.crossing import WAITS, Crossing
from suite.demo.crowd import Crowd
from suite.demo.desk import Desk
from suite.demo.evaluating import Evaluating
from suite.demo.ground import Ground
from suite.demo.interleaving import Part, play
from suite.demo.lifecycle import Lifecycle
from suite.demo.narrator import Narrator
from suite.demo.onward import Onward
from suite.demo.organizing import Organizing
from suite.demo.patience import Patience
from suite.demo.people import People, Person
from suite.demo.quota import Quota
from suite.demo.registering import NAMES, Organisation, Town
from suite.demo.story import Story
from suite.demo.trials import Trials
from suite.demo.way import Way

#: The days on which the acts begin. Both cities' documents and the national rules of 2014 are in force on the first ones, the revision
#: of 2026 on the last; between them somebody is on the way who has begun under the one and ends under the other.
FOUNDED, STORIES_2014, CROWD, CROSSING, STORIES_2026 = (
    date(2015, 1, 5),
    date(2015, 3, 2),
    date(2019, 9, 2),
    date(2025, 2, 10),
    date(2026, 5, 20),
)
#: Nanning's organizers, while the story's candidates are activists, and its double evaluation, while they are on probation.
ORGANIZERS = {"2014": date(2016, 1, 5), "2026": date(2027, 1, 5)}
EVALUATION = {"2014": date(2017, 2, 1), "2026": date(2028, 4, 5)}
#: Acts after which the demo may stop, for whoever wants to look at what stands then.
STOPS = ("registry", "stories_2014", "crowd")
#: People who apply in each branch of the crowd.
APPLICANTS = 3
#: How the companion of a story ends: adjusted out of the pool, or vetted and not passed.
COMPANIONS = {("jinhua", "2014"): "leave", ("nanning", "2014"): "stay", ("jinhua", "2026"): "stay", ("nanning", "2026"): "leave"}


def found_town(ground: Ground, narrator: Narrator, seed: int) -> Town:
    """Organisations, rolls and posts of both cities."""
    town = registering.import_divisions(ground, narrator)
    registering.choose(town, ("2014", "2026"), Random(seed))
    registering.establish(ground, town, narrator)
    registering.enrol(ground, town, narrator, seed)
    registering.appoint(ground, town, narrator)
    return town


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
    quota: Quota = field(init=False)
    shown: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trials = Trials(self.book, self.narrator, self.ground.calendar)
        self.quota = Quota(lambda text, source: self.narrator.step(self.ground.calendar.today, text, [source]))

    @contextmanager
    def _act(self, name: str, title: str, text: str) -> Iterator[None]:
        self.narrator.chapter(title, text)
        started = time.monotonic()
        yield
        self.ground.settle()
        self.seconds[name] = round(time.monotonic() - started, 1)
        if name in STOPS:
            self.narrator.note(f"可以停在这里看：make demo UNTIL={name}，再 make up。", indent="")

    def play(self, until: str | None = None) -> Account | None:
        """All acts, or those up to `until`: then nothing is counted, and None is returned. Raises `Stopped`."""
        self._introduction()
        text = "金华、南宁两市的真实行政区划成为各级党组织；人是随机生成的。"
        with self._act("registry", "一　组织、名册与岗位", text):
            self._found()
        if until == "registry":
            return None
        text = "国家规定为 2014 年《细则》。每一步之前，先试规定所不许的；✗ 为试过而被拒绝的。"
        with self._act("stories_2014", "二　两市各一个党支部，2014 年《细则》", text):
            play(self.ground.calendar, self.narrator, self._stories("2014", STORIES_2014))
        if until == "stories_2014":
            return None
        with self._act("crowd", "三　各县（市、区）的其他申请人", "21 个县（市、区）同时进行，各自走各自的路。"):
            self._crowd()
        if until == "crowd":
            return None
        text = "一人跨越国家规定的修订，每一步按当日有效的规定；另外两个党支部自始按 2026 年修订的《细则》，同样的规则再试一遍。"
        with self._act("stories_2026", "四　跨越修订的一人；两市各一个党支部，2026 年《细则》", text):
            play(self.ground.calendar, self.narrator, [self._crossing(), *self._stories("2026", STORIES_2026)])
        with self._act("account", "五　清点与核验", ""):
            drawn = account.drawn_up(self.ground, self.town, self.trials, self.narrator)
            account.tell(drawn, self.narrator, self._county_names())
        return drawn

    def _introduction(self) -> None:
        policy = self.book.at("jinhua", STORIES_2014)
        self.narrator.line("薪火演示：两个城市，两套规定，从入党申请到转为正式党员。全部经各服务的 HTTP 接口办理。")
        self.narrator.line("依据的写法：")
        for source in ("NT 7", "NT' 7", "JH 6"):
            self.narrator.line(f"  {source:6}  {policy.cite(source)}")
        self.narrator.line(f"  {'NN 3(4)':6} {self.book.at('nanning', STORIES_2014).cite('NN 3(4)')}")

    # -- the acts

    def _found(self) -> None:
        self.town = found_town(self.ground, self.narrator, self.seed)

    def _stories(self, era: str, start: date) -> list[Part]:
        """Both cities' stories; in Nanning organizers too, and later the double evaluation with what it leads to."""
        stories = {city: self._story(city, era) for city in ("nanning", "jinhua")}
        parts = [Part(self._title(city, era), start, self._whole(story, era)) for city, story in stories.items()]
        nanning, title = stories["nanning"], self._title("nanning", era)
        parts.append(Part(f"{title}　特聘组织员", ORGANIZERS[era], Organizing(nanning).go()))
        late = Way(nanning.desk, self.ground.calendar, nanning.cast[6].name, nanning.cast[6].id_number, self._tell)
        parts.append(Part(f"{title}　双评议与预警", EVALUATION[era], Evaluating(nanning, late).go()))
        return parts

    def _title(self, city: str, era: str) -> str:
        return f"{NAMES[city]}　{self.town.stories[city, era]['name']}"

    def _whole(self, story: Story, era: str) -> Iterator[date]:
        """A story from the first application to the last conversion."""
        outcome = COMPANIONS[story.city, era]
        story.begin()
        self._show(story)
        # Nanning's applicants need half a year before the meeting.
        yield add_months(story.today, 1 if story.jinhua else 6) + timedelta(days=5)
        story.recommend()
        story.determine()
        story.cultivate(outcome)
        onward = Onward(story, self.quota)
        yield from onward.go(outcome)
        yield from Patience(onward).go()
        self._show(story)

    def _show(self, story: Story) -> None:
        """Whom to look at from now on."""
        desk = story.desk
        accounts = {"clerk": desk.clerk, "organiser": desk.organiser, "county": desk.county}
        self.shown = {name: acting.actor.account for name, acting in accounts.items()} | {"candidate": story.main.id}

    def _crossing(self) -> Part:
        branch = self.town.homes["jinhua", "2026"]
        (person,) = self._people("crossing", CROSSING).applicants(branch["home_county"], 0, 1, domain=branch["domain"])
        walk = Way(self._desk(branch), self.ground.calendar, person.name, person.id_number, self._tell)
        lifecycle = Lifecycle(walk, self.ground.doors, self.ground.departments, self.book, self.quota, WAITS)
        title = f"{NAMES['jinhua']}　{branch['name']}　{person.name}"
        return Part(title, CROSSING, Crossing(lifecycle, self.narrator).go())

    def _tell(self, day: date, text: str, sources: Any, note: str = "") -> None:
        self.narrator.step(day, text, sources, note=note)

    def _story(self, city: str, era: str) -> Story:
        branch, on = self.town.stories[city, era], {"2014": STORIES_2014, "2026": STORIES_2026}[era]
        cast = list(self._people(era, on).applicants(branch["home_county"], 0, 7, domain=branch["domain"]))
        desks = (self._desk(branch), self._desk(self.town.two_new[city]))
        home = self._desk(self.town.homes[city, era]) if city == "jinhua" else None
        return Story(self.ground, self.narrator, self.trials, *desks, cast, home)

    def _people(self, series: str, on: date) -> People:
        """Of full age on that day. Each series has people of its own."""
        return People(self.seed + crc32(series.encode()), on, minimum_age=18, probation_months=12)

    def _desk(self, branch: Organisation) -> Desk:
        administrator = self.ground.administrator(registering.CODES[branch["city"]])
        return registering.desk_of(self.ground.doors, administrator, branch)

    def _crowd(self) -> None:
        self.ground.calendar.to(CROWD)
        people = self._people("crowd", CROWD)
        cast: list[tuple[Desk, list[Person]]] = []
        for branch in self.town.crowd:
            self.narrator.progress(f"{NAMES[branch['city']]}　{branch['name']}")
            found = people.applicants(branch["home_county"], 1, APPLICANTS, domain=branch["domain"])
            cast.append((self._desk(branch), list(found)))
        Crowd(self.ground, self.narrator, self.book, Random(self.seed), cast, self.quota).go()

    def _county_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for code in registering.CODES.values():
            found: list[dict[str, Any]] = self.ground.administrator(code).every(
                "registry", "/organisations", kind="county_department"
            )
            names |= {item["code"]: item["name"].removesuffix("委组织部") for item in found}
        return names
