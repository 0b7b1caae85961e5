"""Who may apply, and where (R1, R2)."""

from dataclasses import replace
from datetime import date

import pytest

from kernel.errors import Invalid
from kernel.policy import shipped_book
from services.recruitment.domain.application import (
    EligibilityFacts,
    OrganisationFacts,
    Study,
    Work,
    decide_eligibility,
    decide_organisation,
    decide_receiving,
)

JINHUA = shipped_book().at("jinhua", date(2015, 1, 5))
NANNING = shipped_book().at("nanning", date(2015, 1, 5))
EARLY = shipped_book().at("jinhua", date(2014, 7, 30))

FIRM = Work(has_organisation=True, domain="two_new", months=24, contract=True, loose=False)
WORKER = OrganisationFacts("work", FIRM, None, True, False, False)


def accepts(policy, **changes):
    work = {name: changes.pop(name) for name in list(changes) if name in Work.__dataclass_fields__}
    facts = replace(WORKER, **changes)
    if work and facts.work is not None:
        facts = replace(facts, work=replace(facts.work, **work))
    return decide_organisation(facts, policy).values["accepts"]


@pytest.mark.catalogue("R2")
@pytest.mark.parametrize(
    ("born", "applied", "allowed"),
    [
        ("1997-05-01", "2015-05-01", True),
        ("1997-05-02", "2015-05-01", False),
        ("2000-02-29", "2018-02-27", False),
        ("2000-02-29", "2018-02-28", True),
        ("2015-05-01", "2015-05-01", False),
    ],
)
def test_eighteen_years_count_forward_to_the_day_and_are_clamped(born, applied, allowed):
    facts = EligibilityFacts(date.fromisoformat(born), date.fromisoformat(applied))
    decision = decide_eligibility(facts, JINHUA)
    assert decision.allowed is allowed
    assert [r.rule for r in decision.reasons] == ([] if allowed else ["application.age"])


def test_the_refusal_names_the_day_from_which_it_passes():
    (reason,) = decide_eligibility(EligibilityFacts(date(1997, 5, 2), date(2015, 5, 1)), JINHUA).reasons
    assert reason.fact["of_age"] == "2015-05-02" and reason.source == "NT 5" and not reason.waivable


def test_nobody_applies_before_birth():
    with pytest.raises(Invalid) as invalid:
        decide_eligibility(EligibilityFacts(date(2016, 1, 1), date(2015, 1, 1)), JINHUA)
    assert list(invalid.value.fields) == ["born"]


@pytest.mark.catalogue("R1")
@pytest.mark.parametrize(
    ("changes", "jinhua", "nanning"),
    [
        ({}, "work", "work"),
        ({"months": 23}, "residence", "work"),
        ({"contract": False}, "residence", "work"),
        ({"months": 0, "contract": False, "rural_registration": False}, "work", "work"),
        ({"months": 0, "contract": False, "domain": "state_enterprise"}, "work", "work"),
        ({"loose": True}, "work", "work"),
        ({"works_and_lives_at_registered_place": True}, "work", "work"),
        ({"loose": True, "works_and_lives_at_registered_place": True}, "residence", "work"),
        ({"loose": True, "works_and_lives_at_registered_place": True, "rural_registration": False}, "residence", "work"),
        ({"loose": True, "works_and_lives_at_registered_place": True, "domain": "agency"}, "work", "work"),
        ({"village_committee_member": True}, "residence", "work"),
        ({"village_committee_member": True, "domain": "institution"}, "work", "work"),
        ({"has_organisation": False}, "residence", "residence"),
        ({"main": "study", "study": Study(True)}, "study", "study"),
        ({"main": "study", "study": Study(True), "work": None}, "study", "study"),
        ({"main": "study", "study": Study(False)}, "residence", "residence"),
        ({"main": "none"}, "residence", "residence"),
        ({"main": "none", "work": None}, "residence", "residence"),
    ],
)
def test_the_main_occupation_accepts_else_the_residence(changes, jinhua, nanning):
    assert accepts(JINHUA, **changes) == jinhua
    assert accepts(NANNING, **changes) == nanning


def test_before_jinhuas_document_only_the_national_rule_holds():
    assert accepts(EARLY, months=3) == "work"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"main": "leisure"}, "main"),
        ({"work": None}, "work"),
        ({"main": "study"}, "study"),
        ({"domain": "farm"}, "work.domain"),
        ({"months": -1}, "work.months"),
    ],
)
def test_facts_that_cannot_be_are_invalid(changes, field):
    with pytest.raises(Invalid) as invalid:
        accepts(JINHUA, **changes)
    assert list(invalid.value.fields) == [field]


@pytest.mark.catalogue("R1")
def test_the_accepting_organisation_may_take_the_application_and_no_other():
    assert decide_receiving(WORKER, "work", JINHUA).allowed
    refused = decide_receiving(WORKER, "residence", JINHUA)
    assert [(r.rule, r.waivable) for r in refused.reasons] == [("application.organisation", False)]
    assert refused.values == {"accepts": "work"}


def test_normally_not_is_waivable_and_the_missing_term_is_not():
    member = replace(WORKER, village_committee_member=True)
    (reason,) = decide_receiving(member, "work", JINHUA).reasons
    assert (reason.rule, reason.waivable) == ("application.two_new_village_committee", True)
    short = replace(member, work=replace(FIRM, months=23))
    assert [(r.rule, r.waivable) for r in decide_receiving(short, "work", JINHUA).reasons] == [
        ("application.two_new_term", False),
        ("application.two_new_village_committee", True),
    ]
    without = replace(member, work=replace(FIRM, has_organisation=False))
    assert [r.rule for r in decide_receiving(without, "work", JINHUA).reasons] == ["application.organisation"]
