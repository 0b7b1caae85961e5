"""The tree of organisations: kinds, who may stand under whom, domains, and the check of an imported sheet.

Source: NN 2(2)(3) 3(1), JH 1 7 13 18. Pure: rows in, organisations and errors out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

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


class Kind(StrEnum):
    """What an organisation is."""

    CITY_DEPARTMENT = "city_department"
    COUNTY_DEPARTMENT = "county_department"
    DISTRICT_COMMITTEE = "district_committee"
    CITY_WORK_COMMITTEE = "city_work_committee"
    DEPARTMENT_COMMITTEE = "department_committee"
    COMMITTEE = "committee"
    GENERAL_BRANCH = "general_branch"
    BRANCH = "branch"


class Domain(StrEnum):
    """Where an organisation works; rules differ by it. Source: NN 3(1)."""

    RURAL = "rural"
    COMMUNITY = "community"
    AGENCY = "agency"
    INSTITUTION = "institution"
    STATE_ENTERPRISE = "state_enterprise"
    TWO_NEW = "two_new"
    UNIVERSITY = "university"


KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "市委组织部": Kind.CITY_DEPARTMENT,
        "县（市、区）委组织部": Kind.COUNTY_DEPARTMENT,
        "新区（开发区）党工委": Kind.DISTRICT_COMMITTEE,
        "市直工委": Kind.CITY_WORK_COMMITTEE,
        "部门党委": Kind.DEPARTMENT_COMMITTEE,
        "基层党委": Kind.COMMITTEE,
        "党总支": Kind.GENERAL_BRANCH,
        "党支部": Kind.BRANCH,
    }
)
DOMAIN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "农村": Domain.RURAL,
        "社区": Domain.COMMUNITY,
        "机关": Domain.AGENCY,
        "事业单位": Domain.INSTITUTION,
        "国有企业": Domain.STATE_ENTERPRISE,
        "两新组织": Domain.TWO_NEW,
        "高校": Domain.UNIVERSITY,
    }
)

_COMMITTEES = frozenset({Kind.DISTRICT_COMMITTEE, Kind.CITY_WORK_COMMITTEE, Kind.DEPARTMENT_COMMITTEE, Kind.COMMITTEE})
_HEADS = frozenset({Kind.COUNTY_DEPARTMENT, Kind.DISTRICT_COMMITTEE, Kind.CITY_WORK_COMMITTEE})

# Who may stand directly above whom. A committee under a committee: see `_fault_of_parent`.
PARENTS: Mapping[Kind, frozenset[Kind]] = MappingProxyType(
    {
        Kind.CITY_DEPARTMENT: frozenset(),
        Kind.COUNTY_DEPARTMENT: frozenset({Kind.CITY_DEPARTMENT}),
        Kind.DISTRICT_COMMITTEE: frozenset({Kind.CITY_DEPARTMENT}),
        Kind.CITY_WORK_COMMITTEE: frozenset({Kind.CITY_DEPARTMENT}),
        Kind.DEPARTMENT_COMMITTEE: frozenset({Kind.CITY_DEPARTMENT}) | _HEADS,
        Kind.COMMITTEE: frozenset({Kind.CITY_DEPARTMENT}) | _HEADS | _COMMITTEES,
        Kind.GENERAL_BRANCH: _COMMITTEES,
        Kind.BRANCH: _COMMITTEES | {Kind.GENERAL_BRANCH},
    }
)
MAY_APPROVE = _COMMITTEES  # kinds that may hold the power to approve admissions
NEEDS_DOMAIN = frozenset({Kind.COMMITTEE, Kind.GENERAL_BRANCH, Kind.BRANCH})

# Records and rules hang on a county by its code, so a county's department bears that code and no other.
COUNTY_CODE = re.compile(r"[0-9]{6}")

# The cities whose rulebooks the suite carries: code of the city department -> name of the city in the packs.
CITIES: Mapping[str, str] = MappingProxyType({"3307": "jinhua", "4501": "nanning"})


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation. `path` holds the codes from the city department down, with leading and trailing slash.

    `home_county` is the code of the county department above (or of the organisation itself), of the city department
    where there is no county between; it is fixed at birth. `employees` is the size of the unit, None where unknown.
    """

    code: str
    name: str
    kind: Kind
    domain: Domain | None
    parent: str | None
    path: str
    city: str
    home_county: str
    approval_power: bool = False
    has_committee: bool = False
    under_rectification: bool = False
    key_managed: bool = False
    employees: int | None = None

    def covers(self, other_path: str) -> bool:
        """Whether the organisation of `other_path` is this one or stands below it."""
        return other_path.startswith(self.path)


