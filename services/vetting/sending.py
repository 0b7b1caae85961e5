"""The sender: takes what is due, opens the person's particulars for the moment of sending, delivers, notes how it went.

At least once, with a stable id: a process that dies between delivering and noting delivers again.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, select

from kernel.context import Context
from kernel.encoding import canonical
from kernel.policy import county_of
from kernel.store.keys import Erased
from kernel.unit import command
from services.vetting import deliveries, metrics, outgoing, signing, tables
from services.vetting.commands.questions import begin_term, in_form
from services.vetting.connections import Connection, Connections
from services.vetting.domain import deadlines, states

log = structlog.get_logger(__name__)

PATHS: Final = {
    deliveries.QUESTION: "/questions",
    deliveries.REMINDER: "/reminders",
    deliveries.WITHDRAWAL: "/withdrawals",
}
#: Deliveries taken in one round; a department's share of it has to be done within `deliveries.HOLD`.
ROUND: Final = 60
#: Seconds that one department may take of a round: a slow one does not hold up the others for long.
PATIENCE: Final = timedelta(seconds=20)
#: Failures in a row after which the rest of a department's share is left for later.
ENOUGH: Final = 2


class Pointless(Exception):
    """What was to be sent has no purpose any more."""


@dataclass(frozen=True)
class _Result:
    row: Row[Any]
    day: date  # of the try
    outcome: str  # sent, failed, cancelled
    why: str = ""


def send_due(context: Context, connections: Connections) -> int:
    """One round. Returns how many deliveries were taken. Departments are served beside one another, each in turn."""
    now = context.clock.wall()
    with context.database.write() as connection:
        rows = deliveries.take_due(connection, now, ROUND)
    shares: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        shares[row.department].append(row)
    results: list[_Result] = []
    threads = [
        threading.Thread(target=_serve, args=(context, connections.get(department), share, results), daemon=True)
        for department, share in shares.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _note(context, results)
    return len(rows)


def _serve(context: Context, way: Connection | None, share: list[Row[Any]], results: list[_Result]) -> None:
    """Delivers one department's share in order. What a crash here leaves unnoted is taken again after its hold."""
    day = context.clock.today()
    if way is None:
        results.extend(_Result(row, day, "failed", "该部门没有接入，请以信函征询") for row in share)
        return
    failures, until = 0, context.clock.wall() + PATIENCE
    with outgoing.Line(way.url, way.ca) as line:
        for row in share:
            if context.clock.wall() > until:
                return  # the rest is taken again when its hold is over
            if failures >= ENOUGH:
                results.append(_Result(row, day, "failed", "对方系统暂不可用"))
                continue
            try:
                body = compose(context, row, day)
                now = context.clock.wall()
                line.post(PATHS[row.kind], body, signing.headers(way.push_secrets, row.delivery_id, body, now))
                results.append(_Result(row, day, "sent"))
                failures = 0
            except outgoing.NotDelivered as error:
                failures += 1
                results.append(_Result(row, day, "failed", str(error)))
            except (Pointless, Erased) as error:
                results.append(_Result(row, day, "cancelled", str(error)))


def compose(context: Context, row: Row[Any], day: date) -> bytes:
    """The bytes of one message. A question names the person and asks; the others name the question and nothing else.

    A question that goes out on a later `day` than it was asked has the term that begins on it. Raises `Pointless`, `Erased`.
    Source: V5 (name, ID number and purpose of its question, and nothing else).
    """
    with context.database.read() as connection:
        request = connection.execute(select(tables.request).where(tables.request.c.request_id == row.request_id)).one()
        case = connection.execute(select(tables.case).where(tables.case.c.case_id == request.case_id)).one()
        person = connection.execute(select(tables.candidate).where(tables.candidate.c.candidate_id == case.candidate_id)).one()
    message: dict[str, Any] = {"request_id": request.request_id}
    if row.kind != deliveries.WITHDRAWAL:
        if request.state != states.ASKED or case.state != states.OPEN:
            raise Pointless("已无须答复")
        message["deadline"] = request.due
        if row.kind == deliveries.QUESTION and request.term_from < day:
            policy = context.policies.at(case.city, request.asked_on, county_of(case.county))
            message["deadline"] = deadlines.term(day, policy).due
    if row.kind == deliveries.QUESTION:
        boxes = {"name": person.name_sealed, "id_number": person.id_number_sealed}
        message |= {**context.keys.open_fields(person.subject, boxes), "purpose": request.purpose}
        if request.question_sealed is not None:
            message["purpose"] = in_form(context.keys.open_fields(person.subject, {"text": request.question_sealed})["text"])
    return canonical(message).encode()


def _late(context: Context, results: list[_Result]) -> list[_Result]:
    """Questions that went out on a later day than they were asked."""
    gone = {r.row.request_id: r for r in results if r.outcome == "sent" and r.row.kind == deliveries.QUESTION}
    if not gone:
        return []
    table = tables.request
    with context.database.read() as connection:
        begun = connection.execute(select(table.c.request_id, table.c.term_from).where(table.c.request_id.in_(list(gone))))
        return [gone[row.request_id] for row in begun if row.term_from < gone[row.request_id].day]


def _note(context: Context, results: list[_Result]) -> None:
    if not results:
        return
    now = context.clock.wall()
    late = _late(context, results)
    with context.database.write() as connection:
        done = [r.row.delivery_id for r in results if r.outcome == "sent" and r not in late]
        deliveries.sent(connection, done, now)
        for result in results:
            if result.outcome == "failed":
                deliveries.failed(connection, result.row, result.why, now)
            elif result.outcome == "cancelled":
                deliveries.cancelled(connection, result.row.delivery_id, result.why)
    for result in late:
        with command(context) as unit:
            begin_term(unit, result.row.request_id, result.day)
            deliveries.sent(unit.connection, [result.row.delivery_id], now)
    for result in results:
        metrics.deliveries.labels(result.row.department, result.outcome).inc()
        if result.outcome == "failed":
            log.warning("not delivered", delivery=result.row.delivery_id, department=result.row.department, why=result.why)
