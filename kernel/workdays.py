"""Days, months and working days as the rules count them.

The day of posting or receipt is day 0. A month later is the same day of the next month, clamped to the month's end.
Working days follow the State Council's yearly notice, make-up days included; a year without a notice is taken as Monday
to Friday, and what rests on it is provisional.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import chinese_calendar
from chinese_calendar.constants import holidays

from kernel.errors import Invalid
from kernel.policy import Decision, Faults, Policy, allow

_ANNOUNCED = range(min(holidays).year, max(holidays).year + 1)
_LONGEST = 10_000
"""More working days than any deadline has; a bound on the work that one question may cause."""


@dataclass(frozen=True)
class WorkdayResult:
    """`provisional`: a year on the way is not announced yet, so the day may still move."""

    day: dt.date
    provisional: bool


def is_announced(day: dt.date) -> bool:
    """True if the holidays of that year are known."""
    return day.year in _ANNOUNCED


@lru_cache(maxsize=8192)
def is_workday(day: dt.date) -> bool:
    if not is_announced(day):
        return day.weekday() < calendar.SATURDAY
    return bool(chinese_calendar.is_workday(day))


def add_workdays(day: dt.date, n: int) -> WorkdayResult:
    """The n-th working day after `day`; `day` itself is day 0 whether it is a working day or not.

    Raises `Invalid` for a negative or absurd n and where the calendar ends.
    """
    if not 0 <= n <= _LONGEST:
        raise Invalid({"days": [f"工作日数须在 0 到 {_LONGEST} 之间"]})
    provisional = False
    while n > 0:
        day = add_days(day, 1)
        provisional = provisional or not is_announced(day)
        n -= is_workday(day)
    return WorkdayResult(day, provisional)


def add_days(day: dt.date, n: int) -> dt.date:
    """Raises `Invalid` where the calendar ends."""
    try:
        return day + dt.timedelta(days=n)
    except OverflowError:
        raise Invalid({"days": ["超出日历范围"]}) from None


def add_months(day: dt.date, n: int) -> dt.date:
    """The same day n months later (earlier, if negative), clamped to the month's end: 31 January + 1 is 28 February.

    Months are added in one step: two steps of one month may end earlier. Raises `Invalid` where the calendar ends.
    """
    months = day.year * 12 + day.month - 1 + n
    year, month = divmod(months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise Invalid({"months": ["超出日历范围"]})
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_after_period(posted: dt.date, units: Mapping[str, int]) -> WorkdayResult:
    """The first day on which the next step is possible, when every period of `units` must have run out.

    `units`: {"days": 7, "workdays": 5}. Day 0 is `posted`; a notice of 7 days posted on the 2nd runs from the 3rd to
    the 9th, and the next step is possible on the 10th, a holiday or not.
    """
    last, provisional = posted, False
    for unit, n in units.items():
        match unit:
            case "days":
                end = WorkdayResult(add_days(posted, n), False)
            case "workdays":
                end = add_workdays(posted, n)
            case "months":
                end = WorkdayResult(add_months(posted, n), False)
            case _:
                raise ValueError(f"unknown unit of a period: {unit}")
        last, provisional = max(last, end.day), provisional or end.provisional
    return WorkdayResult(add_days(last, 1), provisional)


@dataclass(frozen=True)
class DueFacts:
    from_: dt.date
    days: int


def decide_due(facts: DueFacts, policy: Policy) -> Decision:
    """`workdays.due`: the day on which a term of `days` working days ends. Source: the yearly notices."""
    with Faults() as faults:
        faults.unless(0 <= facts.days <= _LONGEST, "days", f"工作日数须在 0 到 {_LONGEST} 之间")
    due = add_workdays(facts.from_, facts.days)
    return allow({"due": due.day}, provisional=due.provisional)
