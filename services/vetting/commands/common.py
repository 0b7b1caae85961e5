"""What all commands of vetting do alike: find a case, check who acts, date a step, write it down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select, update

from kernel.bus.event import Event, EventType
from kernel.encoding import canonical
from kernel.errors import Forbidden, NotFound, Stale
from kernel.policy import Policy, county_of, decide_dates
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.domain import states
from services.vetting.domain.replies import Answer, answer_of

NO_CASE = "没有这个审查案件"
NO_REQUEST = "没有这份征询函"


def policy_of(unit: Unit, place: Row[Any], on: date) -> Policy:
    """The rules on that day for a case or candidate. A city's own departments have no county."""
    return unit.policy(place.city, on, county_of(place.county))


def locked(query: Select[Any]) -> Select[Any]:
    """Holds the row until the end, so that replies and decisions on a case follow one another. SQLite has one writer."""
    return query.with_for_update()


def case_by_id(unit: Unit, case_id: str) -> Row[Any]:
    """Raises `NotFound`."""
    row = unit.connection.execute(locked(select(tables.case).where(tables.case.c.case_id == case_id))).first()
    if row is None:
        raise NotFound(NO_CASE)
    return row


def request_by_id(unit: Unit, request_id: str) -> tuple[Row[Any], Row[Any]]:
    """The case, held, and the request. Raises `NotFound`."""
    query = select(tables.request.c.case_id).where(tables.request.c.request_id == request_id)
    case_id = unit.connection.execute(query).scalar()
    if case_id is None:
        raise NotFound(NO_REQUEST)
    case = case_by_id(unit, case_id)
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
    authorise_own(unit, case.committee_path, case.committee, "只有作出决定的党委的组织员可以办理")


def authorise_own(unit: Unit, path: str, organisation: str, text: str) -> None:
    """Somebody with a post at that very organisation. Raises `Forbidden` with `text`."""
    unit.authorise(path)
    if unit.roles is None:
        return
    own = (p for p in unit.actor.posts if p.organisation == organisation and p.role in unit.roles)
    unit.post = next((p for p in own if p.covers(path, unit.today)), None)
    if unit.post is None:
        raise Forbidden(text)


def may_case(case: Row[Any], action: str, body: Mapping[str, Any]) -> states.Row:
    """The row of the state table. Raises `Stale` where the action is no longer possible, or the caller has seen an older case."""
    row = states.case_row(case.state, action)
    if row is None:
        raise Stale(f"案件{states.CASE_NAMES[case.state]}，不能再办理此事项")
    expect(case, body)
    return row


def must_be_open(case: Row[Any], body: Mapping[str, Any]) -> None:
    """For actions on a question, which its own row of the table governs: the case must be running."""
    if case.state != states.OPEN:
        raise Stale(f"案件{states.CASE_NAMES[case.state]}，不能再办理此事项")
    expect(case, body)


def may_request(request: Row[Any], action: str) -> states.Row:
    row = states.request_row(request.state, action)
    if row is None:
        raise Stale(f"征询函{states.REQUEST_NAMES[request.state]}，不能再办理此事项")
    return row


def expect(case: Row[Any], body: Mapping[str, Any]) -> None:
    seen = body.get("expected_version")
    if seen is not None and seen != case.version:
        raise Stale("此案件刚刚被他人更新，请刷新后重试")


def day_of(unit: Unit, body: Mapping[str, Any]) -> date:
    day: date | None = body.get("day")
    return day or unit.today


def require_dates(unit: Unit, policy: Policy, step: str, day: date, after: Iterable[tuple[str, date | None]]) -> None:
    """Raises `Refused`, naming both days."""
    decide_dates(policy, unit.today, step, day, after).require()


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
    table = tables.case
    unit.connection.execute(
        update(table)
        .where(table.c.home_county == case.home_county, table.c.case_id == case.case_id)
        .values(version=new, **(changes or {}))
    )
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


def seal(unit: Unit, case: Row[Any], text: str) -> str:
    """One free text about the person, sealed."""
    return unit.seal(case.subject, {"text": text})["text"]


def open_text(unit: Unit, case: Row[Any], box: str) -> str:
    """What `seal` has sealed, for a decision inside this service."""
    return unit.context.keys.open_fields(case.subject, {"text": box})["text"]


def seal_answer(unit: Unit, case: Row[Any], answer: Answer) -> str:
    return canonical(unit.seal(case.subject, answer.personal()))


def set_request(unit: Unit, request: Row[Any], **values: Any) -> None:
    table = tables.request
    unit.connection.execute(
        update(table).where(table.c.home_county == request.home_county, table.c.request_id == request.request_id).values(**values)
    )


def answer_about(case_id: str, state: str, version: int, policy: Policy) -> dict[str, Any]:
    """What every command answers: the case, its state and version, the packs applied. Nothing personal."""
    return {"case_id": case_id, "state": state, "version": version, "packs": list(policy.packs)}
