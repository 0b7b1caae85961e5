"""Posts: who may act for which organisation, in which role and term.

Source: NN 2(2), JH 8 18 (catalogue G3). A post covers the organisation and everything below it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from kernel import id_number
from services.registry.domain.organisations import MAY_APPROVE, Kind, Organisation
from services.registry.domain.rows import (
    Column,
    Layout,
    Parsed,
    RawSheet,
    Row,
    RowError,
    RowReader,
    cells_of,
    lay_out,
    quoted,
)


class Role(StrEnum):
    """In which capacity an account acts."""

    BRANCH_SECRETARY = "branch_secretary"
    BRANCH_CLERK = "branch_clerk"
    COMMITTEE_ORGANISER = "committee_organiser"
    COUNTY_ORGANISER = "county_organiser"
    COUNTY_DEPARTMENT = "county_department"
    CITY_DEPARTMENT = "city_department"
    DEPARTMENT_LIAISON = "department_liaison"
    SPECIAL_ORGANIZER = "special_organizer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "支部书记": Role.BRANCH_SECRETARY,
        "支部工作人员": Role.BRANCH_CLERK,
        "党委组织委员": Role.COMMITTEE_ORGANISER,
        "县派驻组织员": Role.COUNTY_ORGANISER,
        "县委组织部": Role.COUNTY_DEPARTMENT,
        "市委组织部": Role.CITY_DEPARTMENT,
        "部门联络员": Role.DEPARTMENT_LIAISON,
        "特聘组织员": Role.SPECIAL_ORGANIZER,
        "审计员": Role.AUDITOR,
        "系统管理员": Role.ADMINISTRATOR,
    }
)

_BRANCHES = frozenset({Kind.BRANCH, Kind.GENERAL_BRANCH})
# What stands directly below the city department and examines for it (JH 7 13: zones, offices and two-new included).
_COUNTY_LEVEL = frozenset({Kind.COUNTY_DEPARTMENT, Kind.DISTRICT_COMMITTEE, Kind.CITY_WORK_COMMITTEE})
_DEPARTMENTS = _COUNTY_LEVEL | {Kind.CITY_DEPARTMENT}

# Which kinds of organisation a role may be held at; the one place where role and kind meet.
HELD_AT: Mapping[Role, frozenset[Kind]] = MappingProxyType(
    {
        Role.BRANCH_SECRETARY: _BRANCHES,
        Role.BRANCH_CLERK: _BRANCHES,
        Role.COMMITTEE_ORGANISER: MAY_APPROVE,
        Role.COUNTY_ORGANISER: MAY_APPROVE | {Kind.COUNTY_DEPARTMENT},
        Role.COUNTY_DEPARTMENT: _COUNTY_LEVEL,
        Role.CITY_DEPARTMENT: frozenset({Kind.CITY_DEPARTMENT}),
        Role.DEPARTMENT_LIAISON: _DEPARTMENTS,
        Role.SPECIAL_ORGANIZER: _BRANCHES | MAY_APPROVE,
        Role.AUDITOR: _DEPARTMENTS,
        Role.ADMINISTRATOR: _DEPARTMENTS,
    }
)

LAYOUT = Layout(
    kind="posts",
    title="岗位",
    columns=(
        Column("account", "账号", (), required=True, as_text=True, note="小写字母、数字、点、连字符和下划线"),
        Column("organisation", "组织编码", ("党组织编码",), required=True, as_text=True),
        Column("role", "岗位类别", ("角色", "岗位"), required=True, choices=ROLE_NAMES),
        Column("since", "任期起", ("任职日期", "term_from"), required=True),
        Column("until", "任期止", ("离任日期", "term_until"), required=True, note="最后一日，当日仍有效"),
        Column("member", "本人身份证号码", ("身份证号码", "身份证号"), as_text=True, note="本人是党员的填写"),
        Column("department", "联络部门", ("部门",), note="仅部门联络员填写部门代码，如 police"),
    ),
)

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Post:
    """A post from `since` to `until`, both days included. `member` is the holder's number, if a member."""

    account: str
    organisation: str
    role: Role
    since: date
    until: date
    member: str | None = field(default=None, repr=False)
    department: str | None = None

    def held_on(self, day: date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet of posts is checked against.

    `organisations`: those it may name, by code; `departments`: codes that the packs know; `members`: numbers on the roll (None:
    not asked); `hindrance`: what keeps the actor from giving (account, organisation, role), in Chinese, or None.
    """

    organisations: Mapping[str, Organisation]
    departments: Container[str]
    members: Container[str] | None = None
    hindrance: Callable[[str, Organisation, Role], str | None] = lambda _account, _organisation, _role: None


def parse_posts(sheet: RawSheet, known: Known, existing: Iterable[Post] = ()) -> Parsed[Post]:
    """Check a sheet of posts; `existing`: those held already, so that none is given twice for the same days."""
    rows, errors = lay_out(sheet, LAYOUT)
    read = [(row, _post(RowReader(row, LAYOUT, errors), known)) for row in rows]
    errors += _doubles([(row, post) for row, post in read if post is not None], existing)
    errors.sort(key=lambda error: error.row)
    return Parsed(() if errors else tuple(post for _, post in read if post is not None), tuple(errors))


def role_name(role: Role) -> str:
    return next(name for name, value in ROLE_NAMES.items() if value == role)


def numbers_in(sheet: RawSheet) -> set[str]:
    """The sound identification numbers of a sheet, to look up whose they are."""
    numbers = {id_number.normalise(text) for text in cells_of(sheet, LAYOUT, "member")}
    return {number for number in numbers if id_number.check(number) is None}


def _post(reader: RowReader, known: Known) -> Post | None:
    account = reader.text("account")
    if account is not None and not _ACCOUNT.fullmatch(account):
        reader.fail("account", "post.account", "应为 3 至 64 位小写字母、数字、点、连字符或下划线")
    code, role = reader.code("organisation"), reader.choice("role", Role)
    organisation = known.organisations.get(code) if code is not None else None
    if code is not None and organisation is None:
        reader.fail("organisation", "post.organisation_unknown", f"{quoted(code)}不是您职权范围内已有的组织")
    if organisation is not None and role is not None and organisation.kind not in HELD_AT[role]:
        reader.fail("role", "post.role_kind", f"“{role_name(role)}”不能设在“{organisation.name}”")
    since, until = reader.day("since"), reader.day("until")
    if since is not None and until is not None and until <= since:
        reader.fail("until", "post.term", "应晚于任期起始日")
    if account is not None and organisation is not None and role is not None:
        why = known.hindrance(account, organisation, role)
        if why is not None:
            reader.fail("role", "post.not_yours", why)
    member, department = _member(reader, known.members), _department(reader, role, known.departments)
    if not reader.sound or account is None or code is None or role is None or since is None or until is None:
        return None
    return Post(account, code, role, since, until, member, department)


def _member(reader: RowReader, members: Container[str] | None) -> str | None:
    text = reader.text("member")
    if text is None:
        return None
    if fault := id_number.check(text):
        reader.fail("member", fault.code, f"{fault.message}（{id_number.mask(text)}）")
        return None
    number = id_number.normalise(text)
    if members is not None and number not in members:
        reader.fail("member", "post.member_unknown", f"{id_number.mask(number)}不在党员名册中")
    return number


def _department(reader: RowReader, role: Role | None, departments: Container[str]) -> str | None:
    code = reader.text("department")
    if role is None:
        return None
    if role is not Role.DEPARTMENT_LIAISON:
        if code is not None:
            reader.fail("department", "post.department_unexpected", "只有部门联络员才填写")
        return None
    if code is None:
        if not reader.row.cells.get("department"):
            reader.fail("department", "post.department_missing", "部门联络员须填写")
    elif code not in departments:
        reader.fail("department", "post.department_unknown", f"{quoted(code)}不是已知部门")
    return code


def _doubles(read: list[tuple[Row, Post]], existing: Iterable[Post]) -> list[RowError]:
    """The same account in the same role at the same organisation for days that overlap."""
    held: dict[tuple[str, str, Role], list[tuple[Post, str]]] = {}
    for post in existing:
        held.setdefault((post.account, post.organisation, post.role), []).append((post, "已有岗位"))
    errors = []
    for row, post in read:
        others = held.setdefault((post.account, post.organisation, post.role), [])
        for other, where in others:
            if post.since <= other.until and other.since <= post.until:
                errors.append(RowError(row.number, "account", "post.duplicate", f"账号：与{where}任期重叠"))
                break
        others.append((post, f"第 {row.number} 行"))
    return errors
