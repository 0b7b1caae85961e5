"""Administrative divisions -> organisations: county department, township committee, village or community branch.

A file of divisions has the columns `code,name,level,parent` (see `LAYOUT`); levels `county`, `township`, `village`. The
department of the city itself is made from its code. Domains and names follow from the ending of the division's name.
Pure: rows in, organisations and errors out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.registry.domain.organisations import CITIES, Domain, Kind, Organisation
from services.registry.domain.rows import (
    Column,
    Layout,
    Parsed,
    RawSheet,
    Row,
    RowError,
    RowReader,
    duplicates,
    lay_out,
    quoted,
)


class Level(StrEnum):
    """How high a division stands."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


LENGTHS: Mapping[Level, int] = {Level.COUNTY: 6, Level.TOWNSHIP: 9, Level.VILLAGE: 12}
CITY_LENGTH = 4
CITY_NAMES: Mapping[str, str] = {"3307": "金华市", "4501": "南宁市"}
_LEVEL_NAMES = {"县级": Level.COUNTY, "乡级": Level.TOWNSHIP, "村级": Level.VILLAGE}

LAYOUT = Layout(
    kind="divisions",
    title="行政区划",
    columns=(
        Column("code", "区划代码", ("代码",), required=True, as_text=True, note="县级 6 位、乡级 9 位、村级 12 位"),
        Column("name", "区划名称", ("名称",), required=True),
        Column("level", "级别", (), required=True, choices=_LEVEL_NAMES),
        Column("parent", "上级代码", ("上级",), required=True, as_text=True),
    ),
)

# Seats of a work committee (党工委), which the county sends; the other townships elect a committee (党委).
_WORK_COMMITTEES = ("街道", "街道办事处", "开发区", "园区", "投资区", "管理区", "新区", "景区", "青秀山")
_STATE_UNITS = ("农场", "林场", "牧场", "渔场", "矿务局", "茶场")
_VILLAGES = ("村民委员会", "村委会", "村")
# Longest first: what stands for a residents' committee at the end of a community's name.
_COMMUNITIES = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区")


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the file."""

    code: str
    name: str
    level: Level
    parent: str


def parse_divisions(sheet: RawSheet, known: Container[str] = frozenset()) -> Parsed[Organisation]:
    """All organisations of a file of divisions, parents first, the departments of its cities among them.

    `known`: codes of organisations that exist. A city's department may; that of a division may not.
    """
    rows, errors = lay_out(sheet, LAYOUT)
    read: list[tuple[Row, Division]] = []
    for row in rows:
        reader = RowReader(row, LAYOUT, errors)
        division = _division(reader)
        if division is not None and division.code in known:
            reader.fail("code", "division.exists", f"{quoted(division.code)}已存在")
        elif division is not None:
            read.append((row, division))
    with_code = [(row.cells["code"], row) for row in rows if row.cells.get("code")]
    errors += duplicates(with_code, LAYOUT.column("code"), "division.duplicate")
    there = dict(with_code)
    errors += [fault for row, division in read if (fault := _fault_of_parent(row, division, there))]
    if errors:
        return Parsed((), tuple(sorted(errors, key=lambda error: error.row)))
    made = _organisations([division for _, division in read])
    return Parsed(tuple(organisation for organisation in made if organisation.code not in known), ())


def city_department(code: str) -> Organisation:
    """The department at the top of a city's tree. `code` is one of `CITIES`."""
    name = CITY_NAMES[code].removesuffix("市")
    return Organisation(code, f"{name}市委组织部", Kind.CITY_DEPARTMENT, None, None, f"/{code}/", CITIES[code], home_county=code)


def county_department_name(division: str) -> str:
    """婺城区 -> 婺城区委组织部."""
    return f"{division}委组织部"


def township_committee(division: str) -> tuple[str, Domain]:
    """Name and domain: …镇党委, …乡党委 (rural), …街道党工委, zones (community), state farms and mines (their own)."""
    if division.endswith(("镇", "乡")):
        return f"{division}党委", Domain.RURAL
    if division.endswith(_STATE_UNITS):
        return f"{division}党委", Domain.STATE_ENTERPRISE
    if division.endswith(_WORK_COMMITTEES):
        return f"{division.removesuffix('办事处')}党工委", Domain.COMMUNITY
    return f"{division}党委", Domain.COMMUNITY


def village_branch(division: str) -> tuple[str, Domain]:
    """Name and domain: 上季村委会 -> 上季村党支部 (rural), 和平社区居委会 -> 和平社区党支部, …生活区 (community)."""
    # The statistics call the one place of a zone or farm without villages "virtual"; its people are real.
    division = division.replace("虚拟", "")
    for ending in _VILLAGES:
        if division.endswith(ending):
            stem = division.removesuffix(ending)
            return f"{stem if stem.endswith('村') else stem + '村'}党支部", Domain.RURAL
    for ending in _COMMUNITIES:
        if division.endswith(ending):
            return f"{division.removesuffix(ending)}社区党支部", Domain.COMMUNITY
    return f"{division}党支部", Domain.COMMUNITY


def _division(reader: RowReader) -> Division | None:
    code, name = reader.code("code"), reader.text("name", 50)
    level, parent = reader.choice("level", Level), reader.code("parent")
    if code is not None and level is not None and not (code.isdigit() and len(code) == LENGTHS[level]):
        reader.fail("code", "division.code", f"{quoted(code)}应为 {LENGTHS[level]} 位数字")
    if not reader.sound or code is None or name is None or level is None or parent is None:
        return None
    return Division(code, name, level, parent)


def _fault_of_parent(row: Row, division: Division, there: Mapping[str, Row]) -> RowError | None:
    shorter = {Level.COUNTY: CITY_LENGTH, Level.TOWNSHIP: LENGTHS[Level.COUNTY], Level.VILLAGE: LENGTHS[Level.TOWNSHIP]}
    title = LAYOUT.column("parent").title
    parent = division.parent
    if len(parent) != shorter[division.level] or not division.code.startswith(parent):
        text = f"{title}：{quoted(parent)}应为本级代码的前 {shorter[division.level]} 位"
        return RowError(row.number, "parent", "division.parent_code", text)
    known = CITIES if division.level is Level.COUNTY else there
    if parent not in known:
        return RowError(row.number, "parent", "division.parent_unknown", f"{title}：{quoted(parent)}不存在")
    return None


def _organisations(divisions: list[Division]) -> Iterator[Organisation]:
    for city in sorted({division.parent for division in divisions if division.level is Level.COUNTY}):
        yield city_department(city)
    for level in Level:
        for division in divisions:
            if division.level is level:
                yield _organisation(division)


def _organisation(division: Division) -> Organisation:
    code = division.code
    city, county, township = code[:4], code[:6], code[:9]
    steps = {Level.COUNTY: (city, county), Level.TOWNSHIP: (city, county, township)}.get(
        division.level, (city, county, township, code)
    )
    kind, domain, approves = Kind.BRANCH, None, False
    if division.level is Level.COUNTY:
        kind, name = Kind.COUNTY_DEPARTMENT, county_department_name(division.name)
    elif division.level is Level.TOWNSHIP:
        kind, approves = Kind.COMMITTEE, True
        name, domain = township_committee(division.name)
    else:
        name, domain = village_branch(division.name)
    return Organisation(
        code=code,
        name=name,
        kind=kind,
        domain=domain,
        parent=division.parent,
        path="/" + "/".join(steps) + "/",
        city=CITIES[city],
        home_county=county,
        approval_power=approves,
        has_committee=kind is Kind.BRANCH,
    )
