"""Replies of departments: through the signed callback, or on paper; and which one stands where they contradict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select

from kernel.commands import Body, change, day_of, expect, policy_at, require_dates
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id
from kernel.unit import Unit
from services.vetting import deliveries, tables
from services.vetting.commands.common import (
    NO_REQUEST,
    answer_about,
    authorise_committee,
    must_be_open,
    note,
    open_answer,
    refuse_erased,
    replies_of,
    request_by_id,
    requests_of,
    seal_answer,
)
from services.vetting.domain import deadlines, replies, states
from services.vetting.domain.departments import HOME_VILLAGE

CALLBACK = "callback"
LETTER = "letter"
VILLAGE = "village"


def take_callback(unit: Unit, department: str, webhook_id: str, content: bytes, body: Body) -> dict[str, Any]:
    """A reply whose signature has been verified. The same webhook again answers the same, and changes nothing.

    `content`: the bytes that `body` was read from. Raises `NotFound` for a request that does not exist and for another
    department's alike.
    """
    unit.authorise_client(department)
    digest = unit.context.keys.blind_index(f"callback:{content.hex()}")
    table = tables.callback
    heard = unit.connection.execute(
        select(table).where(table.c.department == department, table.c.webhook_id == webhook_id)
    ).first()
    if heard is not None:
        if heard.digest != digest:
            raise Invalid({"webhook-id": ["此编号已用于内容不同的答复"]})
        return {"reply_id": heard.reply_id}
    case, request = request_by_id(unit, body["request_id"])
    if request.department != department or department == HOME_VILLAGE:
        raise NotFound(NO_REQUEST)
    reply_id = keep_reply(unit, case, request, answer_in(body), CALLBACK, unit.today)[0]
    row = {
        "department": department,
        "webhook_id": webhook_id,
        "digest": digest,
        "reply_id": reply_id,
        "heard_at": unit.context.clock.wall(),
    }
    unit.connection.execute(insert(table), row)
    return {"reply_id": reply_id}


def enter_letter(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """A reply that came on paper, with the reference of the document. `day` is the day of receipt."""
    case, request = request_by_id(unit, request_id)
    authorise_committee(unit, case)
    expect(case, body)
    if request.department == HOME_VILLAGE:
        raise Invalid({"request_id": ["原籍所在村的意见由其乡镇（街道）党委反馈，或按原籍意见复函录入"]})
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "收到复函", day, ("征询", request.asked_on))
    reply_id, effect, version = keep_reply(unit, case, request, answer_in(body), LETTER, day, body["document"])
    return {**answer_about(case.case_id, case.state, version, policy), "reply_id": reply_id, "effect": effect}


def answer_in(body: Body) -> replies.Answer:
    return replies.Answer(body["answer"], body.get("category"), body.get("statement"), body.get("rests_on_concluded_findings"))


def keep_reply(
    unit: Unit,
    case: Row[Any],
    request: Row[Any],
    answer: replies.Answer,
    door: str,
    day: date,
    document: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> tuple[str, str, int]:
    """Keeps a reply, whatever it does. Returns its id, its effect, and the case's version. `more` goes into the record beside it.

    What has been concluded is not changed by anything that comes later.
    """
    policy = policy_at(unit, case, day)
    refuse_erased(unit, case)
    replies.decide_reply(answer, policy).require()
    others = replies_of(unit, case, request.department)
    effect = _effect(unit, case, request, answer, others)
    reply_id = new_id()
    shown = {
        "reply_id": reply_id,
        "request_id": request.request_id,
        "department": request.department,
        "door": door,
        "late": deadlines.is_overdue(request.due, day),
        "effect": effect,
    }
    private = {**({"document": document} if document else {}), **(more or {})}
    version = note(unit, case, "reply_received", day, shown, private=private, personal=answer.personal())
    row = {
        **shown,
        "home_county": case.home_county,
        "case_id": case.case_id,
        "document": document,
        "received_on": day,
        "answer_sealed": seal_answer(unit, case, answer),
        "version": version,
    }
    unit.connection.execute(insert(tables.reply), row)
    _move(unit, case, request, reply_id, answer, effect, others)
    return reply_id, effect, version


def _effect(unit: Unit, case: Row[Any], request: Row[Any], answer: replies.Answer, others: list[Row[Any]]) -> str:
    same_question = [other for other in others if other.request_id == request.request_id]
    standing = next((other for other in same_question if other.reply_id == request.standing), None)
    earlier = [open_answer(unit, case, other) for other in same_question if other is not standing]
    counts = open_answer(unit, case, standing) if standing is not None else None
    return replies.effect_of(case.state, request.state, answer, counts, earlier)


def _move(
    unit: Unit,
    case: Row[Any],
    request: Row[Any],
    reply_id: str,
    answer: replies.Answer,
    effect: str,
    others: list[Row[Any]],
) -> None:
    """The request's next state, and that of the one which has taken its place."""
    if effect == replies.COUNTED:
        # Replies to the former question that came after it was asked anew speak on the same matter.
        past = [other for other in others if other.effect == replies.PAST and other.version > request.version]
        disputed = replies.contradicts(answer, [open_answer(unit, case, other) for other in past])
        row = states.REQUEST.step(request.state, "reply_other" if disputed else "reply")
        change(unit, tables.request, request, standing=reply_id, state=row.next, remind_on=None)
        deliveries.cancel_waiting(unit, [request.request_id])
    elif effect == replies.CONTRADICTORY:
        change(unit, tables.request, request, state=states.REQUEST.step(request.state, "reply_other").next)
    elif effect == replies.PAST:
        _dispute_current(unit, case, request, answer, others)


