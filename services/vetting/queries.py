"""Reads. Who sees that a case exists does not see what was answered: that is the deciding committee's alone, and each look is logged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Row, RowMapping, and_, exists, func, select

from kernel.errors import Forbidden, NotFound
from kernel.http.reader import Reader
from kernel.id_number import mask
from kernel.policy import Policy, county_of
from kernel.store.scope import under
from services.vetting import deliveries, tables
from services.vetting.commands.cases import county_list_on
from services.vetting.commands.common import NO_CASE
from services.vetting.domain import conclusion, opening, replies, states

#: Items of one kind on a to-do list.
MANY: Final = 100
#: Failed tries after which a delivery is shown to people.
TRIES_SHOWN: Final = 5

_CASE = ("case_id", "candidate_id", "branch", "committee", "path", "state", "version", "opened_on", "ended_on")


def _policy(reader: Reader, place: Row[Any], on: date) -> Policy:
    return reader.policy(place.city, on, county_of(place.county))


def _case(reader: Reader, case_id: str) -> Row[Any]:
    row = reader.connection.execute(select(tables.case).where(tables.case.c.case_id == case_id)).first()
    if row is None:
        raise NotFound(NO_CASE)
    return row


def _own_committee(reader: Reader, case: Row[Any]) -> None:
    """The deciding committee's own organiser, and nobody above. Raises `Forbidden`."""
    reader.authorise(case.committee_path)
    roles = reader.roles or ()
    own = (p for p in reader.actor.posts if p.role in roles and p.organisation == case.committee)
    reader.post = next((p for p in own if p.covers(case.committee_path, reader.today)), None)
    if reader.post is None:
        raise Forbidden("部门答复只供作出决定的党委查阅")


# -- cases


def cases(reader: Reader) -> dict[str, Any]:
    """The cases of the caller's organisations, the newest first."""
    table = tables.case
    query = select(*(table.c[name] for name in (*_CASE, "outcome", "valid_until")))
    query = query.where(under(table.c.path, reader.paths()))
    for name in ("state", "candidate_id"):
        if value := reader.params.get(name):
            query = query.where(table.c[name] == value)
    return reader.page(query, [table.c.case_id], descending=True)


def case(reader: Reader, case_id: str) -> dict[str, Any]:
    """A case as everybody concerned may see it: whom it asks, and who has answered; never what."""
    row = _case(reader, case_id)
    reader.authorise(row.path)
    policy = _policy(reader, row, reader.today)
    item = {name: getattr(row, name) for name in (*_CASE, "outcome", "valid_until", "group")}
    requests = [_shown(reader, request, policy) for request in _requests(reader, row)]
    return {**item, "requests": requests, "actions": list(states.case_actions(row.state))}


def _requests(reader: Reader, row: Row[Any]) -> list[Row[Any]]:
    table = tables.request
    query = select(table).where(table.c.home_county == row.home_county, table.c.case_id == row.case_id)
    return list(reader.connection.execute(query.order_by(table.c.version)))


def _shown(reader: Reader, request: Row[Any], policy: Policy) -> dict[str, Any]:
    open_ = request.state == states.ASKED
    return {
        "request_id": request.request_id,
        "department": request.department,
        "name": policy.department(request.department).name,
        "kind": request.kind,
        "round": request.round,
        "asked_on": request.asked_on,
        "due": request.due,
        "open": open_,
        "answered": request.state in (states.ANSWERED, states.DISPUTED),
        "overdue": open_ and request.due < reader.today,
    }


def person(reader: Reader, case_id: str) -> dict[str, Any]:
    """Who it is about. The ID number is masked."""
    row = _case(reader, case_id)
    reader.authorise(row.path)
    table = tables.candidate
    query = select(table).where(table.c.candidate_id == row.candidate_id)
    found = reader.connection.execute(query).one()
    boxes = {"name": found.name_sealed, "id_number": found.id_number_sealed}
    opened = reader.context.keys.open_fields(found.subject, boxes)
    reader.log_access("read person of a vetting case", f"case/{case_id}", ["name", "id_number"])
    return {"candidate_id": row.candidate_id, "name": opened["name"], "id_number": mask(opened["id_number"])}


