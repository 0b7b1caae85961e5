"""What is late, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, RowMapping, Select, and_, exists, func, select

from kernel.http.reader import Reader
from kernel.store.scope import under
from services.vetting import deliveries, tables
from services.vetting.domain import conclusion, home_village, replies, states
from services.vetting.domain.departments import HOME_VILLAGE, name_of
from services.vetting.queries.found import policy_of

#: Items of one kind on a to-do list.
MANY: Final = 100
#: Failed tries after which a delivery is shown to people.
TRIES_SHOWN: Final = 5


def overdue(reader: Reader) -> dict[str, Any]:
    """Questions past their due day, computed now; the longest first."""
    request, case_ = tables.request, tables.case
    query = (
        select(request.c.request_id, request.c.case_id, case_.c.committee, request.c.department)
        .add_columns(request.c.asked_on, request.c.due)
        .join(case_, and_(case_.c.home_county == request.c.home_county, case_.c.case_id == request.c.case_id))
        .where(under(case_.c.path, reader.paths()), *_overdue_now(reader))
    )
    if department := reader.params.get("department"):
        query = query.where(request.c.department == department)
    return reader.page(query, [request.c.due, request.c.request_id])


def _overdue_now(reader: Reader) -> list[ColumnElement[bool]]:
    table = tables.request
    return [table.c.state == states.ASKED, table.c.due < reader.today, tables.case.c.state == states.OPEN]


def overdue_by_department(reader: Reader) -> dict[str, Any]:
    """How many questions each department has open and overdue."""
    request, case_ = tables.request, tables.case
    late = func.sum((request.c.due < reader.today).cast(Integer))
    query = (
        select(request.c.department, case_.c.city, func.count().label("open"), late.label("overdue"))
        .add_columns(func.min(request.c.due).label("oldest_due"))
        .join(case_, and_(case_.c.home_county == request.c.home_county, case_.c.case_id == request.c.case_id))
        .where(under(case_.c.path, reader.paths()), request.c.state == states.ASKED, case_.c.state == states.OPEN)
        .group_by(request.c.department, case_.c.city)
        .order_by(request.c.department, case_.c.city)
    )
    by_code: dict[str, dict[str, Any]] = {}
    for row in reader.connection.execute(query):
        name = name_of(row.department, reader.policy(row.city, reader.today))
        found = by_code.setdefault(
            row.department,
            {"department": row.department, "name": name, "open": 0, "overdue": 0, "oldest_due": row.oldest_due},
        )
        found["open"] += row.open
        found["overdue"] += row.overdue
        found["oldest_due"] = min(found["oldest_due"], row.oldest_due)
    return {"departments": list(by_code.values())}


def todo(reader: Reader) -> dict[str, Any]:
    """What waits for the committees at which the caller holds a post; what lies below them is those committees' own."""
    mine = tables.case.c.committee_path.in_(reader.paths())
    found = [
        _todo_requests(reader, mine, "overdue", _overdue_now(reader), tables.request.c.due, "部门逾期未答复"),
        _todo_requests(
            reader,
            mine,
            "disputed",
            [tables.request.c.state == states.DISPUTED, tables.case.c.state == states.OPEN],
            tables.request.c.asked_on,
            "同一部门前后答复不一，请认定",
        ),
        _todo_conclude(reader, mine),
        _todo_corrected(reader, mine),
        _todo_after_end(reader, mine),
        _todo_undelivered(reader, mine),
        _todo_home_village(reader, mine),
        _todo_lapsing(reader, mine),
    ]
    return {
        "items": [item for items in found for item in items[:MANY]],
        "complete": all(len(items) <= MANY for items in found),
    }


def _item(kind: str, text: str, row: RowMapping) -> dict[str, Any]:
    names = ("case_id", "request_id", "department", "since")
    return {"kind": kind, "text": text, **{name: row.get(name, None) for name in names}}


def _todo_requests(
    reader: Reader,
    mine: ColumnElement[bool],
    kind: str,
    where: Sequence[ColumnElement[bool]],
    since: ColumnElement[Any],
    text: str,
) -> list[dict[str, Any]]:
    request, case_ = tables.request, tables.case
    query = (
        select(request.c.case_id, request.c.request_id, request.c.department, since.label("since"))
        .join(case_, and_(case_.c.home_county == request.c.home_county, case_.c.case_id == request.c.case_id))
        .where(mine, *where)
        .order_by(since, request.c.request_id)
        .limit(MANY + 1)
    )
    return [_item(kind, text, row) for row in reader.connection.execute(query).mappings()]


