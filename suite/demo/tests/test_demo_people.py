from collections import Counter
from datetime import date
from itertools import islice

import pytest

from kernel import id_number
from kernel.workdays import add_months
from services.registry.domain.divisions import parse_divisions
from services.registry.domain.members import Education, Occupation
from services.registry.sheets import read_sheet
from suite.demo.divisions import CITIES, divisions_csv
from suite.demo.people import People

ON = date(2014, 8, 1)


def people(seed: int = 7) -> People:
    return People(seed, ON, minimum_age=18, probation_months=12)


def test_the_demo_carries_all_divisions_of_both_cities() -> None:
    made = [parse_divisions(read_sheet(divisions_csv(city))).require() for city in CITIES]
    assert sum(len(organisations) - 1 for organisations in made) == 5461


def test_the_same_seed_gives_the_same_people_in_any_order() -> None:
    first = list(people().members("330702", "330702001001", 3, 20, domain="rural"))
    again = people()
    list(again.applicants("330702", 3, 50, domain="rural"))
    assert list(again.members("330702", "330702001001", 3, 20, domain="rural")) == first
    assert list(again.members("330702", "330702001001", 3, 5, domain="rural")) == first[:5]
    assert list(people(8).members("330702", "330702001001", 3, 20, domain="rural")) != first


def test_everybody_has_a_valid_number_that_agrees_and_is_nobody_else_s() -> None:
    made = people()
    everybody = [
        person
        for ordinal in range(0, 900, 100)
        for person in (
            *(entry.person for entry in made.members("450103", "B", ordinal, 120, domain="community")),
            *made.applicants("450103", ordinal, 120, domain="community"),
        )
    ]
    assert max(Counter(person.id_number for person in everybody).values()) == 1
    for person in everybody:
        parsed = id_number.parse(person.id_number, ON)
        assert (parsed.born, parsed.sex, parsed.division) == (person.birth_date, person.sex, "450103")
        assert Education(person.education) and Occupation(person.occupation)


def test_all_numbers_of_a_whole_county_are_different() -> None:
    made = people()
    drawn = [p.id_number for o in range(600) for p in islice(made.applicants("330783", o, 1000, domain="rural"), 0, 20)]
    assert len(set(drawn)) == len(drawn)


def test_applicants_are_of_age_and_members_have_served_their_probation() -> None:
    made = people()
    for person in made.applicants("330702", 0, 300, domain="rural"):
        assert add_months(person.birth_date, 12 * 18) <= ON < add_months(person.birth_date, 12 * 46)
    entries = list(made.members("330702", "B", 0, 300, domain="rural"))
    for entry in entries:
        assert add_months(entry.person.birth_date, 12 * 18) <= entry.joined <= ON
        assert entry.full_on == (add_months(entry.joined, 12) if entry.status == "full" else None)
        assert (entry.status == "full") == (add_months(entry.joined, 12) <= ON)
    assert {entry.status for entry in entries} == {"full", "probationary"}


def test_a_branch_cannot_take_its_neighbour_s_people() -> None:
    with pytest.raises(ValueError, match="0 to 1000"):
        next(people().applicants("330702", 0, 1001, domain="rural"))
