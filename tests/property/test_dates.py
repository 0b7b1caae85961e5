"""Days, months and working days, whatever the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.policy import shipped_book
from kernel.workdays import add_months, add_workdays, day_after_period, is_announced, is_workday
from services.recruitment.domain.application import EligibilityFacts, decide_eligibility
from services.recruitment.domain.probation import ProbationFacts, decide_end
from services.recruitment.domain.publicity import PeriodFacts, decide_period

days = st.dates(date(2004, 1, 1), date(2040, 12, 31))
few = st.integers(0, 60)


@given(days, st.integers(-600, 600))
def test_a_month_later_is_the_same_day_or_the_months_end(day, n):
    later = add_months(day, n)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == n
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(days, days, st.integers(0, 48))
def test_months_keep_the_order_of_days(one, other, n):
    if one <= other:
        assert add_months(one, n) <= add_months(other, n)


@pytest.mark.catalogue("A4")
@given(days, st.integers(1, 60))
def test_the_due_day_is_a_working_day_with_so_many_on_the_way(day, n):
    due = add_workdays(day, n).day
    on_the_way = [day + timedelta(days=i) for i in range(1, (due - day).days + 1)]
    assert is_workday(due)
    assert sum(is_workday(d) for d in on_the_way) == n


@given(days, few, few)
def test_working_days_may_be_counted_in_two_parts(day, n, m):
    assert add_workdays(add_workdays(day, n).day, m).day == add_workdays(day, n + m).day


@given(days, few)
def test_what_touches_a_year_not_announced_is_provisional(day, n):
    due = add_workdays(day, n)
    assert due.provisional is (n > 0 and not is_announced(due.day))


@pytest.mark.catalogue("R11")
@given(days, st.integers(1, 30), st.integers(1, 15))
def test_of_two_periods_both_have_run_out_before_the_next_step(posted, n, m):
    first = day_after_period(posted, {"days": n, "workdays": m}).day
    assert first == max(day_after_period(posted, {"days": n}).day, day_after_period(posted, {"workdays": m}).day)
    assert first > posted + timedelta(days=n)


@given(days, st.sampled_from(["jinhua", "nanning"]), st.sampled_from(["activist", "prospect", "conversion"]))
def test_a_notice_never_ends_before_it_is_posted(posted, city, stage):
    values = decide_period(PeriodFacts(stage, posted), shipped_book().at(city, posted)).values
    assert values["required"] is (values["first_possible"] is not None)
    assert not values["required"] or values["first_possible"] > posted + timedelta(days=5)


@given(st.dates(date(1930, 1, 1), date(2008, 12, 31)), st.dates(date(2014, 7, 31), date(2026, 12, 31)))
def test_who_may_apply_today_may_apply_tomorrow(born, applied):
    today, tomorrow = (
        decide_eligibility(EligibilityFacts(born, day), shipped_book().at("jinhua", applied)).allowed
        for day in (applied, applied + timedelta(days=1))
    )
    assert tomorrow or not today
    assert today is (add_months(born, 18 * 12) <= applied)


@given(days, st.integers(0, 24))
def test_an_extended_probation_ends_later_and_never_beyond_two_years(meeting, extension):
    policy = shipped_book().at("jinhua", date(2016, 1, 1))
    decision = decide_end(ProbationFacts(meeting, extension), policy)
    assert add_months(meeting, 12) <= decision.values["ends"] <= add_months(meeting, 24)
    assert decision.allowed is (extension == 0 or 6 <= extension <= 12)
