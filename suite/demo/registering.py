"""The registry's part: both cities' divisions, some more organisations, member rolls, posts. All of it as files at the doors."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from openpyxl import Workbook

from kernel import id_number
from suite.client import Acting, Doors, Problem
from suite.demo import desk as desks
from suite.demo.desk import Desk
from suite.demo.divisions import CITIES, divisions_csv
from suite.demo.ground import Ground
from suite.demo.narrator import Narrator
from suite.demo.people import People, RollEntry

CODES = {"jinhua": "3307", "nanning": "4501"}
NAMES = {"jinhua": "金华市", "nanning": "南宁市"}
#: What the files hold: counties, townships, villages.
EXPECTED = {"county_department": 21, "committee": 284, "branch": 5_156}
KINDS = {"county_department": "县（市、区）委组织部", "committee": "乡镇（街道）党委", "branch": "村（社区）党支部"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Members of a branch in the demo.
ROLL = 12
#: The terms of posts: long enough for whoever looks at the demo's data later.
TERM = (date(2015, 1, 1), date(2049, 12, 31))

Organisation = Mapping[str, Any]


@dataclass
class Town:
    """What the registry holds, as it answered: organisations by city, and the branches that the demo acts in.

    `stories`: (city, which) -> branch; `homes`: another township's village in the same county, for those who come from elsewhere;
    `crowd`: one branch of every county; `two_new`: the enterprise's branch of a city.
    """

    branches: dict[str, list[Organisation]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    stories: dict[tuple[str, str], Organisation] = field(default_factory=dict)
    homes: dict[tuple[str, str], Organisation] = field(default_factory=dict)
    crowd: list[Organisation] = field(default_factory=list)
    two_new: dict[str, Organisation] = field(default_factory=dict)
    members: int = 0
    posts: int = 0

    @property
    def acting(self) -> list[Organisation]:
        return [*self.stories.values(), *self.homes.values(), *self.two_new.values(), *self.crowd]


# -- organisations


def import_divisions(ground: Ground, narrator: Narrator) -> Town:
    """Both files through the door, and what the door then shows, counted."""
    town, today = Town(), ground.calendar.today
    counts: Counter[str] = Counter()
    for city in CITIES:
        narrator.progress(f"导入{NAMES[city]}的行政区划")
        administrator = ground.administrator(CODES[city])
        answer = administrator.upload("registry", "/imports/divisions", divisions_csv(city), "text/csv")
        narrator.step(today, f"{NAMES[city]}：导入行政区划，建立党组织 {answer['rows']} 个（含市委组织部）")
        ground.settle()
        for kind in EXPECTED:
            found = administrator.every("registry", "/organisations", kind=kind)
            counts[kind] += len(found)
            if kind == "branch":
                town.branches[city] = list(found)
    town.counts = dict(counts)
    rows = [[KINDS[kind], wanted, counts[kind]] for kind, wanted in EXPECTED.items()]
    narrator.table(["组织", "应有", "已建立"], [*rows, ["合计", sum(EXPECTED.values()), sum(counts.values())]])
    return town


def choose(town: Town, stories: Sequence[str], random: Random) -> None:
    """The villages of the stories, and one of every county for the others."""
    for city in CITIES:
        rural = [branch for branch in town.branches[city] if branch["domain"] == "rural"]
        by_county: dict[str, list[Organisation]] = defaultdict(list)
        for branch in rural or town.branches[city]:
            by_county[branch["home_county"]].append(branch)
        chosen = random.sample(sorted(by_county), len(stories))
        for story, county in zip(stories, chosen, strict=True):
            branch = town.stories[city, story] = random.choice(by_county[county])
            elsewhere = [other for other in by_county[county] if other["parent"] != branch["parent"]]
            town.homes[city, story] = random.choice(elsewhere)
        taken = {branch["code"] for branch in (*town.stories.values(), *town.homes.values())}
        all_counties = {branch["home_county"] for branch in town.branches[city]}
        for county in sorted(all_counties):
            there = by_county[county] or [b for b in town.branches[city] if b["home_county"] == county]
            town.crowd.append(random.choice([branch for branch in there if branch["code"] not in taken]))


def establish(ground: Ground, town: Town, narrator: Narrator) -> None:
    """What is in no file of divisions: an enterprise's branch in each city, entered from a CSV with Chinese headers."""
    for city in CITIES:
        township = next(branch["parent"] for (at, _), branch in town.stories.items() if at == city)
        code = f"{township}-e01"
        row = {
            "组织编码": code,
            "组织名称": {"jinhua": "双溪五金有限公司党支部", "nanning": "邕江电子有限公司党支部"}[city],
            "组织类别": "党支部",
            "上级组织编码": township,
            "领域": "两新组织",
            "设支部委员会": "否",
            "从业人数": "86",
        }
        administrator = ground.administrator(CODES[city])
        administrator.upload("registry", "/imports/organisations", as_csv([row]), "text/csv")
        town.two_new[city] = administrator.get("registry", f"/organisations/{code}")
        narrator.step(
            ground.calendar.today, f"{NAMES[city]}：登记 {town.two_new[city]['name']}（两新组织，从业 86 人，不设支部委员会）"
        )


# -- the roll

_HEADERS = ("姓名", "身份证号码", "所在党支部编码", "党员类别", "入党日期", "转正日期", "学历", "职业类别")


def roll_row(entry: RollEntry) -> dict[str, str]:
    person = entry.person
    status = {"full": "正式党员", "probationary": "预备党员"}[entry.status]
    full_on = entry.full_on.isoformat() if entry.full_on else ""
    joined = entry.joined.isoformat()
    values = (person.name, person.id_number, entry.branch, status, joined, full_on, person.education, person.occupation)
    return dict(zip(_HEADERS, values, strict=True))


