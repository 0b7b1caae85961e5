"""Which departments a case must ask, and whether those named by the committee are right.

Source: NN 3(5) (four always, two more by group, lists that end in 等 are open), JH 5 (as the county lists them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from types import MappingProxyType

from kernel.policy import Decision, Faults, Policy, Reason, judge, unless
from services.vetting.domain.departments import DepartmentsFacts, decide_departments

RULE = "vetting.departments_required"
ORDER = "review.order"

#: kinds of a request
ALWAYS = "always"
CHOSEN = "chosen"
LISTED = "listed"  # on the county's list
FURTHER = "further"  # beyond what is required
REQUIRED = (ALWAYS, LISTED)

#: Domains of a branch -> groups of the rule. At a university the person is a student unless said to be staff.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({"university": ("student", "institution")})


@dataclass(frozen=True, slots=True)
class Offer:
    """What the packs (or the county) call for: `always`, and `choose` more out of `listed`; `is_open`: others with a reason."""

    always: tuple[str, ...]
    choose: int
    listed: tuple[str, ...]
    is_open: bool
    by_county: bool


#: The parts of a political review, by their place in `review.order`.
REVIEWS: Mapping[str, str] = MappingProxyType({"branch": "支部审查", "committee": "党委审查"})
DEPARTMENTS = "departments"


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """`done`: who has reviewed (`branch`, `committee`) -> the day, and whether the person passed."""

    day: date
    done: Mapping[str, tuple[date, bool]]


def decide_order(facts: ReviewFacts, policy: Policy) -> Decision:
    """`review.order`: the departments are asked when the reviews before theirs are done and passed. Source: JH 5."""
    if not policy.has(ORDER):
        return judge()
    before = takewhile(lambda by: by != DEPARTMENTS, policy.value(ORDER))
    faults = {by: fault for by in before if (fault := _review_fault(facts, by))}
    text = "；".join(f"{REVIEWS[by]}{fault}" for by, fault in faults.items())
    return judge(unless(not faults, policy, ORDER, text, {"day": facts.day.isoformat(), "lacking": list(faults)}))


def _review_fault(facts: ReviewFacts, by: str) -> str:
    if by not in facts.done:
        return "尚未进行"
    day, passed = facts.done[by]
    if not passed:
        return "未通过"
    return f"的日期 {day} 晚于立案的日期 {facts.day}" if day > facts.day else ""


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    """`chosen`: department -> written reason (empty where none is needed). `county_list`: None where there is none."""

    group: str
    chosen: Mapping[str, str]
    county_list: tuple[str, ...] | None


def group_of(domain: str | None, said: str | None) -> str:
    """The group of the person. Raises `Invalid` where what was said does not fit the branch."""
    possible = GROUPS.get(domain or "", (domain or "rural",))
    with Faults() as faults:
        faults.unless(said is None or said in possible, "group", f"与支部所属领域不符，可用：{'、'.join(possible)}")
    return said or possible[0]


def offer_of(policy: Policy, group: str, county_list: tuple[str, ...] | None) -> Offer:
    """What is called for on the policy's day. Departments that are no longer asked are left out."""
    if policy.has("vetting.departments.always"):
        named = decide_departments(DepartmentsFacts(group), policy).values
        return Offer(
            always=tuple(named["always"]),
            choose=int(named["choose"]),
            listed=tuple(named["from"]),
            is_open=group in policy.value("vetting.departments.open_lists"),
            by_county=False,
        )
    asked = tuple(sorted(code for code in county_list or () if policy.department(code).asked))
    return Offer(asked, 0, (), True, policy.asks("vetting.departments.listed_by_county"))


