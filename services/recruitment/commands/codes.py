"""Coded application forms: handed down from city to county to committee, used, void, lost, lapsed. Source: JH 11, catalogue R9."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from kernel.commands import Answer, Body, add, change, day_of, departures_of, expect, find, hold, passing, policy_at
from kernel.context import Context
from kernel.errors import Invalid, Refused, Stale
from kernel.policy import Decision, Policy, decide_dates
from kernel.unit import Unit, command
from services.recruitment.commands.common import branch_of
from services.recruitment.commands.figures import CITY, authorise_superior, places_of
from services.recruitment.commands.rectifications import COUNTY_RANK
from services.recruitment.domain import states
from services.recruitment.domain.codes import ISSUED, LAPSED, LOST, USED, VOID, CodeFacts, decide_code
from services.recruitment.domain.figures import decide_codes_within
from services.recruitment.tables import candidate, form_code, organisation

#: Holders whose forms lapse in one transaction.
BATCH = 50


def issue_codes(unit: Unit, body: Body) -> Answer:
    """The city makes a county's codes of a year; the county hands codes of its own to a committee, within the committee's figure."""
    to = branch_of(unit, body["to"])
    superior = authorise_superior(unit, to)
    if len(set(body["codes"])) != len(body["codes"]):
        raise Invalid({"codes": ["同一编码列了两次"]})
    day = day_of(unit, body)
    policy = policy_at(unit, to, day)
    decide_dates(policy, unit.today, "下达编码", day, ()).require()
    making = to.kind in COUNTY_RANK or (unit.post is not None and unit.post.role in CITY)
    departures: Sequence[Any] = ()
    if to.kind not in COUNTY_RANK:
        departures = _within_figure(unit, body, to, policy)
    if making:
        _make(unit, body, to, day, policy)
    else:
        _hand_down(unit, body, to, superior, day)
    version = _record(
        unit,
        to,
        body["year"],
        "form_codes_issued",
        day,
        {"codes": body["codes"], "from": None if making else superior},
        departures=departures_of(departures),
    )
    return {
        "to": to.code,
        "year": body["year"],
        "codes": len(body["codes"]),
        "version": version,
        "day": day,
        "departures": departures_of(departures),
    }


def _within_figure(unit: Unit, body: Body, to: Any, policy: Policy) -> Sequence[Any]:
    places = places_of(unit, to.code, body["year"], lock=True)
    held = select(func.count()).where(
        form_code.c.holder == to.code, form_code.c.year == body["year"], form_code.c.state.in_((ISSUED, USED))
    )
    after = unit.connection.execute(held).scalar_one() + len(body["codes"])
    return passing(decide_codes_within(after, places, policy), body).departures


def _make(unit: Unit, body: Body, to: Any, day: date, policy: Policy) -> None:
    """New codes. Raises `Refused` for one that has ever been there."""
    known = unit.connection.execute(select(form_code.c.code).where(form_code.c.code.in_(body["codes"]))).scalars().all()
    if known:
        fact = {"codes": sorted(known)}
        raise Refused([policy.reason("form.code_reused", f"编码已经存在：{'、'.join(sorted(known))}", fact)])
    shared = {"home_county": to.county, "year": body["year"], "holder": to.code, "path": to.path}
    rows = [{**shared, "code": code, "state": ISSUED, "changed_on": day, "version": 1} for code in body["codes"]]
    unit.connection.execute(insert(form_code), rows)


def _hand_down(unit: Unit, body: Body, to: Any, superior: str, day: date) -> None:
    """Codes that the county holds, of that year and not used, go to the committee. Raises `Invalid`."""
    mine = (
        form_code.c.code.in_(body["codes"]),
        form_code.c.holder == superior,
        form_code.c.year == body["year"],
        form_code.c.state == ISSUED,
    )
    moved = unit.connection.execute(
        update(form_code).where(*mine).values(holder=to.code, path=to.path, changed_on=day, version=form_code.c.version + 1)
    )
    if moved.rowcount != len(body["codes"]):
        raise Invalid({"codes": [f"其中有的不是本级持有的 {body['year']} 年未用编码"]})


def _record(unit: Unit, holder: Any, year: int, what: str, day: date, data: dict[str, Any], **private: Any) -> int:
    """An entry on the stream of a holder's forms of a year, from which the half-yearly report is counted."""
    return unit.record(
        what,
        stream=f"form_codes/{holder.code}/{year}",
        expected=None,
        home_county=holder.county,
        day=day,
        data={"holder": holder.code, "year": year, **data},
        private=private,
    )


# -- use


def find_code(unit: Unit, code: str) -> Row[Any] | None:
    return unit.connection.execute(select(form_code).where(form_code.c.code == code).with_for_update()).first()


def decide_use(unit: Unit, code: str | None, committee: str, year: int, policy: Policy) -> Decision | None:
    """Whether the committee may give this form to somebody in that year; None where there is nothing to judge."""
    if code is None:
        return None
    row = find_code(unit, code)
    facts = CodeFacts(
        code=code,
        known=row is not None,
        state=row.state if row else None,
        year=row.year if row else None,
        here=row is not None and row.holder == committee,
    )
    return decide_code(facts, year, policy)


def use(unit: Unit, code: str, committee: str, year: int, candidate_id: str, day: date, replaces: str | None = None) -> None:
    """The form belongs to the candidate from now on, for good. What `decide_use` says has been asked."""
    holder = branch_of(unit, committee)
    row = find_code(unit, code)
    used = {"state": USED, "candidate_id": candidate_id, "changed_on": day, "replaces": replaces}
    if row is None:
        place = {"home_county": holder.county, "holder": holder.code, "path": holder.path}
        add(unit, form_code, code=code, year=year, version=1, **place, **used)
    else:
        change(unit, form_code, row, version=row.version + 1, **used)
    _record(unit, holder, year, "form_code_used", day, {"code": code, "candidate_id": candidate_id, "replaces": replaces})


