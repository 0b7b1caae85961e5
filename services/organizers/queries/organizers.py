"""Organizers, one and many, with what an assessment rests on; proceedings."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from kernel.http.reader import Reader
from kernel.policy import county_of
from services.organizers.domain import states, terms
from services.organizers.queries.scope import authorise, is_committee, visible
from services.organizers.tables import assessment, member, organizer, proceeding, task, work_log

Item = dict[str, Any]

_LISTED = (
    "organizer_id",
    "member_id",
    "committee",
    "recommended_by",
    "state",
    "account",
    "term",
    "since",
    "until",
    "ended_on",
    "version",
)
_SHOWN = ("recommended_on", "consented_on", "checked_on", "appointed_on", "first_since", "assessment_due", "reminded_on")
_PROCEEDING = ("proceeding_id", "kind", "state", "proposed_on", "outcome")


def list_organizers(reader: Reader) -> Item:
    """Those that the caller may see, by id (which is the order of recommendation)."""
    query = (
        select(*[organizer.c[name] for name in _LISTED], member.c.name_sealed)
        .join(member, member.c.member_id == organizer.c.member_id, isouter=True)
        .where(visible(reader, organizer.c.path, organizer.c.recommended_path, organizer.c.account))
    )
    for column in ("committee", "state"):
        if reader.params.get(column):
            query = query.where(organizer.c[column] == reader.params[column])
    page = reader.page(query, (organizer.c.organizer_id,))
    items = page["items"]
    names = reader.context.keys.open_column((item["member_id"], item.pop("name_sealed")) for item in items)
    for item, name in zip(items, names, strict=True):
        item["name"] = name
        item["state_name"] = states.APPOINTMENT.names[item["state"]]
    if items:
        reader.log_access("organizers.list", f"organizers {items[0]['organizer_id']} +{len(items)}", ["name"])
    return page


def show_organizer(reader: Reader, organizer_id: str) -> Item:
    """One organizer: what was found before the appointment, assessments, and the work of each year of the term."""
    row = reader.find(organizer, "organizer_id", organizer_id)
    authorise(reader, row.path, row.recommended_path, row.account)
    boxes = [row.reason_sealed, row.check_sealed if is_committee(reader) else None, _name(reader, row)]
    reason, check, name = reader.context.keys.open_column((row.member_id, box) for box in boxes)
    found = json.loads(check) if check else {"conditions": [], "preferred": [], "review": None, "inspection": None}
    policy = reader.policy(row.city, row.since or row.recommended_on, county_of(row.county))
    looked = ["name", "reason", "evidence", *(["check"] if check else [])]
    reader.log_access("organizer.show", f"organizer/{organizer_id}", looked)
    return {
        **{column: getattr(row, column) for column in (*_LISTED, *_SHOWN)},
        "state_name": states.APPOINTMENT.names[row.state],
        "name": name,
        "reason": reason,
        "priority": policy.has("organizer.priority") and row.domain in policy.value("organizer.priority"),
        **found,
        "assessments": _assessments(reader, row),
        "work": _work(reader, row),
        "proceedings": [
            {column: getattr(case, column) for column in _PROCEEDING} for case in _of(reader, proceeding, row, "proposed_on")
        ],
        "actions": list(states.APPOINTMENT.actions(row.state)),
    }


def _name(reader: Reader, row: Any) -> str | None:
    query = select(member.c.name_sealed).where(member.c.member_id == row.member_id)
    box: str | None = reader.connection.execute(query).scalar()
    return box


def _of(reader: Reader, table: Any, row: Any, *order: str) -> list[Row[Any]]:
    query = select(table).where(table.c.home_county == row.home_county, table.c.organizer_id == row.organizer_id)
    return list(reader.connection.execute(query.order_by(*[table.c[name] for name in order])))


def _assessments(reader: Reader, row: Any) -> list[Item]:
    rows = _of(reader, assessment, row, "term", "year")
    evidence = reader.context.keys.open_column((row.member_id, found.evidence_sealed) for found in rows)
    names = ("term", "year", "assessed_on", "result", "proceeding_id")
    return [
        {**{name: getattr(found, name) for name in names}, "evidence": text} for found, text in zip(rows, evidence, strict=True)
    ]


def _work(reader: Reader, row: Any) -> list[Item]:
    """What the log shows of each year of the present term."""
    if row.since is None:
        return []
    policy = reader.policy(row.city, row.since, county_of(row.county))
    shown = []
    for year in terms.years(policy):
        first = terms.year_begins(row.since, year, policy)
        last = min(row.until, terms.assessment_due(row.since, range(1, year), policy) or row.until)
        shown.append({"year": year, "since": first, "until": last, **_numbers(reader, row, first, last)})
    return shown


def _numbers(reader: Reader, row: Any, first: date, last: date) -> Item:
    entries = select(func.count(), func.coalesce(func.sum(work_log.c.minutes), 0)).where(
        work_log.c.organizer_id == row.organizer_id, work_log.c.noted_on.between(first, last)
    )
    done = select(func.count()).where(
        task.c.organizer_id == row.organizer_id, task.c.state == states.DONE, task.c.closed_on.between(first, last)
    )
    count, minutes = reader.connection.execute(entries).one()
    return {"entries": count, "minutes": minutes, "tasks_done": reader.connection.execute(done).scalar_one()}


def show_proceeding(reader: Reader, proceeding_id: str) -> Item:
    """For the committee and those above, and for the person whom it is about."""
    case = reader.find(proceeding, "proceeding_id", proceeding_id)
    row = reader.find(organizer, "organizer_id", case.organizer_id)
    authorise(reader, row.path, row.path, row.account)
    reason, statement = reader.context.keys.open_column(
        (row.member_id, box) for box in (case.reason_sealed, case.statement_sealed)
    )
    reader.log_access("proceeding.show", f"organizer/{row.organizer_id}", ["reason", "statement"])
    names = (
        *_PROCEEDING,
        "organizer_id",
        "term",
        "year",
        "notified_on",
        "hearing_until",
        "heard_on",
        "decided_on",
        "review_asked_on",
        "reviewed_on",
        "review_outcome",
    )
    return {**{name: getattr(case, name) for name in names}, "reason": reason, "statement": statement}
