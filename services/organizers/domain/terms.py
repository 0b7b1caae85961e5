"""Terms, their years, and what falls due in them. Source: NN 4(3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from kernel.errors import Invalid
from kernel.policy import Decision, Policy, judge, unless
from kernel.workdays import add_months

_MONTHS_OF_A_YEAR = 12
_DAY = timedelta(days=1)


def last_day(since: date, policy: Policy) -> date:
    """A term of two years from 5 January 2016 ends with 4 January 2018."""
    return add_months(since, policy.value("organizer.term_months")) - _DAY


def years(policy: Policy) -> range:
    """The years of a term that are assessed, from 1."""
    return range(1, policy.value("organizer.term_months") // _MONTHS_OF_A_YEAR + 1)


def year_begins(since: date, year: int, policy: Policy) -> date:
    """Raises `Invalid` for a year that a term does not have."""
    if year not in years(policy):
        raise Invalid({"year": [f"聘期只有第 1 至 {len(years(policy))} 年"]})
    return add_months(since, _MONTHS_OF_A_YEAR * (year - 1))


def assessment_due(since: date, assessed: Collection[int], policy: Policy) -> date | None:
    """The last day of the first year that has not been assessed."""
    missing = [year for year in years(policy) if year not in assessed]
    return add_months(since, _MONTHS_OF_A_YEAR * missing[0]) - _DAY if missing else None


def next_reminder(until: date, after: date, policy: Policy) -> date | None:
    """The day after `after` on which the end of the term is reminded of next; None where all have been."""
    days = (until - timedelta(days=n) for n in policy.value("organizer.remind_days"))
    return min((day for day in days if day > after), default=None)


def decide_in_term(since: date | None, until: date | None, day: date, policy: Policy) -> Decision:
    """`organizer.in_term`: from the first day of the appointment to the last of its present term."""
    holds = since is not None and until is not None and since <= day <= until
    fact = {"day": day.isoformat(), "since": since and since.isoformat(), "until": until and until.isoformat()}
    return judge(unless(holds, policy, "organizer.in_term", f"{day} 不在聘期（{since} 至 {until}）之内", fact))
