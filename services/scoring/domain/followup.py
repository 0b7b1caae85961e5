"""What follows from a score below the threshold: a branch's self-check, a reminder talk with a person. Source: NN 3(2)."""

from __future__ import annotations

from datetime import date

from kernel.policy import Decision, Policy, judge, unless
from kernel.workdays import WorkdayResult, add_workdays


def self_check_due(ordered_on: date, policy: Policy) -> WorkdayResult:
    """The last day for the branch's written explanation; the day of the order, or of sending it back, is day 0."""
    return add_workdays(ordered_on, int(policy.value("satisfaction.self_check_workdays")))


def talk_due(ordered_on: date, policy: Policy) -> WorkdayResult:
    """The last day for the reminder talk."""
    return add_workdays(ordered_on, int(policy.value("satisfaction.reminder_talk_workdays")))


def decide_presence(present: bool, policy: Policy) -> Decision:
    """`satisfaction.person_present`: a talk is held with the person, not about the person."""
    return judge(
        unless(present, policy, "satisfaction.person_present", "预备党员本人没有在场", {"person_present": False}),
    )