def decide_opening(facts: OpeningFacts, policy: Policy) -> Decision:
    """`values["ask"]`: department -> kind. Refused by `vetting.departments_required`; raises `Invalid` for unknown codes."""
    offer = offer_of(policy, facts.group, facts.county_list)
    known = {department.code for department in policy.departments()}
    with Faults() as faults:
        for code in facts.chosen:
            if code not in known:
                faults.add("departments", f"未知的部门“{code}”")
            elif not policy.department(code).asked:
                faults.add("departments", f"自规定之日起不再征求“{policy.department(code).name}”")
            elif code in offer.always:
                faults.add("departments", f"“{policy.department(code).name}”已在必须征求之列")
    reasons = [
        _no_county_list(facts, policy, offer),
        _count(facts, policy, offer),
        *(_beyond_list(code, reason, policy, offer) for code, reason in sorted(facts.chosen.items())),
    ]
    ask = dict.fromkeys(offer.always, LISTED if offer.by_county else ALWAYS)
    ask |= dict.fromkeys(sorted(facts.chosen), CHOSEN if offer.choose else FURTHER)
    return judge(*reasons, values={"ask": ask, "group": facts.group})


def _no_county_list(facts: OpeningFacts, policy: Policy, offer: Offer) -> Reason | None:
    return unless(
        bool(offer.always) or not offer.by_county,
        policy,
        RULE,
        "县（市、区）尚未列出须征求意见的部门",
        {"county_list": list(facts.county_list or ())},
    )


def _count(facts: OpeningFacts, policy: Policy, offer: Offer) -> Reason | None:
    return unless(
        len(facts.chosen) >= offer.choose,
        policy,
        RULE,
        f"除必须征求的部门外，还须另选 {offer.choose} 个部门，现选 {len(facts.chosen)} 个",
        {"choose": offer.choose, "chosen": sorted(facts.chosen), "from": list(offer.listed)},
    )


def _beyond_list(code: str, reason: str, policy: Policy, offer: Offer) -> Reason | None:
    if code in offer.listed:
        return None
    name = policy.department(code).name
    fact = {"department": code, "from": list(offer.listed)}
    if not offer.is_open:
        return unless(False, policy, RULE, f"“{name}”不在该类对象可征求的部门之列", fact)
    return unless(bool(reason.strip()), policy, RULE, f"征求列举之外的“{name}”须写明理由", fact)


def decide_further(facts: OpeningFacts, asked: frozenset[str], policy: Policy) -> Decision:
    """One more department for a case that runs; `asked` are those being asked already. `values["kind"]`."""
    offer = offer_of(policy, facts.group, facts.county_list)
    (code,) = facts.chosen
    known = {department.code for department in policy.departments()}
    with Faults() as faults:
        faults.unless(code in known, "department", f"未知的部门“{code}”")
        faults.unless(code not in asked, "department", "已在征求该部门的意见")
        faults.unless(code not in known or policy.department(code).asked, "department", "自规定之日起不再征求该部门")
    if code in offer.always:
        return judge(values={"kind": LISTED if offer.by_county else ALWAYS})
    return judge(_beyond_list(code, facts.chosen[code], policy, offer), values={"kind": CHOSEN if offer.choose else FURTHER})


def decide_coverage(
    kinds: Mapping[str, str], group: str, opened: Policy, now: Policy, county_list: tuple[str, ...] | None
) -> Reason | None:
    """Whether those still being asked (department -> kind) are all that the case must ask.

    The packs of the case's first day (`opened`) say which; one that is not asked any more `now` is not missed.
    """
    offer = offer_of(opened, group, county_list)
    missing = sorted(code for code in offer.always if code not in kinds and now.department(code).asked)
    chosen = sum(1 for kind in kinds.values() if kind == CHOSEN)
    names = "、".join(opened.department(code).name for code in missing)
    if missing:
        return unless(False, opened, RULE, f"缺少必须征求的部门：{names}", {"missing": missing})
    return unless(
        chosen >= offer.choose,
        opened,
        RULE,
        f"另选的部门须有 {offer.choose} 个，现有 {chosen} 个",
        {"choose": offer.choose, "chosen": chosen},
    )
