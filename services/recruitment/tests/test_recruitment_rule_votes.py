"""Recommendation and the branch meeting's vote (R3, R10): boundaries exactly at the thresholds."""

from dataclasses import replace
from datetime import date

import pytest

from kernel.errors import Invalid
from kernel.policy import NotInForce, shipped_book
from services.recruitment.domain.recommendation import RecommendationFacts, decide_recommendation
from services.recruitment.domain.voting import VoteFacts, decide_vote

NANNING = shipped_book().at("nanning", date(2014, 6, 1))
REVISED = shipped_book().at("nanning", date(2026, 6, 1))
JINHUA = shipped_book().at("jinhua", date(2015, 6, 1))

GOOD = RecommendationFacts(
    member_ballots=20,
    member_for=14,
    mass_ballots=30,
    mass_for=15,
    mass_representatives=30,
    domain="rural",
    employees=0,
    cultivated_months=6,
)
MEETING = VoteFacts(entitled=16, present=9, for_present=9, for_written=0, kind="admission")


def rules_of(decision):
    assert decision.allowed is not bool(decision.reasons)
    return {reason.rule.removeprefix("recommendation.") for reason in decision.reasons}


@pytest.mark.catalogue("R3")
@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, set()),
        ({"cultivated_months": 5}, {"pool"}),
        ({"member_for": 13}, {"member_share"}),
        ({"mass_for": 14}, {"mass_share"}),
        ({"member_ballots": 10, "member_for": 7}, set()),
        ({"member_ballots": 3, "member_for": 2}, {"member_share"}),
        ({"mass_ballots": 29, "mass_representatives": 29}, {"mass_quorum"}),
        ({"mass_ballots": 1, "mass_for": 1}, set()),
        ({"domain": "community", "mass_ballots": 29, "mass_representatives": 29}, {"mass_quorum"}),
        ({"domain": "agency", "mass_ballots": 2, "mass_for": 1, "mass_representatives": 2}, set()),
        ({"domain": "institution", "mass_ballots": 2, "mass_for": 1, "mass_representatives": 2}, set()),
        ({"domain": "university", "mass_ballots": 2, "mass_for": 1, "mass_representatives": 2}, set()),
        (
            {"cultivated_months": 0, "member_for": 0, "mass_for": 0, "mass_representatives": 30},
            {"pool", "member_share", "mass_share"},
        ),
    ],
)
def test_the_four_rules_are_judged_each_on_its_own(changes, refused):
    for policy in (NANNING, REVISED):
        assert rules_of(decide_recommendation(replace(GOOD, **changes), policy)) == refused


@pytest.mark.catalogue("R3")
@pytest.mark.parametrize("domain", ["two_new", "state_enterprise"])
@pytest.mark.parametrize(
    ("employees", "required"), [(1, 1), (3, 1), (4, 2), (10, 3), (11, 4), (50, 15), (51, 16), (99, 30), (100, 30), (5000, 30)]
)
def test_a_small_employer_needs_thirty_percent_rounded_up(domain, employees, required):
    at = replace(GOOD, domain=domain, employees=employees, mass_ballots=1, mass_for=1, mass_representatives=required)
    assert rules_of(decide_recommendation(at, NANNING)) == set()
    if required > 1:
        below = replace(at, mass_representatives=required - 1)
        assert rules_of(decide_recommendation(below, NANNING)) == {"mass_quorum"}


def test_only_in_principle_is_waivable():
    facts = replace(GOOD, member_for=0, mass_for=0, mass_ballots=29, mass_representatives=29, cultivated_months=0)
    decision = decide_recommendation(facts, NANNING)
    assert {r.rule for r in decision.reasons if not r.waivable} == {"recommendation.pool"}
    written = {r.rule: "人数不足" for r in decision.reasons}
    assert [r.rule for r in decision.with_departures(written).reasons] == ["recommendation.pool"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"member_ballots": 0, "member_for": 0}, "member_ballots"),
        ({"mass_ballots": 0, "mass_for": 0}, "mass_ballots"),
        ({"member_for": 21}, "member_for"),
        ({"mass_for": 31}, "mass_for"),
        ({"mass_ballots": 31}, "mass_ballots"),
        ({"member_for": -1}, "member_for"),
        ({"mass_for": -1}, "mass_for"),
        ({"employees": -1}, "employees"),
        ({"cultivated_months": -1}, "cultivated_months"),
        ({"domain": "farm"}, "domain"),
        ({"domain": "two_new", "employees": 0}, "employees"),
    ],
)
def test_an_impossible_tally_is_invalid_and_not_refused(changes, field):
    with pytest.raises(Invalid) as invalid:
        decide_recommendation(replace(GOOD, **changes), NANNING)
    assert field in invalid.value.fields


def test_jinhua_knows_no_numbers_for_a_recommendation():
    with pytest.raises(NotInForce):
        decide_recommendation(GOOD, JINHUA)


@pytest.mark.catalogue("R10")
@pytest.mark.parametrize("policy", [JINHUA, NANNING, REVISED], ids=["jinhua", "nanning", "revised"])
@pytest.mark.parametrize("kind", ["admission", "conversion"])
@pytest.mark.parametrize(
    ("entitled", "present", "for_present", "for_written", "refused"),
    [
        (16, 9, 9, 0, set()),
        (16, 8, 8, 8, {"meeting.quorum"}),
        (16, 9, 8, 0, {"meeting.majority"}),
        (16, 9, 8, 1, set()),
        (15, 8, 8, 0, set()),
        (15, 7, 7, 0, {"meeting.quorum", "meeting.majority"}),
        (15, 8, 7, 0, {"meeting.majority"}),
        (16, 16, 8, 0, {"meeting.majority"}),
        (1, 1, 1, 0, set()),
        (2, 1, 1, 1, {"meeting.quorum"}),
        (2, 0, 0, 2, {"meeting.quorum"}),
    ],
)
def test_both_halves_are_of_the_entitled_and_must_be_exceeded(entitled, present, for_present, for_written, refused, kind, policy):
    decision = decide_vote(VoteFacts(entitled, present, for_present, for_written, kind), policy)
    assert {r.rule for r in decision.reasons} == refused
    assert decision.allowed is not bool(refused)
    assert not any(r.waivable for r in decision.reasons)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"entitled": 0, "present": 0, "for_present": 0}, "entitled"),
        ({"present": 17}, "present"),
        ({"for_present": 10}, "for_present"),
        ({"for_written": 8}, "for_written"),
        ({"present": -1}, "present"),
        ({"for_present": -1}, "for_present"),
        ({"for_written": -1}, "for_written"),
        ({"kind": "expulsion"}, "kind"),
    ],
)
def test_an_impossible_meeting_is_invalid(changes, field):
    with pytest.raises(Invalid) as invalid:
        decide_vote(replace(MEETING, **changes), NANNING)
    assert field in invalid.value.fields
