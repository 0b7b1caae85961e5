"""Rules about dates and lengths (R6, R7, R10–R13)."""

from datetime import date

import pytest

from kernel.errors import Invalid
from kernel.policy import shipped_book
from services.recruitment.domain.admission import LeavingFacts, decide_leaving
from services.recruitment.domain.committee import DecisionDueFacts, decide_decision_due
from services.recruitment.domain.probation import ProbationFacts, decide_end
from services.recruitment.domain.prospect import EarliestFacts, decide_earliest
from services.recruitment.domain.publicity import PeriodFacts, decide_period
from services.recruitment.domain.training import TrainingFacts, decide_sufficient


def day(text):
    return date.fromisoformat(text)


def policy(city="jinhua", on="2015-03-02"):
    return shipped_book().at(city, day(on))


@pytest.mark.catalogue("R11")
@pytest.mark.parametrize(
    ("city", "posted", "stage", "first"),
    [
        ("jinhua", "2015-03-02", "application", "2015-03-10"),
        ("jinhua", "2015-03-02", "activist", "2015-03-10"),
        ("jinhua", "2015-03-02", "probationary", "2015-03-10"),
        ("jinhua", "2015-03-02", "conversion", "2015-03-10"),
        ("jinhua", "2015-03-02", "elsewhere", "2015-03-10"),
        ("jinhua", "2015-03-02", "prospect", None),
        ("jinhua", "2015-03-02", "residence", None),
        ("nanning", "2015-03-02", "application", None),
        ("nanning", "2015-03-02", "elsewhere", None),
        ("nanning", "2015-03-02", "activist", "2015-03-08"),
        ("nanning", "2015-03-02", "prospect", "2015-03-08"),
        ("nanning", "2015-03-02", "residence", "2015-03-08"),
        ("nanning", "2026-05-17", "prospect", "2026-05-23"),
        ("nanning", "2026-05-18", "prospect", "2026-05-26"),
        ("nanning", "2026-09-22", "prospect", "2026-10-01"),
        ("nanning", "2026-09-22", "activist", "2026-09-28"),
        ("jinhua", "2026-09-22", "prospect", "2026-10-01"),
        ("jinhua", "2026-09-22", "activist", "2026-09-30"),
        ("jinhua", "2014-07-30", "activist", None),
    ],
)
def test_the_first_possible_day_is_after_the_strictest_period(city, posted, stage, first):
    values = decide_period(PeriodFacts(stage, day(posted)), policy(city, posted)).values
    assert values == {"required": first is not None, "first_possible": first and day(first)}


def test_a_notice_is_judged_by_the_packs_of_its_own_day_and_at_a_known_stage():
    with pytest.raises(Invalid) as invalid:
        decide_period(PeriodFacts("wedding", day("2015-03-03")), policy())
    assert invalid.value.fields.keys() == {"stage", "posted"}


@pytest.mark.catalogue("R12")
@pytest.mark.parametrize(
    ("reported", "extended", "due"),
    [
        ("2015-11-30", False, "2016-02-29"),
        ("2015-11-30", True, "2016-05-30"),
        ("2026-08-31", False, "2026-11-30"),
        ("2026-08-31", True, "2027-02-28"),
    ],
)
def test_the_committee_has_three_months_or_six(reported, extended, due):
    facts = DecisionDueFacts(day(reported), extended)
    assert decide_decision_due(facts, policy("nanning", reported)).values == {"due": day(due)}


@pytest.mark.catalogue("R13")
@pytest.mark.parametrize(
    ("meeting", "extension", "ends", "allowed"),
    [
        ("2016-02-29", 0, "2017-02-28", True),
        ("2016-02-29", 6, "2017-08-29", True),
        ("2016-02-29", 12, "2018-02-28", True),
        ("2016-08-31", 6, "2018-02-28", True),
        ("2016-02-29", 5, "2017-02-28", False),
        ("2016-02-29", 13, "2017-02-28", False),
        ("2016-02-29", 1, "2017-02-28", False),
        ("2016-02-29", -6, "2017-02-28", False),
    ],
)
def test_probation_and_extension_are_added_in_one_step(meeting, extension, ends, allowed):
    for on in (meeting, "2026-06-01"):
        decision = decide_end(ProbationFacts(day(meeting), extension), policy("jinhua", on))
        assert decision.allowed is allowed
        assert decision.values == {"ends": day(ends)}
        assert [r.rule for r in decision.reasons] == ([] if allowed else ["probation.extension"])


@pytest.mark.catalogue("R6")
@pytest.mark.parametrize(("since", "earliest"), [("2016-02-29", "2017-02-28"), ("2015-03-31", "2016-03-31")])
def test_a_year_as_activist_comes_before_the_prospect(since, earliest):
    assert decide_earliest(EarliestFacts(day(since)), policy(on=since)).values == {"earliest": day(earliest)}


@pytest.mark.catalogue("R7")
@pytest.mark.parametrize(
    ("days", "hours", "allowed"), [(3, 0, True), (0, 24, True), (2, 23, False), (2, 24, True), (3, 23, True), (0, 0, False)]
)
def test_three_days_or_twenty_four_hours_one_will_do(days, hours, allowed):
    decision = decide_sufficient(TrainingFacts(days, hours), policy())
    assert decision.allowed is allowed
    assert [r.rule for r in decision.reasons] == ([] if allowed else ["training.length"])


@pytest.mark.parametrize("facts", [TrainingFacts(-1, 24), TrainingFacts(3, -1)])
def test_no_training_lasts_less_than_nothing(facts):
    with pytest.raises(Invalid):
        decide_sufficient(facts, policy())


@pytest.mark.catalogue("R10")
@pytest.mark.parametrize(
    ("meeting", "leaves", "allowed"),
    [
        ("2015-03-30", "2015-06-30", False),
        ("2015-03-30", "2015-07-01", True),
        ("2015-11-30", "2016-02-29", False),
        ("2015-11-30", "2016-03-01", True),
        ("2015-03-30", "2015-03-30", False),
        ("2015-03-30", "2015-03-01", False),
    ],
)
def test_who_leaves_within_three_months_is_normally_not_admitted(meeting, leaves, allowed):
    for city in ("jinhua", "nanning"):
        decision = decide_leaving(LeavingFacts(day(meeting), day(leaves)), policy(city, meeting))
        assert decision.allowed is allowed
        assert [(r.rule, r.waivable) for r in decision.reasons] == ([] if allowed else [("admission.leaving", True)])
