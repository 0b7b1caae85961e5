"""Questions to departments: asked, asked again, put right, withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select

from kernel.bus.event import Event
from kernel.commands import Body, change, day_of, policy_at, require_dates, sealed
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.policy import Policy
from kernel.unit import Unit
from services.vetting import deliveries, tables
from services.vetting.commands import inquiries
from services.vetting.commands.common import (
    answer_about,
    authorise_committee,
    must_be_open,
    note,
    open_answer,
    replies_of,
    request_by_id,
    requests_of,
)
from services.vetting.domain import conclusion, deadlines, states
from services.vetting.domain.departments import HOME_VILLAGE, is_asked, name_of

#: What the form says to whoever answers. Source: Xinhuo (a petition made, or a sealed record, is no ground).
FORM = "本函只征询对本人已有结论的认定；有人信访、尚未查实的反映和依法封存的记录不在此列。"


def in_form(question: str) -> str:
    """What a department is asked, and what the form says is no ground. The department reads it."""
    return f"发展党员政治审查：请答复{question}。{FORM}"


def ask(
    unit: Unit,
    case: Row[Any],
    policy: Policy,
    department: str,
    kind: str,
    day: date,
    version: int,
    *,
    round: int = 1,
    why: str = "first",
    question: str | None = None,
    reason: str = "",
    term_from: date | None = None,
) -> tuple[str, date, int]:
    """One question to one department: row, entry, delivery. Returns its id, the due day and the case's version.

    `question`: asked instead of the form's own. It may speak of the person, so it is sealed. The term runs from today, whatever day the
    question is dated, and where it goes out later from that day (`begin_term`): nobody is late with what he has just been sent.
    `term_from`: from then on, where something else has to come first. The home village is asked here in the suite, or by letter:
    nothing is sent.
    """
    request_id, term_from = new_id(), term_from or unit.today
    term = deadlines.term(term_from, policy)
    purpose = in_form(policy.label("vetting_question", department))
    said = {name: text for name, text in (("reason", reason), ("question", question)) if text}
    shown = {"request_id": request_id, "department": department, "kind": kind, "round": round, "why": why, "due": term.due}
    told = {**shown, "provisional": term.provisional}
    private = {"purpose": purpose}
    version = note(unit, case, "department_asked", day, told, private=private, personal=said or None, version=version)
    row = {
        **shown,
        "home_county": case.home_county,
        "case_id": case.case_id,
        "state": states.ASKED,
        "purpose": purpose,
        "question_sealed": sealed(unit, case.subject, question) if question else None,
        "asked_on": day,
        "term_from": term_from,
        "remind_on": min(term.reminders, default=None),
        "overdue_told": False,
        "version": version,
    }
    unit.connection.execute(insert(tables.request), row)
    if department != HOME_VILLAGE:
        deliveries.queue(unit, case.home_county, request_id, department, deliveries.QUESTION)
    return request_id, term.due, version


def begin_term(unit: Unit, request_id: str, day: date) -> None:
    """The question has been taken by the department's system on `day`, after a delay: its term runs from then, reminders and all.

    Of a letter that may have gone out meanwhile nothing is known here: the later beginning does nobody wrong.
    """
    case, request = request_by_id(unit, request_id)
    if case.state != states.OPEN or request.state != states.ASKED or request.term_from >= day:
        return
    term = deadlines.term(day, policy_at(unit, case, request.asked_on))
    first = min(term.reminders, default=None)
    change(unit, tables.request, request, term_from=day, due=term.due, remind_on=first, overdue_told=False)
    data = {"request_id": request_id, "department": request.department, "due": term.due, "provisional": term.provisional}
    note(unit, case, "question_delivered_late", day, data)


def reask(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """Asks a department again, under a new number and with a new term; what it answered before no longer counts."""
    return _again(unit, body, request_id, "reask", "改询", "reask")


def correct_request(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """Puts a question right that was asked wrongly: the old one is withdrawn, the right one asked."""
    return _again(unit, body, request_id, "correct", "更正征询函", "correction", question=body["question"])


def _again(
    unit: Unit, body: Body, request_id: str, action: str, step: str, why: str, question: str | None = None
) -> dict[str, Any]:
    case, request = request_by_id(unit, request_id)
    authorise_committee(unit, case)
    must_be_open(case, body)
    states.REQUEST.step(request.state, action)
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, step, day, ("征询", request.asked_on))
    asked_id, due, version = ask_anew(unit, case, request, policy, day, why, body["reason"], question)
    return {
        **answer_about(case.case_id, case.state, version, policy),
        "request_id": asked_id,
        "due": due,
        "supersedes": request.request_id,
    }


def ask_anew(
    unit: Unit,
    case: Row[Any],
    request: Row[Any],
    policy: Policy,
    day: date,
    why: str,
    reason: str,
    question: str | None = None,
) -> tuple[str, date, int]:
    """Supersedes `request` with a new one. Returns the new one's id, due day, and the case's version."""
    if not is_asked(request.department, policy):
        name = name_of(request.department, policy)
        raise Invalid({"request_id": [f"自规定之日起不再征求“{name}”，请撤回"]})
    change(unit, tables.request, request, state=states.SUPERSEDED)
    deliveries.withdraw(unit, request)
    inquiry = inquiries.of_request(unit, request.request_id) if request.department == HOME_VILLAGE else None
    request_id, due, version = ask(
        unit,
        case,
        policy,
        request.department,
        request.kind,
        day,
        case.version,
        round=request.round + 1,
        why=why,
        question=question,
        reason=reason,
        term_from=inquiries.term_of(unit, inquiry, policy) if inquiry else None,
    )
    if inquiry is not None:
        inquiries.carry_on(unit, case, inquiry, request_id)
    return request_id, due, version


def mark_asked_before(unit: Unit, correction: Event) -> None:
    """Marks what was asked about somebody under a name or ID number that has been put right. What to do about it, people decide.

    A question that has not begun to go out goes out right, and is left as it is.
    """
    table = tables.case
    query = select(table).where(
        table.c.candidate_id == correction.data["candidate_id"], table.c.state.in_((states.OPEN, states.CONCLUDED))
    )
    for case in unit.connection.execute(query.order_by(table.c.case_id).with_for_update()).all():
        asked = [r for r in requests_of(unit, case) if r.state in states.LIVE and not r.before_correction]
        untouched = deliveries.untouched(unit, [request.request_id for request in asked])
        wrong = [request for request in asked if request.request_id not in untouched]
        for request in wrong:
            change(unit, tables.request, request, before_correction=True)
        if wrong:
            data = {"corrected": correction.data["corrected"], "requests": [request.request_id for request in wrong]}
            note(unit, case, "person_corrected", correction.day, data, cause=correction)


def withdraw_request(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """Withdraws a question. A concern that has come is adjudicated, not withdrawn. What must be asked, the conclusion checks."""
    case, request = request_by_id(unit, request_id)
    authorise_committee(unit, case)
    must_be_open(case, body)
    row = states.REQUEST.step(request.state, "withdraw")
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "撤回", day, ("征询", request.asked_on))
    answers = [open_answer(unit, case, reply).answer for reply in replies_of(unit, case, request.department)]
    conclusion.decide_withdrawal(request.department, answers, policy).require()
    change(unit, tables.request, request, state=row.next)
    deliveries.withdraw(unit, request)
    data = {"request_id": request.request_id, "department": request.department}
    version = note(unit, case, "request_withdrawn", day, data, personal={"reason": body["reason"]})
    return {
        **answer_about(case.case_id, case.state, version, policy),
        "request_id": request.request_id,
        "request_state": row.next,
    }
