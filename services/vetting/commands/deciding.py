"""Findings about answers, informing and hearing the person, re-checks, and the conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from contracts.vetting import VETTING_CONCLUDED
from kernel.actor import above
from kernel.commands import Body, day_of, policy_at, require_dates, sealed
from kernel.errors import Invalid, Stale
from kernel.policy import Policy, Reason
from kernel.store.database import upsert
from kernel.unit import Unit
from services.vetting import deliveries, tables
from services.vetting.commands.answering import last_reply_day, standing_reply
from services.vetting.commands.cases import county_list_on
from services.vetting.commands.common import (
    CASES,
    answer_about,
    authorise_committee,
    note,
    open_answer,
    open_text,
    person_of,
    place_of,
    replies_of,
    request_by_id,
    requests_of,
)
from services.vetting.commands.questions import ask_anew
from services.vetting.domain import conclusion, home_village, letter, opening, replies, states

NOT_A_CONCERN = "该部门的有效答复不是“有情况”"


# -- findings


def adjudicate(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The committee's finding about a concern, or its reason to go on without a department that cannot say."""
    case, request = request_by_id(unit, request_id)
    authorise_committee(unit, case)
    CASES.check(case, "adjudicate", body)
    reply, answer = _standing(unit, case, request)
    if not conclusion.fits(answer.answer, body["finding"]):
        raise Invalid({"finding": ["与该部门的答复不相符"]})
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "认定", day, ("收到答复", reply.received_on))
    reason = body.get("reason") or ""
    conclusion.decide_adjudication(body["finding"], reason, policy).require()
    statement = upsert(unit.connection, tables.adjudication)
    names = ("finding_sealed", "reason_sealed", "decided_on", "decided_by")
    statement = statement.on_conflict_do_update(
        index_elements=["home_county", "request_id", "reply_id"],
        set_={name: getattr(statement.excluded, name) for name in names},
    )
    row = {
        "home_county": case.home_county,
        "request_id": request.request_id,
        "reply_id": reply.reply_id,
        "case_id": case.case_id,
        "finding_sealed": sealed(unit, case.subject, body["finding"]),
        "reason_sealed": sealed(unit, case.subject, reason),
        "decided_on": day,
        "decided_by": unit.actor.account,
    }
    unit.connection.execute(statement, row)
    data = {"request_id": request.request_id, "reply_id": reply.reply_id}
    # The finding tells that there was a concern: it is sealed like the answer it is about.
    personal = {"finding": body["finding"], "reason": reason}
    version = note(unit, case, "answer_adjudicated", day, data, personal=personal)
    return {**answer_about(case.case_id, case.state, version, policy), "request_id": request.request_id}


def _standing(unit: Unit, case: Row[Any], request: Row[Any]) -> tuple[Row[Any], replies.Answer]:
    """The reply that counts for a live question, opened. Raises `Stale` for one in another state."""
    if request.state != states.ANSWERED:
        raise Stale(f"征询函当前状态（{states.REQUEST.names[request.state]}）下不能办理此事项")
    reply = standing_reply(unit, case, request)
    return reply, open_answer(unit, case, reply)


# -- the person