def _dispute_current(unit: Unit, case: Row[Any], request: Row[Any], answer: replies.Answer, others: list[Row[Any]]) -> None:
    """A reply to the former question that disagrees with the answer to the present one is not passed over."""
    for current in requests_of(unit, case):
        if current.department == request.department and current.state == states.ANSWERED:
            standing = next(other for other in others if other.reply_id == current.standing)
            if not answer.same_as(open_answer(unit, case, standing)):
                change(unit, tables.request, current, state=states.REQUEST.step(current.state, "reply_other").next)


def settle(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """A person says which reply stands, with a reason: after a contradiction, or where only the former question was answered."""
    case, request = request_by_id(unit, request_id)
    authorise_committee(unit, case)
    must_be_open(case, body)
    row = states.REQUEST.step(request.state, "settle")
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    candidates = replies_of(unit, case, request.department)
    chosen = next((reply for reply in candidates if reply.reply_id == body["reply_id"]), None)
    if chosen is None:
        raise Invalid({"reply_id": ["不是该部门在本案中的答复"]})
    if request.state == states.ASKED and chosen.effect != replies.PAST:
        raise Invalid({"reply_id": ["该答复已因改询而不再有效，请等待新的答复"]})
    require_dates(unit, policy, "认定以哪一份答复为准", day, ("收到该答复", chosen.received_on))
    change(unit, tables.request, request, standing=chosen.reply_id, state=row.next, remind_on=None)
    deliveries.cancel_waiting(unit, [request.request_id])
    data = {"request_id": request.request_id, "department": request.department, "reply_id": chosen.reply_id}
    version = note(unit, case, "reply_settled", day, data, personal={"reason": body["reason"]})
    return {
        **answer_about(case.case_id, case.state, version, policy),
        "request_id": request.request_id,
        "request_state": row.next,
    }


def standing_reply(unit: Unit, case: Row[Any], request: Row[Any]) -> Row[Any]:
    """The reply that counts. Raises `NotFound` where there is none."""
    found = next((r for r in replies_of(unit, case, request.department) if r.reply_id == request.standing), None)
    if found is None:
        raise NotFound("该征询函尚无有效答复")
    return found


def last_reply_day(unit: Unit, case: Row[Any]) -> date | None:
    """The latest day on which a reply to this case was received."""
    return max((reply.received_on for reply in replies_of(unit, case)), default=None)
