"""Whether a specially appointed organizer may be appointed again. Source: NN 4(3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Faults, Policy, Reason, judge
from kernel.workdays import add_months

_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Assessment:
    """`year`: which year of the term, from 1."""

    year: int
    passed: bool


@dataclass(frozen=True)
class RenewalFacts:
    term_start: date
    assessments: tuple[Assessment, ...]


def decide_renewal(facts: RenewalFacts, policy: Policy) -> Decision:
    """`organizer.renewal`: every year of the term assessed, and every assessment passed. Values: `term_ends`."""
    months = policy.value("organizer.term_months")
    years = range(1, months // _MONTHS_OF_A_YEAR + 1)
    assessed = [a.year for a in facts.assessments]
    with Faults() as faults:
        faults.unless(all(year in years for year in assessed), "assessments", f"考核年度须在 1 到 {len(years)} 之间")
        faults.unless(len(set(assessed)) == len(assessed), "assessments", "同一年度有两次考核")
    return judge(
        _not_assessed(sorted(set(years) - set(assessed)), policy),
        _not_passed(sorted(a.year for a in facts.assessments if not a.passed), policy),
        values={"term_ends": add_months(facts.term_start, months)},
    )


def _not_assessed(years: list[int], policy: Policy) -> Reason | None:
    if not years:
        return None
    message = f"聘期第 {'、'.join(map(str, years))} 年尚未考核"
    return policy.reason("organizer.assessed", message, {"years": years})


def _not_passed(years: list[int], policy: Policy) -> Reason | None:
    if not years:
        return None
    message = f"聘期第 {'、'.join(map(str, years))} 年考核不合格"
    return policy.reason("organizer.passed", message, {"years": years})
