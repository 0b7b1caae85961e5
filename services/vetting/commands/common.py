"""What all commands of vetting do alike: find a case, check who acts, date a step, write it down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from kernel.bus.event import Event, EventType
from kernel.commands import Body, Cases, change, expect
from kernel.encoding import canonical
from kernel.errors import NotFound, Stale
from kernel.policy import Policy
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.domain import states
from services.vetting.domain.replies import Answer, answer_of

CASES = Cases(states.CASE, tables.case, "case_id", "case", subject="subject")

NO_REQUEST = "没有这份征询函"


def request_by_id(unit: Unit, request_id: str) -> tuple[Row[Any], Row[Any]]:
    """The case, held, and the request. Raises `NotFound`."""
    query = select(tables.request.c.case_id).where(tables.request.c.request_id == request_id)
    case_id = unit.connection.execute(query).scalar()
    if case_id is None:
        raise NotFound(NO_REQUEST)
    case = CASES.hold(unit, case_id)
    # Read after the case is held: before, it might have been changing.
    request = unit.connection.execute(select(tables.request).where(tables.request.c.request_id == request_id)).one()
    return case, request


def requests_of(unit: Unit, case: Row[Any]) -> list[Row[Any]]:
    """All questions of a case, in the order in which they were asked."""
    table = tables.request
    query = select(table).where(table.c.home_county == case.home_county, table.c.case_id == case.case_id)
    return list(unit.connection.execute(query.order_by(table.c.version)))


def replies_of(unit: Unit, case: Row[Any], department: str | None = None) -> list[Row[Any]]:
    table = tables.reply
    query = select(table).where(table.c.home_county == case.home_county, table.c.case_id == case.case_id)
    if department is not None:
        query = query.where(table.c.department == department)
    return list(unit.connection.execute(query.order_by(table.c.version)))


def open_answer(unit: Unit, case: Row[Any], reply: Row[Any]) -> Answer:
    """Decrypts an answer for a decision inside this service. Nothing of it leaves through a command's own answer."""
    return answer_of(unit.context.keys.open_fields(case.subject, json.loads(reply.answer_sealed)))


def authorise_committee(unit: Unit, case: Row[Any]) -> None:
    """The deciding committee's own organiser, and nobody else's, higher or lower. Raises `Forbidden`."""
    unit.authorise_own(case.committee_path, case.committee, "只有作出决定的党委的组织员可以办理")


def must_be_open(case: Row[Any], body: Body) -> None:
    """For actions on a question, which its own row of the table governs: the case must be running. Raises `Stale`."""
    if case.state != states.OPEN:
        raise Stale(f"案件当前状态（{states.CASE.names[case.state]}）下不能办理此事项")
    expect(case, body)


def note(
    unit: Unit,
    case: Row[Any],
    what: EventType | str,
    day: date,
    data: Mapping[str, Any],
    *,
    private: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    changes: Mapping[str, Any] | None = None,
    version: int | None = None,
    cause: Event | None = None,
) -> int:
    """An entry on the case's stream, with the row's new version and `changes`. Returns the version.

    `version` is the last one in a command that writes several entries; `cause` is what a reaction has heard.
    """
    new = unit.record(
        what,
        stream=f"case/{case.case_id}",
        expected=case.version if version is None else version,
        home_county=case.home_county,
        day=day,
        data=data,
        private=private,
        subject=case.subject if personal else None,
        personal=personal,
        cause=cause,
    )
    change(unit, tables.case, case, version=new, **(changes or {}))
    return new


def place_of(case: Row[Any]) -> dict[str, Any]:
    """What every event of a case says of where it belongs."""
    names = ("case_id", "candidate_id", "branch", "committee", "path", "city", "county")
    return {name: getattr(case, name) for name in names}


def person_of(unit: Unit, case: Row[Any]) -> Row[Any]:
    """Whom the case is about, as recruitment has told."""
    table = tables.candidate
    query = select(table).where(table.c.home_county == case.home_county, table.c.candidate_id == case.candidate_id)
    return unit.connection.execute(query).one()


def refuse_erased(unit: Unit, case: Row[Any]) -> None:
    """Raises `Erased`. Sealing for an erased person would make a new key, and keep what should be gone."""
    unit.context.keys.open_fields(case.subject, {"name": person_of(unit, case).name_sealed})


def open_text(unit: Unit, case: Row[Any], box: str) -> str:
    """What `sealed` has sealed, for a decision inside this service."""
    return unit.context.keys.open_fields(case.subject, {"text": box})["text"]


def seal_answer(unit: Unit, case: Row[Any], answer: Answer) -> str:
    return canonical(unit.seal(case.subject, answer.personal()))


def answer_about(case_id: str, state: str, version: int, policy: Policy) -> dict[str, Any]:
    """What every command answers: the case, its state and version, the packs applied. Nothing personal."""
    return {"case_id": case_id, "state": state, "version": version, "packs": list(policy.packs)}
