"""Correcting a wrong entry: asked for by one, approved by another. The wrong entry stays; a correcting one refers to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from contracts.recruitment import CANDIDATE_CORRECTED
from kernel import id_number
from kernel.commands import Answer, Body, add, change, day_of, hold, policy_at
from kernel.encoding import canonical
from kernel.errors import Invalid, NotFound, Stale
from kernel.ids import new_id
from kernel.policy import Policy, combine, decide_dates
from kernel.store.tables import journal
from kernel.unit import Unit
from services.recruitment.commands.application import name_index, occupy, release
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard, place
from services.recruitment.domain import states
from services.recruitment.domain.application import EligibilityFacts, decide_eligibility
from services.recruitment.domain.endings import decide_correction
from services.recruitment.tables import candidate, correction

REQUESTED, APPROVED, REJECTED = "requested", "approved", "rejected"
#: Which fields of which entries can be put right in the tables too. Anything else is corrected by words (`text`).
FIELDS: Mapping[str, frozenset[str]] = {
    "application_received": frozenset({"name", "id_number", "unit_and_post", "education", "phone", "address"}),
    "talk_held": frozenset({"day"}),
}


def request_correction(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """Says which entry is wrong, what it should be and why. Answer: `correction_id`."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "request_correction", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "申请更正", day, ()).require()
    _check_changes(_type_of(unit, row, body["corrects"]), body["changes"])
    id = new_id()
    said = canonical({"changes": body["changes"], "reason": body["reason"]})
    answer = advance(
        unit,
        row,
        "request_correction",
        "correction_requested",
        policy=policy,
        day=day,
        data={"correction_id": id, "corrects": body["corrects"], "fields": sorted(body["changes"])},
        personal={"changes": said},
    )
    add(
        unit,
        correction,
        home_county=row.home_county,
        correction_id=id,
        candidate_id=candidate_id,
        path=row.path,
        corrects=body["corrects"],
        state=REQUESTED,
        changes_sealed=unit.seal(candidate_id, {"changes": said})["changes"],
        requested_by=unit.actor.account,
        requested_on=day,
    )
    return {**answer, "correction_id": id}


def _type_of(unit: Unit, row: Any, version: int) -> str:
    query = select(journal.c.type).where(
        journal.c.home_county == row.home_county,
        journal.c.stream == f"candidate/{row.candidate_id}",
        journal.c.version == version,
    )
    found: str | None = unit.connection.execute(query).scalar()
    if found is None:
        raise NotFound("档案中没有这一条记录")
    return found


def _check_changes(type: str, changes: Mapping[str, str]) -> None:
    allowed = FIELDS.get(type, frozenset()) | {"text"}
    if outside := sorted(set(changes) - allowed):
        raise Invalid({f"changes.{name}": [f"这类记录可更正：{'、'.join(sorted(allowed))}"] for name in outside})
    if not changes or not all(value.strip() for value in changes.values()):
        raise Invalid({"changes": ["须写明更正为何"]})


def decide_correction_request(unit: Unit, body: Body, correction_id: str) -> Answer:
    """The committee approves or rejects. Approved: a correcting entry, and the tables put right. Rule: `correction.four_eyes`."""
    asked = hold(unit, correction, "correction_id", correction_id)
    row = CANDIDATES.find(unit, asked.candidate_id)
    guard(unit, row, "correct", body)
    if asked.state != REQUESTED:
        raise Stale("更正申请已经办结")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "更正", day, (("申请更正", asked.requested_on),)),
        decide_correction(asked.requested_by, unit.actor.account, policy),
    ).require()
    changes = json.loads(unit.context.keys.open_fields(row.candidate_id, {"changes": asked.changes_sealed})["changes"])["changes"]
    values = _apply(unit, row, changes, policy) if body["approved"] else {}
    change(unit, correction, asked, state=APPROVED if body["approved"] else REJECTED, decided_on=day)
    data = {"correction_id": correction_id, "corrects": asked.corrects, "fields": sorted(changes)}
    answer = advance(
        unit,
        row,
        "correct",
        "entry_corrected" if body["approved"] else "correction_rejected",
        policy=policy,
        day=day,
        data=data,
        personal=clean({"reason": body["reason"], "changes": canonical(changes) if body["approved"] else None}),
        **values,
    )
    if body["approved"]:
        answer = _tell(unit, row, day, answer)
    return {**answer, "correction_id": correction_id}


