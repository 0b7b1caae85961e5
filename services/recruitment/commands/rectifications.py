"""The county's case for a branch under rectification, in which the branch's decisions are taken. Source: JH 1, catalogue R1."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from kernel.commands import Answer, Body, add, change, day_of, expect, hold, policy_at
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Decision, Policy, decide_dates
from kernel.unit import Unit
from services.recruitment.commands.common import branch_of
from services.recruitment.domain.acceptance import decide_rectification
from services.recruitment.tables import organisation, rectification

OPEN, CLOSED = "open", "closed"
#: Kinds of organisations that stand straight below a city's department and examine for it.
COUNTY_RANK = ("county_department", "district_committee", "city_work_committee")


def open_rectification(unit: Unit, body: Body) -> Answer:
    """The county department opens a case for a branch that the registry shows as under rectification."""
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    if not branch.under_rectification:
        raise Invalid({"branch": ["该支部未列为整顿对象"]})
    if _open_case(unit, branch.code) is not None:
        raise Stale("该支部已有整顿案")
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    decide_dates(policy, unit.today, "立案", day, ()).require()
    id = new_id()
    version = unit.record(
        "rectification_opened",
        stream=f"rectification/{id}",
        expected=0,
        home_county=branch.county,
        day=day,
        data={"case_id": id, "branch": branch.code, "path": branch.path},
        private={"document": body["document"], "reason": body["reason"], "township": body["township"]},
    )
    values = {"branch": branch.code, "path": branch.path, "state": OPEN, "opened_on": day, "version": version}
    add(unit, rectification, home_county=branch.county, case_id=id, **values)
    return {"case_id": id, "state": OPEN, "version": version, "day": day}


def note_measure(unit: Unit, body: Body, case_id: str) -> Answer:
    """A measure of the case: putting the branch in order, or helping a well-regarded villagers' committee member. Source: JH 1."""
    case = hold(unit, rectification, "case_id", case_id)
    return _step(unit, case, body, "rectification_measure", {"kind": body["kind"]}, {"text": body["text"]}, OPEN)


def close_rectification(unit: Unit, body: Body, case_id: str) -> Answer:
    case = hold(unit, rectification, "case_id", case_id)
    return _step(unit, case, body, "rectification_closed", {}, {"conclusion": body["conclusion"]}, CLOSED)


def _step(unit: Unit, case: Any, body: Body, what: str, data: dict[str, Any], private: dict[str, Any], state: str) -> Answer:
    unit.authorise(case.path)
    expect(case, body)
    if case.state != OPEN:
        raise Stale("整顿案已经办结")
    day = day_of(unit, body)
    branch = branch_of(unit, case.branch)
    policy = policy_at(unit, branch, day)
    decide_dates(policy, unit.today, "整顿", day, (("立案", case.opened_on),)).require()
    version = unit.record(
        what,
        stream=f"rectification/{case.case_id}",
        expected=case.version,
        home_county=case.home_county,
        day=day,
        data={"case_id": case.case_id, **data},
        private=private,
    )
    closed = {"closed_on": day} if state == CLOSED else {}
    change(unit, rectification, case, version=version, state=state, **closed)
    return {"case_id": case.case_id, "state": state, "version": version, "day": day}


def decide_in_rectification(unit: Unit, branch: Any, delegate: Any, policy: Policy) -> Decision:
    """May the branch decide, seen from its rectification? `delegate`: {"organisation", "account", "document"} or None.

    The delegate is one of the county's own (JH 1: the county's department, or a zone's).
    """
    if not branch.under_rectification:
        return decide_rectification(False, False, False, policy)
    county = delegate is not None and delegate["organisation"] == county_level(unit, branch)
    return decide_rectification(True, _open_case(unit, branch.code) is not None, county, policy)


def county_level(unit: Unit, branch: Any) -> str:
    """The code of what stands above the branch at the county's rank; the city's department where there is nothing."""
    above = branch.path.strip("/").split("/")
    query = select(organisation.c.code).where(organisation.c.code.in_(above), organisation.c.kind.in_(COUNTY_RANK))
    return str(unit.connection.execute(query).scalar() or above[0])


def _open_case(unit: Unit, branch: str) -> Any:
    query = select(rectification.c.case_id).where(rectification.c.branch == branch, rectification.c.state == OPEN)
    return unit.connection.execute(query).scalar()
