"""From the recommendation to the appointment, and from one term to the next. Source: NN 4(1)(3)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select

from contracts.organizers import ORGANIZER_APPOINTED, TASK_OPENED
from kernel.commands import Answer, Body, add, articles, change, day_of, sealed
from kernel.encoding import canonical
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Policy, combine, decide_dates, judge
from kernel.store.database import insert_ignore
from kernel.unit import Unit
from services.organizers.commands.common import ORGANIZERS, TASKS, guard, member_of, organisation_of, place, policy_at, said
from services.organizers.commands.ending import release
from services.organizers.commands.tasks import told as told_task
from services.organizers.domain import states, terms
from services.organizers.domain.appointment import (
    AppointmentFacts,
    Examination,
    check_conditions,
    conditions,
    decide_appointment,
    decide_willing,
    power,
)
from services.organizers.domain.proceedings import decide_reason
from services.organizers.domain.renewal import Assessment, RenewalFacts, decide_renewal
from services.organizers.tables import assessment, engaged, organisation, organizer, proceeding, task

_RESULTS = {"passed": True, "failed": False}


def recommend(unit: Unit, body: Body) -> Answer:
    """A grass-roots organisation recommends a member to the committee that appoints. Source: NN 4(3)."""
    by = organisation_of(unit, body["organisation"])
    unit.authorise(by.path)
    day = day_of(unit, body)
    policy = policy_at(unit, by, day)
    to = _committee(unit, by, body.get("committee"))
    member_of(unit, body["member_id"])
    combine(decide_dates(policy, unit.today, "推荐", day, ()), decide_reason(body["reason"], policy)).require()
    id = new_id()
    _engage(unit, body["member_id"], to.county, id)
    applied = articles(policy, states.APPOINTMENT.rules("recommend"))
    data = {"member_id": body["member_id"], "recommended_by": by.code, "committee": to.code}
    version = unit.record(
        "organizer_recommended",
        stream=f"organizer/{id}",
        expected=0,
        home_county=to.county,
        day=day,
        data={"organizer_id": id, **data},
        private={"articles": applied},
        subject=body["member_id"],
        personal={"reason": body["reason"]},
    )
    add(
        unit,
        organizer,
        home_county=to.county,
        organizer_id=id,
        version=version,
        state=states.RECOMMENDED,
        path=to.path,
        city=to.city,
        county=to.county,
        recommended_path=by.path,
        domain=by.domain,
        recommended_on=day,
        reason_sealed=sealed(unit, body["member_id"], body["reason"]),
        **data,
    )
    state = {"state": states.RECOMMENDED, "version": version, "day": day, "articles": applied}
    return {"organizer_id": id, "committee": to.code, **state}


def _committee(unit: Unit, by: Row[Any], code: str | None) -> Row[Any]:
    """The committee named, or the nearest with the power to approve admissions, at or above the organisation."""
    above = by.path.strip("/").split("/")
    query = select(organisation).where(organisation.c.code.in_(above)).order_by(organisation.c.path.desc())
    rows = unit.connection.execute(query).all()
    if code is not None:
        organisation_of(unit, code)
        rows = [row for row in rows if row.code == code]
    else:
        rows = [row for row in rows if row.approval_power]
    if not rows:
        raise Invalid({"committee": ["不是推荐组织的上级党（工）委"]})
    return rows[0]


def _engage(unit: Unit, member_id: str, county: str, organizer_id: str) -> None:
    row = {"member_id": member_id, "home_county": county, "organizer_id": organizer_id}
    if unit.connection.execute(insert_ignore(unit.connection, engaged), row).rowcount == 0:
        raise Stale("此人已被推荐，或已在聘任中")


def consent(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """The person has been asked. `given` false ends the matter: nobody is appointed who does not want to be. Source: NN 4(3)."""
    row = ORGANIZERS.hold(unit, organizer_id)
    action = "consent" if body["given"] else "refuse_consent"
    guard(unit, ORGANIZERS, row, action, body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "征求本人意愿", day, (("推荐", row.recommended_on),)).require()
    data = {"given": body["given"], "document": body["document"]}
    if body["given"]:
        return ORGANIZERS.advance(unit, row, action, "organizer_consented", policy=policy, day=day, data=data, consented_on=day)
    release(unit, [row.member_id])
    return ORGANIZERS.advance(unit, row, action, "organizer_unwilling", policy=policy, day=day, data=data, ended_on=day)


def check(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """What review and inspection have found, condition by condition, each with its paper. May be put on record anew. Source: NN 4(1)."""
    row = ORGANIZERS.hold(unit, organizer_id)
    guard(unit, ORGANIZERS, row, "check", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    check_conditions([item["condition"] for item in body["conditions"]], policy)
    if unknown := set(body["preferred"]) - set(policy.value("organizer.preferred")):
        raise Invalid({"preferred": [f"不是文件列举的来源：{'、'.join(sorted(unknown))}"]})
    combine(
        decide_willing(row.consented_on is not None, policy),
        decide_dates(policy, unit.today, "审查考察", day, (("本人同意", row.consented_on),)),
    ).require()
    found = canonical({name: body[name] for name in ("conditions", "preferred", "review", "inspection")})
    return ORGANIZERS.advance(
        unit,
        row,
        "check",
        "organizer_checked",
        policy=policy,
        day=day,
        data={"organizer_id": organizer_id},
        personal=said(found=found),
        checked_on=day,
        check_sealed=sealed(unit, row.member_id, found),
    )


def appoint(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """The committee appoints, for the term of the packs, and names the account. Answer: `since`, `until`. Source: NN 4(1)(3)."""
    row = ORGANIZERS.hold(unit, organizer_id)
    guard(unit, ORGANIZERS, row, "appoint", body)
    day = day_of(unit, body)
    since: date = body.get("since") or day
    policy = policy_at(unit, row, day)
    _account(unit, body["account"])
    _no_open_proceeding(unit, row)
    facts = AppointmentFacts(
        consented=row.consented_on is not None,
        full_member=member_of(unit, row.member_id).full_on(day),
        examination=_examination(unit, row),
        approval_power=organisation_of(unit, row.committee).approval_power,
    )
    before = (("推荐", row.recommended_on), ("本人同意", row.consented_on), ("审查考察", row.checked_on))
    combine(
        decide_appointment(facts, policy),
        decide_dates(policy, unit.today, "聘任", day, before),
        decide_dates(policy, since, "聘期开始", since, (("聘任", day),)),
    ).require()
    until = terms.last_day(since, policy)
    answer = ORGANIZERS.advance(
        unit,
        row,
        "appoint",
        ORGANIZER_APPOINTED,
        policy=policy,
        day=day,
        data={**place(row), "account": body["account"], "since": since, "until": until, "renewed": False},
        private={"document": body["document"]},
        appointed_on=day,
        account=body["account"],
        first_since=since,
        term=1,
        since=since,
        until=until,
        assessment_due=terms.assessment_due(since, (), policy),
        remind_on=terms.next_reminder(until, since, policy),
    )
    return {**answer, "since": since, "until": until, "term": 1}


def _account(unit: Unit, account: str) -> None:
    if account == unit.actor.account:
        raise Invalid({"account": ["不能给自己的账号聘任"]})
    living = select(organizer.c.organizer_id).where(organizer.c.account == account, organizer.c.state == states.APPOINTED)
    if unit.connection.execute(living).first() is not None:
        raise Invalid({"account": ["该账号已属于另一名在聘的特聘组织员"]})


def _no_open_proceeding(unit: Unit, row: Any) -> None:
    query = select(proceeding.c.proceeding_id).where(
        proceeding.c.organizer_id == row.organizer_id, proceeding.c.state != states.DECIDED
    )
    if unit.connection.execute(query).first() is not None:
        raise Stale("不予聘任的提议尚在办理")


def _examination(unit: Unit, row: Any) -> Examination | None:
    if row.check_sealed is None:
        return None
    found = json.loads(unit.context.keys.open_fields(row.member_id, {"text": row.check_sealed})["text"])
    return Examination({item["condition"]: item["met"] for item in found["conditions"]}, found["review"], found["inspection"])


# -- another term


def renew(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """Another term, any number of times: from the day after the last one's end. Answer: `since`, `until`. Source: NN 4(3)."""
    row = ORGANIZERS.hold(unit, organizer_id)
    guard(unit, ORGANIZERS, row, "renew", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    assessed = _assessments(unit, row)
    latest = max((found.assessed_on for found in assessed), default=None)
    facts = RenewalFacts(row.since, tuple(Assessment(a.year, _RESULTS[a.result]) for a in assessed if a.result in _RESULTS))
    combine(
        judge(*decide_renewal(facts, policy).reasons),
        judge(
            conditions(member_of(unit, row.member_id).full_on(day), _held_at_appointment(policy), policy),
            power(organisation_of(unit, row.committee).approval_power, policy),
        ),
        terms.decide_in_term(row.first_since, row.until, day, policy),
        decide_dates(policy, unit.today, "续聘", day, (("考核", latest), ("聘期开始", row.since))),
    ).require()
    since = row.until + timedelta(days=1)
    until = terms.last_day(since, policy)
    answer = ORGANIZERS.advance(
        unit,
        row,
        "renew",
        ORGANIZER_APPOINTED,
        policy=policy,
        day=day,
        data={**place(row), "since": since, "until": until, "renewed": True},
        private={"document": body["document"]},
        term=row.term + 1,
        since=since,
        until=until,
        assessment_due=terms.assessment_due(since, (), policy),
        remind_on=terms.next_reminder(until, since, policy),
        reminded_on=None,
    )
    _prolong_tasks(unit, row, until, day, policy)
    return {**answer, "since": since, "until": until, "term": row.term + 1}


def _held_at_appointment(policy: Policy) -> dict[str, bool]:
    """What was found at the appointment stands until a dismissal; only the roll is asked again."""
    return dict.fromkeys(policy.value("organizer.conditions"), True)


def _assessments(unit: Unit, row: Any) -> list[Row[Any]]:
    query = select(assessment).where(
        assessment.c.home_county == row.home_county,
        assessment.c.organizer_id == row.organizer_id,
        assessment.c.term == row.term,
    )
    return list(unit.connection.execute(query))


def _prolong_tasks(unit: Unit, row: Any, until: date, day: date, policy: Policy) -> None:
    """Open tasks go on into the new term; what they open to the organizer is told anew."""
    query = select(task).where(task.c.organizer_id == row.organizer_id, task.c.state == states.OPEN)
    for found in unit.connection.execute(query.order_by(task.c.task_id)).all():
        data = {**told_task(found), "since": found.since, "until": until}
        TASKS.advance(unit, found, "prolong", TASK_OPENED, policy=policy, day=day, data=data, until=until)


def note_assessed(unit: Unit, row: Any, policy: Policy) -> None:
    """When the next assessment of the term is due."""
    years = [found.year for found in _assessments(unit, row)]
    change(unit, organizer, row, assessment_due=terms.assessment_due(row.since, years, policy))
