from collections.abc import Collection
from datetime import date

import pytest

from kernel.id_number import check_character
from services.registry.domain.members import (
    LAYOUT,
    Education,
    Member,
    Occupation,
    RollRules,
    Sex,
    Status,
    parse_members,
    tidy_name,
)
from services.registry.domain.rows import Parsed, RawSheet

TODAY = date(2014, 12, 1)
BRANCH = "330702001001"
KEYS = tuple(column.key for column in LAYOUT.columns)


def number(born: str = "19800229", sequence: str = "123") -> str:
    first = f"330702{born}{sequence}"
    return first + check_character(first)


def a_row(**cells: str) -> dict[str, str]:
    row = dict.fromkeys(KEYS, "")
    row |= {"name": "张三", "id_number": number(), "branch": BRANCH, "status": "正式党员"}
    row |= {"joined": "2010-07-01", "full_since": "2011-07-01"}
    return row | cells


def rules_on(_branch: str, joined: date) -> RollRules | None:
    return RollRules(probation_months=12, minimum_age=18) if joined >= date(1982, 9, 6) else None


def parse(*rows: dict[str, str], known: Collection[str] = ()) -> Parsed[Member]:
    lines = tuple((n, tuple(row[key] for key in KEYS)) for n, row in enumerate(rows, start=2))
    return parse_members(
        RawSheet(KEYS, lines), branches={BRANCH}, known_numbers=known, on=TODAY, rules_on=rules_on
    )  # fmt: skip


def faults(**cells: str) -> list[tuple[str | None, str]]:
    return [(error.column, error.code) for error in parse(a_row(**cells)).errors]


@pytest.mark.catalogue("G2")
def test_a_full_row_is_read_with_birth_date_and_sex_from_the_number() -> None:
    (member,) = parse(
        a_row(education="本科", occupation="农民", floating_permit="浙流字〔2014〕12号", exempt_from="2014年3月1日")
    ).require()
    assert (member.birth_date, member.sex, member.status) == (date(1980, 2, 29), Sex.MALE, Status.FULL)
    assert (member.education, member.occupation) == (Education.BACHELOR, Occupation.FARMER)
    assert (member.floating_permit, member.exempt_from) == ("浙流字〔2014〕12号", date(2014, 3, 1))
    assert member.id_number not in repr(member) and "张三" not in repr(member)


@pytest.mark.catalogue("G2")
@pytest.mark.parametrize("day", ["2010-07-01", "2010/7/1", "2010.7.1", "2010年7月1日", "20100701", "2010-07-01 00:00:00"])
def test_dates_are_read_in_the_ways_people_write_them(day: str) -> None:
    (member,) = parse(a_row(joined=day)).require()
    assert member.joined == date(2010, 7, 1)


@pytest.mark.catalogue("G2")
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"name": ""}, ("name", "cell.missing")),
        ({"name": "张3"}, ("name", "name.invalid")),
        ({"name": "=1+1"}, ("name", "cell.formula")),
        ({"id_number": ""}, ("id_number", "cell.missing")),
        ({"id_number": "1.6672E+17"}, ("id_number", "id_number.spreadsheet")),
        ({"id_number": "330702198002291230"}, ("id_number", "id_number.checksum")),
        ({"branch": "330702001999"}, ("branch", "member.branch_unknown")),
        ({"branch": "3.30702E+11"}, ("branch", "code.spreadsheet")),
        ({"status": "党员"}, ("status", "choice.unknown")),
        ({"sex": "女"}, ("sex", "member.sex")),
        ({"birth_date": "1980-03-01"}, ("birth_date", "member.birth_date")),
        ({"birth_date": "1980-02"}, ("birth_date", "date.incomplete")),
        ({"birth_date": "29280"}, ("birth_date", "date.serial")),
        ({"joined": "2010-02-30"}, ("joined", "date.invalid")),
        ({"joined": ""}, ("joined", "cell.missing")),
        ({"full_since": "2011-06-30"}, ("full_since", "member.full_since_early")),
        ({"full_since": ""}, ("full_since", "member.full_since_missing")),
        ({"full_since": "2014-12-02"}, ("full_since", "date.future")),
        ({"status": "预备党员"}, ("full_since", "member.full_since_probationary")),
        ({"joined": "1998-02-27", "full_since": "1999-03-01"}, ("joined", "member.joined_under_age")),
        ({"joined": "1980-02-29"}, ("joined", "member.joined_before_birth")),
        ({"education": "秀才"}, ("education", "choice.unknown")),
        ({"exempt_from": "病假"}, ("exempt_from", "date.invalid")),
        ({"floating_permit": "a b;c"}, ("floating_permit", "permit.invalid")),
    ],
)
def test_each_fault_has_its_column_and_code(cells: dict[str, str], expected: tuple[str, str]) -> None:
    assert faults(**cells) == [expected]