def _todo_conclude(reader: Reader, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    request, case_ = tables.request, tables.case
    waiting = exists().where(
        request.c.home_county == case_.c.home_county,
        request.c.case_id == case_.c.case_id,
        request.c.state.in_((states.ASKED, states.DISPUTED)),
    )
    query = select(case_.c.case_id, case_.c.opened_on.label("since")).where(mine, case_.c.state == states.OPEN, ~waiting)
    rows = reader.connection.execute(query.order_by(case_.c.opened_on, case_.c.case_id).limit(MANY + 1)).mappings()
    return [_item("to_conclude", "答复已收齐，请认定或作结论", row) for row in rows]


def _todo_corrected(reader: Reader, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Questions asked under a name or ID number that was wrong: each one while the case runs, and the conclusion that rests on them."""
    request, case_ = tables.request, tables.case
    wrong = [request.c.before_correction.is_(True), request.c.state.in_(states.LIVE)]
    text = "征询之后更正了本人姓名或者身份证号码，请更正征询函"
    running = _todo_requests(
        reader, mine, "asked_before_correction", [*wrong, case_.c.state == states.OPEN], request.c.asked_on, text
    )
    of_case = exists().where(request.c.home_county == case_.c.home_county, request.c.case_id == case_.c.case_id, *wrong)
    query = _standing_conclusions().where(mine, of_case).order_by(case_.c.ended_on, case_.c.case_id).limit(MANY + 1)
    text = "审查结论系按更正前的姓名或者身份证号码征询作出，请研究是否重新征询"
    rows = reader.connection.execute(query.add_columns(case_.c.ended_on.label("since"))).mappings()
    return [*running, *(_item("concluded_before_correction", text, row) for row in rows)]


def _todo_after_end(reader: Reader, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    reply, case_ = tables.reply, tables.case
    query = (
        select(reply.c.case_id, reply.c.request_id, reply.c.department, reply.c.received_on.label("since"))
        .join(case_, and_(case_.c.home_county == reply.c.home_county, case_.c.case_id == reply.c.case_id))
        .where(mine, reply.c.effect == replies.AFTER_END, case_.c.state == states.CONCLUDED)
        .order_by(reply.c.received_on.desc(), reply.c.reply_id.desc())
        .limit(MANY + 1)
    )
    return [_item("after_end", "结论之后又收到答复", row) for row in reader.connection.execute(query).mappings()]


def _todo_undelivered(reader: Reader, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    delivery, request, case_ = tables.delivery, tables.request, tables.case
    query = (
        select(request.c.case_id, request.c.request_id, request.c.department, request.c.asked_on.label("since"))
        .join(delivery, delivery.c.request_id == request.c.request_id)
        .join(case_, and_(case_.c.home_county == request.c.home_county, case_.c.case_id == request.c.case_id))
        .where(mine, delivery.c.state == deliveries.WAITING, delivery.c.tries >= TRIES_SHOWN)
        .order_by(request.c.asked_on, request.c.request_id)
        .limit(MANY + 1)
    )
    rows = reader.connection.execute(query).mappings()
    return [_item("undelivered", "多次未能送达部门系统，可改用信函", row) for row in rows]


def _todo_home_village(reader: Reader, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Cases of those who join elsewhere, and about whom the home village has not been asked."""
    request, case_, person = tables.request, tables.case, tables.candidate
    asked = exists().where(
        request.c.home_county == case_.c.home_county,
        request.c.case_id == case_.c.case_id,
        request.c.department == HOME_VILLAGE,
        request.c.state.in_(states.LIVE),
    )
    query = (
        select(case_.c.case_id, case_.c.opened_on.label("since"), case_.c.city, case_.c.county)
        .join(person, and_(person.c.home_county == case_.c.home_county, person.c.candidate_id == case_.c.candidate_id))
        .where(mine, case_.c.state == states.OPEN, person.c.elsewhere.is_(True), ~asked)
        .order_by(case_.c.opened_on, case_.c.case_id)
        .limit(MANY + 1)
    )
    rows = reader.connection.execute(query)
    required = (row for row in rows if home_village.required(True, policy_of(reader, row, reader.today)))
    return [_item("home_village", "异地发展，请向原籍所在村征求意见", row._mapping) for row in required]


def _todo_lapsing(reader: Reader, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Conclusions that have lapsed before the admission or soon will, and about which nobody has been asked again."""
    case_ = tables.case
    query = _standing_conclusions().where(mine).order_by(case_.c.valid_until, case_.c.case_id).limit(MANY + 1)
    query = query.add_columns(case_.c.valid_until.label("since"), case_.c.city, case_.c.county)
    found = []
    for row in reader.connection.execute(query):
        if row.since < reader.today:
            found.append(_item("lapsed", "审查结论已过有效期，请重新征询", row._mapping))
        elif conclusion.renewable_from(row.since, policy_of(reader, row, reader.today)) <= reader.today:
            found.append(_item("lapsing", "审查结论即将过有效期，可重新征询", row._mapping))
    return found


def _standing_conclusions() -> Select[Any]:
    """Cases passed about somebody who has neither left nor been admitted, and about whom nobody has been asked again."""
    case_, person, later = tables.case, tables.candidate, tables.case.alias("later")
    renewed = exists().where(
        later.c.home_county == case_.c.home_county,
        later.c.candidate_id == case_.c.candidate_id,
        later.c.case_id > case_.c.case_id,
        later.c.state != states.CLOSED,
    )
    return (
        select(case_.c.case_id)
        .join(person, and_(person.c.home_county == case_.c.home_county, person.c.candidate_id == case_.c.candidate_id))
        .where(case_.c.outcome == conclusion.PASSED, ~renewed)
        .where(person.c.has_left.is_(False), person.c.admitted_on.is_(None))
    )
