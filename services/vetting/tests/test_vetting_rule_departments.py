"""Which departments are asked (V1)."""

from datetime import date

import pytest

from kernel.errors import Invalid
from kernel.policy import NotInForce, shipped_book
from services.vetting.domain.departments import DepartmentsFacts, decide_departments

THEN, LAST, NOW = date(2014, 3, 1), date(2021, 8, 19), date(2021, 8, 20)
LISTS = {
    "rural": ["governance", "justice"],
    "community": ["governance", "justice"],
    "agency": ["court", "procuratorate", "residence_organisation", "union"],
    "institution": ["court", "procuratorate", "residence_organisation", "union"],
    "state_enterprise": ["court", "procuratorate", "residence_organisation", "union"],
    "two_new": [
        "civil_affairs",
        "commerce",
        "file_custodian",
        "registered_place_organisation",
        "residence_organisation",
        "tax",
        "union",
    ],
    "student": ["registered_place_organisation", "student_union", "youth_league"],
}


def decide(group, on, city="nanning"):
    return decide_departments(DepartmentsFacts(group), shipped_book().at(city, on))


@pytest.mark.catalogue("V1")
@pytest.mark.parametrize("group", LISTS)
def test_four_departments_always_and_two_of_the_groups_list(group):
    assert decide(group, THEN).values == {
        "always": ["discipline", "family_planning", "petitions", "police"],
        "choose": 2,
        "from": LISTS[group],
    }


@pytest.mark.catalogue("V1")
def test_family_planning_is_not_asked_any_more_from_its_last_day_on():
    assert "family_planning" in decide("rural", LAST).values["always"]
    assert decide("rural", NOW).values["always"] == ["discipline", "petitions", "police"]
    assert decide("two_new", NOW).values["from"] == LISTS["two_new"]


def test_an_unknown_group_is_invalid():
    with pytest.raises(Invalid) as invalid:
        decide("university", THEN)
    assert list(invalid.value.fields) == ["group"]


def test_jinhua_names_no_departments():
    with pytest.raises(NotInForce):
        decide("rural", date(2015, 1, 1), "jinhua")
