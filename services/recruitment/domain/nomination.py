"""Holding a recommendation meeting: which kind, who may be nominated, who must have been heard. Sources: NN 3(1), JH 2 8.

What the votes come to is `recommendation.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Faults, Policy, Reason, judge, unless
from kernel.workdays import add_months

TWO_RECOMMENDATIONS = "two_recommendations"
MASSES = "masses"
DETERMINATION = "determination"
PROSPECT = "prospect"
ADMISSION = "admission"
CONVERSION = "conversion"
COMMITTEE_ADMISSION = "committee_admission"
COMMITTEE_CONVERSION = "committee_conversion"
#: The kinds that recommend applicants.
RECOMMENDING = (TWO_RECOMMENDATIONS, MASSES)
#: How an absent member may be heard.
WAYS = ("telephone", "letter", "visit", "message")
#: Why one was not. No words: they would speak of somebody, and of his health.
NOT_HEARD = ("unreachable", "unable", "declined")


def kind_of(policy: Policy) -> str | None:
    """What the packs in force call for: members and masses (NN), the masses (JH), or nothing."""
    by = policy.value("recommendation.by") if policy.has("recommendation.by") else ()
    if "members" in by:
        return TWO_RECOMMENDATIONS
    return MASSES if by else None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came and who was heard, in numbers. `unheard`: absent members whose reason for not being heard is on record."""

    members_entitled: int
    members_present: int
    members_heard: int
    members_unheard: int
    mass_representatives: int
    categories: Mapping[str, int]
    secret: bool


def decide_attendance(facts: Attendance, domain: str | None, policy: Policy) -> Decision:
    """`recommendation.secret_ballot`, `.absent_heard`, `.mass_categories`. Raises `Invalid` for impossible numbers."""
    with Faults() as faults:
        faults.not_negative(
            members_entitled=facts.members_entitled,
            members_present=facts.members_present,
            members_heard=facts.members_heard,
            members_unheard=facts.members_unheard,
            mass_representatives=facts.mass_representatives,
        )
        absent = facts.members_entitled - facts.members_present
        faults.unless(absent >= 0, "members_present", "到会党员多于应到会党员")
        accounted = facts.members_heard + facts.members_unheard
        faults.unless(absent < 0 or accounted <= absent, "absent_heard", "听取意见的人数多于缺席的人数")
    secret = unless(facts.secret, policy, "recommendation.secret_ballot", "推荐没有以无记名投票方式进行", {"secret": False})
    heard = unless(
        accounted == absent,
        policy,
        "recommendation.absent_heard",
        f"缺席党员 {absent} 人，听取意见 {facts.members_heard} 人，记明原因 {facts.members_unheard} 人",
        {"absent": absent, "heard": facts.members_heard, "unheard": facts.members_unheard},
    )
    return judge(secret, heard, _categories(facts, domain, policy))


def _categories(facts: Attendance, domain: str | None, policy: Policy) -> Reason | None:
    name = f"recommendation.mass_categories.{domain}"
    known = policy.value(name) if policy.has(name) else None
    counted = sum(facts.categories.values())
    unknown = sorted(set(facts.categories) - set(known)) if known is not None else []
    message = f"群众代表 {facts.mass_representatives} 人，按类别登记 {counted} 人"
    if unknown:
        message += f"；类别不在规定范围内：{'、'.join(unknown)}"
    holds = counted == facts.mass_representatives and not unknown
    return unless(holds, policy, "recommendation.mass_categories", message, {"counted": counted, "unknown": unknown})


@dataclass(frozen=True, slots=True)
class Nominee:
    candidate_id: str
    applied_on: date


def decide_pool(nominees: Sequence[Nominee], held_on: date, policy: Policy) -> Decision:
    """`recommendation.pool`: applicants with so many months of cultivation. Source: NN 3(1) 1."""
    if not policy.has("recommendation.pool_months"):
        return judge()
    months = policy.value("recommendation.pool_months")
    early = [n for n in nominees if add_months(n.applied_on, months) > held_on]
    return judge(
        *(
            unless(
                False,
                policy,
                "recommendation.pool",
                f"申请日期 {n.applied_on}，到推荐之日 {held_on} 培养教育不满 {months} 个月",
                {"candidate_id": n.candidate_id, "applied": n.applied_on.isoformat(), "held": held_on.isoformat()},
            )
            for n in early
        )
    )


def decide_signature(signed: bool, policy: Policy) -> Decision:
    """`recommendation.delegate_signature`: a delegate of the committee attended and signed the result. Source: JH 8."""
    return judge(unless(signed, policy, "recommendation.delegate_signature", "党委派员尚未在推荐结果上签字", {"signed": False}))


def months_between(start: date, end: date) -> int:
    """Full months from `start` to `end`, by the calendar: the 31st counts as reached at a shorter month's end."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months if add_months(start, months) <= end else months - 1)