def inform(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The person was told the substance of a concern. From then on runs the time to be heard."""
    case, request, reply, day, policy = _about_concern(unit, body, request_id, "inform", "告知本人")
    _unless_done(_hearing(unit, request, reply), "informed_on", "已告知本人")
    until = conclusion.hearing_until(unit.today, policy)
    values = {"informed_on": day, "hearing_until": until, "substance_sealed": sealed(unit, case.subject, body["substance"])}
    _set_hearing(unit, case, request, reply, values)
    data = {"request_id": request.request_id, "reply_id": reply.reply_id, "how": body["how"], "hearing_until": until}
    version = note(unit, case, "person_informed", day, data, personal={"substance": body["substance"]})
    return {**answer_about(case.case_id, case.state, version, policy), "hearing_until": until}


def ask_bar(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The committee holds that the law bars disclosure, and asks the superior to confirm it in writing."""
    case, request, reply, day, policy = _about_concern(unit, body, request_id, "ask_bar", "报请确认不予告知")
    _unless_done(_hearing(unit, request, reply), "bar_asked_on", "已报请上级确认")
    values = {"bar_asked_on": day, "bar_reason_sealed": sealed(unit, case.subject, body["reason"])}
    _set_hearing(unit, case, request, reply, values)
    data = {"request_id": request.request_id, "reply_id": reply.reply_id}
    version = note(unit, case, "disclosure_bar_asked", day, data, personal={"reason": body["reason"]})
    return answer_about(case.case_id, case.state, version, policy)


def confirm_bar(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The superior confirms in writing that the law bars disclosure. It sees the reference, never the answer.

    The superior stands above the deciding committee, which may itself be one of the county's rank.
    """
    case, request = request_by_id(unit, request_id)
    unit.authorise(above(case.committee_path))
    CASES.check(case, "confirm_bar", body)
    reply, _ = _standing(unit, case, request)
    hearing = _hearing(unit, request, reply)
    if hearing is None or hearing.bar_asked_on is None:
        raise Stale("党委尚未报请确认不予告知")
    _unless_done(hearing, "bar_confirmed_on", "已经确认")
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "确认不予告知", day, ("报请确认", hearing.bar_asked_on))
    _set_hearing(unit, case, request, reply, {"bar_confirmed_on": day, "bar_document": body["document"]})
    data = {"request_id": request.request_id, "reply_id": reply.reply_id, "document": body["document"]}
    version = note(unit, case, "disclosure_bar_confirmed", day, data)
    return answer_about(case.case_id, case.state, version, policy)


def hear(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The person stated the case, or said that there is nothing to state."""
    case, request, reply, day, policy = _about_concern(unit, body, request_id, "hear", "听取本人陈述")
    hearing = _informed(unit, request, reply)
    require_dates(unit, policy, "听取本人陈述", day, ("告知本人", hearing.informed_on))
    statement = body.get("statement") or ""
    if (body["how"] == "stated") != bool(statement.strip()):
        raise Invalid({"statement": ["本人陈述的，须记录陈述；放弃陈述的，不填"]})
    values = {"heard_on": day, "heard_how": body["how"], "statement_sealed": sealed(unit, case.subject, statement)}
    _set_hearing(unit, case, request, reply, values)
    data = {"request_id": request.request_id, "reply_id": reply.reply_id, "how": body["how"]}
    personal = {"statement": statement} if statement else None
    version = note(unit, case, "person_heard", day, data, personal=personal)
    return answer_about(case.case_id, case.state, version, policy)


def recheck(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The person asks for a re-check: the department is asked anew, and nothing adverse is concluded before it answers."""
    case, request, reply, day, policy = _about_concern(unit, body, request_id, "recheck", "申请复核")
    hearing = _informed(unit, request, reply)
    require_dates(unit, policy, "申请复核", day, ("告知本人", hearing.informed_on))
    asked = [r for r in requests_of(unit, case) if r.department == request.department and r.why == "recheck"]
    conclusion.decide_recheck(len(asked), request.department, policy).require()
    asked_id, due, version = ask_anew(unit, case, request, policy, day, "recheck", body.get("reason") or "本人申请复核")
    _set_hearing(unit, case, request, reply, {"recheck_asked_on": day, "recheck_request": asked_id})
    return {**answer_about(case.case_id, case.state, version, policy), "request_id": asked_id, "due": due}


def _about_concern(
    unit: Unit, body: Body, request_id: str, action: str, step: str
) -> tuple[Row[Any], Row[Any], Row[Any], date, Policy]:
    """Case, request, standing reply, day and policy of a step about a concern. Raises `Invalid` where there is none."""
    case, request = request_by_id(unit, request_id)
    authorise_committee(unit, case)
    CASES.check(case, action, body)
    reply, answer = _standing(unit, case, request)
    if answer.answer != replies.CONCERN:
        raise Invalid({"request_id": [NOT_A_CONCERN]})
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, step, day, ("收到答复", reply.received_on))
    return case, request, reply, day, policy


def _hearing(unit: Unit, request: Row[Any], reply: Row[Any]) -> Row[Any] | None:
    table = tables.hearing
    return unit.connection.execute(
        select(table).where(
            table.c.home_county == request.home_county,
            table.c.request_id == request.request_id,
            table.c.reply_id == reply.reply_id,
        )
    ).first()


def _informed(unit: Unit, request: Row[Any], reply: Row[Any]) -> Row[Any]:
    found = _hearing(unit, request, reply)
    if found is None or found.informed_on is None:
        raise Stale("尚未告知本人")
    return found


def _unless_done(hearing: Row[Any] | None, column: str, text: str) -> None:
    if hearing is not None and getattr(hearing, column) is not None:
        raise Stale(text)


def _set_hearing(unit: Unit, case: Row[Any], request: Row[Any], reply: Row[Any], values: Mapping[str, Any]) -> None:
    key = {"home_county": case.home_county, "request_id": request.request_id, "reply_id": reply.reply_id}
    statement = upsert(unit.connection, tables.hearing)
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=dict(values))
    unit.connection.execute(statement, {**key, "case_id": case.case_id, **values})


# -- the conclusion


def conclude(unit: Unit, body: Body, case_id: str) -> dict[str, Any]:
    """The committee concludes. The branch gets the outcome in writing; the concern goes nowhere."""
    case = CASES.hold(unit, case_id)
    authorise_committee(unit, case)
    row = CASES.check(case, "conclude", body)
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    before = [("立案", case.opened_on), ("认定", _last_finding(unit, case)), ("听取本人陈述", _last_hearing(unit, case))]
    require_dates(unit, policy, "结论", day, *before)
    decision = conclusion.decide_conclusion(facts_of(unit, case, body["outcome"], day), policy).require()
    valid_until = decision.values["valid_until"]
    text = _letter(unit, case, body["outcome"], day, valid_until)
    _stop_deliveries(unit, case)
    data = {**place_of(case), "outcome": body["outcome"], "concluded_on": day, "valid_until": valid_until}
    changes = {
        "state": row.next,
        "ended_on": day,
        "outcome": body["outcome"],
        "valid_until": valid_until,
        "conclusion_sealed": sealed(unit, case.subject, text),
    }
    version = note(unit, case, VETTING_CONCLUDED, day, data, personal={"document": text}, changes=changes)
    return {
        **answer_about(case.case_id, row.next, version, policy),
        "outcome": body["outcome"],
        "concluded_on": day,
        "valid_until": valid_until,
    }


def facts_of(unit: Unit, case: Row[Any], outcome: str, day: date) -> conclusion.ConclusionFacts:
    """How each department's question stands, opened for the decision."""
    live = [request for request in requests_of(unit, case) if request.state in states.LIVE]
    by_id = {reply.reply_id: reply for reply in replies_of(unit, case)}
    findings = _by_reply(unit, tables.adjudication, case)
    hearings = _by_reply(unit, tables.hearing, case)
    lines = []
    for request in live:
        key = (request.request_id, request.standing)
        finding, hearing = findings.get(key), hearings.get(key)
        answer = open_answer(unit, case, by_id[request.standing]).answer if request.standing else None
        lines.append(
            conclusion.Line(
                department=request.department,
                state=request.state,
                answer=answer,
                finding=open_text(unit, case, finding.finding_sealed) if finding else None,
                informed_on=hearing.informed_on if hearing else None,
                hearing_until=hearing.hearing_until if hearing else None,
                bar_confirmed_on=hearing.bar_confirmed_on if hearing else None,
                heard_on=hearing.heard_on if hearing else None,
                is_recheck=request.why == "recheck",
            )
        )
    return conclusion.ConclusionFacts(outcome, day, lines, last_reply_day(unit, case), _coverage(unit, case, live, day))


def _coverage(unit: Unit, case: Row[Any], live: list[Row[Any]], day: date) -> list[Reason | None]:
    """Whether all are being asked whom the case must ask."""
    opened, now = policy_at(unit, case, case.opened_on), policy_at(unit, case, day)
    kinds = {request.department: request.kind for request in live}
    listed = county_list_on(unit.connection, case.county, case.opened_on)
    elsewhere = bool(person_of(unit, case).elsewhere)
    return [
        opening.decide_coverage(kinds, case.group, opened, now, listed),
        home_village.decide_asked(elsewhere, kinds, opened),
    ]


def _last_finding(unit: Unit, case: Row[Any]) -> date | None:
    return max((row.decided_on for row in _by_reply(unit, tables.adjudication, case).values()), default=None)


def _last_hearing(unit: Unit, case: Row[Any]) -> date | None:
    rows = _by_reply(unit, tables.hearing, case).values()
    return max((row.heard_on for row in rows if row.heard_on), default=None)


def _by_reply(unit: Unit, table: Any, case: Row[Any]) -> dict[tuple[str, str | None], Row[Any]]:
    query = select(table).where(table.c.home_county == case.home_county, table.c.case_id == case.case_id)
    return {(row.request_id, row.reply_id): row for row in unit.connection.execute(query)}


def _letter(unit: Unit, case: Row[Any], outcome: str, day: date, valid_until: date | None) -> str:
    table = tables.organisation
    query = select(table.c.code, table.c.name).where(table.c.code.in_([case.branch, case.committee]))
    names = {row.code: row.name for row in unit.connection.execute(query)}
    person = person_of(unit, case)
    return letter.conclusion_letter(
        letter.Conclusion(
            number=case.case_id[-12:].upper(),
            branch=names.get(case.branch, case.branch),
            committee=names.get(case.committee, case.committee),
            name=unit.context.keys.open_fields(case.subject, {"name": person.name_sealed})["name"],
            outcome=outcome,
            day=day,
            valid_until=valid_until,
        )
    )


def _stop_deliveries(unit: Unit, case: Row[Any]) -> None:
    """Whatever still waits to be sent about this case has no purpose any more."""
    ids = select(tables.request.c.request_id).where(tables.request.c.case_id == case.case_id)
    deliveries.cancel_waiting(unit, ids)
