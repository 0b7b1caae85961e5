"""From the admission to full membership: oath, reviews, application, extension, the committee's decision. Sources: NT 28–35, NT' 29."""

from __future__ import annotations

from datetime import date

from contracts.recruitment import CONVERTED, PROBATION_EXTENDED
from kernel.commands import Answer, Body, day_of, policy_at
from kernel.errors import Stale
from kernel.policy import combine, decide_dates, judge
from kernel.unit import Unit
from kernel.workdays import add_months
from services.recruitment.commands.application import release
from services.recruitment.commands.approvals import before_decision, reject
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard, place
from services.recruitment.commands.overdue import caught_up
from services.recruitment.commands.publicities import annul_notices
from services.recruitment.commands.reports import CONVERSION, no_vote
from services.recruitment.domain.committee import ApprovalFacts, decide_approval
from services.recruitment.domain.endings import decide_heard, decide_rejection
from services.recruitment.domain.probation import ProbationFacts, decide_ended, decide_extension, full_since
from services.recruitment.domain.reporting import PUBLICITIES


def take_oath(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The probationary member takes the oath at a formal occasion. A late one is recorded as late. Source: NT 28–35, NT' 29."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "take_oath", body)
    if row.oath_on is not None:
        raise Stale("入党宣誓已经登记")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "入党宣誓", day, (("党委批准", row.admitted_on),)).require()
    late = row.oath_due is not None and day > row.oath_due
    answer = advance(
        unit,
        row,
        "take_oath",
        "oath_taken",
        policy=policy,
        day=day,
        data={"late": late},
        private={"occasion": body["occasion"]},
        oath_on=day,
    )
    return {**caught_up(unit, row, "oath", day, answer), "late": late}


def review_probation(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The half-yearly review. A late one is recorded as late. Answer: `next_due`."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "review_probation", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    before = (("党委批准", row.admitted_on), ("上次考察", row.probation_reviewed_on))
    decide_dates(policy, unit.today, "预备期考察", day, before).require()
    next_due = add_months(day, policy.value("probation.review_months"))
    late = row.probation_review_due is not None and day > row.probation_review_due
    answer = advance(
        unit,
        row,
        "review_probation",
        "probation_reviewed",
        policy=policy,
        day=day,
        data={"conclusion": body["conclusion"], "late": late, "next_due": next_due},
        personal=clean({"findings": body["findings"]}),
        probation_reviewed_on=day,
        probation_review_due=next_due,
    )
    return {**caught_up(unit, row, "probation_review", day, answer), "late": late, "next_due": next_due}


def apply_for_conversion(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The person's own written application. It may come in before probation has ended; the meeting is held after that."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "apply_for_conversion", body)
    if row.conversion_applied_on is not None:
        raise Stale("转正申请已经登记")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "转正申请", day, (("党委批准", row.admitted_on),)).require()
    return advance(
        unit,
        row,
        "apply_for_conversion",
        "conversion_applied",
        policy=policy,
        day=day,
        data={},
        private={"document": body["document"]},
        conversion_applied_on=day,
    )


def extend_probation(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee extends the probation, with a reason, after hearing the person; a new application follows at its end.

    A vote on conversion that has been taken, and its notice, go with it. Answer: `probation_ends`. Source: NT 31.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "extend_probation", body)
    day, heard_on = day_of(unit, body), body["heard_on"]
    policy = policy_at(unit, row, day)
    before = (("党委批准", row.admitted_on), ("支部大会", row.voted_on))
    decision = combine(
        decide_rejection(body["reason"], heard_on, body["statement"], policy),
        decide_heard(policy, unit.today, "延长预备期", day, heard_on or day, before),
        decide_extension(ProbationFacts(row.probation_since, body["months"]), row.extensions, policy),
        judge(decide_ended(row.probation_ends, day, policy)),
    ).require()
    ends: date = decision.values["ends"]
    annul_notices(unit, row, PUBLICITIES[CONVERSION], day)
    answer = advance(
        unit,
        row,
        "extend_probation",
        PROBATION_EXTENDED,
        policy=policy,
        day=day,
        data={**place(row), "probation_ends": ends},
        private={"minutes": body["minutes"], "months": body["months"], "heard_on": heard_on},
        personal=clean({"reason": body["reason"], "statement": body["statement"]}),
        **no_vote(),
        probation_ends=ends,
        extensions=row.extensions + 1,
        conversion_applied_on=None,
    )
    return {**caught_up(unit, row, "conversion", day, answer), "probation_ends": ends}


def approve_conversion(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee approves: a full member. Seniority counts from the day on which probation ended. Answer: `full_since`."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "approve_conversion", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    facts = ApprovalFacts(None, row.committee_voted_on is not None, bool(row.committee_vote_passed))
    combine(
        decide_dates(policy, unit.today, "批准转正", day, before_decision(row)),
        decide_approval(facts, policy),
    ).require()
    since = full_since(row.probation_ends, day, policy)
    release(unit, row)
    answer = advance(
        unit,
        row,
        "approve_conversion",
        CONVERTED,
        policy=policy,
        day=day,
        data={**place(row), "full_since": since, "approved_on": day},
        private={"document": body["document"], "meeting_id": row.committee_voted_by},
        converted_on=day,
        full_since=since,
        ended_on=day,
        probation_review_due=None,
    )
    # With probation its reviews and the oath that were left out are over too.
    for step in ("conversion_decision", "probation_review", "oath"):
        answer = caught_up(unit, row, step, day, answer)
    return {**answer, "full_since": since}


def reject_conversion(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee does not approve the conversion, with a reason, after hearing the person, who stays on probation.

    What follows is decided by people: an extension, another meeting, or the end of the candidacy.
    """
    return reject(unit, body, candidate_id, "reject_conversion", "conversion_rejected", CONVERSION)
