"""Questions to a home village, as those there see them: the name and what is asked, and nothing of the case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from kernel.errors import Forbidden, NotFound
from kernel.http.reader import Reader
from services.vetting import tables
from services.vetting.commands.inquiries import NO_INQUIRY
from services.vetting.commands.questions import in_form
from services.vetting.domain import states

_VILLAGE = tables.home_village
_SHOWN = ("request_id", "village", "township", "state", "posted_on", "first_possible", "ended_on", "objections")


def inquiries(reader: Reader) -> dict[str, Any]:
    """The questions to the caller's village, or to the villages under the caller's township committee, the newest first."""
    paths = reader.paths()
    query = _joined().where(or_(_VILLAGE.c.village_path.in_(paths), _VILLAGE.c.township_path.in_(paths)))
    if state := reader.params.get("state"):
        query = query.where(_VILLAGE.c.state == state)
    return reader.page(query, [_VILLAGE.c.request_id], lambda row: _item(reader, row), descending=True)


def _joined() -> Select[Any]:
    request, case_, asking = tables.request, tables.case, tables.organisation
    return (
        select(*(_VILLAGE.c[name] for name in (*_SHOWN, "village_path", "township_path")))
        .add_columns(request.c.asked_on, request.c.due, request.c.state.label("request_state"))
        .add_columns(case_.c.state.label("case_state"), case_.c.committee, asking.c.name.label("asked_by"))
        .join(
            request,
            and_(request.c.home_county == _VILLAGE.c.home_county, request.c.request_id == _VILLAGE.c.request_id),
        )
        .join(case_, and_(case_.c.home_county == _VILLAGE.c.home_county, case_.c.case_id == _VILLAGE.c.case_id))
        .outerjoin(asking, asking.c.code == case_.c.committee)
    )


def _item(reader: Reader, row: Mapping[str, Any]) -> dict[str, Any]:
    open_ = row["case_state"] == states.OPEN and row["request_state"] == states.ASKED
    # A notice comes down, whatever has become of the question.
    possible = states.VILLAGE.actions(row["state"]) if open_ or row["state"] == states.POSTED else ()
    mine = [
        action
        for action in possible
        if action != "enter_village_letter" and reader.actor.post_for(states.roles(action), _where(action, row), reader.today)
    ]
    return {
        **{name: row[name] for name in (*_SHOWN, "asked_on", "due")},
        "asked_by": row["asked_by"] or row["committee"],
        "open": open_,
        "overdue": open_ and row["due"] < reader.today,
        "actions": mine,
    }


def _where(action: str, row: Mapping[str, Any]) -> str:
    return str(row["township_path"] if action == "return_opinion" else row["village_path"])


def inquiry(reader: Reader, request_id: str) -> dict[str, Any]:
    """One question, with the person's name and what is asked. The opinion is shown until it has been returned; each look is logged."""
    row = reader.connection.execute(_joined().where(_VILLAGE.c.request_id == request_id)).mappings().first()
    if row is None or row["village"] is None:
        raise NotFound(NO_INQUIRY)
    _there(reader, dict(row))
    item = _item(reader, dict(row))
    found = reader.connection.execute(select(_VILLAGE).where(_VILLAGE.c.request_id == request_id)).one()
    request = reader.connection.execute(select(tables.request).where(tables.request.c.request_id == request_id)).one()
    case = reader.connection.execute(select(tables.case).where(tables.case.c.case_id == found.case_id)).one()
    opened = _opened(reader, case, request, found)
    reader.log_access("read a question to a home village", f"request/{request_id}", sorted(opened))
    return {**item, **opened}


def _there(reader: Reader, row: Mapping[str, Any]) -> None:
    """Somebody of the village, or of its own township committee; nobody above. Raises `Forbidden`."""
    reader.authorise(row["village_path"])
    places = {row["village_path"], row["township_path"]}
    own = (post for post in reader.actor.posts if post.role in (reader.roles or ()) and post.path in places)
    reader.post = next((post for post in own if post.covers(row["village_path"], reader.today)), None)
    if reader.post is None:
        raise Forbidden("只有原籍所在村和其乡镇（街道）党委可以查阅")


def _opened(reader: Reader, case: Row[Any], request: Row[Any], found: Row[Any]) -> dict[str, Any]:
    keys, subject = reader.context.keys, case.subject
    query = select(tables.candidate.c.name_sealed).where(
        tables.candidate.c.home_county == case.home_county, tables.candidate.c.candidate_id == case.candidate_id
    )
    purpose = request.purpose
    if request.question_sealed:
        purpose = in_form(keys.open_fields(subject, {"text": request.question_sealed})["text"])
    waiting = found.state != states.RETURNED
    raised = keys.open_fields(subject, {"text": found.objections_sealed})["text"] if waiting and found.objections_sealed else "[]"
    opinion = keys.open_fields(subject, json.loads(found.opinion_sealed)) if waiting and found.opinion_sealed else {}
    return {
        **keys.open_fields(subject, {"name": reader.connection.execute(query).scalar_one()}),
        "purpose": purpose,
        "raised": json.loads(raised),
        **{name: opinion.get(name) or None for name in ("answer", "category", "statement")},
    }
