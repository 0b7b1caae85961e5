"""Cases as everybody concerned may see them: that a case is, and who has answered; never what. Each look at a person is logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from kernel.errors import NotFound
from kernel.http.reader import Reader
from kernel.id_number import mask
from kernel.policy import Policy
from kernel.store.scope import under
from services.vetting import tables
from services.vetting.commands.cases import county_list_on
from services.vetting.domain import home_village, opening, states
from services.vetting.domain.departments import HOME_VILLAGE, name_of
from services.vetting.queries.found import policy_of, requests_of

_CASE = ("case_id", "candidate_id", "branch", "committee", "path", "state", "version", "opened_on", "ended_on")


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
    row = reader.find(tables.case, "case_id", case_id)
    reader.authorise(row.path)
    policy = policy_of(reader, row, reader.today)
    item = {name: getattr(row, name) for name in (*_CASE, "outcome", "valid_until", "group")}
    asked = requests_of(reader, row)
    requests = [_shown(reader, request, policy) for request in asked]
    return {**item, **_village(reader, row, policy, asked), "requests": requests, "actions": list(states.CASE.actions(row.state))}


def _shown(reader: Reader, request: Row[Any], policy: Policy) -> dict[str, Any]:
    open_ = request.state == states.ASKED
    return {
        "request_id": request.request_id,
        "department": request.department,
        "name": name_of(request.department, policy),
        "kind": request.kind,
        "round": request.round,
        "asked_on": request.asked_on,
        "due": request.due,
        "open": open_,
        "answered": request.state in (states.ANSWERED, states.DISPUTED),
        "overdue": open_ and request.due < reader.today,
        "before_correction": bool(request.before_correction),
    }


def _village(reader: Reader, row: Row[Any], policy: Policy, asked: list[Row[Any]]) -> dict[str, Any]:
    """Whether the home village is to be asked, and how far that is."""
    where = (tables.candidate.c.home_county == row.home_county, tables.candidate.c.candidate_id == row.candidate_id)
    elsewhere = bool(reader.connection.execute(select(tables.candidate.c.elsewhere).where(*where)).scalar())
    live = next((r.request_id for r in asked if r.department == HOME_VILLAGE and r.state in states.LIVE), None)
    query = select(tables.home_village.c.state).where(tables.home_village.c.request_id == live)
    return {
        "renews": row.renews,
        "elsewhere": elsewhere,
        "home_village_required": home_village.required(elsewhere, policy),
        "home_village": reader.connection.execute(query).scalar() if live else None,
    }


def person(reader: Reader, case_id: str) -> dict[str, Any]:
    """Who it is about. The ID number is masked."""
    row = reader.find(tables.case, "case_id", case_id)
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
    row = reader.find(tables.case, "case_id", case_id)
    reader.authorise(row.path)
    if row.conclusion_sealed is None:
        raise NotFound("案件尚无结论")
    text = reader.context.keys.open_fields(row.subject, {"text": row.conclusion_sealed})["text"]
    reader.log_access("read conclusion of a vetting case", f"case/{case_id}", ["name"])
    return {"case_id": case_id, "outcome": row.outcome, "text": text}


def offered(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """Which departments a case about this person would ask today."""
    table = tables.candidate
    row = reader.connection.execute(select(table).where(table.c.candidate_id == candidate_id)).first()
    if row is None:
        raise NotFound("没有此人")
    reader.authorise(row.path)
    policy = policy_of(reader, row, reader.today)
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
