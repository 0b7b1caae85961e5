"""The result of "two recommendations": members and masses recommend applicants by secret ballot. Source: NN 3(1)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from kernel.policy import PER_CENT, Decision, Faults, Policy, Reason, judge, reaches


@dataclass(frozen=True)
class RecommendationFacts:
    """Tallies for one person. Counted opinions of absent members are in the member figures."""

    member_ballots: int
    member_for: int
    mass_ballots: int
    mass_for: int
    mass_representatives: int
    domain: str
    employees: int
    cultivated_months: int


def decide_recommendation(facts: RecommendationFacts, policy: Policy) -> Decision:
    """`recommendation.result`: from the pool, enough mass representatives, enough ballots of both groups.

    Shares are compared exactly, ballots against ballots cast. Passing qualifies, it does not decide. Source: NN 3(1).
    """
    least_months = policy.value("recommendation.pool_months")
    with Faults() as faults:
        _check(facts, policy, faults)
    pool = None
    if facts.cultivated_months < least_months:
        pool = policy.reason(
            "recommendation.pool",
            f"培养教育 {facts.cultivated_months} 个月，未满 {least_months} 个月",
            {"cultivated_months": facts.cultivated_months, "required": least_months},
            parameters=("recommendation.pool_months",),
        )
    return judge(
        pool,
        _mass_quorum(facts, policy),
        _share("recommendation.member_share", "党员", "recommendation.member_percent",
               facts.member_for, facts.member_ballots, policy),
        _share("recommendation.mass_share", "群众", "recommendation.mass_percent",
               facts.mass_for, facts.mass_ballots, policy),
    )  # fmt: skip


def mass_representatives_required(domain: str, employees: int, policy: Policy) -> tuple[int, tuple[str, ...]]:
    """How many mass representatives, and by which parameters; 0 where the document gives no number.

    A small employer needs a share of its employees instead, rounded up. Source: NN 3(1) 3.
    """
    by_domain = f"recommendation.mass_representatives.{domain}"
    if not policy.has(by_domain):
        return 0, ()
    small = domain in policy.value("recommendation.small_employer.domains")
    if small and employees < policy.value("recommendation.small_employer.below"):
        percent = policy.value("recommendation.small_employer.percent")
        return ceil(Fraction(percent) * employees / PER_CENT), ("recommendation.small_employer.percent",)
    return policy.value(by_domain), (by_domain,)


def _check(facts: RecommendationFacts, policy: Policy, faults: Faults) -> None:
    faults.not_negative(
        member_for=facts.member_for,
        mass_for=facts.mass_for,
        mass_representatives=facts.mass_representatives,
        employees=facts.employees,
        cultivated_months=facts.cultivated_months,
    )
    faults.unless(facts.member_ballots >= 1, "member_ballots", "没有党员选票")
    faults.unless(facts.mass_ballots >= 1, "mass_ballots", "没有群众选票")
    faults.unless(facts.member_for <= facts.member_ballots, "member_for", "赞成票多于选票")
    faults.unless(facts.mass_for <= facts.mass_ballots, "mass_for", "赞成票多于选票")
    faults.unless(facts.mass_ballots <= facts.mass_representatives, "mass_ballots", "群众选票多于群众代表人数")
    faults.one_of("domain", facts.domain, policy.labels("domain"))
    if facts.domain in policy.value("recommendation.small_employer.domains"):
        faults.unless(facts.employees >= 1, "employees", "企业、两新组织的从业人数至少为 1")


def _mass_quorum(facts: RecommendationFacts, policy: Policy) -> Reason | None:
    required, parameters = mass_representatives_required(facts.domain, facts.employees, policy)
    if facts.mass_representatives >= required:
        return None
    return policy.reason(
        "recommendation.mass_quorum",
        f"群众代表 {facts.mass_representatives} 人，原则上不少于 {required} 人",
        {"mass_representatives": facts.mass_representatives, "required": required, "domain": facts.domain},
        parameters=parameters,
    )


def _share(rule: str, group: str, parameter: str, in_favour: int, ballots: int, policy: Policy) -> Reason | None:
    percent = policy.value(parameter)
    if reaches(in_favour, ballots, percent):
        return None
    return policy.reason(
        rule,
        f"{group}推荐 {in_favour} 票，共 {ballots} 票，原则上不低于 {percent}%",
        {"in_favour": in_favour, "ballots": ballots, "required_percent": percent},
        parameters=(parameter,),
    )
