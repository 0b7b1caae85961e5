"""Renewal of a specially appointed organizer (O2)."""

from datetime import date

import pytest

from kernel.errors import Invalid
from kernel.policy import NotInForce, shipped_book
from services.organizers.domain.renewal import Assessment, RenewalFacts, decide_renewal

NANNING = shipped_book().at("nanning", date(2015, 10, 1))


def renew(*assessments, start=date(2013, 10, 8)):
    return decide_renewal(RenewalFacts(start, tuple(Assessment(*a) for a in assessments)), NANNING)


@pytest.mark.catalogue("O2")
@pytest.mark.parametrize(
    ("assessments", "refused"),
    [
        ([(1, True), (2, True)], []),
        ([(2, True), (1, True)], []),
        ([(1, True)], ["organizer.assessed"]),
        ([], ["organizer.assessed"]),
        ([(1, True), (2, False)], ["organizer.passed"]),
        ([(2, False)], ["organizer.assessed", "organizer.passed"]),
    ],
)
def test_every_year_of_the_term_is_assessed_and_passed(assessments, refused):
    decision = renew(*assessments)
    assert [r.rule for r in decision.reasons] == refused
    assert decision.allowed is not bool(refused)
    assert decision.values == {"term_ends": date(2015, 10, 8)}


def test_a_term_of_two_years_is_clamped():
    assert renew(start=date(2016, 2, 29)).values == {"term_ends": date(2018, 2, 28)}


@pytest.mark.parametrize("assessments", [[(0, True)], [(3, True)], [(1, True), (1, True)], [(1, True), (1, False), (2, True)]])
def test_years_outside_the_term_and_years_given_twice_are_invalid(assessments):
    with pytest.raises(Invalid) as invalid:
        renew(*assessments)
    assert list(invalid.value.fields) == ["assessments"]


def test_jinhua_appoints_none():
    with pytest.raises(NotInForce):
        decide_renewal(RenewalFacts(date(2015, 1, 1), ()), shipped_book().at("jinhua", date(2015, 1, 1)))
