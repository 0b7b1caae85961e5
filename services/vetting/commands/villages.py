"""The home village's opinion: asked by the deciding committee, given with a notice there, returned through the township committee.

Sources: JH 5, 6, 7. Everything is written on the case's stream; those in the village are told nothing of the case.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Row

from kernel.commands import Body, change, day_of, departures_of, expect, passing, policy_at, require_dates, sealed
from kernel.encoding import canonical
from kernel.errors import Invalid, Stale
from kernel.policy import Policy, combine, decide_dates
from kernel.unit import Unit
from services.vetting import tables
from services.vetting.commands import inquiries
from services.vetting.commands.answering import LETTER, VILLAGE, answer_in, keep_reply
from services.vetting.commands.common import (
    CASES,
    answer_about,
    authorise_committee,
    note,
    person_of,
    refuse_erased,
    requests_of,
    seal_answer,
)
from services.vetting.commands.questions import ask
from services.vetting.domain import home_village, replies, states
from services.vetting.domain.departments import HOME_VILLAGE

# -- the deciding committee


def ask_home_village(unit: Unit, body: Body, case_id: str) -> dict[str, Any]:
    """Asks the township committee of the registered place. A village outside the suite is asked by letter to `addressee`."""
    case = CASES.hold(unit, case_id)
    authorise_committee(unit, case)
    CASES.check(case, "ask_home_village", body)
    person, day = person_of(unit, case), day_of(unit, body)
    if not person.elsewhere:
        raise Stale("此人不是异地发展，无须征求原籍所在村的意见")
    if any(r.department == HOME_VILLAGE and r.state in states.LIVE for r in requests_of(unit, case)):
        raise Stale("已向原籍所在村征求意见")
    policy = policy_at(unit, case, day)
    require_dates(unit, policy, "向原籍征求意见", day, ("立案", case.opened_on))
    addressee = (body.get("addressee") or "").strip()
    if bool(addressee) == bool(person.home_village):
        raise Invalid(
            {"addressee": ["原籍所在村在本系统内的，无须填写" if addressee else "原籍所在村不在本系统内，须写明收函党委"]}
        )
    box = sealed(unit, case.subject, addressee) if addressee else None
    request_id, due, version = ask_village(unit, case, person, policy, day, case.version, box)
    return {**answer_about(case.case_id, case.state, version, policy), "request_id": request_id, "due": due}


def ask_village(
    unit: Unit, case: Row[Any], person: Row[Any], policy: Policy, day: date, version: int, addressee_sealed: str | None
) -> tuple[str, date, int]:
    """The question, and what is kept of its way. Returns its id, the due day and the case's version."""
    place = inquiries.place_of_village(unit, person.home_village) if person.home_village else {}
    rounds = [request.round for request in requests_of(unit, case) if request.department == HOME_VILLAGE]
    request_id, due, version = ask(
        unit,
        case,
        policy,
        HOME_VILLAGE,
        HOME_VILLAGE,
        day,
        version,
        round=max(rounds, default=0) + 1,
        term_from=inquiries.begins(unit, place, policy),
    )
    inquiries.add(unit, case, request_id, {**place, "addressee_sealed": addressee_sealed})
    return request_id, due, version