@pytest.mark.catalogue("G2")
def test_whoever_was_born_on_29_february_may_join_on_the_28th_of_the_18th_year() -> None:
    assert faults(joined="1998-02-28", full_since="1999-02-28") == []


def test_those_who_joined_before_any_pack_are_judged_by_order_alone() -> None:
    old = number(born="19500101")
    assert faults(id_number=old, joined="1970-07-01", full_since="1970-07-01") == []
    assert faults(id_number=old, joined="1970-07-01", full_since="1970-06-30") == [("full_since", "member.full_since_early")]


@pytest.mark.catalogue("G2")
def test_all_faults_of_all_rows_come_at_once_and_nothing_is_imported() -> None:
    parsed = parse(
        a_row(),
        a_row(name="", id_number="123", sex="x"),
        a_row(id_number=number(sequence="125"), branch="?"),
        a_row(name="李四"),
    )
    assert parsed.records == ()
    assert [(error.row, error.code) for error in parsed.errors] == [
        (3, "cell.missing"),
        (3, "id_number.length"),
        (3, "choice.unknown"),
        (4, "code.characters"),
        (5, "member.duplicate"),
    ]
    assert "第 2 行" in parsed.errors[-1].message


@pytest.mark.catalogue("G2")
def test_no_message_spells_out_a_number_wherever_it_stands() -> None:
    whole = number()
    spaced = f"{whole[:6]} {whole[6:14]} {whole[14:]}"
    parsed = parse(
        a_row(),
        a_row(),
        a_row(id_number=whole[:17] + "0"),
        a_row(name=whole, branch=spaced, status=whole, joined=whole, sex=spaced, education=whole, floating_permit=spaced),
        known=[whole],
    )
    told = "".join(error.message for error in parsed.errors)
    assert len(parsed.errors) >= 9
    for text in (whole, whole[:17], whole[6:14], spaced, spaced[:15]):
        assert text not in told
    assert "330*************" in told


@pytest.mark.catalogue("G2")
def test_a_number_on_the_roll_already_is_refused() -> None:
    parsed = parse(a_row(), known={number()})
    assert [error.code for error in parsed.errors] == ["member.exists"]


@pytest.mark.catalogue("G2")
def test_there_is_no_column_for_a_diagnosis() -> None:
    headers = (*KEYS, "病情诊断")
    line = (*a_row().values(), "某病")
    parsed = parse_members(RawSheet(headers, ((2, line),)), branches={BRANCH}, known_numbers=(), on=TODAY, rules_on=rules_on)
    assert [error.code for error in parsed.errors] == ["column.forbidden"]
    assert "不收集健康情况" in parsed.errors[0].message


@pytest.mark.parametrize(
    ("written", "kept"),
    [("张　三", "张三"), ("阿依古丽•买买提", "阿依古丽·买买提"), ("John  Smith", "John Smith"), ("欧阳 修", "欧阳修")],
)
def test_names_are_kept_tidy(written: str, kept: str) -> None:
    assert tidy_name(written) == kept
    assert faults(name=written) == []
