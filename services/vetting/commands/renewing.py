"""Asking anew when a conclusion lapses before the admission: one command opens a new case, the old conclusion stays as it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from kernel.commands import Body, day_of, policy_at, require_dates
from kernel.errors import Stale
from kernel.policy import Policy
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.commands import inquiries
from services.vetting.commands.cases import chosen_of, county_list_on, decide_again, standing_pass, start, whom
from services.vetting.commands.common import CASES, answer_about, authorise_committee, note, requests_of
from services.vetting.commands.villages import ask_village
from services.vetting.domain import conclusion, opening, states
from services.vetting.domain.departments import HOME_VILLAGE, is_asked

#: Cases noted in one transaction of the timer.
PAGE = 100


def renew(unit: Unit, body: Body, case_id: str) -> dict[str, Any]:
    """Asks the same departments again, as far as they are still asked, and those that are to be asked by now."""
    _hold_person(unit, case_id)
    old = CASES.hold(unit, case_id)
    authorise_committee(unit, old)
    CASES.check(old, "renew", body)
    if old.outcome != conclusion.PASSED:
        raise Stale("只有“审查合格”的结论会过有效期")
    person, committee = whom(unit, old.candidate_id)
    standing = standing_pass(unit, old.candidate_id)
    if standing is None or standing.case_id != old.case_id:
        raise Stale("此结论之后已重新征询")
    day = day_of(unit, body)
    policy = policy_at(unit, person, day)
    require_dates(unit, policy, "重新征询", day, ("原结论", old.ended_on))
    decide_again(unit, old, day, policy).require()
    chosen = _as_before(unit, old, policy) | chosen_of(body.get("departments", ()))
    case, version, requests = start(unit, person, committee, policy, day, old.group, chosen, renews=old.case_id)
    village, before = None, inquiries.of_case(unit, old)
    if before is not None and person.elsewhere:
        village, due, version = ask_village(unit, case, person, policy, day, version, before.addressee_sealed)
        requests.append({"request_id": village, "department": HOME_VILLAGE, "kind": HOME_VILLAGE, "due": due})
    answer = answer_about(case.case_id, states.OPEN, version, policy)
    return {**answer, "renews": old.case_id, "home_village": village, "requests": requests}


def _as_before(unit: Unit, old: Row[Any], policy: Policy) -> dict[str, str]:
    """Those who were asked beside the ones that every case asks on that day -> the reason to ask them."""
    offer = opening.offer_of(policy, old.group, county_list_on(unit.connection, old.county, policy.on))
    asked = {request.department for request in requests_of(unit, old) if request.state in states.LIVE}
    again = sorted(code for code in asked - {HOME_VILLAGE, *offer.always} if is_asked(code, policy))
    return dict.fromkeys(again, "与原案征询的部门相同")


def _hold_person(unit: Unit, case_id: str) -> None:
    """Before the case, in the order in which reactions hold them."""
    case, person = tables.case, tables.candidate
    query = select(person.c.candidate_id).join(
        case, (person.c.home_county == case.c.home_county) & (person.c.candidate_id == case.c.candidate_id)
    )
    unit.connection.execute(query.where(case.c.case_id == case_id).with_for_update(of=person))


def note_lapses(unit: Unit, limit: int = PAGE) -> int:
    """Notes once on each conclusion that it has lapsed before the admission. Returns how many were found."""
    case, person = tables.case, tables.candidate
    query = (
        select(case.c.case_id)
        .join(person, (person.c.home_county == case.c.home_county) & (person.c.candidate_id == case.c.candidate_id))
        .where(
            case.c.outcome == conclusion.PASSED,
            case.c.valid_until < unit.today,
            case.c.lapse_noted_on.is_(None),
            person.c.has_left.is_(False),
            person.c.admitted_on.is_(None),
        )
        .order_by(case.c.valid_until, case.c.case_id)
        .limit(limit)
    )
    found = unit.connection.execute(query).scalars().all()
    for case_id in found:
        row = CASES.hold(unit, case_id)
        if row.lapse_noted_on is None:
            data = {"valid_until": row.valid_until}
            note(unit, row, "conclusion_lapsed", unit.today, data, changes={"lapse_noted_on": unit.today})
    return len(found)
