"""From the recommendation to the activist. Sources: JH 2, NN 3(1)(3), NT 8 9."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update

from contracts.recruitment import ACTIVIST_DETERMINED
from kernel.commands import Answer, Body, day_of, passing, policy_at
from kernel.errors import Stale
from kernel.policy import Decision, Policy, combine, decide_dates
from kernel.unit import Unit
from kernel.workdays import add_months
from services.recruitment.commands.common import CANDIDATES, advance, branch_of, clean, guard, place
from services.recruitment.commands.named import name_from, name_nobody, standing_of
from services.recruitment.commands.rectifications import decide_in_rectification
from services.recruitment.domain import completeness
from services.recruitment.domain.activist import (
    Contact,
    DeterminationFacts,
    decide_body,
    decide_contacts,
    decide_determination,
)
from services.recruitment.domain.publicity import PeriodFacts, decide_period, period_parameter
from services.recruitment.queries.traces import trace_of
from services.recruitment.tables import contact, meeting, publicity

#: Other rules speak of these themselves when an activist is determined.
_APART = ("recommendation", "approval", "ballot")


def approve_activist(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The superior committee agrees; where the packs ask for it, its day is the day that counts. Source: JH 2."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "approve", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "上级审批", day, _result_of(unit, row)).require()
    private = {"document": body["document"]}
    return advance(unit, row, "approve", "activist_approved", policy=policy, day=day, data={}, private=private, approved_on=day)


def decline_activist(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The superior committee sends the proposal back, or takes its approval back, with a reason; the person is heard, stays applicant."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "decline", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    _decide_heard(unit, body, policy, "退回", day, (("推荐", row.recommended_on), ("上级审批", row.approved_on))).require()
    return advance(
        unit,
        row,
        "decline",
        "activist_declined",
        policy=policy,
        day=day,
        data={"heard_on": body["heard_on"]},
        personal=clean({"reason": body["reason"], "statement": body["statement"]}),
        **_start_over(),
    )


def annul_determination(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch takes its determination back before it has taken effect, after an objection was found to be right.

    The person has been heard, stays applicant, and may be recommended again. A notice that still stands comes down with it.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "annul", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    _decide_heard(unit, body, policy, "撤销确定", day, (("确定", row.determined_on),)).require()
    name_nobody(unit, contact, row, day)
    unit.connection.execute(
        update(publicity)
        .where(publicity.c.candidate_id == candidate_id, publicity.c.stage == "activist", publicity.c.state == "posted")
        .values(state="ended", ended_on=day, outcome="annulled")
    )
    return advance(
        unit,
        row,
        "annul",
        "determination_annulled",
        policy=policy,
        day=day,
        data={"heard_on": body["heard_on"]},
        personal=clean({"reason": body["reason"], "statement": body["statement"]}),
        **_start_over(),
        determined_on=None,
        since=None,
    )


def _result_of(unit: Unit, row: Any) -> list[tuple[str, date | None]]:
    """The days of the meeting that recommended the candidate: held, signed by the delegate, concluded."""
    held = unit.connection.execute(select(meeting).where(meeting.c.meeting_id == row.recommended_by)).first()
    signed, concluded = (held.signed_on, held.concluded_on) if held else (None, None)
    return [("推荐", row.recommended_on), ("派员签字", signed), ("推荐办结", concluded)]


def _decide_heard(
    unit: Unit, body: Body, policy: Policy, step: str, day: date, before: Sequence[tuple[str, date | None]]
) -> Decision:
    """The person is heard on a step that has been taken, and before it is undone."""
    return combine(
        decide_dates(policy, unit.today, step, day, (*before, ("听取本人意见", body["heard_on"]))),
        decide_dates(policy, unit.today, "听取本人意见", body["heard_on"], before),
    )


def _start_over() -> dict[str, Any]:
    names = ("recommended_on", "recommended_by", "approved_on", "balloted_on", "balloted_by", "ballot_passed")
    return dict.fromkeys(names)


def determine_activist(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch decides, names contacts; what is missing refuses. Answer: `since`, the day that counts.

    Where the packs ask for publicity the person becomes activist when it has ended, else at once.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "determine", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    contacts = _contacts(unit, row, body["contacts"], day)
    decision = _decide_determination(unit, body, row, day, policy, contacts)
    name_from(unit, contact, row, [c.member_id for c in contacts], day)
    since: date = decision.values["since"]
    answer = advance(
        unit,
        row,
        "determine",
        "activist_decided",
        policy=policy,
        day=day,
        data={"since": since, "decided_by": body["decided_by"], "contacts": [c.member_id for c in contacts]},
        private={"minutes": body["minutes"], "county_delegate": body.get("county_delegate")},
        departures=decision.departures,
        determined_on=day,
        since=since,
    )
    if not decide_period(PeriodFacts("activist", day), policy).values["required"]:
        listed = list_activist(unit, CANDIDATES.find(unit, row.candidate_id), policy, day)
        answer = {**answer, "state": listed["state"], "version": listed["version"]}
    return {**answer, "since": since}


def _decide_determination(unit: Unit, body: Body, row: Any, day: date, policy: Policy, contacts: Sequence[Contact]) -> Decision:
    """All that speaks against it, at once. Raises `Refused`."""
    branch = branch_of(unit, row.branch)
    trace = trace_of(unit.connection, unit.context.policies, row)
    items = completeness.items("activist", trace, policy)
    facts = DeterminationFacts(
        recommended_on=row.recommended_on,
        approved_on=row.approved_on,
        balloted_on=row.balloted_on,
        ballot_passed=bool(row.ballot_passed),
        missing=completeness.missing(items, apart=_APART),
    )
    before = (
        ("推荐", row.recommended_on),
        ("上级审批", row.approved_on),
        ("票决", row.balloted_on),
        ("谈话", row.talked_on),
        ("接到申请的公示期满", trace.application_publicity_ended_on),
    )
    return passing(
        combine(
            decide_dates(policy, unit.today, "确定", day, before),
            decide_determination(facts, day, policy),
            decide_body(branch.has_committee, body["decided_by"], policy),
            decide_contacts(contacts, policy),
            decide_in_rectification(unit, branch, body.get("county_delegate"), policy),
        ),
        body,
    )


def list_activist(unit: Unit, row: Any, policy: Policy, day: date) -> Answer:
    """The determination takes effect: the person stands in the pool, and others are told."""
    shown = unit.context.keys.open_fields(row.candidate_id, {"name": row.name_sealed, "id_number": row.id_number_sealed})
    return advance(
        unit,
        row,
        "list",
        ACTIVIST_DETERMINED,
        policy=policy,
        day=day,
        data={**place(row), "since": row.since},
        personal=shown,
        review_due=add_months(row.since, policy.value("cultivation.review_months")),
        deciding={"publicity.period": period_parameter("activist")},
    )


def file_activist(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The superior committee registers the filing. Source: NT 8."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "file", body)
    if row.filed_on is not None:
        raise Stale("备案已经登记")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "备案", day, (("确定", row.determined_on),)).require()
    private = {"document": body["document"]}
    return advance(unit, row, "file", "activist_filed", policy=policy, day=day, data={}, private=private, filed_on=day)


# -- contacts


def change_contacts(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """Other contacts, from that day on. Source: NT 9."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "change_contacts", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    contacts = _contacts(unit, row, body["contacts"], day)
    decision = passing(
        combine(
            decide_dates(policy, unit.today, "更换联系人", day, (("确定", row.determined_on),)),
            decide_contacts(contacts, policy),
        ),
        body,
    )
    name_from(unit, contact, row, [c.member_id for c in contacts], day)
    return advance(
        unit,
        row,
        "change_contacts",
        "contacts_changed",
        policy=policy,
        day=day,
        data={"contacts": [c.member_id for c in contacts]},
        departures=decision.departures,
    )


def _contacts(unit: Unit, row: Any, named: Sequence[Any], day: date) -> list[Contact]:
    """Those named, as they stand; full members since `day` at the latest."""
    standing = standing_of(unit, row, [item["member_id"] for item in named], day)
    return [
        Contact(
            member_id=item["member_id"],
            known=standing[item["member_id"]].known,
            full=standing[item["member_id"]].full,
            same_branch=standing[item["member_id"]].same_branch,
            relative=item["relative"],
        )
        for item in named
    ]
