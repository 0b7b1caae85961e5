"""The member roll: the check of an imported sheet of full and probationary members.

Source: JH 14 17 (catalogue G2), NT 31 (probation). Pure: rows, known codes and the day in, members and errors out. No
error repeats a whole identification number, and there is no column for a diagnosis, only for the day of an exemption.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from kernel import id_number
from kernel.id_number import IdNumber
from kernel.workdays import add_months
from services.registry.domain.rows import (
    Column,
    Layout,
    Parsed,
    RawSheet,
    RowReader,
    cells_of,
    duplicates,
    lay_out,
    quoted,
)


class Sex(StrEnum):
    """As the identification number says it."""

    MALE = "male"
    FEMALE = "female"


class Status(StrEnum):
    """Of a member: on probation, or full."""

    PROBATIONARY = "probationary"
    FULL = "full"


class Education(StrEnum):
    """The highest completed."""

    POSTGRADUATE = "postgraduate"
    BACHELOR = "bachelor"
    COLLEGE = "college"
    VOCATIONAL = "vocational"
    HIGH_SCHOOL = "high_school"
    MIDDLE_SCHOOL = "middle_school"
    PRIMARY = "primary"


class Occupation(StrEnum):
    """The category of occupation that plans and reports count by."""

    WORKER = "worker"
    FARMER = "farmer"
    TECHNICIAN = "technician"
    MANAGER = "manager"
    OFFICIAL = "official"
    STUDENT = "student"
    RETIRED = "retired"
    OTHER = "other"


SEX_NAMES: Mapping[str, str] = MappingProxyType({"男": Sex.MALE, "女": Sex.FEMALE})
STATUS_NAMES: Mapping[str, str] = MappingProxyType(
    {"正式党员": Status.FULL, "预备党员": Status.PROBATIONARY, "正式": Status.FULL, "预备": Status.PROBATIONARY}
)
EDUCATION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "研究生": Education.POSTGRADUATE,
        "大学本科": Education.BACHELOR,
        "大专": Education.COLLEGE,
        "中专": Education.VOCATIONAL,
        "高中": Education.HIGH_SCHOOL,
        "初中": Education.MIDDLE_SCHOOL,
        "小学及以下": Education.PRIMARY,
        "博士研究生": Education.POSTGRADUATE,
        "硕士研究生": Education.POSTGRADUATE,
        "博士": Education.POSTGRADUATE,
        "硕士": Education.POSTGRADUATE,
        "本科": Education.BACHELOR,
        "大学": Education.BACHELOR,
        "大学专科": Education.COLLEGE,
        "专科": Education.COLLEGE,
        "技校": Education.VOCATIONAL,
        "中技": Education.VOCATIONAL,
        "职高": Education.VOCATIONAL,
        "小学": Education.PRIMARY,
    }
)
OCCUPATION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "工人": Occupation.WORKER,
        "农牧渔民": Occupation.FARMER,
        "专业技术人员": Occupation.TECHNICIAN,
        "经营管理人员": Occupation.MANAGER,
        "党政机关工作人员": Occupation.OFFICIAL,
        "学生": Occupation.STUDENT,
        "离退休人员": Occupation.RETIRED,
        "其他": Occupation.OTHER,
        "一线工人": Occupation.WORKER,
        "农民": Occupation.FARMER,
        "管理人员": Occupation.MANAGER,
        "公务员": Occupation.OFFICIAL,
        "大学生": Occupation.STUDENT,
        "退休人员": Occupation.RETIRED,
        "其他职业": Occupation.OTHER,
    }
)

LAYOUT = Layout(
    kind="members",
    title="党员名册",
    columns=(
        Column("name", "姓名", (), required=True),
        Column("id_number", "身份证号码", ("身份证号", "公民身份号码", "身份证"), required=True, as_text=True),
        Column("branch", "所在党支部编码", ("党支部编码", "支部编码"), required=True, as_text=True),
        Column("status", "党员类别", ("人员类别", "类别"), required=True, choices=STATUS_NAMES),
        Column("joined", "入党日期", ("加入党组织日期",), required=True, note="接收为预备党员的支部大会日期"),
        Column("full_since", "转正日期", ("转为正式党员日期", "full_on"), note="正式党员必填，预备党员留空"),
        Column("birth_date", "出生日期", ("出生年月日",), note="可留空，按身份证号码填入；填写则须一致"),
        Column("sex", "性别", (), choices=SEX_NAMES, note="可留空，按身份证号码填入；填写则须一致"),
        Column("education", "学历", ("文化程度",), choices=EDUCATION_NAMES),
        Column("occupation", "职业类别", ("职业",), choices=OCCUPATION_NAMES),
        Column("floating_permit", "流动党员活动证号", ("流动党员活动证",), as_text=True, note="没有则留空"),
        Column("exempt_from", "免于评定起始日期", ("免评日期",), note="只填日期，不填原因"),
    ),
    forbidden=MappingProxyType(
        dict.fromkeys(("病", "健康", "诊断", "残疾", "体检"), "本系统不收集健康情况，请删除该列；免于评定只填起始日期")
    ),
)

_NAME = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3007\U00020000-\U000323af·]{2,40}|[A-Za-z][A-Za-z ·.'-]{1,78}[A-Za-z.]")
_BLANK_IN_NAME = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_PERMIT = re.compile(r"[0-9A-Za-z\u4e00-\u9fff()（）〔〕\[\]_-]{2,40}")


@dataclass(frozen=True, slots=True)
class RollRules:
    """What the packs in force on a day of joining ask of the roll, and their articles."""

    probation_months: int
    minimum_age: int | None = None
    probation_source: str = ""
    age_source: str = ""


#: Code of a branch and day of joining -> the rules for that row.
RulesOn = Callable[[str, date], RollRules | None]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the roll. The number is not in the `repr`."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    branch: str
    status: Status
    joined: date
    full_since: date | None
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)
    education: Education | None
    occupation: Occupation | None
    floating_permit: str | None
    exempt_from: date | None


def parse_members(
    sheet: RawSheet,
    *,
    branches: Container[str],
    known_numbers: Container[str],
    on: date,
    rules_on: RulesOn,
) -> Parsed[Member]:
    """Check a sheet of members.

    `branches`: codes of branches that exist; `known_numbers`: numbers already on the roll; `on`: today, nothing may lie
    after it; `rules_on`: what the packs ask that were in force for that branch on the day of joining (None: older than any
    pack, only the order of the days is checked).
    """
    rows, errors = lay_out(sheet, LAYOUT)
    members = [_member(RowReader(row, LAYOUT, errors), branches, known_numbers, on, rules_on) for row in rows]
    numbered = [(number, row) for row in rows if (number := id_number.normalise(row.cells.get("id_number", "")))]
    intact = [(number, row) for number, row in numbered if id_number.check(number) is None]
    errors += duplicates(intact, LAYOUT.column("id_number"), "member.duplicate", id_number.mask)
    errors.sort(key=lambda error: error.row)
    return Parsed(() if errors else tuple(member for member in members if member), tuple(errors))


def numbers_in(sheet: RawSheet) -> set[str]:
    """The sound identification numbers of a sheet, to look up which of them are on the roll."""
    numbers = {id_number.normalise(text) for text in cells_of(sheet, LAYOUT, "id_number")}
    return {number for number in numbers if id_number.check(number) is None}


def particulars_of(number: str, told: Mapping[str, str | None]) -> dict[str, str]:
    """A person's particulars as the roll keeps them: birth date and sex by the number, of the rest what is one of the roll's words.

    `number` is sound. Source of `told`: the dossier of the admission, where education may stand in words of its own.
    """
    parsed = id_number.parse(number)
    found = {"birth_date": parsed.born.isoformat(), "sex": str(Sex(parsed.sex))}
    for key, words in (("education", Education), ("occupation", Occupation)):
        text = told.get(key) or ""
        value = LAYOUT.column(key).choices.get(text, text)
        if value in words.__members__.values():
            found[key] = str(value)
    return found


def tidy_name(text: str) -> str:
    """A name as it is kept: one kind of middle dot, no blanks between Chinese characters (张　三 -> 张三)."""
    for dot in "•‧∙・．":
        text = text.replace(dot, "·")
    return _BLANK_IN_NAME.sub("", " ".join(text.split()))


def _member(
    reader: RowReader,
    branches: Container[str],
    known_numbers: Container[str],
    on: date,
    rules_on: RulesOn,
) -> Member | None:
    name, number = _name(reader), _number(reader, known_numbers, on)
    branch, status = reader.code("branch"), reader.choice("status", Status)
    if branch is not None and branch not in branches:
        reader.fail("branch", "member.branch_unknown", f"{quoted(branch)}不是您职权范围内已有的党支部")
    born, sex = _agreeing(reader, number)
    education, occupation = reader.choice("education", Education), reader.choice("occupation", Occupation)
    permit = _permit(reader)
    joined, full_since, exempt_from = (_past_day(reader, key, on) for key in ("joined", "full_since", "exempt_from"))
    rules = None
    if branch is not None and branch in branches and joined is not None:
        rules = rules_on(branch, joined)
    _check_dates(reader, born, status, joined, full_since, rules)
    if not reader.sound or name is None or number is None or branch is None or status is None:
        return None
    if joined is None or born is None or sex is None:
        return None
    return Member(
        name, number.number, branch, status, joined, full_since, born, sex, education, occupation, permit, exempt_from
    )  # fmt: skip


def _name(reader: RowReader) -> str | None:
    text = reader.text("name")
    if text is None:
        return None
    name = tidy_name(text)
    if not _NAME.fullmatch(name):
        reader.fail("name", "name.invalid", "不是有效姓名（至少两个字，不能含数字或符号）")
        return None
    return name


def _number(reader: RowReader, known_numbers: Container[str], on: date) -> IdNumber | None:
    text = reader.text("id_number")
    if text is None:
        return None
    if fault := id_number.check(text, on):
        reader.fail("id_number", fault.code, f"{fault.message}（{id_number.mask(text)}）")
        return None
    number = id_number.parse(text, on)
    if number.number in known_numbers:
        reader.fail("id_number", "member.exists", f"{id_number.mask(number.number)}已在党员名册中")
    return number


def _agreeing(reader: RowReader, number: IdNumber | None) -> tuple[date | None, Sex | None]:
    """Birth date and sex: taken from the number; what the sheet says beside it must agree."""
    born, sex = reader.day("birth_date"), reader.choice("sex", Sex)
    if number is None:
        return born, sex
    if born is not None and born != number.born:
        reader.fail("birth_date", "member.birth_date", f"{quoted(born.isoformat())}与身份证号码中的出生日期不一致")
    if sex is not None and sex != number.sex:
        reader.fail("sex", "member.sex", "与身份证号码不一致")
    return number.born, Sex(number.sex)


def _permit(reader: RowReader) -> str | None:
    text = reader.text("floating_permit", 40)
    if text is None or text in ("无", "没有", "否", "/", "-", "—"):
        return None
    if id_number.damaged_by_spreadsheet(text):
        reader.fail("floating_permit", "code.spreadsheet", "编号已被表格软件变成科学计数法，请将该列设为“文本”后重新填写")
        return None
    if not _PERMIT.fullmatch(text):
        reader.fail("floating_permit", "permit.invalid", f"{quoted(text)}不是有效的活动证号")
        return None
    return text


def _past_day(reader: RowReader, key: str, on: date) -> date | None:
    day = reader.day(key)
    if day is not None and day > on:
        reader.fail(key, "date.future", f"{quoted(day.isoformat())}晚于今天")
    return day


def _check_dates(
    reader: RowReader,
    born: date | None,
    status: Status | None,
    joined: date | None,
    full_since: date | None,
    rules: RollRules | None,
) -> None:
    """The order of a life: born, joined, full; and status as the dates say. Source: NT 5 31."""
    if status is Status.FULL and full_since is None and not reader.row.cells.get("full_since"):
        reader.fail("full_since", "member.full_since_missing", "正式党员须填写转正日期")
    if status is Status.PROBATIONARY and full_since is not None:
        reader.fail("full_since", "member.full_since_probationary", "预备党员不应有转正日期")
    if joined is None:
        return
    if born is not None:
        if joined <= born:
            reader.fail("joined", "member.joined_before_birth", "不晚于出生日期")
        elif rules and rules.minimum_age is not None and joined < add_months(born, 12 * rules.minimum_age):
            reader.fail("joined", "member.joined_under_age", f"入党时未满 {rules.minimum_age} 周岁{_cited(rules.age_source)}")
    if full_since is not None:
        earliest = add_months(joined, rules.probation_months) if rules else joined
        source = _cited(rules.probation_source) if rules else ""
        if full_since < earliest:
            reader.fail("full_since", "member.full_since_early", f"预备期未满：最早应为 {earliest.isoformat()}{source}")


def _cited(source: str) -> str:
    return f"（{source}）" if source else ""
