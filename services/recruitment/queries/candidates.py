"""Looking at candidates: one, many, the pool, the funnel. ID numbers are masked; every look at personal fields is noted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from kernel.errors import Forbidden
from kernel.http.reader import Reader
from kernel.id_number import mask
from kernel.store.scope import under
from services.recruitment.domain import states
from services.recruitment.tables import (
    candidate,
    contact,
    correction,
    dossier_grant,
    introducer,
    objection,
    opinion,
    proceeding,
    publicity,
    training,
)

Item = dict[str, Any]

_SHOWN = (
    "candidate_id",
    "version",
    "state",
    "branch",
    "committee",
    "path",
    "city",
    "county",
    "domain",
    "applied_on",
    "talk_due",
    "talked_on",
    "recommended_on",
    "approved_on",
    "balloted_on",
    "ballot_passed",
    "determined_on",
    "since",
    "filed_on",
    "review_due",
    "reviewed_on",
    "prospect_balloted_on",
    "prospect_ballot_passed",
    "proposed_on",
    "endorsed_on",
    "listed_on",
    "elsewhere",
    "home_village",
    "branch_reviewed_on",
    "branch_review_passed",
    "committee_reviewed_on",
    "committee_review_passed",
    "dossier_sent_on",
    "consented_on",
    "examined_on",
    "form_code",
    "place_year",
    "ended_on",
    "vetting_outcome",
    "vetting_concluded_on",
    "vetting_valid_until",
    "voted_on",
    "vote_passed",
    "reported_on",
    "decision_due",
    "decision_extended",
    "committee_talked_on",
    "committee_voted_on",
    "committee_vote_passed",
    "admitted_on",
    "probation_since",
    "probation_ends",
    "extensions",
    "oath_due",
    "oath_on",
    "probation_review_due",
    "probation_reviewed_on",
    "conversion_applied_on",
    "converted_on",
    "full_since",
)
_LISTED = ("candidate_id", "state", "branch", "path", "county", "domain", "applied_on", "since", "review_due")


def row_of(reader: Reader, candidate_id: str) -> Any:
    """The candidate, if the caller may see it. Raises `NotFound`, `Forbidden`.

    A specially appointed organizer sees whom an open task of his is about, in its term, and every such look is noted.
    """
    row = reader.find(candidate, "candidate_id", candidate_id)
    reader.authorise(row.path)
    if reader.post is not None and reader.post.role in states.ORGANIZERS:
        other = reader.actor.post_for(
            [role for role in reader.roles or () if role not in states.ORGANIZERS], row.path, reader.today
        )
        if other is None:
            reader.log_access("candidate.by_task", f"candidate/{candidate_id}", [_task_for(reader, row)])
        else:
            reader.post = other
    return row


def _task_for(reader: Reader, row: Any) -> str:
    """The open task for which the caller may read the dossier. Raises `Forbidden`."""
    g = dossier_grant.c
    query = select(g.task_id).where(
        g.account == reader.actor.account,
        g.branch == row.branch,
        or_(g.candidate_id.is_(None), g.candidate_id == row.candidate_id),
        g.since <= reader.today,
        g.until >= reader.today,
        g.closed_on.is_(None),
    )
    task: str | None = reader.connection.execute(query.order_by(g.task_id).limit(1)).scalar()
    if task is None:
        raise Forbidden("查阅档案须有正在办理、仍在聘期内的任务")
    return task


def show_candidate(reader: Reader, candidate_id: str) -> Item:
    """One candidate with what is open around it and what may be done now."""
    row = row_of(reader, candidate_id)
    boxes = {"name": row.name_sealed, "id_number": row.id_number_sealed, "particulars": row.particulars_sealed}
    person = reader.context.keys.open_fields(candidate_id, boxes)
    particulars = json.loads(person["particulars"])
    reader.log_access("candidate.show", f"candidate/{candidate_id}", ["name", "id_number", *sorted(particulars)])
    return {
        **{name: getattr(row, name) for name in _SHOWN},
        "state_name": states.CANDIDATE.names[row.state],
        "stage": states.stage(row.state),
        "name": person["name"],
        "id_number": mask(person["id_number"]),
        **{name: particulars.get(name) or None for name in ("sex", "born", "unit_and_post", "education", "phone", "address")},
        "actions": list(states.CANDIDATE.actions(row.state)),
        "introducers": _around(reader, introducer, row, "member_id", "since", "until"),
        "opinions": _around(reader, opinion, row, "source", "heard_on"),
        "contacts": _around(reader, contact, row, "member_id", "since", "until"),
        "publicities": _around(
            reader,
            publicity,
            row,
            "publicity_id",
            "stage",
            "state",
            "posted_on",
            "announced_on",
            "first_possible",
            "ended_on",
            "outcome",
        ),
        "objections": _around(
            reader, objection, row, "objection_id", "publicity_id", "state", "anonymous", "received_on", "outcome"
        ),
        "proceedings": _around(reader, proceeding, row, "proceeding_id", "kind", "state", "proposed_on", "outcome"),
        "corrections": _around(reader, correction, row, "correction_id", "corrects", "state", "requested_on"),
        "trainings": _around(reader, training, row, "training_id", "started_on", "ended_on", "days", "hours", "assessed"),
    }


def _around(reader: Reader, table: Any, row: Any, *columns: str) -> list[Item]:
    query = select(*[table.c[name] for name in columns]).where(
        table.c.home_county == row.home_county, table.c.candidate_id == row.candidate_id
    )
    return [dict(found) for found in reader.connection.execute(query.order_by(*table.primary_key.columns)).mappings()]


# -- many


def within(reader: Reader, column: ColumnElement[str]) -> ColumnElement[bool]:
    """The caller's subtrees as a condition."""
    return under(column, reader.paths())


