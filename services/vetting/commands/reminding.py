"""What the timers do: remind departments, and tell once what is overdue."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from contracts.vetting import REQUEST_OVERDUE
from kernel.commands import change, policy_at
from kernel.context import Context
from kernel.unit import Unit, command
from services.vetting import deliveries, metrics, tables
from services.vetting.commands.common import note, place_of, request_by_id
from services.vetting.domain import deadlines, states
from services.vetting.domain.departments import HOME_VILLAGE

#: Cases changed in one transaction of a timer.
PAGE = 100


def remind(unit: Unit, limit: int = PAGE) -> int:
    """Queues a reminder for each question whose next point has come. Returns how many questions were looked at.

    Nobody is reminded of what has not reached him: a question that still waits to be taken is left alone, and so is one to a department
    without a connection, which was asked on paper.
    """
    table = tables.request
    query = (
        select(table.c.request_id)
        .where(table.c.state == states.ASKED, table.c.remind_on <= unit.today, ~deliveries.undelivered(table.c.request_id))
        .order_by(table.c.remind_on, table.c.request_id)
        .limit(limit)
    )
    found = unit.connection.execute(query).scalars().all()
    for request_id in found:
        case, request = request_by_id(unit, request_id)
        if case.state != states.OPEN or request.state != states.ASKED:
            continue  # changed since the list was read
        points = deadlines.term(request.term_from, policy_at(unit, case, request.asked_on)).reminders
        coming = [day for day in points if day > unit.today]
        change(unit, tables.request, request, remind_on=min(coming, default=None))
        if request.department != HOME_VILLAGE:
            deliveries.queue(unit, case.home_county, request_id, request.department, deliveries.REMINDER)
        # Several points passed while nobody was looking are one reminder.
        data = {"request_id": request_id, "department": request.department, "point": len(points) - len(coming)}
        note(unit, case, "department_reminded", unit.today, data)
    return len(found)


def tell_overdue(unit: Unit, limit: int = PAGE) -> int:
    """Publishes each question that has become overdue, once. Returns how many were looked at."""
    table = tables.request
    query = (
        select(table.c.request_id)
        .where(table.c.state == states.ASKED, table.c.due < unit.today, table.c.overdue_told.is_(False))
        .order_by(table.c.due, table.c.request_id)
        .limit(limit)
    )
    found = unit.connection.execute(query).scalars().all()
    for request_id in found:
        case, request = request_by_id(unit, request_id)
        if case.state != states.OPEN or request.state != states.ASKED or request.overdue_told:
            continue
        change(unit, tables.request, request, overdue_told=True)
        data = {**place_of(case), "request_id": request_id, "department": request.department, "due": request.due}
        note(unit, case, REQUEST_OVERDUE, unit.today, data)
    return len(found)


def run_page_by_page(context: Context, action: Callable[[Unit], int]) -> None:
    """Runs `action` in transactions of one page each until nothing is left."""
    while True:
        with command(context) as unit:
            if action(unit) < PAGE:
                return


def measure(context: Context) -> None:
    """Sets the gauges of overdue questions and of cases."""
    table = tables.request
    with context.database.read() as connection:
        asked = select(table.c.department, func.count()).where(table.c.state == states.ASKED, table.c.due < context.clock.today())
        late = {row[0]: row[1] for row in connection.execute(asked.group_by(table.c.department))}
        cases = select(tables.case.c.state, func.count()).group_by(tables.case.c.state)
        by_state = {row[0]: row[1] for row in connection.execute(cases)}
    metrics.overdue.clear()
    for department, count in late.items():
        metrics.overdue.labels(department).set(count)
    for state in states.CASE_STATES:
        metrics.cases.labels(state).set(by_state.get(state, 0))
