import pickle

import pytest

from services.registry.domain.divisions import city_department
from services.registry.domain.organisations import LAYOUT, PARENTS, Domain, Kind, Organisation, parse_organisations
from services.registry.domain.rows import BadRows, Parsed, RawSheet

KNOWN = {"3307": city_department("3307")}
HEADERS = ("组织编码", "组织名称", "组织类别", "上级组织编码", "领域", "有审批权", "设支部委员会", "从业人数")


def parse(*rows: str, headers: tuple[str, ...] = HEADERS) -> Parsed[Organisation]:
    lines = tuple((n, tuple(row.split(","))) for n, row in enumerate(rows, start=2))
    return parse_organisations(RawSheet(headers, lines), KNOWN)


def codes(parsed: Parsed[Organisation]) -> list[tuple[int, str | None, str]]:
    return [(error.row, error.column, error.code) for error in parsed.errors]


@pytest.mark.catalogue("G1")
def test_a_whole_tree_in_any_order_comes_out_parents_first() -> None:
    parsed = parse(
        "B1,甲支部,党支部,G1,社区,,是,",
        "G1,甲总支,党总支,C2,社区,,,",
        "C2,厂党委,基层党委,C1,国有企业,否,,812",
        "C1,街道党工委,committee,330702,community,是,,",
        "330702,婺城区委组织部,county_department,3307,,,,",
        "Z1,开发区党工委,district_committee,3307,,是,,",
        "B2,直属支部,branch,Z1,two_new,,,35",
    )
    made = {organisation.code: organisation for organisation in parsed.require()}
    assert list(made) == ["330702", "C1", "C2", "G1", "B1", "Z1", "B2"]
    assert made["B1"].path == "/3307/330702/C1/C2/G1/B1/"
    assert (made["B1"].home_county, made["B2"].home_county) == ("330702", "3307")
    assert (made["B1"].has_committee, made["B2"].has_committee) == (True, False)
    assert (made["C2"].employees, made["C2"].domain) == (812, Domain.STATE_ENTERPRISE)
    assert {organisation.city for organisation in made.values()} == {"jinhua"}


@pytest.mark.catalogue("G1")
def test_every_bad_row_is_reported_with_column_and_code() -> None:
    parsed = parse(
        "330702,婺城区委组织部,county_department,3307,,,,",
        "C1,甲党委,committee,330702,社区,是,,",
        "B1,支部,branch,330702,社区,,,",
        "B2,支部,branch,nowhere,社区,,,",
        "B3,支部,branch,C1,,,,",
        "B4,支部,branch,C1,火星,也许,,x",
        "B5,支部,branch,C1,社区,是,,",
        "C1,又一个,committee,330702,社区,是,,",
        "3307,金华市委组织部,city_department,,,,,",
        ",无编码,branch,C1,社区,,,",
        "1.2345E+11,损坏,branch,C1,社区,,,",
        "B6,支部,branch,,社区,,,",
        "C3,党委,committee,C1,社区,是,,",
        "3308,衢州市委组织部,city_department,,,,,",
        "C4,党委,committee,330702,社区,,是,",
        "B7,支部,branch,B4,社区,,,",
        "B8,支部,branch,C1,社区,,,,多出来的",
    )
    assert parsed.records == ()
    assert codes(parsed) == [
        (4, "parent", "organisation.parent_kind"),
        (5, "parent", "organisation.parent_unknown"),
        (6, "domain", "cell.missing"),
        (7, "domain", "choice.unknown"),
        (7, "approval_power", "flag.invalid"),
        (7, "employees", "number.invalid"),
        (8, "approval_power", "organisation.cannot_approve"),
        (9, "code", "organisation.duplicate"),
        (10, "code", "organisation.exists"),
        (11, "code", "cell.missing"),
        (12, "code", "code.spreadsheet"),
        (13, "parent", "organisation.parent_missing"),
        (14, "parent", "organisation.parent_approval"),
        (15, "code", "organisation.city_unknown"),
        (16, "has_committee", "organisation.no_branch"),
        # row 17 names a parent whose own row is wrong: it is not to blame
        (18, None, "row.too_long"),
    ]
    assert all("：" in error.message or error.column is None for error in parsed.errors)


def test_unknown_double_and_missing_columns_are_named() -> None:
    parsed = parse("C1,甲党委,x", headers=("code", "name", "颜色"))
    assert codes(parsed) == [(1, None, "column.unknown"), (1, "kind", "column.missing")]
    assert "组织类别" in parsed.errors[1].message
    twice = parse("C1,甲,C1,committee", headers=("code", "name", "编码", "kind"))
    assert (1, "code", "column.twice") in codes(twice)


def test_headers_are_understood_in_chinese_and_english_with_marks_and_case() -> None:
    for header in ("组织编码*", " 组织编码 ", "CODE", "\ufeffcode", "组织编码（必填）", "编码"):
        column = LAYOUT.find(header)
        assert column is not None and column.key == "code", header


def test_an_empty_sheet_is_an_error_and_blank_rows_are_skipped_but_counted() -> None:
    assert codes(parse(",,,,,,,")) == [(2, None, "sheet.empty")]
    assert codes(parse(",,,,,,,", "B1,支部,branch,nowhere,社区,,,")) == [(3, "parent", "organisation.parent_unknown")]


@pytest.mark.catalogue("G1")
def test_the_table_of_parents_has_no_circle_but_committee_below_committee() -> None:
    rank = {kind: at for at, kind in enumerate(Kind)}
    for kind, parents in PARENTS.items():
        for parent in parents:
            assert rank[parent] < rank[kind] or kind is parent is Kind.COMMITTEE
    assert [kind for kind, parents in PARENTS.items() if not parents] == [Kind.CITY_DEPARTMENT]


def test_two_committees_cannot_be_each_other_s_parents() -> None:
    parsed = parse("C1,甲党委,committee,C2,社区,是,,", "C2,乙党委,committee,C1,社区,,,")
    assert codes(parsed) == [(2, "parent", "organisation.parent_approval")]
    itself = parse("C1,甲党委,committee,C1,社区,是,,")
    assert codes(itself) == [(2, "parent", "organisation.parent_approval")]


def test_the_error_survives_a_process_boundary() -> None:
    with pytest.raises(BadRows) as caught:
        parse("B2,支部,branch,nowhere,社区,,,").require()
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.errors == caught.value.errors and again.fields == caught.value.fields
