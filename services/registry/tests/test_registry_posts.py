from datetime import date

import pytest

from kernel.id_number import check_character
from services.registry.domain.divisions import city_department
from services.registry.domain.organisations import Domain, Kind, Organisation
from services.registry.domain.posts import HELD_AT, LAYOUT, ROLE_NAMES, Known, Post, Role, parse_posts
from services.registry.domain.rows import Parsed, RawSheet

KEYS = tuple(column.key for column in LAYOUT.columns)


def an_organisation(code: str, kind: Kind) -> Organisation:
    path = f"/3307/330702/{code}/"
    return Organisation(code, f"组织{code}", kind, Domain.RURAL, "330702", path, "jinhua", "330702")


ORGANISATIONS = {
    "3307": city_department("3307"),
    "330702": an_organisation("330702", Kind.COUNTY_DEPARTMENT),
    "C1": an_organisation("C1", Kind.COMMITTEE),
    "B1": an_organisation("B1", Kind.BRANCH),
}


def a_row(**cells: str) -> dict[str, str]:
    row = dict.fromkeys(KEYS, "") | {"account": "zhang.san", "organisation": "B1", "role": "支部书记"}
    return row | {"since": "2014-01-01", "until": "2016-12-31"} | cells


def parse(*rows: dict[str, str], existing: tuple[Post, ...] = ()) -> Parsed[Post]:
    lines = tuple((n, tuple(row[key] for key in KEYS)) for n, row in enumerate(rows, start=2))
    return parse_posts(RawSheet(KEYS, lines), Known(ORGANISATIONS, {"police"}), existing)


@pytest.mark.catalogue("G3")
def test_a_post_has_a_role_that_fits_and_a_term_with_both_days() -> None:
    (post,) = parse(a_row()).require()
    assert (post.role, post.organisation) == (Role.BRANCH_SECRETARY, "B1")
    assert post.held_on(date(2014, 1, 1)) and post.held_on(date(2016, 12, 31))
    assert not post.held_on(date(2013, 12, 31)) and not post.held_on(date(2017, 1, 1))


@pytest.mark.catalogue("G3")
def test_every_role_has_a_name_and_a_kind_of_organisation_to_hold_it_at() -> None:
    assert set(HELD_AT) == set(Role) == {Role(value) for value in ROLE_NAMES.values()}
    assert all(HELD_AT.values())


@pytest.mark.catalogue("G3")
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"account": "Z"}, ("account", "post.account")),
        ({"organisation": "B9"}, ("organisation", "post.organisation_unknown")),
        ({"organisation": "C1"}, ("role", "post.role_kind")),
        ({"organisation": "330702", "role": "city_department"}, ("role", "post.role_kind")),
        ({"role": "皇帝"}, ("role", "choice.unknown")),
        ({"until": "2014-01-01"}, ("until", "post.term")),
        ({"until": ""}, ("until", "cell.missing")),
        ({"member": "123"}, ("member", "id_number.length")),
        ({"department": "police"}, ("department", "post.department_unexpected")),
        ({"organisation": "330702", "role": "部门联络员"}, ("department", "post.department_missing")),
        (
            {"organisation": "330702", "role": "部门联络员", "department": "fire"},
            ("department", "post.department_unknown"),
        ),
    ],
)
def test_each_fault_has_its_column_and_code(cells: dict[str, str], expected: tuple[str, str]) -> None:
    assert [(error.column, error.code) for error in parse(a_row(**cells)).errors] == [expected]


def test_a_liaison_names_the_department_and_a_member_the_number() -> None:
    first = "33070219800229123"
    whole = first + check_character(first)
    cells = {"organisation": "330702", "role": "department_liaison", "department": "police", "member": whole}
    (post,) = parse(a_row(**cells)).require()
    assert (post.department, post.member) == ("police", whole)
    assert whole not in repr(post)


@pytest.mark.catalogue("G3")
def test_the_same_post_is_not_given_twice_for_the_same_days() -> None:
    held = Post("zhang.san", "B1", Role.BRANCH_SECRETARY, date(2012, 1, 1), date(2014, 1, 1))
    parsed = parse(a_row(), existing=(held,))
    assert [(error.row, error.code) for error in parsed.errors] == [(2, "post.duplicate")]
    after = a_row(since="2017-01-01", until="2018-12-31")
    assert len(parse(a_row(), after, a_row(role="branch_clerk")).require()) == 3
    assert [error.row for error in parse(a_row(), after, a_row(since="2016-12-31", until="2017-02-01")).errors] == [4]