def conclusion_text(reader: Reader, case_id: str) -> dict[str, Any]:
    """The written conclusion for the branch: the outcome, never the concern."""
    row = _case(reader, case_id)
    reader.authorise(row.path)
    if row.conclusion_sealed is None:
        raise NotFound("案件尚无结论")
    text = reader.context.keys.open_fields(row.subject, {"text": row.conclusion_sealed})["text"]
    reader.log_access("read conclusion of a vetting case", f"case/{case_id}", ["name"])
    return {"case_id": case_id, "outcome": row.outcome, "text": text}


# -- answers


def answers(reader: Reader, case_id: str) -> dict[str, Any]:
    """Everything that came back, what was found, how the person was heard. The deciding committee's alone; the look is logged."""
    row = _case(reader, case_id)
    _own_committee(reader, row)
    if row.ended_on is not None:
        until = conclusion.answers_kept_until(row.ended_on, _policy(reader, row, row.ended_on))
        if until < reader.today:
            raise NotFound(f"答复的保存期至 {until} 止，已移出查阅范围")
    requests = _requests(reader, row)
    reader.log_access("read answers of a vetting case", f"case/{case_id}", ["answer", "category", "statement"])
    return {
        "case_id": case_id,
        "version": row.version,
        "requests": [
            {
                "request_id": request.request_id,
                "department": request.department,
                "state": request.state,
                "actions": list(states.request_actions(request.state)) if row.state == states.OPEN else [],
            }
            for request in requests
        ],
        "replies": _replies(reader, row, {request.standing for request in requests}),
        "hearings": _hearings(reader, row),
    }


def _open(reader: Reader, row: Row[Any], box: str | None) -> str | None:
    return reader.context.keys.open_fields(row.subject, {"text": box})["text"] if box else None


def _of_case(reader: Reader, table: Any, row: Row[Any]) -> list[Row[Any]]:
    query = select(table).where(table.c.home_county == row.home_county, table.c.case_id == row.case_id)
    return list(reader.connection.execute(query))


def _replies(reader: Reader, row: Row[Any], standing: set[str | None]) -> list[dict[str, Any]]:
    findings = {(f.request_id, f.reply_id): f for f in _of_case(reader, tables.adjudication, row)}
    shown = []
    for reply in sorted(_of_case(reader, tables.reply, row), key=lambda reply: int(reply.version)):
        opened = reader.context.keys.open_fields(row.subject, json.loads(reply.answer_sealed))
        finding = findings.get((reply.request_id, reply.reply_id))
        names = ("reply_id", "request_id", "department", "door", "document", "received_on", "late", "effect")
        shown.append(
            {
                **{name: getattr(reply, name) for name in names},
                **opened,
                "standing": reply.reply_id in standing,
                "finding": _open(reader, row, finding.finding_sealed) if finding else None,
                "finding_reason": _open(reader, row, finding.reason_sealed) if finding else None,
            }
        )
    return shown


def _hearings(reader: Reader, row: Row[Any]) -> list[dict[str, Any]]:
    names = [column.name for column in tables.hearing.c if not column.name.endswith("_sealed")]
    names = [name for name in names if name not in ("home_county", "case_id")]
    return [
        {
            **{name: getattr(hearing, name) for name in names},
            "substance": _open(reader, row, hearing.substance_sealed),
            "statement": _open(reader, row, hearing.statement_sealed),
        }
        for hearing in _of_case(reader, tables.hearing, row)
    ]


# -- what is to be done


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
        name = reader.policy(row.city, reader.today).department(row.department).name
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
        _todo_after_end(reader, mine),
        _todo_undelivered(reader, mine),
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


def offered(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """Which departments a case about this person would ask today."""
    table = tables.candidate
    row = reader.connection.execute(select(table).where(table.c.candidate_id == candidate_id)).first()
    if row is None:
        raise NotFound("没有此人")
    reader.authorise(row.path)
    policy = _policy(reader, row, reader.today)
    group = opening.group_of(row.domain, None)
    offer = opening.offer_of(policy, group, county_list_on(reader.connection, row.county, reader.today))

    def named(codes: Sequence[str]) -> list[dict[str, str]]:
        return [{"department": code, "name": policy.department(code).name} for code in codes]

    return {
        "candidate_id": candidate_id,
        "group": group,
        "always": named(offer.always),
        "choose": offer.choose,
        "listed": named(offer.listed),
        "is_open": offer.is_open,
    }
