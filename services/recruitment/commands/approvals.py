"""The committee decides on an admission: talk, term, approval, rejection. Sources: NT 25–27, NT' 25, JH 8."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from contracts.recruitment import ADMITTED
from kernel.commands import Answer, Body, day_of, policy_at
from kernel.encoding import canonical
from kernel.errors import Stale
from kernel.policy import Policy, combine, decide_dates
from kernel.unit import Unit
from services.recruitment.commands import codes, figures
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard, place
from services.recruitment.commands.overdue import caught_up
from services.recruitment.commands.publicities import annul_notices
from services.recruitment.commands.reports import ADMISSION, no_vote
from services.recruitment.domain import states
from services.recruitment.domain.admission import is_young, roll_particulars
from services.recruitment.domain.assembly import ReviewFacts, decide_reviewed
from services.recruitment.domain.committee import (
    ApprovalFacts,
    DecisionDueFacts,
    decide_approval,
    decide_decision_due,
    decide_talk,
)
from services.recruitment.domain.endings import decide_heard, decide_rejection
from services.recruitment.domain.oath import oath_due
from services.recruitment.domain.probation import ProbationFacts, decide_end, review_due
from services.recruitment.domain.reporting import PUBLICITIES

#: Which overdue step a decision of the committee catches up, by the state that waited for it.
_DECISION_STEPS = {states.REPORTED: "committee_decision", states.CONVERSION_REPORTED: "conversion_decision"}


def hold_committee_talk(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """Somebody sent by the committee talks with the person before the approval; in Jinhua the stationed county organiser.

    Where the packs say who talks, it is entered by an account that holds that post. Source: NT 25, JH 8.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "committee_talk", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    if policy.has("committee.talk_by"):
        # Who holds two posts acts in the one that the rule asks for.
        unit.post = unit.actor.post_for(policy.value("committee.talk_by"), row.path, unit.today) or unit.post
    role = unit.post.role if unit.post else None
    combine(
        decide_dates(policy, unit.today, "谈话", day, (("上报党委", row.reported_on),)),
        decide_talk(role, body["topics"], policy),
    ).require()
    return advance(
        unit,
        row,
        "committee_talk",
        "committee_talk_held",
        policy=policy,
        day=day,
        data={"role": role},
        private={"topics": body["topics"]},
        personal=clean({"talker": body["talker"], "record": body["record"]}),
        committee_talked_on=day,
    )


def extend_decision(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """A special case: the committee takes the longer term, with a reason, once. Answer: `decision_due`. Source: NT 27."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "extend_decision", body)
    if row.decision_extended:
        raise Stale("审批期限已经延长")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "延长审批期限", day, (("上报党委", row.reported_on),)).require()
    due = decide_decision_due(DecisionDueFacts(row.reported_on, extended=True), policy).values["due"]
    answer = advance(
        unit,
        row,
        "extend_decision",
        "decision_extended",
        policy=policy,
        day=day,
        data={"decision_due": due},
        private={"reason": body["reason"]},
        decision_due=due,
        decision_extended=True,
    )
    return {**answer, "decision_due": due}


# -- approval


def approve_admission(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee approves: a probationary member since the day of the members' meeting. Others are told, the roll too.

    Answer: `probation_since`, `probation_ends`, `oath_due`.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "approve_admission", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    voted, talked = row.committee_voted_on, row.committee_talked_on
    combine(
        decide_dates(policy, unit.today, "党委批准", day, before_decision(row)),
        decide_dates(policy, unit.today, "党委表决", voted or day, (("谈话", talked),)),
        decide_approval(ApprovalFacts(talked is not None, voted is not None, bool(row.committee_vote_passed)), policy),
        decide_reviewed(ReviewFacts(row.vetting_outcome, row.vetting_valid_until), day, policy),
    ).require()
    return _admit(unit, row, body, day, policy)


def before_decision(row: Any) -> Sequence[tuple[str, date | None]]:
    """What a decision of the committee rests on."""
    return (("上报党委", row.reported_on), ("谈话", row.committee_talked_on), ("党委表决", row.committee_voted_on))


def _admit(unit: Unit, row: Any, body: Body, day: date, policy: Policy) -> Answer:
    meeting_on: date = row.voted_on
    ends: date = decide_end(ProbationFacts(meeting_on, 0), policy).require().values["ends"]
    boxes = {"name": row.name_sealed, "id_number": row.id_number_sealed, "particulars": row.particulars_sealed}
    person = unit.context.keys.open_fields(row.candidate_id, boxes)
    particulars = json.loads(person["particulars"])
    young = is_young(date.fromisoformat(particulars["born"]), meeting_on, policy)
    oath = oath_due(day, policy)
    answer = advance(
        unit,
        row,
        "approve_admission",
        ADMITTED,
        policy=policy,
        day=day,
        data={**place(row), "meeting_on": meeting_on, "approved_on": day, "probation_ends": ends, "young": young},
        private={"document": body["document"], "meeting_id": row.committee_voted_by, "oath_due": oath},
        personal={**person, "particulars": canonical(roll_particulars(particulars))},
        **no_vote(),
        admitted_on=day,
        probation_since=meeting_on,
        probation_ends=ends,
        extensions=0,
        oath_due=oath,
        probation_review_due=review_due(meeting_on, day, policy),
    )
    answer = caught_up(unit, row, "committee_decision", day, answer)
    return {**answer, "probation_since": meeting_on, "probation_ends": ends, "oath_due": oath}


# -- rejection


def reject_admission(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee does not approve, with a reason, after hearing the person, who stays a prospect. The form is void, the place free."""
    return reject(unit, body, candidate_id, "reject_admission", "admission_rejected", ADMISSION)


def reject(unit: Unit, body: Body, candidate_id: str, action: str, what: str, kind: str) -> Answer:
    """What the two rejections share: reason and hearing; the notices come down, the votes go."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, action, body)
    day, heard_on = day_of(unit, body), body["heard_on"]
    policy = policy_at(unit, row, day)
    combine(
        decide_rejection(body["reason"], heard_on, body["statement"], policy),
        decide_heard(policy, unit.today, "不予批准", day, heard_on or day, (("上报党委", row.reported_on),)),
        decide_dates(policy, unit.today, "不予批准", day, before_decision(row)),
    ).require()
    annul_notices(unit, row, PUBLICITIES[kind], day)
    gone: dict[str, Any] = no_vote()
    if kind == ADMISSION:
        figures.give_back(unit, row)
        codes.void(unit, row, day, "党委不予批准接收")
        gone |= dict.fromkeys(("examined_on", "form_code", "committee_talked_on"))
    answer = advance(
        unit,
        row,
        action,
        what,
        policy=policy,
        day=day,
        data={"heard_on": heard_on},
        personal=clean({"reason": body["reason"], "statement": body["statement"]}),
        **gone,
    )
    return caught_up(unit, row, _DECISION_STEPS[row.state], day, answer)