def _tell(unit: Unit, before: Any, day: date, answer: Answer) -> Answer:
    """Others who hold name or ID number are told what is right. Returns the answer with the new version.

    `before` is the candidate before the command, `answer` that of the step.
    """
    reached = _reached(before)
    was, now = _person(unit, before), _person(unit, CANDIDATES.find(unit, before.candidate_id))
    wrong = [name for name in was if was[name] != now[name]]
    if reached is None or not wrong:
        return answer
    version = unit.record(
        CANDIDATE_CORRECTED,
        stream=f"candidate/{before.candidate_id}",
        expected=answer["version"],
        home_county=before.home_county,
        day=day,
        data={**place(before), "corrected": sorted(wrong), "stage": reached},
        subject=before.candidate_id,
        personal=now,
    )
    change(unit, candidate, before, version=version)
    return {**answer, "version": version}


def _reached(row: Any) -> str | None:
    """How far others have heard of the candidate, whatever has become of it since: a stage from activist on, or None."""
    days = {"full": row.converted_on, "probationary": row.admitted_on, "prospect": row.listed_on}
    come = next((stage for stage, day in days.items() if day is not None), None)
    activist = row.since is not None and row.state not in states.APPLICANT_STATES
    return come or ("activist" if activist else None)


def _person(unit: Unit, row: Any) -> dict[str, str]:
    return unit.context.keys.open_fields(row.candidate_id, {"name": row.name_sealed, "id_number": row.id_number_sealed})


def _apply(unit: Unit, row: Any, changes: Mapping[str, str], policy: Policy) -> dict[str, Any]:
    """The columns of the candidate that the correction puts right. Raises `Invalid`, `Refused`."""
    values: dict[str, Any] = {}
    if "day" in changes:
        values["talked_on"] = _day(unit, row, changes["day"], policy)
    if "name" in changes:
        values["name_sealed"] = unit.seal(row.candidate_id, {"name": changes["name"]})["name"]
        values["name_index"] = name_index(unit, changes["name"])
    particulars = json.loads(unit.context.keys.open_fields(row.candidate_id, {"p": row.particulars_sealed})["p"])
    fresh = {**particulars, **{name: text for name, text in changes.items() if name in particulars}}
    if "id_number" in changes:
        values |= _identity(unit, row, changes["id_number"], fresh, policy)
    if fresh != particulars:
        values["particulars_sealed"] = unit.seal(row.candidate_id, {"p": canonical(fresh)})["p"]
    return values


def _day(unit: Unit, row: Any, text: str, policy: Policy) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid({"changes.day": ["应为日期（YYYY-MM-DD）"]}) from None
    decide_dates(policy, unit.today, "谈话", day, (("申请", row.applied_on),)).require()
    if row.determined_on is not None:
        decide_dates(policy, unit.today, "确定", row.determined_on, (("谈话", day),)).require()
    return day


def _identity(unit: Unit, row: Any, text: str, particulars: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """Another ID number: of age all the same, and nobody else's living candidacy."""
    person = id_number.parse(text, unit.today, "changes.id_number")
    decide_eligibility(EligibilityFacts(person.born, row.applied_on), policy).require()
    particulars |= {"born": person.born.isoformat(), "sex": person.sex}
    identity = unit.context.keys.blind_index(person.number)
    if identity != row.identity and row.state in states.LIVING:
        release(unit, row)
        occupy(unit, identity, row.home_county, row.candidate_id, policy)
    return {
        "identity": identity,
        "id_number_sealed": unit.seal(row.candidate_id, {"id_number": person.number})["id_number"],
    }
