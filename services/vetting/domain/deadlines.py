"""When a department's answer is due, and when it is reminded. Source: practice (5 working days), Xinhuo (points of reminder)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Policy
from kernel.workdays import add_workdays


@dataclass(frozen=True, slots=True)
class Term:
    """`due` is the last day; on each day of `reminders` the department is reminded once if it has not answered."""

    due: date
    reminders: tuple[date, ...]
    provisional: bool


def term(asked_on: date, policy: Policy) -> Term:
    """The term of a question that is asked on `asked_on`, day 0. Working days round up, so nobody is reminded early.

    A point of 100 % is the breach: the first working day after the due day.
    """
    length = int(policy.value("vetting.reply_workdays"))
    due = add_workdays(asked_on, length)
    points = []
    for percent in sorted(policy.value("vetting.reminders_percent")):
        after = length + 1 if percent >= 100 else -(-length * int(percent) // 100)
        points.append(add_workdays(asked_on, after).day)
    return Term(due.day, tuple(points), due.provisional)


def is_overdue(due: date, today: date) -> bool:
    return due < today