def list_candidates(reader: Reader) -> Item:
    """Candidates of the caller's subtrees, by id (which is the order of arrival)."""
    return _page(reader, _filtered(reader, _list_query().where(within(reader, candidate.c.path))), "candidates")


def list_pool(reader: Reader) -> Item:
    """The pool of activists, of one county or of the caller's subtrees. Source: JH 4."""
    query = _list_query().where(within(reader, candidate.c.path), candidate.c.state.in_(states.ACTIVIST_STATES))
    return _page(reader, _filtered(reader, query), "pool")


def _list_query() -> Select[Any]:
    return select(*[candidate.c[name] for name in _LISTED], candidate.c.name_sealed)


def _filtered(reader: Reader, query: Select[Any]) -> Select[Any]:
    """With the filters of the query string. A name is found by its digest: whole names only."""
    params = reader.params
    for name in ("state", "county", "domain", "branch"):
        if params.get(name):
            query = query.where(candidate.c[name] == params[name])
    if params.get("name"):
        query = query.where(candidate.c.name_index == reader.context.keys.blind_index(f"name:{params['name'].strip()}"))
    if params.get("id_number"):
        query = query.where(candidate.c.identity == reader.context.keys.blind_index(params["id_number"].strip().upper()))
    if params.get("since_from"):
        query = query.where(candidate.c.since >= params["since_from"])
    if params.get("since_until"):
        query = query.where(candidate.c.since <= params["since_until"])
    return query


def _page(reader: Reader, query: Select[Any], what: str) -> Item:
    page = reader.page(query, (candidate.c.candidate_id,))
    items: Sequence[Item] = page["items"]
    names = reader.context.keys.open_column((item["candidate_id"], item.pop("name_sealed")) for item in items)
    for item, name in zip(items, names, strict=True):
        item["name"] = name
        item["state_name"] = states.CANDIDATE.names[item["state"]]
    sought = [name for name in ("name", "id_number") if reader.params.get(name)]
    if items or sought:
        # Somebody who is not found has been looked for all the same.
        shown = f"{items[0]['candidate_id']} +{len(items)}" if items else "+0"
        reader.log_access(f"{what}.list", f"{what} {shown}", sorted({"name", *sought}))
    return page


# -- numbers only


def funnel(reader: Reader) -> Item:
    """How many candidates stand in each state, by county. Numbers only."""
    count = func.count().label("number")
    query = (
        select(candidate.c.county, candidate.c.state, count)
        .where(within(reader, candidate.c.path))
        .group_by(candidate.c.county, candidate.c.state)
        .order_by(candidate.c.county)
    )
    counties: dict[str, dict[str, int]] = {}
    for row in reader.connection.execute(query):
        counties.setdefault(row.county, dict.fromkeys(states.ALL, 0))[row.state] = row.number
    return {"counties": [{"county": county, "states": _with_total(numbers)} for county, numbers in counties.items()]}


def _with_total(numbers: Mapping[str, int]) -> dict[str, int]:
    return {**numbers, "total": sum(numbers.values())}
