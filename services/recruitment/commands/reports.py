"""After the members' meeting: the branch reports to the committee, or takes a vote back. Sources: NT 23 33, JH 6, NN 3(4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from kernel.commands import Answer, Body, day_of, passing, policy_at
from kernel.errors import Stale
from kernel.policy import combine, decide_dates, judge
from kernel.unit import Unit
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard
from services.recruitment.commands.publicities import annul_notices, decide_shown
from services.recruitment.domain import completeness, completing, nomination
from services.recruitment.domain.committee import DecisionDueFacts, decide_conversion_due, decide_decision_due
from services.recruitment.domain.endings import decide_heard
from services.recruitment.domain.probation import decide_own_application
from services.recruitment.domain.publicity import period_parameter
from services.recruitment.domain.reporting import PUBLICITIES, ReportFacts, decide_report
from services.recruitment.queries.traces import trace_of
from services.recruitment.tables import meeting

ADMISSION, CONVERSION = nomination.ADMISSION, nomination.CONVERSION
_ACTIONS = {ADMISSION: ("report", "admission_reported"), CONVERSION: ("report_conversion", "conversion_reported")}
_ANNULMENTS = {
    ADMISSION: ("annul_vote", "admission_vote_annulled"),
    CONVERSION: ("annul_conversion_vote", "conversion_vote_annulled"),
}


def no_vote() -> dict[str, Any]:
    """The columns of a members' vote and of the committee's, emptied: for a vote taken back, and for the next of the two ways."""
    branch = ("voted_on", "voted_by", "vote_passed", "reported_on", "decision_due", "decision_extended")
    return dict.fromkeys((*branch, "committee_voted_on", "committee_voted_by", "committee_vote_passed"))


def report_admission(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch's report on an admission; the committee's term begins. Answer: `decision_due`. Source: NT 23 27."""
    return _report(unit, body, candidate_id, ADMISSION)


def report_conversion(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch's report on a conversion; the committee's term begins. Answer: `decision_due`. Source: NT 33."""
    return _report(unit, body, candidate_id, CONVERSION)


def _report(unit: Unit, body: Body, candidate_id: str, kind: str) -> Answer:
    action, what = _ACTIONS[kind]
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, action, body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    trace = trace_of(unit.connection, unit.context.policies, row)
    missing = completeness.missing(completeness.items(kind, trace, policy), apart=completing.APART)
    own = decide_own_application(row.conversion_applied_on, policy) if kind == CONVERSION else None
    decision = passing(
        combine(
            decide_dates(policy, unit.today, "上报党委", day, _before(unit, row)),
            decide_report(ReportFacts(row.vote_passed, missing), policy),
            *(decide_shown(unit, row, stage, day, policy) for stage in PUBLICITIES[kind]),
            judge(own),
        ),
        body,
    )
    decide_due = decide_decision_due if kind == ADMISSION else decide_conversion_due
    due: date = decide_due(DecisionDueFacts(day, extended=False), policy).values["due"]
    first = period_parameter(PUBLICITIES[kind][0])
    answer = advance(
        unit,
        row,
        action,
        what,
        policy=policy,
        day=day,
        data={"decision_due": due, "meeting_id": row.voted_by},
        private={"document": body["document"]},
        departures=decision.departures,
        deciding={"publicity.period": first},
        reported_on=day,
        decision_due=due,
        decision_extended=False,
    )
    return {**answer, "decision_due": due}


def _before(unit: Unit, row: Any) -> list[tuple[str, date | None]]:
    """What a report rests on: the meeting held, signed and concluded, the notices taken down."""
    held = unit.connection.execute(select(meeting).where(meeting.c.meeting_id == row.voted_by)).first()
    signed, concluded = (held.signed_on, held.concluded_on) if held else (None, None)
    return [("支部大会", row.voted_on), ("派员签字", signed), ("会议办结", concluded)]


# -- taking a vote back


def annul_admission_vote(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch takes its vote on an admission back, after an objection was found to be right: back to before the meeting."""
    return _annul(unit, body, candidate_id, ADMISSION)


def annul_conversion_vote(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The same for a conversion."""
    return _annul(unit, body, candidate_id, CONVERSION)


def _annul(unit: Unit, body: Body, candidate_id: str, kind: str) -> Answer:
    action, what = _ANNULMENTS[kind]
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, action, body)
    if row.voted_on is None:
        raise Stale("支部大会尚未表决")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_heard(policy, unit.today, "撤销表决", day, body["heard_on"], (("支部大会", row.voted_on),)).require()
    annul_notices(unit, row, PUBLICITIES[kind], day)
    return advance(
        unit,
        row,
        action,
        what,
        policy=policy,
        day=day,
        data={"heard_on": body["heard_on"], "meeting_id": row.voted_by},
        personal=clean({"reason": body["reason"], "statement": body["statement"]}),
        **no_vote(),
    )
