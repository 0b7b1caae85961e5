"""Special circumstances, recorded by the committee: years that do not count as years without. Source: NN 2(1) 2."""

from __future__ import annotations

from typing import Any

from kernel.actor import up_to
from kernel.commands import Answer, Body, add, change, day_of, hold, policy_at, require_dates, told_of
from kernel.encoding import canonical
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Policy
from kernel.unit import Unit
from services.alerts.commands.common import issuers_of, live_findings
from services.alerts.commands.facts import BRANCH, RECORDED
from services.alerts.tables import circumstance, organisation, touched

ENDED = "ended"


def record_circumstance(unit: Unit, body: Body) -> Answer:
    """The committee that would warn the branch records why it could not admit or raise anybody in these years."""
    branch = told_of(unit, organisation, body["organisation"])
    unit.authorise(branch.path)
    if branch.kind != BRANCH:
        raise Invalid({"organisation": ["特殊情况按党支部登记"]})
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    committee = _committee(unit, branch, policy)
    unit.authorise_own(up_to(committee, branch.path), committee)
    require_dates(unit, policy, "登记特殊情况", day)
    years = sorted(set(body["years"]))
    if years[-1] > day.year:
        raise Invalid({"years": [f"不得登记 {day.year} 年以后的年份"]})
    id = new_id()
    shown = {"circumstance_id": id, "organisation": branch.code, "path": branch.path, "committee": committee}
    version = unit.record(
        "circumstance_recorded",
        stream=f"circumstance/{id}",
        expected=0,
        home_county=branch.county,
        day=day,
        data={**shown, "years": years, "document": body["document"]},
        subject=id,
        personal={"reason": body["reason"]},
    )
    row = {**shown, "home_county": branch.county, "state": RECORDED, "years": canonical(years), "document": body["document"]}
    add(unit, circumstance, **row, recorded_on=day, version=version)
    _look_again(unit, branch.code)
    return {"circumstance_id": id, "state": RECORDED, "version": version, "day": day}


def end_circumstance(unit: Unit, body: Body, circumstance_id: str) -> Answer:
    """It was recorded by mistake, or is not recognised any more: the years count again."""
    row = hold(unit, circumstance, "circumstance_id", circumstance_id)
    unit.authorise_own(up_to(row.committee, row.path), row.committee)
    if row.state != RECORDED:
        raise Stale("该特殊情况已经终止")
    day = day_of(unit, body)
    policy = policy_at(unit, told_of(unit, organisation, row.organisation), day)
    require_dates(unit, policy, "终止特殊情况", day, ("登记特殊情况", row.recorded_on))
    version = unit.record(
        "circumstance_ended",
        stream=f"circumstance/{circumstance_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data={"circumstance_id": circumstance_id},
        subject=circumstance_id,
        personal={"reason": body["reason"]},
    )
    change(unit, circumstance, row, state=ENDED, ended_on=day, version=version)
    _look_again(unit, row.organisation)
    return {"circumstance_id": circumstance_id, "state": ENDED, "version": version, "day": day}


def _look_again(unit: Unit, code: str) -> None:
    """At once, and by the next assessment: one that runs beside this has not seen what is written here."""
    live_findings(unit, code)
    add(unit, touched, organisation=code)


def _committee(unit: Unit, branch: Any, policy: Policy) -> str:
    """The nearest authority above the branch, key-managed or not."""
    found = issuers_of(unit, branch, (), policy)
    if not found:
        raise Invalid({"organisation": ["该组织之上没有可以登记的党委"]})
    return found[-1].code