LAYOUT = Layout(
    kind="organisations",
    title="党组织",
    columns=(
        Column("code", "组织编码", ("编码", "代码"), required=True, as_text=True, note="字母、数字和连字符，最多 32 位"),
        Column("name", "组织名称", ("名称",), required=True),
        Column("kind", "组织类别", ("类别",), required=True, choices=KIND_NAMES),
        Column("parent", "上级组织编码", ("上级编码", "上级组织"), required=False, as_text=True, note="市委组织部留空"),
        Column("domain", "领域", ("所属领域",), choices=DOMAIN_NAMES, note="基层党委、党总支、党支部必填"),
        Column("approval_power", "有审批权", ("审批权",), note="是或否；仅党委、工委"),
        Column("has_committee", "设支部委员会", ("设支委会",), note="是或否；仅党支部，留空为否"),
        Column("employees", "从业人数", ("人数",), note="本单位从业人员总数"),
        Column("under_rectification", "整顿中", ("软弱涣散整顿",), note="是或否"),
        Column("key_managed", "重点管理", (), note="是或否"),
    ),
)


@dataclass(frozen=True, slots=True)
class _Draft:
    row: Row
    code: str
    name: str
    kind: Kind
    domain: Domain | None
    parent: str | None
    approval_power: bool
    has_committee: bool
    under_rectification: bool
    key_managed: bool
    employees: int | None


#: What keeps the actor from establishing this organisation (Chinese), or None.
Hindrance = Callable[[Organisation], str | None]


def parse_organisations(
    sheet: RawSheet, known: Mapping[str, Organisation], hindrance: Hindrance = lambda _: None
) -> Parsed[Organisation]:
    """Check a sheet against itself and against the organisations that exist (`known`, by code).

    Parents may stand anywhere in the file; the records come parents first. With any error there are no records.
    """
    rows, errors = lay_out(sheet, LAYOUT)
    drafts: dict[str, _Draft] = {}
    named: dict[str, int] = {}
    for row in rows:
        reader = RowReader(row, LAYOUT, errors)
        draft = _draft(reader)
        code = row.cells.get("code", "")
        if code in known:
            reader.fail("code", "organisation.exists", f"{quoted(code)}已存在")
        if code and (first := named.setdefault(code, row.number)) != row.number:
            reader.fail("code", "organisation.duplicate", f"{quoted(code)}与第 {first} 行重复")
        elif draft is not None:
            drafts[code] = draft
    for draft in drafts.values():
        errors += _faults_of_parent(draft, drafts, known, named)
    if errors:
        return Parsed((), tuple(sorted(errors, key=lambda error: error.row)))
    built = tuple(_build(drafts, known))
    hindered = ((drafts[organisation.code], hindrance(organisation)) for organisation in built)
    errors = [_fault(draft, "kind", "organisation.not_yours", why) for draft, why in hindered if why]
    errors.sort(key=lambda error: error.row)
    return Parsed(() if errors else built, tuple(errors))


def codes_in(sheet: RawSheet) -> set[str]:
    """All codes that a sheet names, its own and those of parents."""
    return {*cells_of(sheet, LAYOUT, "code"), *cells_of(sheet, LAYOUT, "parent")}


def faults_of_change(
    before: Organisation, after: Organisation, parent: Organisation | None, below: Iterable[Kind]
) -> dict[str, list[str]]:
    """What is wrong with a change, by field; `below`: the kinds of the organisations directly below."""
    faults: dict[str, list[str]] = {}
    if before == after:
        faults["body"] = ["没有任何变化"]
    if after.approval_power and after.kind not in MAY_APPROVE:
        faults["approval_power"] = ["该类组织不能有发展党员审批权"]
    elif after.approval_power and parent is not None and parent.kind is after.kind:
        faults["approval_power"] = ["隶属于其他基层党委的基层党委没有审批权"]
    elif before.approval_power and not after.approval_power and after.kind in below:
        faults["approval_power"] = ["所属的基层党委由其审批，不能取消审批权"]
    if after.has_committee and after.kind is not Kind.BRANCH:
        faults["has_committee"] = ["只有党支部才设支部委员会"]
    if after.domain is None and after.kind in NEEDS_DOMAIN:
        faults["domain"] = ["基层党委、党总支、党支部须填写领域"]
    return faults


