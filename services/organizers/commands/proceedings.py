"""Assessments, and what is decided against somebody: told, heard, decided with a reason, reviewed by another. Source: NN 4(3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from kernel.commands import Answer, Body, add, change, day_of, hold, sealed
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Decision, Policy, allow, combine, decide_dates
from kernel.store.database import insert_ignore
from kernel.unit import Unit
from services.organizers.commands.appointments import note_assessed
from services.organizers.commands.common import ORGANIZERS, guard, policy_at, said
from services.organizers.commands.ending import end_appointment, release
from services.organizers.domain import states, terms
from services.organizers.domain.proceedings import (
    ProceedingFacts,
    decide_absence,
    decide_end,
    decide_reason,
    decide_review,
    hearing_until,
)
from services.organizers.tables import assessment, proceeding

PASSED, NOT_YET, FAILED = "passed", "proposed", "failed"
_UPHELD = {"decline": "decline", "dismissal": "dismiss", "assessment": "fail"}


# -- opening


def assess(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """The yearly assessment, on evidence. One that is not passed stands only after the person was told and heard. Source: NN 4(3)."""
    row = ORGANIZERS.hold(unit, organizer_id)
    guard(unit, ORGANIZERS, row, "assess", body)
    day, year = day_of(unit, body), body["year"]
    policy = policy_at(unit, row, day)
    combine(
        allow() if body["passed"] else decide_reason(body["reason"], policy),
        terms.decide_in_term(row.first_since, row.until, day, policy),
        decide_dates(policy, unit.today, "考核", day, ((f"聘期第 {year} 年开始", terms.year_begins(row.since, year, policy)),)),
    ).require()
    result, opened = (PASSED, {}) if body["passed"] else (NOT_YET, {"proceeding_id": new_id()})
    values = {
        "home_county": row.home_county,
        "organizer_id": organizer_id,
        "term": row.term,
        "year": year,
        "assessed_on": day,
        "result": result,
        "evidence_sealed": sealed(unit, row.member_id, body["evidence"]),
        **opened,
    }
    if unit.connection.execute(insert_ignore(unit.connection, assessment), values).rowcount == 0:
        raise Stale(f"聘期第 {year} 年已经考核")
    if opened:
        _add(unit, row, "assessment", opened["proceeding_id"], body["reason"], day, term=row.term, year=year)
    answer = ORGANIZERS.advance(
        unit,
        row,
        "assess",
        "organizer_assessed",
        policy=policy,
        day=day,
        data={"term": row.term, "year": year, "result": result, **opened},
        personal=said(evidence=body["evidence"], reason=body["reason"]),
    )
    note_assessed(unit, row, policy)
    return {**answer, "term": row.term, "year": year, "result": result, **opened}


def propose_decline(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """The committee does not want to appoint: a proceeding is opened."""
    return _propose(unit, body, organizer_id, "decline")


def propose_dismissal(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """The committee wants to end the appointment before its time: a proceeding is opened."""
    return _propose(unit, body, organizer_id, "dismissal")


def _propose(unit: Unit, body: Body, organizer_id: str, kind: str) -> Answer:
    action = f"propose_{kind}"
    row = ORGANIZERS.hold(unit, organizer_id)
    guard(unit, ORGANIZERS, row, action, body)
    open_ones = select(func.count()).where(
        proceeding.c.organizer_id == organizer_id, proceeding.c.kind == kind, proceeding.c.state != states.DECIDED
    )
    if unit.connection.execute(open_ones).scalar_one():
        raise Stale("已有一项提议在办")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "提议", day, (("推荐", row.recommended_on), ("聘任", row.appointed_on))),
        decide_reason(body["reason"], policy),
    ).require()
    id = new_id()
    _add(unit, row, kind, id, body["reason"], day)
    answer = ORGANIZERS.advance(
        unit,
        row,
        action,
        f"{kind}_proposed",
        policy=policy,
        day=day,
        data={"proceeding_id": id},
        personal=said(reason=body["reason"]),
    )
    return {**answer, "proceeding_id": id, "kind": kind}


def _add(unit: Unit, row: Any, kind: str, id: str, reason: str, day: date, **year: int) -> None:
    add(
        unit,
        proceeding,
        home_county=row.home_county,
        proceeding_id=id,
        organizer_id=row.organizer_id,
        kind=kind,
        state=states.PROPOSED,
        path=row.path,
        reason_sealed=sealed(unit, row.member_id, reason),
        proposed_by=unit.actor.account,
        proposed_on=day,
        **year,
    )


# -- notice, hearing, decision


def notify_person(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """The person is told what is proposed and why. Answer: `hearing_until`, the last day of the time to be heard."""
    case, row, day, policy = _case(unit, body, proceeding_id, "proceed", "通知本人")
    if case.state != states.PROPOSED:
        raise Stale("本人已经通知")
    until = hearing_until(unit.today, policy)
    change(unit, proceeding, case, state=states.NOTIFIED, notified_on=day, hearing_until=until)
    answer = _step(unit, row, "proceed", "person_notified", policy, day, case, way=body["way"])
    return {**answer, "hearing_until": until}


def hear_person(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """What the person says; `appeared` false: had the chance and left it."""
    case, row, day, policy = _case(unit, body, proceeding_id, "proceed", "听取本人意见")
    if case.state != states.NOTIFIED:
        raise Stale("尚未通知本人，或者已经听取意见")
    if body["appeared"] != bool(body["statement"].strip()):
        raise Invalid({"statement": ["本人到场的须记录其意见，未到场的不填"]})
    statement = sealed(unit, row.member_id, body["statement"]) if body["appeared"] else None
    if not body["appeared"]:
        decide_absence(case.hearing_until, day, policy).require()
    change(unit, proceeding, case, state=states.HEARD, heard_on=day, statement_sealed=statement)
    return _step(unit, row, "proceed", "person_heard", policy, day, case, appeared=body["appeared"], statement=body["statement"])


def decide_proceeding(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """The committee decides, with a reason, after notice and hearing: `upheld` or `dropped`. Rules: `organizer.reason`, `.hearing`."""
    kind = hold(unit, proceeding, "proceeding_id", proceeding_id).kind
    upheld = body["outcome"] == "upheld"
    action = _UPHELD[kind] if upheld else "drop"
    case, row, day, policy = _case(unit, body, proceeding_id, action, "决定")
    facts = ProceedingFacts(case.notified_on, case.heard_on, body["reason"])
    combine(
        decide_end(facts, policy) if upheld else decide_reason(body["reason"], policy),
        _still_in_term(row, day, policy) if action == "dismiss" else allow(),
    ).require()
    change(
        unit,
        proceeding,
        case,
        state=states.DECIDED,
        decided_on=day,
        decided_by=unit.actor.account,
        outcome=body["outcome"],
    )
    if kind == "assessment":
        _set_result(unit, case, FAILED if upheld else PASSED)
    return _decided(unit, row, action, policy, day, case, body["reason"])


def _still_in_term(row: Any, day: date, policy: Policy) -> Decision:
    return terms.decide_in_term(row.first_since, row.until, day, policy)


def _decided(unit: Unit, row: Any, action: str, policy: Policy, day: date, case: Any, reason: str) -> Answer:
    note = {"proceeding_id": case.proceeding_id}
    if action == "dismiss":
        return {**end_appointment(unit, row, action, day, policy, note, said(reason=reason)), **note}
    what = {"decline": "organizer_declined", "fail": "assessment_failed", "drop": "proceeding_dropped"}[action]
    ended: dict[str, Any] = {}
    if action == "decline":
        release(unit, [row.member_id])
        ended = {"ended_on": day}
    answer = ORGANIZERS.advance(unit, row, action, what, policy=policy, day=day, data=note, personal=said(reason=reason), **ended)
    return {**answer, **note}


def _set_result(unit: Unit, case: Any, result: str) -> None:
    table = assessment
    statement = update(table).where(
        table.c.home_county == case.home_county,
        table.c.organizer_id == case.organizer_id,
        table.c.term == case.term,
        table.c.year == case.year,
    )
    unit.connection.execute(statement.values(result=result))


# -- review of an assessment


def ask_review(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """The person asks that somebody else look at an assessment that was not passed; once."""
    case, row, day, policy = _reviewable(unit, body, proceeding_id, "ask_review", "申请复核")
    if case.review_asked_on is not None:
        raise Stale("已经申请复核")
    change(unit, proceeding, case, review_asked_on=day)
    return _step(unit, row, "ask_review", "review_asked", policy, day, case, statement=body["statement"])


def review(unit: Unit, body: Body, proceeding_id: str) -> Answer:
    """Another one than who decided, of the committee or of the department above, looks again: `upheld` or `overturned`."""
    case, row, day, policy = _reviewable(unit, body, proceeding_id, "review", "复核")
    if case.review_asked_on is None or case.reviewed_on is not None:
        raise Stale("本人没有申请复核，或者已经复核")
    combine(decide_reason(body["reason"], policy), decide_review(case.decided_by, unit.actor.account, policy)).require()
    change(unit, proceeding, case, reviewed_on=day, review_outcome=body["outcome"])
    if body["outcome"] == "overturned":
        _set_result(unit, case, PASSED)
    answer = _step(unit, row, "review", "assessment_reviewed", policy, day, case, reason=body["reason"])
    return {**answer, "outcome": body["outcome"]}


def _reviewable(unit: Unit, body: Body, proceeding_id: str, action: str, step: str) -> tuple[Any, Any, date, Policy]:
    case, row, day, policy = _case(unit, body, proceeding_id, action, step, decided=True)
    if case.kind != "assessment" or case.outcome != "upheld":
        raise Stale("只有不合格的考核可以复核")
    return case, row, day, policy


def _case(
    unit: Unit, body: Body, proceeding_id: str, action: str, step: str, *, decided: bool = False
) -> tuple[Any, Any, date, Policy]:
    """The proceeding, the organizer, the day and the rules, all checked."""
    case = hold(unit, proceeding, "proceeding_id", proceeding_id)
    row = ORGANIZERS.hold(unit, case.organizer_id)
    guard(unit, ORGANIZERS, row, action, body)
    if (case.state == states.DECIDED) is not decided:
        raise Stale("尚未决定" if decided else "已经决定")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    before = (
        ("提议", case.proposed_on),
        ("通知本人", case.notified_on),
        ("听取本人意见", case.heard_on),
        ("决定", case.decided_on),
        ("申请复核", case.review_asked_on),
    )
    decide_dates(policy, unit.today, step, day, before).require()
    return case, row, day, policy


def _step(unit: Unit, row: Any, action: str, what: str, policy: Policy, day: date, case: Any, **words: Any) -> Answer:
    """Notes a step of the proceeding. What people said stands sealed, flags in the open."""
    data = {"proceeding_id": case.proceeding_id, **{name: value for name, value in words.items() if isinstance(value, bool)}}
    personal = said(**{name: value for name, value in words.items() if isinstance(value, str)})
    answer = ORGANIZERS.advance(unit, row, action, what, policy=policy, day=day, data=data, personal=personal)
    return {**answer, "proceeding_id": case.proceeding_id}
