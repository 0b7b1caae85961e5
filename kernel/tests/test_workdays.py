"""Days, months and working days; the checked cases are those of the State Council's notices."""

import datetime as dt

import pytest

from kernel.errors import Invalid
from kernel.policy import shipped_book
from kernel.workdays import (
    DueFacts,
    add_days,
    add_months,
    add_workdays,
    day_after_period,
    decide_due,
    is_announced,
    is_workday,
)


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.catalogue("A4")
@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2025-09-15", 15, "2025-10-11"),
        ("2026-02-02", 15, "2026-02-28"),
        ("2026-09-14", 15, "2026-10-10"),
        ("2026-09-22", 5, "2026-09-30"),
        ("2026-02-02", 0, "2026-02-02"),
        ("2026-02-01", 0, "2026-02-01"),
        ("2026-10-01", 1, "2026-10-08"),
    ],
)
def test_working_days_are_those_finally_announced(start, n, due):
    assert add_workdays(day(start), n).day == day(due)
    assert not add_workdays(day(start), n).provisional


def test_a_make_up_saturday_is_a_working_day_and_a_holiday_is_none():
    assert is_workday(day("2026-02-28")) and is_workday(day("2025-10-11"))
    assert not is_workday(day("2026-10-01")) and not is_workday(day("2026-10-03"))


def test_a_year_not_announced_is_monday_to_friday_and_provisional():
    assert is_workday(day("2099-01-01")) and not is_workday(day("2099-01-03"))
    assert add_workdays(day("2098-12-30"), 1).provisional
    assert add_workdays(day("2003-12-01"), 1).provisional


def test_what_reaches_into_a_year_not_announced_is_provisional():
    last = max(d for year in range(2026, 2100) if is_announced(d := dt.date(year, 12, 31)))
    before = last - dt.timedelta(days=10)
    assert not add_workdays(before, 1).provisional
    assert add_workdays(before, 30).provisional


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2015-01-31", 1, "2015-02-28"),
        ("2016-01-31", 1, "2016-02-29"),
        ("2016-02-29", 12, "2017-02-28"),
        ("2016-02-29", 48, "2020-02-29"),
        ("2015-11-30", 3, "2016-02-29"),
        ("2015-12-31", 0, "2015-12-31"),
        ("2015-03-31", -1, "2015-02-28"),
        ("2015-12-15", 1, "2016-01-15"),
    ],
)
def test_a_month_later_is_the_same_day_clamped_to_the_months_end(start, n, end):
    assert add_months(day(start), n) == day(end)


@pytest.mark.catalogue("R11")
@pytest.mark.parametrize(
    ("units", "posted", "first"),
    [
        ({"days": 7}, "2015-03-02", "2015-03-10"),
        ({"workdays": 5}, "2026-09-22", "2026-10-01"),
        ({"days": 5, "workdays": 5}, "2026-09-22", "2026-10-01"),
        ({"days": 10, "workdays": 5}, "2026-11-02", "2026-11-13"),
        ({"months": 1}, "2015-01-31", "2015-03-01"),
    ],
)
def test_the_next_step_is_possible_on_the_day_after_the_last_period(units, posted, first):
    assert day_after_period(day(posted), units).day == day(first)


def test_a_period_in_an_unknown_unit_is_a_mistake_of_the_pack():
    with pytest.raises(ValueError, match="fortnights"):
        day_after_period(day("2015-03-02"), {"fortnights": 1})


@pytest.mark.parametrize("n", [-1, 10_001, 10**30])
def test_an_absurd_number_of_working_days_is_invalid(n):
    policy = shipped_book().at("nanning", day("2026-02-02"))
    with pytest.raises(Invalid) as invalid:
        decide_due(DueFacts(day("2026-02-02"), n), policy)
    assert list(invalid.value.fields) == ["days"]
    with pytest.raises(Invalid):
        add_workdays(day("2026-02-02"), n)


def test_the_end_of_the_calendar_is_invalid_and_no_crash():
    for beyond in (lambda: add_workdays(dt.date.max, 1), lambda: add_days(dt.date.max, 1), lambda: add_months(dt.date.max, 1)):
        with pytest.raises(Invalid):
            beyond()


def test_the_rule_gives_the_due_day_and_says_when_it_is_provisional():
    policy = shipped_book().at("nanning", day("2026-02-02"))
    assert decide_due(DueFacts(day("2026-02-02"), 15), policy).values == {"due": day("2026-02-28")}
    assert decide_due(DueFacts(day("2098-12-30"), 15), policy).provisional
