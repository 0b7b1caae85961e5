"""The rows behind a question to the home village: made with the question, followed when it is asked anew, found for its steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select

from kernel.actor import above
from kernel.errors import NotFound, NotYetKnown, Stale
from kernel.policy import Policy, county_of
from kernel.states import Row as Step
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.commands.common import request_by_id
from services.vetting.domain import home_village, states

NO_INQUIRY = "没有这份原籍意见征询函"

#: What is known of the notice, and goes on to the new question where the same is asked again.
_NOTICE = (
    "posted_on",
    "announced_on",
    "places",
    "content_sealed",
    "first_possible",
    "ended_on",
    "objections",
    "objections_sealed",
)
_PLACE = ("village", "village_path", "village_city", "village_county", "township", "township_path")

table = tables.home_village


def place_of_village(unit: Unit, code: str) -> dict[str, Any]:
    """The village and its township committee. Raises `NotYetKnown`."""
    known = tables.organisation
    village = unit.connection.execute(select(known).where(known.c.code == code)).first()
    if village is None:
        raise NotYetKnown(f"尚未收到组织 {code} 的信息")
    township = unit.connection.execute(select(known).where(known.c.path == above(village.path))).first()
    if township is None:
        raise NotYetKnown(f"尚未收到组织 {code} 的上级党委的信息")
    values = (village.code, village.path, village.city, village.county, township.code, township.path)
    return dict(zip(_PLACE, values, strict=True))


def add(unit: Unit, case: Row[Any], request_id: str, values: Mapping[str, Any]) -> None:
    row = {"home_county": case.home_county, "request_id": request_id, "case_id": case.case_id, "state": states.ASKED}
    unit.connection.execute(insert(table), {**row, **values})


def of_request(unit: Unit, request_id: str) -> Row[Any]:
    """Raises `NotFound`."""
    row = unit.connection.execute(select(table).where(table.c.request_id == request_id)).first()
    if row is None:
        raise NotFound(NO_INQUIRY)
    return row


def find(unit: Unit, request_id: str) -> tuple[Row[Any], Row[Any], Row[Any]]:
    """Case, held, question and what goes on behind it. Raises `NotFound`, with the same words for any question that is none of these."""
    of_request(unit, request_id)
    case, request = request_by_id(unit, request_id)
    return case, request, of_request(unit, request_id)  # read again: the case is held only now


def of_case(unit: Unit, case: Row[Any]) -> Row[Any] | None:
    """The last one of a case."""
    request = tables.request
    query = (
        select(table)
        .join(request, (request.c.home_county == table.c.home_county) & (request.c.request_id == table.c.request_id))
        .where(table.c.home_county == case.home_county, table.c.case_id == case.case_id)
    )
    return unit.connection.execute(query.order_by(request.c.version.desc()).limit(1)).first()


def is_open(case: Row[Any], request: Row[Any]) -> bool:
    """Whether an answer is still wanted."""
    return bool(case.state == states.OPEN and request.state == states.ASKED)


def may(case: Row[Any], request: Row[Any], inquiry: Row[Any], action: str) -> Step:
    """The row of the state table. Raises `Stale`. What has been posted comes down, whatever has become of the question."""
    if not is_open(case, request) and action != "end_notice":
        raise Stale("此征询已经办结、撤回或另行征询，无须再办理")
    return states.VILLAGE.step(inquiry.state, action)


def policy_there(unit: Unit, inquiry: Row[Any] | Mapping[str, Any], day: date) -> Policy:
    """The rules of the home place on that day."""
    city, county = (
        (inquiry["village_city"], inquiry["village_county"])
        if isinstance(inquiry, Mapping)
        else (inquiry.village_city, inquiry.village_county)
    )
    return unit.policy(city, day, county_of(county))


def begins(unit: Unit, place: Mapping[str, Any], policy: Policy) -> date:
    """Day 0 of the term: today, or the first day after the notice that the village must first give. `policy`: of the asking place."""
    there = policy_there(unit, place, unit.today) if place.get("village") else policy
    first = home_village.first_possible(unit.today, there)
    return first.day if first else unit.today


def term_of(unit: Unit, inquiry: Row[Any], policy: Policy) -> date:
    """Day 0 of the term of a question that is asked anew: a notice that stands, or stood, is not given twice."""
    if inquiry.ended_on is not None:
        return unit.today
    if inquiry.posted_on is not None:
        return max(unit.today, inquiry.first_possible or unit.today)
    return begins(unit, {name: getattr(inquiry, name) for name in _PLACE}, policy)


def carry_on(unit: Unit, case: Row[Any], inquiry: Row[Any], request_id: str) -> None:
    """The same place is asked under a new number, and keeps its notice."""
    state = inquiry.state if inquiry.state in (states.ASKED, states.POSTED, states.ENDED) else None
    state = state or (states.ENDED if inquiry.ended_on else states.ASKED)
    kept = {name: getattr(inquiry, name) for name in (*_PLACE, *_NOTICE, "addressee_sealed")}
    add(unit, case, request_id, {**kept, "state": state})
