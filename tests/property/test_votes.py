"""Votes and shares, whatever the figures: exact, monotone, and never decided on an impossible tally."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.policy import half_up, shipped_book
from services.recruitment.domain.recommendation import RecommendationFacts, decide_recommendation
from services.recruitment.domain.voting import VoteFacts, decide_vote
from services.scoring.domain.satisfaction import SatisfactionFacts, decide_score

NANNING = shipped_book().at("nanning", date(2014, 6, 1))
REVISED = shipped_book().at("nanning", date(2026, 6, 1))
DOMAINS = sorted(NANNING.labels("domain"))

counts = st.integers(0, 200)
policies = st.sampled_from([NANNING, REVISED])


@st.composite
def meetings(draw):
    entitled = draw(st.integers(1, 300))
    present = draw(st.integers(0, entitled))
    return VoteFacts(
        entitled,
        present,
        draw(st.integers(0, present)),
        draw(st.integers(0, entitled - present)),
        draw(st.sampled_from(["admission", "conversion"])),
    )


@st.composite
def recommendations(draw):
    member_ballots, mass_ballots = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    return RecommendationFacts(
        member_ballots=member_ballots,
        member_for=draw(st.integers(0, member_ballots)),
        mass_ballots=mass_ballots,
        mass_for=draw(st.integers(0, mass_ballots)),
        mass_representatives=mass_ballots + draw(st.integers(0, 20)),
        domain=draw(st.sampled_from(DOMAINS)),
        employees=draw(st.integers(1, 400)),
        cultivated_months=draw(st.integers(0, 24)),
    )


def rules_of(decision):
    return {reason.rule for reason in decision.reasons}


@pytest.mark.catalogue("R10")
@given(meetings(), policies)
def test_a_meeting_decides_by_more_than_half_of_the_entitled(facts, policy):
    refused = rules_of(decide_vote(facts, policy))
    assert ("meeting.quorum" in refused) is not (2 * facts.present > facts.entitled)
    assert ("meeting.majority" in refused) is not (2 * (facts.for_present + facts.for_written) > facts.entitled)


@given(meetings(), policies)
def test_one_more_in_favour_never_turns_a_vote_down(facts, policy):
    if facts.for_present < facts.present:
        more = replace(facts, for_present=facts.for_present + 1)
        assert rules_of(decide_vote(more, policy)) <= rules_of(decide_vote(facts, policy))


@given(st.tuples(*[st.integers(-5, 40)] * 4), policies)
def test_a_meeting_is_decided_or_impossible_and_never_both(figures, policy):
    entitled, present, for_present, for_written = figures
    possible = (
        entitled >= 1 and 0 <= present <= entitled and 0 <= for_present <= present and 0 <= for_written <= entitled - present
    )
    facts = VoteFacts(*figures, "admission")
    if possible:
        decide_vote(facts, policy)
    else:
        with pytest.raises(Invalid):
            decide_vote(facts, policy)


@pytest.mark.catalogue("R3")
@given(recommendations(), policies)
def test_a_recommendation_is_judged_by_exact_shares(facts, policy):
    refused = rules_of(decide_recommendation(facts, policy))
    assert ("recommendation.member_share" in refused) is (Fraction(facts.member_for, facts.member_ballots) < Fraction(7, 10))
    assert ("recommendation.mass_share" in refused) is (Fraction(facts.mass_for, facts.mass_ballots) < Fraction(1, 2))
    assert ("recommendation.pool" in refused) is (facts.cultivated_months < 6)


@given(recommendations())
def test_more_support_more_masses_more_time_never_hurt(facts):
    before = rules_of(decide_recommendation(facts, NANNING))
    for better in (
        replace(facts, mass_representatives=facts.mass_representatives + 1),
        replace(facts, cultivated_months=facts.cultivated_months + 1),
        replace(facts, member_for=facts.member_ballots, mass_for=facts.mass_ballots),
    ):
        assert rules_of(decide_recommendation(better, NANNING)) <= before


@pytest.mark.catalogue("S1")
@given(st.tuples(counts, counts, counts, counts).filter(any))
def test_a_score_lies_between_nothing_and_full_marks_and_the_threshold_meets_the_exact_value(grades):
    very, satisfied, basically, _ = grades
    values = decide_score(SatisfactionFacts(*grades), NANNING).values
    exact = Fraction(very * 100 + satisfied * 80 + basically * 60, sum(grades))
    assert 0 <= values["score"] <= 100
    assert abs(Fraction(values["score"]) - exact) <= Fraction(1, 200)
    assert values["below"] is (exact < 80)


@given(st.fractions(min_value=0, max_value=10**40), st.integers(1, 6))
def test_rounding_is_half_up_to_the_last_place_however_large(value, places):
    rounded = half_up(value, places)
    error = Fraction(rounded) - value
    half = Fraction(1, 2 * 10**places)
    assert -half < error <= half
    assert -rounded.as_tuple().exponent == places