def enrol(ground: Ground, town: Town, narrator: Narrator, seed: int) -> None:
    """The rolls of the acting branches: one file per city, one as XLSX and one as CSV; before them a file with bad rows."""
    people = People(seed, ground.calendar.today, minimum_age=18, probation_months=12)
    rows: dict[str, list[dict[str, str]]] = {city: [] for city in CITIES}
    for ordinal, branch in enumerate(town.acting):
        for entry in people.members(branch["home_county"], branch["code"], ordinal, ROLL, domain=branch["domain"]):
            rows[branch["city"]].append(roll_row(entry))
    refuse_bad_rows(ground, rows["jinhua"], narrator)
    files = {"jinhua": (as_xlsx, XLSX, "XLSX"), "nanning": (as_csv, "text/csv", "CSV")}
    for city, (write, content_type, name) in files.items():
        answer = ground.administrator(CODES[city]).upload("registry", "/imports/members", write(rows[city]), content_type)
        town.members += answer["rows"]
        branches = len({row["所在党支部编码"] for row in rows[city]})
        narrator.step(ground.calendar.today, f"{NAMES[city]}：从 {name} 导入党员名册 {answer['rows']} 人，{branches} 个党支部")
    ground.settle()


def refuse_bad_rows(ground: Ground, good: Sequence[Mapping[str, str]], narrator: Narrator) -> None:
    """A sheet with good rows and bad ones: all that is wrong is told at once, and nobody of it is on the roll."""
    rows = [dict(row) for row in good[:10]]
    number = rows[1]["身份证号码"]
    rows[1]["身份证号码"] = number[:17] + next(c for c in "0123456789X" if c != number[17])
    rows[2]["身份证号码"] = f"{float(rows[2]['身份证号码'][:17]):.5E}"
    rows[4] |= {"所在党支部编码": "999999999999", "入党日期": "2016-02-30"}
    rows[5]["身份证号码"] = rows[0]["身份证号码"]
    rows[7] |= {"党员类别": "群众", "姓名": ""}
    rows[8]["入党日期"] = "2030-07-01"
    administrator = ground.administrator(CODES["jinhua"])
    try:
        administrator.upload("registry", "/imports/members", as_xlsx(rows), XLSX)
    except Problem as problem:
        narrator.step(ground.calendar.today, f"金华市：一份 {len(rows)} 行的名册有误，{problem.document['detail']}")
        for fault in problem.document["errors"]:
            line = fault["field"].removeprefix("rows.").partition(".")[0]
            narrator.note(f"✗ 第 {line} 行　{fault['message']}")
    else:
        raise AssertionError("a sheet with bad rows was imported")
    branch = rows[0]["所在党支部编码"]
    reader = ground.doors.acting("look", "county_department", branch[:6], f"/3307/{branch[:6]}/")
    there = len(reader.every("registry", "/members", branch=branch))
    if there:
        raise AssertionError(f"half-imported: {there} members")
    narrator.note("名册中该支部党员 0 人：有一行有误，全部不导入。")


# -- posts


def appoint(ground: Ground, town: Town, narrator: Narrator) -> None:
    """A post for everybody who will act, from one sheet per city."""
    for city in CITIES:
        rows = posts_for(branch for branch in town.acting if branch["city"] == city)
        answer = ground.administrator(CODES[city]).upload("registry", "/imports/posts", as_csv(rows), "text/csv")
        town.posts += answer["rows"]
        narrator.step(ground.calendar.today, f"{NAMES[city]}：导入岗位 {answer['rows']} 个，各在其职务范围内办理")
    ground.settle()


def posts_for(branches: Iterable[Organisation], term: tuple[date, date] = TERM) -> list[dict[str, str]]:
    """The sheet of posts of everybody who acts for these branches, each post once. `term`: first and last day."""
    since, until = (day.isoformat() for day in term)
    wanted = dict.fromkeys((holder, at) for branch in branches for holder, at in _holders(branch).items())
    return [
        {
            "账号": desks.account(holder, at),
            "组织编码": at,
            "岗位类别": desks.HOLDERS[holder][0],
            "任期起": since,
            "任期止": until,
        }
        for holder, at in wanted
    ]


def _holders(branch: Organisation) -> dict[str, str]:
    """Who acts -> code of the organisation at which the post is held."""
    return {
        "secretary": branch["code"],
        "clerk": branch["code"],
        "organiser": branch["parent"],
        "deputy": branch["parent"],
        "stationed": branch["parent"],
        "county": branch["home_county"],
    }


def desk_of(doors: Doors, administrator: Acting, branch: Organisation) -> Desk:
    """The accounts that act for a branch, with the posts that they have been given."""
    people: dict[str, Any] = {
        holder: doors.account(desks.account(holder, at), administrator) for holder, at in _holders(branch).items()
    }
    city = CODES[branch["city"]]
    desk = Desk(branch, **people, department=doors.acting(f"city.{city}", "city_department", city, f"/{city}/"))
    desk.count_members()
    return desk


# -- files


def as_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    """UTF-8 with a byte order mark, as Excel writes it."""
    listed = list(rows)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Mapping[str, str]]) -> bytes:
    listed = list(rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("党员名册")
    sheet.append(list(listed[0]))
    for row in listed:
        sheet.append(list(row.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def a_minor(county: str, today: date, number: int) -> str:
    """A valid number of somebody who is seventeen today."""
    first = f"{county}{today.year - 17:04d}{today:%m%d}{900 + number % 100:03d}"
    return first + id_number.check_character(first)