# -- the end of a form


def end_code(unit: Unit, body: Body, code: str) -> Answer:
    """A form is void or lost; another may take its place. Of a candidate whose papers are under way it is his from then on."""
    row = hold(unit, form_code, "code", code)
    unit.authorise(row.path)
    expect(row, body)
    if row.state not in (ISSUED, USED):
        raise Stale("该编码已经作废、遗失或者失效")
    day = day_of(unit, body)
    holder = branch_of(unit, row.holder)
    policy = policy_at(unit, holder, day)
    decide_dates(policy, unit.today, "登记", day, (("上次变动", row.changed_on),)).require()
    replacement = body.get("replacement")
    decision = decide_use(unit, replacement, row.holder, day.year, policy)
    if decision is not None:
        decision.require()
    version = row.version + 1
    change(unit, form_code, row, state=body["kind"], changed_on=day, note=body["reason"], version=version)
    data = {"code": code, "kind": body["kind"], "replacement": replacement}
    _record(unit, holder, row.year, "form_code_ended", day, data, reason=body["reason"])
    if row.candidate_id:
        _change_form(unit, row, body, replacement, day, policy)
    elif replacement:
        _take_its_place(unit, replacement, code)
    return {"code": code, "state": body["kind"], "replacement": replacement, "version": version, "day": day}


def _take_its_place(unit: Unit, replacement: str, code: str) -> None:
    """An unused form stands in for another unused one."""
    row = find_code(unit, replacement)
    if row is None:
        raise Invalid({"replacement": ["没有这个编码"]})
    change(unit, form_code, row, replaces=code, version=row.version + 1)


def _change_form(unit: Unit, row: Any, body: Body, replacement: str | None, day: date, policy: Policy) -> None:
    """The candidate's dossier notes it. Once admitted, the form is in the papers and no other is given."""
    person = find(unit, candidate, "candidate_id", row.candidate_id)
    under_way = person.state in (states.EXAMINED, states.REPORTED) and person.form_code == row.code
    if replacement and not under_way:
        raise Invalid({"replacement": ["此人的材料已经办结，不再换发志愿书"]})
    if replacement:
        use(unit, replacement, row.holder, day.year, row.candidate_id, day, replaces=row.code)
    version = unit.record(
        "form_ended",
        stream=f"candidate/{row.candidate_id}",
        expected=person.version,
        home_county=person.home_county,
        day=day,
        data={"code": row.code, "kind": body["kind"], "replacement": replacement},
        private={"reason": body["reason"]},
    )
    change(unit, candidate, person, version=version, **({"form_code": replacement} if under_way else {}))


def void(unit: Unit, row: Any, day: date, reason: str, kind: str = VOID) -> None:
    """The candidate's form is void, or lost; the code never comes back. Nothing happens to one that was admitted with it."""
    if row.form_code is None or row.state not in states.PROSPECT_STATES:
        return
    if kind not in (VOID, LOST):
        raise ValueError(kind)
    form = hold(unit, form_code, "code", row.form_code)
    holder = branch_of(unit, form.holder)
    change(unit, form_code, form, state=kind, changed_on=day, note=reason[:200], version=form.version + 1)
    _record(
        unit, holder, form.year, "form_code_ended", day, {"code": form.code, "kind": kind, "replacement": None}, reason=reason
    )
    change(unit, candidate, row, form_code=None)


# -- at the end of the year


def lapse_codes(context: Context) -> int:
    """Unused forms of past years lapse. Returns how many. Source: Xinhuo (`form.unused_lapse_at_year_end`)."""
    lapsed = 0
    while True:
        with command(context) as unit:
            holders = _with_old_codes(unit)
            for row in holders:
                lapsed += _lapse(unit, row)
        if len(holders) < BATCH:
            return lapsed


def _with_old_codes(unit: Unit) -> list[Any]:
    """Holders and years with unused forms of a year that is over, where the packs let them lapse."""
    asking = [
        city
        for city in unit.context.policies.cities
        if unit.context.policies.at(city, unit.today).asks("form.unused_lapse_at_year_end")
    ]
    query = (
        select(form_code.c.holder, form_code.c.year)
        .join(organisation, organisation.c.code == form_code.c.holder)
        .where(form_code.c.state == ISSUED, form_code.c.year < unit.today.year, organisation.c.city.in_(asking))
        .group_by(form_code.c.holder, form_code.c.year)
        .order_by(form_code.c.holder, form_code.c.year)
        .limit(BATCH)
    )
    return list(unit.connection.execute(query))


def _lapse(unit: Unit, row: Any) -> int:
    holder = branch_of(unit, row.holder)
    mine = (form_code.c.holder == row.holder, form_code.c.year == row.year, form_code.c.state == ISSUED)
    codes = unit.connection.execute(select(form_code.c.code).where(*mine).with_for_update()).scalars().all()
    statement = (
        update(form_code)
        .where(form_code.c.code == bindparam("code_"))
        .values(state=LAPSED, changed_on=unit.today, version=form_code.c.version + 1)
    )
    unit.connection.execute(statement, [{"code_": code} for code in codes])
    unit.policy(holder.city, unit.today)
    _record(unit, holder, row.year, "form_codes_lapsed", unit.today, {"codes": sorted(codes)})
    return len(codes)
