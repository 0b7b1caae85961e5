"""Who may apply, and which organisation accepts the application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Faults, Policy, allow, judge
from kernel.workdays import add_months

WORK, STUDY, RESIDENCE, NONE = "work", "study", "residence", "none"
TWO_NEW = "two_new"
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class EligibilityFacts:
    born: date
    applied: date


def decide_eligibility(facts: EligibilityFacts, policy: Policy) -> Decision:
    """`application.eligibility`: old enough on the day of the application. Source: NT 5."""
    with Faults() as faults:
        faults.unless(facts.born <= facts.applied, "born", "出生日期晚于申请日期")
    years = policy.value("application.age")
    of_age = add_months(facts.born, years * _MONTHS_OF_A_YEAR)
    if of_age <= facts.applied:
        return allow()
    return judge(
        policy.reason(
            "application.age",
            f"申请时未满 {years} 周岁，{of_age} 起方可申请",
            {"born": facts.born.isoformat(), "applied": facts.applied.isoformat(), "of_age": of_age.isoformat()},
            parameters=("application.age",),
            remedy=f"{of_age} 起再提出申请",
        )
    )


@dataclass(frozen=True)
class Work:
    """The unit of the main work. `loose`: only business, distribution or hiring relations; `months`: without a break."""

    has_organisation: bool
    domain: str
    months: int
    contract: bool
    loose: bool


@dataclass(frozen=True)
class Study:
    """The school. Only `has_organisation` counts; it may be described as fully as a unit of work."""

    has_organisation: bool
    domain: str | None = None
    months: int | None = None
    contract: bool | None = None
    loose: bool | None = None


@dataclass(frozen=True)
class OrganisationFacts:
    """`main`: work, study or none. The unit of the main occupation must be given."""

    main: str
    work: Work | None
    study: Study | None
    rural_registration: bool
    village_committee_member: bool
    works_and_lives_at_registered_place: bool


def decide_organisation(facts: OrganisationFacts, policy: Policy) -> Decision:
    """`application.organisation`: the organisation of the main occupation, else that of the residence.

    Values: `accepts` (work, study, residence). Only computes; whether an organisation may take the application all the
    same is `two_new_reasons`' and the command's matter. Source: NT 6, JH 1.
    """
    with Faults() as faults:
        faults.one_of("main", facts.main, (WORK, STUDY, NONE))
        faults.unless(facts.main != WORK or facts.work is not None, "work", "主业为工作的须填写工作单位")
        faults.unless(facts.main != STUDY or facts.study is not None, "study", "主业为学习的须填写学习单位")
        if facts.work is not None:
            faults.one_of("work.domain", facts.work.domain, policy.labels("domain"))
            faults.unless(facts.work.months >= 0, "work.months", "不能为负数")
    unit = {WORK: facts.work, STUDY: facts.study}.get(facts.main)
    accepts = facts.main if unit is not None and unit.has_organisation else RESIDENCE
    if accepts == WORK and two_new_hindrances(facts, policy):
        accepts = RESIDENCE
    return allow({"accepts": accepts})


def two_new_hindrances(facts: OrganisationFacts, policy: Policy) -> tuple[str, ...]:
    """The rules that speak against admission at the `two_new` organisation of the main work; none elsewhere. Source: JH 1."""
    work = facts.work
    if work is None or facts.main != WORK or work.domain != TWO_NEW:
        return ()
    hindrances: list[str] = []
    if facts.rural_registration and not _served(work, policy):
        hindrances.append("application.two_new_term")
    if policy.asks("application.two_new.loose_excluded") and facts.works_and_lives_at_registered_place and work.loose:
        hindrances.append("application.two_new_loose")
    if policy.asks("application.two_new.village_committee_excluded") and facts.village_committee_member:
        hindrances.append("application.two_new_village_committee")
    return tuple(hindrances)


def _served(work: Work, policy: Policy) -> bool:
    """Long enough there and under contract, where the packs ask for it."""
    long_enough = not policy.has("application.two_new.months") or work.months >= policy.value("application.two_new.months")
    return long_enough and (work.contract or not policy.asks("application.two_new.contract"))


def decide_receiving(facts: OrganisationFacts, receives: str, policy: Policy) -> Decision:
    """May the organisation that `receives` (work, study, residence) take the application?

    A `two_new` organisation that is hindered only by rules with "normally" (一般) refuses waivably. Source: NT 6, JH 1.
    """
    accepts = decide_organisation(facts, policy).values["accepts"]
    if receives == accepts:
        return allow({"accepts": accepts})
    fact = {"receives": receives, "accepts": accepts}
    hindrances = two_new_hindrances(facts, policy) if receives == WORK else ()
    if hindrances and facts.work is not None and facts.work.has_organisation:
        reasons = [policy.reason(rule, policy.rule(rule).text, fact) for rule in hindrances]
        return judge(*reasons, values={"accepts": accepts})
    right, wrong = policy.label("organisation", accepts), policy.label("organisation", receives)
    return judge(
        policy.reason("application.organisation", f"应由{right}接收申请，不是{wrong}", fact), values={"accepts": accepts}
    )