def _draft(reader: RowReader) -> _Draft | None:
    code, name = reader.code("code"), reader.text("name", 100)
    kind, domain = reader.choice("kind", Kind), reader.choice("domain", Domain)
    parent = reader.code("parent")
    approval, committee = reader.flag("approval_power"), reader.flag("has_committee")
    employees = reader.whole("employees")
    rectification, key_managed = reader.flag("under_rectification"), reader.flag("key_managed")
    if kind is not None:
        _check_kind(reader, kind, domain, approval, committee)
    if not reader.sound or code is None or name is None or kind is None:
        return None
    return _Draft(
        reader.row, code, name, kind, domain, parent,
        bool(approval), bool(committee), bool(rectification), bool(key_managed), employees,
    )  # fmt: skip


def _check_kind(reader: RowReader, kind: Kind, domain: Domain | None, approval: bool | None, committee: bool | None) -> None:
    """What a kind needs and what it cannot have."""
    if approval and kind not in MAY_APPROVE:
        reader.fail("approval_power", "organisation.cannot_approve", "该类组织不能有发展党员审批权")
    if committee and kind is not Kind.BRANCH:
        reader.fail("has_committee", "organisation.no_branch", "只有党支部才设支部委员会")
    if kind in NEEDS_DOMAIN and domain is None and not reader.row.cells.get("domain"):
        reader.fail("domain", "cell.missing", "基层党委、党总支、党支部须填写领域")


def _faults_of_parent(
    draft: _Draft, drafts: Mapping[str, _Draft], known: Mapping[str, Organisation], named: Mapping[str, int]
) -> list[RowError]:
    if draft.kind is Kind.CITY_DEPARTMENT:
        if draft.parent is not None:
            return [_fault(draft, "parent", "organisation.parent_kind", "市委组织部没有上级组织，应留空")]
        if draft.code not in CITIES:
            text = f"{quoted(draft.code)}不是已有规则的城市（{'、'.join(sorted(CITIES))}）"
            return [_fault(draft, "code", "organisation.city_unknown", text)]
        return []
    if draft.parent is None:
        return [_fault(draft, "parent", "organisation.parent_missing", "不能为空")]
    parent = drafts.get(draft.parent) or known.get(draft.parent)
    if parent is None:
        if draft.parent in named:
            return []  # the parent's own row is wrong and reported there; this row is not to blame
        text = f"{quoted(draft.parent)}不存在"
        return [_fault(draft, "parent", "organisation.parent_unknown", text)]
    if draft.kind is Kind.COUNTY_DEPARTMENT and not (COUNTY_CODE.fullmatch(draft.code) and draft.code.startswith(parent.code)):
        text = f"{quoted(draft.code)}应为六位的县级区划代码，以市的代码开头"
        return [_fault(draft, "code", "organisation.county_code", text)]
    if parent.kind not in PARENTS[draft.kind]:
        text = f"{_name(draft.kind)}不能直接隶属于{_name(parent.kind)}"
        return [_fault(draft, "parent", "organisation.parent_kind", text)]
    # A committee may stand under another only if that one approves for it; this also rules out circles.
    if draft.kind is parent.kind and (draft.approval_power or not parent.approval_power):
        text = "基层党委只能隶属于有审批权的党委，且自身没有审批权"
        return [_fault(draft, "parent", "organisation.parent_approval", text)]
    return []


def _fault(draft: _Draft, key: str, code: str, message: str) -> RowError:
    return RowError(draft.row.number, key, code, f"{LAYOUT.column(key).title}：{message}")


def _name(kind: Kind) -> str:
    return next(name for name, value in KIND_NAMES.items() if value == kind)


def _build(drafts: Mapping[str, _Draft], known: Mapping[str, Organisation]) -> Iterable[Organisation]:
    """Parents first. The checked kinds leave no circle, so the walk up always ends."""
    built: dict[str, Organisation] = {}
    for code in drafts:
        waiting = []
        at: str | None = code
        while at is not None and at in drafts and at not in built:
            waiting.append(drafts[at])
            at = drafts[at].parent
        for draft in reversed(waiting):
            parent = None if draft.parent is None else built.get(draft.parent) or known[draft.parent]
            built[draft.code] = _organisation(draft, parent)
    return built.values()


def _organisation(draft: _Draft, parent: Organisation | None) -> Organisation:
    own_home = draft.kind in (Kind.COUNTY_DEPARTMENT, Kind.CITY_DEPARTMENT) or parent is None
    return Organisation(
        code=draft.code,
        name=draft.name,
        kind=draft.kind,
        domain=draft.domain,
        parent=draft.parent,
        path=f"{parent.path if parent else '/'}{draft.code}/",
        city=parent.city if parent else CITIES[draft.code],
        home_county=draft.code if own_home or parent is None else parent.home_county,
        approval_power=draft.approval_power,
        has_committee=draft.has_committee,
        under_rectification=draft.under_rectification,
        key_managed=draft.key_managed,
        employees=draft.employees,
    )
