from collections import Counter
from pathlib import Path

import pytest

from services.registry.domain.divisions import parse_divisions, township_committee, village_branch
from services.registry.domain.organisations import PARENTS, Domain, Kind, Organisation
from services.registry.domain.rows import BadRows, RawSheet
from services.registry.sheets import read_sheet

DATA = Path(__file__).parents[3] / "suite" / "demo" / "data"
HEADERS = ("code", "name", "level", "parent")


def organisations_of(city: str) -> tuple[Organisation, ...]:
    return parse_divisions(read_sheet((DATA / f"divisions-{city}.csv").read_bytes())).require()


def sheet(*rows: str) -> RawSheet:
    return RawSheet(HEADERS, tuple((n, tuple(row.split(","))) for n, row in enumerate(rows, start=2)))


@pytest.mark.catalogue("G1")
@pytest.mark.parametrize(("city", "counties", "townships", "villages"), [("jinhua", 9, 146, 3300), ("nanning", 12, 138, 1856)])
def test_every_division_of_a_city_becomes_an_organisation(city: str, counties: int, townships: int, villages: int) -> None:
    made = organisations_of(city)
    kinds = Counter(organisation.kind for organisation in made)
    assert kinds == {
        Kind.CITY_DEPARTMENT: 1,
        Kind.COUNTY_DEPARTMENT: counties,
        Kind.COMMITTEE: townships,
        Kind.BRANCH: villages,
    }
    assert {organisation.city for organisation in made} == {city}


@pytest.mark.catalogue("G1")
@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_parents_come_first_are_legal_and_the_path_leads_through_them(city: str) -> None:
    seen: dict[str, Organisation] = {}
    for organisation in organisations_of(city):
        if organisation.parent is None:
            assert organisation.path == f"/{organisation.code}/"
        else:
            parent = seen[organisation.parent]
            assert parent.kind in PARENTS[organisation.kind]
            assert organisation.path == f"{parent.path}{organisation.code}/"
            assert parent.covers(organisation.path) and not organisation.covers(parent.path)
        seen[organisation.code] = organisation
    assert all(o.approval_power for o in seen.values() if o.kind is Kind.COMMITTEE)
    assert all(o.home_county == o.code[:6] for o in seen.values() if o.parent)


@pytest.mark.parametrize(
    ("division", "name", "domain"),
    [
        ("上季村委会", "上季村党支部", Domain.RURAL),
        ("新朝村村委会", "新朝村党支部", Domain.RURAL),
        ("铜山湖村村民委员会", "铜山湖村党支部", Domain.RURAL),
        ("长丰村", "长丰村党支部", Domain.RURAL),
        ("和平社区居委会", "和平社区党支部", Domain.COMMUNITY),
        ("稠山社区居民委员会", "稠山社区党支部", Domain.COMMUNITY),
        ("柳城居委会", "柳城社区党支部", Domain.COMMUNITY),
        ("仙舟社区", "仙舟社区党支部", Domain.COMMUNITY),
        ("东兴生活区", "东兴生活区党支部", Domain.COMMUNITY),
        ("青秀山虚拟社区", "青秀山社区党支部", Domain.COMMUNITY),
    ],
)
def test_a_branch_takes_its_name_and_domain_from_the_village(division: str, name: str, domain: Domain) -> None:
    assert village_branch(division) == (name, domain)


@pytest.mark.parametrize(
    ("division", "name", "domain"),
    [
        ("罗店镇", "罗店镇党委", Domain.RURAL),
        ("水亭畲族乡", "水亭畲族乡党委", Domain.RURAL),
        ("城东街道", "城东街道党工委", Domain.COMMUNITY),
        ("仙葫经济开发区", "仙葫经济开发区党工委", Domain.COMMUNITY),
        ("隆安华侨管理区", "隆安华侨管理区党工委", Domain.COMMUNITY),
        ("廖平农场", "廖平农场党委", Domain.STATE_ENTERPRISE),
        ("那龙矿务局", "那龙矿务局党委", Domain.STATE_ENTERPRISE),
    ],
)
def test_a_committee_takes_its_name_and_domain_from_the_township(division: str, name: str, domain: Domain) -> None:
    assert township_committee(division) == (name, domain)


@pytest.mark.catalogue("G1")
def test_all_bad_rows_are_reported_and_nothing_is_made() -> None:
    parsed = parse_divisions(
        sheet(
            "330702,婺城区,county,3307",
            "33070200,短,township,330702",
            "330702002,,township,330702",
            "330702003,某镇,town,330702",
            "330703001,别区镇,township,330702",
            "330702004,无父镇,township,330704",
            "330702,婺城区,county,3307",
            "110101,东城区,county,1101",
            "330799001,孤镇,township,330799",
        )
    )
    assert parsed.records == ()
    assert [(e.row, e.column, e.code) for e in parsed.errors] == [
        (3, "code", "division.code"),
        (4, "name", "cell.missing"),
        (5, "level", "choice.unknown"),
        (6, "parent", "division.parent_code"),
        (7, "parent", "division.parent_code"),
        (8, "code", "division.duplicate"),
        (9, "parent", "division.parent_unknown"),
        (10, "parent", "division.parent_unknown"),
    ]
    with pytest.raises(BadRows) as caught:
        parsed.require()
    assert "全部未导入" in str(caught.value)
    assert caught.value.fields["rows.4.name"] == ["区划名称：不能为空"]
