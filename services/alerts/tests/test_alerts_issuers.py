"""Who warns whom, along the tree. Source: NN 2(2)(3)."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.policy import shipped_book
from services.alerts.domain.issuers import Node, is_key_managed, issuers, superior

NANNING = shipped_book().at("nanning", date(2018, 4, 2))
CITY = Node("city", "city_department", False)
COUNTY = Node("county", "county_department", False)
ZONE = Node("zone", "district_committee", True)
DEPARTMENT = Node("department", "department_committee", False)
COMMITTEE = Node("committee", "committee", True)
LOWER = Node("lower", "committee", False)
GENERAL = Node("general", "general_branch", False)
BRANCH = Node("branch", "branch", False)


@pytest.mark.catalogue("A3")
@pytest.mark.parametrize(
    ("line", "key_managed", "expected"),
    [
        ((CITY, COUNTY), False, ["city"]),
        ((CITY, ZONE), False, ["city"]),
        ((CITY, DEPARTMENT), False, ["city"]),
        ((CITY, COMMITTEE), False, ["city"]),
        ((CITY, COUNTY, COMMITTEE), False, ["county"]),
        ((CITY, COUNTY, COMMITTEE, BRANCH), False, ["committee"]),
        ((CITY, COUNTY, COMMITTEE, BRANCH), True, ["county", "committee"]),
        ((CITY, COUNTY, COMMITTEE, GENERAL, BRANCH), False, ["committee"]),
        ((CITY, COUNTY, COMMITTEE, LOWER), False, ["committee"]),
        ((CITY, COUNTY, COMMITTEE, LOWER, BRANCH), False, ["committee"]),
        ((CITY, DEPARTMENT, BRANCH), False, ["department"]),
        ((CITY, DEPARTMENT, BRANCH), True, ["department"]),
        ((CITY, DEPARTMENT, COMMITTEE, BRANCH), True, ["department", "committee"]),
        ((CITY, COMMITTEE, BRANCH), True, ["committee"]),
        ((CITY,), False, []),
    ],
)
def test_the_nearest_authority_warns_and_the_county_where_it_manages(line, key_managed, expected):
    assert [node.code for node in issuers(line, key_managed, NANNING)] == expected


@pytest.mark.catalogue("A3", "A4")
def test_the_superior_of_the_issuer_may_waive():
    line = (CITY, COUNTY, COMMITTEE, BRANCH)
    assert superior(line, "committee", NANNING) == COUNTY
    assert superior(line, "county", NANNING) == CITY
    assert superior(line, "city", NANNING) is None
    assert superior(line, "another", NANNING) is None


@pytest.mark.catalogue("A3")
@pytest.mark.parametrize(
    ("domain", "flagged", "years", "managed"),
    [
        ("rural", False, 3, True),
        ("community", False, 2, False),
        ("two_new", True, 0, True),
        ("agency", True, 9, False),
        (None, True, 9, False),
    ],
)
def test_villages_communities_and_two_new_are_key_managed_where_admission_is_difficult_or_absent(domain, flagged, years, managed):
    assert is_key_managed(domain, flagged, years, NANNING) is managed
    assert is_key_managed(domain, flagged, years, shipped_book().at("jinhua", date(2018, 4, 2))) is False
