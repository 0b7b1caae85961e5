"""What was answered, found and heard: the deciding committee's alone, and each look is logged."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select

from kernel.errors import NotFound
from kernel.http.reader import Reader
from services.vetting import tables
from services.vetting.domain import conclusion, states
from services.vetting.queries.found import policy_of, requests_of


def answers(reader: Reader, case_id: str) -> dict[str, Any]:
    """Everything that came back, what was found, how the person was heard. The deciding committee's alone; the look is logged."""
    row = reader.find(tables.case, "case_id", case_id)
    reader.authorise_own(row.committee_path, row.committee, "部门答复只供作出决定的党委查阅")
    if row.ended_on is not None:
        until = conclusion.answers_kept_until(row.ended_on, policy_of(reader, row, row.ended_on))
        if until < reader.today:
            raise NotFound(f"答复的保存期至 {until} 止，已移出查阅范围")
    requests = requests_of(reader, row)
    reader.log_access("read answers of a vetting case", f"case/{case_id}", ["answer", "category", "statement"])
    return {
        "case_id": case_id,
        "version": row.version,
        "requests": [
            {
                "request_id": request.request_id,
                "department": request.department,
                "state": request.state,
                "actions": list(states.REQUEST.actions(request.state)) if row.state == states.OPEN else [],
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
