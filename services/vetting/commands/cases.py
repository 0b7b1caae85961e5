"""Opening a case, asking further departments, ending a case without a conclusion; the county's list of departments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from contracts.vetting import VETTING_CLOSED, VETTING_OPENED
from kernel.bus.event import Event
from kernel.commands import Body, change, day_of, policy_at, require_dates
from kernel.encoding import canonical
from kernel.errors import Invalid, NotYetKnown, Stale
from kernel.ids import new_id
from kernel.policy import Decision, Policy, combine
from kernel.store.database import upsert
from kernel.unit import Unit
from services.vetting import deliveries, tables
from services.vetting.commands.common import CASES, answer_about, authorise_committee, note, place_of, requests_of
from services.vetting.commands.questions import ask
from services.vetting.domain import conclusion, opening, states

# -- the county's list


def set_county_list(unit: Unit, body: Body) -> dict[str, Any]:
    """The county says which departments its committees ask from `day` on. Source: JH 5."""
    county, day = body["county"], day_of(unit, body)
    row = unit.connection.execute(select(tables.organisation).where(tables.organisation.c.code == county)).first()
    if row is None:
        raise NotYetKnown(f"尚未收到组织 {county} 的信息")
    unit.authorise(row.path)
    policy = policy_at(unit, row, day)
    unknown = sorted(set(body["departments"]) - {department.code for department in policy.departments()})
    if unknown:
        raise Invalid({"departments": [f"未知的部门“{code}”" for code in unknown]})
    require_dates(unit, policy, "列出部门", day)
    codes = sorted(set(body["departments"]))
    statement = upsert(unit.connection, tables.county_list)
    statement = statement.on_conflict_do_update(
        index_elements=["county", "since"],
        set_={"departments": statement.excluded.departments, "document": statement.excluded.document},
    )
    values = {"county": county, "since": day, "departments": canonical(codes), "document": body["document"]}
    unit.connection.execute(statement, values)
    version = unit.record(
        "county_list_set",
        stream=f"county_list/{county}",
        expected=None,
        home_county=county,
        day=day,
        data={"county": county, "departments": codes, "document": body["document"]},
    )
    return {"county": county, "departments": codes, "since": day, "version": version}


def county_list_on(connection: Connection, county: str, day: date) -> tuple[str, ...] | None:
    table = tables.county_list
    query = select(table.c.departments).where(table.c.county == county, table.c.since <= day)
    found = connection.execute(query.order_by(table.c.since.desc()).limit(1)).scalar()
    return tuple(json.loads(found)) if found else None


# -- a case


def open_case(unit: Unit, body: Body) -> dict[str, Any]:
    """Opens a case for a prospect and asks all departments at once. Source: NN 3(5), JH 5."""
    person, committee = whom(unit, body["candidate_id"])
    unit.authorise(committee.path)
    day = day_of(unit, body)
    policy = policy_at(unit, person, day)
    require_dates(unit, policy, "立案", day, ("列为发展对象", person.since))
    standing = standing_pass(unit, person.candidate_id)
    if standing is not None:
        decide_again(unit, standing, day, policy).require()
    group = opening.group_of(person.domain, body.get("group"))
    case, version, requests = start(unit, person, committee, policy, day, group, chosen_of(body.get("departments", ())))
    return {**answer_about(case.case_id, states.OPEN, version, policy), "requests": requests}


def start(
    unit: Unit,
    person: Row[Any],
    committee: Row[Any],
    policy: Policy,
    day: date,
    group: str,
    chosen: Mapping[str, str],
    renews: str | None = None,
) -> tuple[Row[Any], int, list[dict[str, Any]]]:
    """The case, and a question to each department. `chosen`: department -> written reason. Returns case, version, requests."""
    facts = opening.OpeningFacts(group, chosen, county_list_on(unit.connection, person.county, day))
    order = opening.decide_order(opening.ReviewFacts(day, _reviews(person)), policy)
    decision = opening.decide_opening(facts, policy)
    combine(order, decision).require()
    case = _new_case(unit, person, committee, day, group, renews)
    authorise_committee(unit, case)
    data = {**place_of(case), "opened_on": day}
    private = {"group": group, "reasons_given": sorted(chosen), "renews": renews}
    version = note(unit, case, VETTING_OPENED, day, data, private=private)
    requests = []
    for department, kind in decision.values["ask"].items():
        why = chosen.get(department, "")
        request_id, due, version = ask(unit, case, policy, department, kind, day, version, reason=why)
        requests.append({"request_id": request_id, "department": department, "kind": kind, "due": due})
    return case, version, requests


def standing_pass(unit: Unit, candidate_id: str) -> Row[Any] | None:
    """The case that the person has passed, unless another was opened later that has not ended without a conclusion."""
    table = tables.case
    query = select(table).where(table.c.candidate_id == candidate_id, table.c.state != states.CLOSED)
    # Ids rise with time.
    last = unit.connection.execute(query.order_by(table.c.case_id.desc()).limit(1)).first()
    return last if last is not None and last.outcome == conclusion.PASSED else None


def decide_again(unit: Unit, passed: Row[Any], day: date, policy: Policy) -> Decision:
    """May departments be asked again about who has passed that case?"""
    wrong = any(request.before_correction for request in requests_of(unit, passed) if request.state in states.LIVE)
    return conclusion.decide_renewal(passed.valid_until, day, policy, before_correction=wrong)


def _reviews(person: Row[Any]) -> dict[str, tuple[date, bool]]:
    found = {
        "branch": (person.branch_reviewed_on, person.branch_review_passed),
        "committee": (person.committee_reviewed_on, person.committee_review_passed),
    }
    return {by: (day, bool(passed)) for by, (day, passed) in found.items() if day is not None}


def _new_case(unit: Unit, person: Row[Any], committee: Row[Any], day: date, group: str, renews: str | None) -> Row[Any]:
    """Raises `Stale` where there is a living one."""
    case_id = new_id()
    row = {
        "home_county": person.home_county,
        "case_id": case_id,
        "version": 0,
        "state": states.OPEN,
        "candidate_id": person.candidate_id,
        "subject": person.subject,
        "branch": person.branch,
        "committee": person.committee,
        "committee_path": committee.path,
        "path": person.path,
        "city": person.city,
        "county": person.county,
        "group": group,
        "opened_on": day,
        "renews": renews,
    }
    try:
        unit.connection.execute(insert(tables.case), row)
    except IntegrityError as error:
        raise Stale("此人已有正在征询的审查案件") from error
    return CASES.hold(unit, case_id)


def whom(unit: Unit, candidate_id: str) -> tuple[Row[Any], Row[Any]]:
    """The prospect, held, and the committee that decides. Who leaves or is admitted at this moment does so before or after.

    Raises `NotYetKnown` for who is none, as far as is known here; `Stale` for who has left or has been admitted.
    """
    query = select(tables.candidate).where(tables.candidate.c.candidate_id == candidate_id)
    person = unit.connection.execute(query.with_for_update()).first()
    if person is None or person.elsewhere is None:
        raise NotYetKnown("此人尚未作为发展对象通知到本服务；列为发展对象之后方可立案审查")
    committee = unit.connection.execute(select(tables.organisation).where(tables.organisation.c.code == person.committee)).first()
    if committee is None:
        raise NotYetKnown(f"尚未收到组织 {person.committee} 的信息")
    if person.has_left:
        raise Stale("此人已不在培养之列")
    if person.admitted_on is not None:
        raise Stale("此人已被接收为预备党员，不再立案审查")
    return person, committee


def chosen_of(departments: Any) -> dict[str, str]:
    codes = [entry["department"] for entry in departments]
    if len(codes) != len(set(codes)):
        raise Invalid({"departments": ["同一部门重复列出"]})
    return {entry["department"]: entry.get("reason") or "" for entry in departments}


def ask_further(unit: Unit, body: Body, case_id: str) -> dict[str, Any]:
    """One more department for a running case; beyond the lists only with a reason."""
    case = CASES.hold(unit, case_id)
    authorise_committee(unit, case)
    CASES.check(case, "ask_further", body)
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "加询", day, ("立案", case.opened_on))
    live = frozenset(r.department for r in requests_of(unit, case) if r.state in states.LIVE)
    reason = body.get("reason") or ""
    facts = opening.OpeningFacts(case.group, {body["department"]: reason}, county_list_on(unit.connection, case.county, day))
    kind = opening.decide_further(facts, live, policy).require().values["kind"]
    rounds = [r.round for r in requests_of(unit, case) if r.department == body["department"]]
    request_id, due, version = ask(
        unit, case, policy, body["department"], kind, day, case.version, round=max(rounds, default=0) + 1, reason=reason
    )
    return {**answer_about(case.case_id, case.state, version, policy), "request_id": request_id, "due": due}


def take_back(unit: Unit, body: Body, case_id: str) -> dict[str, Any]:
    """The committee takes a case back that should not have been opened. Questions are withdrawn."""
    case = CASES.hold(unit, case_id)
    authorise_committee(unit, case)
    CASES.check(case, "take_back", body)
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "终止案件", day, ("立案", case.opened_on))
    version = close(unit, case, "taken_back", day, body["reason"])
    return answer_about(case.case_id, states.CLOSED, version, policy)


def close(unit: Unit, case: Row[Any], end: str, day: date, reason: str = "", cause: Event | None = None) -> int:
    """Ends a case without a conclusion, and tells the departments that need not answer any more."""
    for request in requests_of(unit, case):
        if request.state in states.LIVE:
            change(unit, tables.request, request, state=states.WITHDRAWN)
            deliveries.withdraw(unit, request)
    data = {**place_of(case), "end": end, "closed_on": day}
    changes = {"state": states.CLOSED, "ended_on": day}
    personal = {"reason": reason} if reason else None
    return note(unit, case, VETTING_CLOSED, day, data, personal=personal, changes=changes, cause=cause)


def case_of_candidate(unit: Unit, candidate_id: str) -> Row[Any] | None:
    """The candidate's living case, held."""
    table = tables.case
    query = select(table.c.case_id).where(table.c.candidate_id == candidate_id, table.c.state == states.OPEN)
    case_id = unit.connection.execute(query).scalar()
    case = CASES.hold(unit, case_id) if case_id else None
    # Whoever was quicker may have concluded it.
    return case if case is not None and case.state == states.OPEN else None