def enter_village_letter(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The opinion of a village outside the suite, by letter, with its reference and the days of the notice there."""
    case, request, inquiry = inquiries.find(unit, request_id)
    authorise_committee(unit, case)
    expect(case, body)
    row = inquiries.may(case, request, inquiry, "enter_village_letter")
    if inquiry.village is not None:
        raise Stale("原籍所在村在本系统内，由其党组织出具意见、乡镇（街道）党委反馈")
    day = day_of(unit, body)
    policy = policy_at(unit, case, day)
    posted, down = body.get("posted_on"), body.get("taken_down_on")
    decision = combine(
        decide_dates(policy, unit.today, "收到复函", day, [("征询", request.asked_on), ("撤下公示", down), ("公示", posted)]),
        decide_dates(policy, unit.today, "撤下公示", down or day, [("公示", posted)]),
        home_village.decide_letter(home_village.LetterFacts(posted, down), policy),
    )
    decision = passing(decision, body)
    departures = departures_of(decision.departures)
    more = {"posted_on": posted, "taken_down_on": down, "departures": departures}
    reply_id, effect, version = keep_reply(unit, case, request, answer_in(body), LETTER, day, body["document"], more)
    change(unit, tables.home_village, inquiry, state=row.next, posted_on=posted, ended_on=down, returned_on=day)
    answer = answer_about(case.case_id, case.state, version, policy)
    return {**answer, "reply_id": reply_id, "effect": effect, "departures": departures}


# -- the village


def post_notice(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The notice goes up in the village. The period runs from the day on which all that is asked for was done."""
    case, request, inquiry = _in_village(unit, body, request_id)
    row = inquiries.may(case, request, inquiry, "post_notice")
    put_up, announced = day_of(unit, body), body.get("announced_on")
    day = max(put_up, announced or put_up)
    policy = inquiries.policy_there(unit, inquiry, day)
    content = {name: text for name, text in body["content"].items() if text}
    known = unit.context.keys.open_fields(case.subject, {"id_number": person_of(unit, case).id_number_sealed})
    places = body.get("places") or []
    first = home_village.first_possible(day, policy)
    after = [("征询", request.asked_on)]
    combine(
        decide_dates(policy, unit.today, "张贴公示", put_up, after),
        decide_dates(policy, unit.today, "通报", announced or put_up, after),
        home_village.decide_notice(home_village.NoticeFacts(content, list(known.values()), announced, places), policy),
    ).require()
    term = {"first_possible": first.day if first else None, "provisional": bool(first and first.provisional)}
    data = {"request_id": request.request_id, "announced_on": announced, "places": places, **term}
    note(unit, case, "home_village_notice_posted", day, data, personal={"content": canonical(content)})
    change(
        unit,
        tables.home_village,
        inquiry,
        state=row.next,
        posted_on=day,
        announced_on=announced,
        places=canonical(places),
        content_sealed=sealed(unit, case.subject, canonical(content)),
        first_possible=term["first_possible"],
    )
    return {**_told(request, row.next, policy), **term}


def end_notice(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The notice comes down, with what was objected and what was found about each. Where nobody asks any more, it just comes down."""
    case, request, inquiry = _in_village(unit, body, request_id)
    row = inquiries.may(case, request, inquiry, "end_notice")
    day = day_of(unit, body)
    policy = inquiries.policy_there(unit, inquiry, day)
    require_dates(unit, policy, "撤下公示", day, ("公示", inquiry.posted_on))
    objections = [{"text": o["text"], "finding": (o.get("finding") or "").strip()} for o in body.get("objections") or ()]
    if inquiries.is_open(case, request):
        facts = home_village.NoticeEndFacts(
            inquiry.posted_on, inquiry.first_possible, day, len(objections), sum(not o["finding"] for o in objections)
        )
        home_village.decide_notice_end(facts, policy).require()
    text = canonical(objections)
    data = {"request_id": request.request_id, "objections": len(objections)}
    note(unit, case, "home_village_notice_ended", day, data, personal={"objections": text} if objections else None)
    box = sealed(unit, case.subject, text) if objections else None
    change(unit, tables.home_village, inquiry, state=row.next, ended_on=day, objections=len(objections), objections_sealed=box)
    return {**_told(request, row.next, policy), "objections": len(objections)}


def give_opinion(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The village's branch gives its opinion, as a department answers; a concern rests on concluded findings."""
    case, request, inquiry = _in_village(unit, body, request_id)
    row = inquiries.may(case, request, inquiry, "give_opinion")
    day = day_of(unit, body)
    policy = inquiries.policy_there(unit, inquiry, day)
    require_dates(unit, policy, "出具意见", day, ("征询", request.asked_on), ("撤下公示", inquiry.ended_on))
    answer = answer_in(body)
    home_village.decide_opinion(answer, inquiry.ended_on, policy).require()
    data = {"request_id": request.request_id}
    note(unit, case, "home_village_opinion_given", day, data, personal=answer.personal())
    change(unit, tables.home_village, inquiry, state=row.next, given_on=day, opinion_sealed=seal_answer(unit, case, answer))
    return _told(request, row.next, policy)


def return_opinion(unit: Unit, body: Body, request_id: str) -> dict[str, Any]:
    """The township committee returns the opinion to the committee that asked. From then on it is an answer like others."""
    case, request, inquiry = inquiries.find(unit, request_id)
    if inquiry.village is None:
        unit.authorise(case.committee_path)
        raise Stale("原籍所在村不在本系统内，意见以复函录入")
    unit.authorise_own(inquiry.township_path, inquiry.township, "只有原籍所在地的乡镇（街道）党委可以反馈")
    row = inquiries.may(case, request, inquiry, "return_opinion")
    day = day_of(unit, body)
    policy = inquiries.policy_there(unit, inquiry, day)
    require_dates(unit, policy, "反馈意见", day, ("出具意见", inquiry.given_on))
    fields = unit.context.keys.open_fields(case.subject, json.loads(inquiry.opinion_sealed))
    given = replies.answer_of(fields)
    # On what it rests the village has confirmed when it gave the opinion.
    confirmed = replies.Answer(given.answer, given.category, given.statement, given.answer == replies.CONCERN or None)
    keep_reply(unit, case, request, confirmed, VILLAGE, day, more={"given_on": inquiry.given_on})
    change(unit, tables.home_village, inquiry, state=row.next, returned_on=day)
    return _told(request, row.next, policy)


def _in_village(unit: Unit, body: Body, request_id: str) -> tuple[Row[Any], Row[Any], Row[Any]]:
    """Case, question and its way, for somebody with a post in the village. Raises `Stale` for a village outside the suite."""
    case, request, inquiry = inquiries.find(unit, request_id)
    if inquiry.village is None:
        unit.authorise(case.committee_path)
        raise Stale("原籍所在村不在本系统内，意见以复函录入")
    unit.authorise(inquiry.village_path)
    refuse_erased(unit, case)
    return case, request, inquiry


def _told(request: Row[Any], state: str, policy: Policy) -> dict[str, Any]:
    """What the village and its township committee are told: nothing of the case."""
    return {"request_id": request.request_id, "state": state, "packs": list(policy.packs)}
