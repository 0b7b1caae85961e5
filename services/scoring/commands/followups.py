"""What follows: the branch explains, the committee answers; the person is talked with. Source: NN 3(2)."""

from __future__ import annotations

from kernel.commands import Answer, Body, day_of, policy_at, require_dates
from kernel.encoding import canonical
from kernel.policy import combine, decide_dates
from kernel.unit import Unit
from services.scoring.commands.common import SELF_CHECKS, TALKS, guard
from services.scoring.domain.followup import decide_presence, self_check_due

_TALK_TEXTS = ("talker", "record", "statement", "measures")


def report_self_check(unit: Unit, body: Body, self_check_id: str) -> Answer:
    """The branch hands in its written explanation. Late is late, and taken all the same."""
    row = SELF_CHECKS.hold(unit, self_check_id)
    guard(unit, SELF_CHECKS, row, "report", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "书面说明", day, ("责令自查自纠", row.ordered_on), ("退回", row.answered_on))
    late = day > row.due
    told = {"document": body["document"], "explanation": body["explanation"]}
    answer = SELF_CHECKS.advance(
        unit,
        row,
        "report",
        "self_check_reported",
        policy=policy,
        day=day,
        data={"self_check_id": self_check_id, "document": body["document"], "late": late},
        private={"explanation": body["explanation"]},
        reported_on=day,
        late=late,
        **told,
    )
    return {**answer, "due": row.due, "late": late}


def answer_self_check(unit: Unit, body: Body, self_check_id: str) -> Answer:
    """The committee accepts the explanation, or sends it back with a reason and a new term."""
    row = SELF_CHECKS.hold(unit, self_check_id)
    action = "accept" if body["accepted"] else "send_back"
    guard(unit, SELF_CHECKS, row, action, body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "答复", day, ("书面说明", row.reported_on))
    due = row.due if body["accepted"] else self_check_due(day, policy).day
    answer = SELF_CHECKS.advance(
        unit,
        row,
        action,
        "self_check_answered",
        policy=policy,
        day=day,
        data={"self_check_id": self_check_id, "accepted": body["accepted"], "due": due},
        private={"reason": body["reason"]},
        answered_on=day,
        reason=body["reason"],
        due=due,
    )
    return {**answer, "due": due, "late": row.late}


def record_talk(unit: Unit, body: Body, talk_id: str) -> Answer:
    """The talk with the person: what was said, what the person said, what is done to help. All of it sealed."""
    row = TALKS.hold(unit, talk_id)
    guard(unit, TALKS, row, "talk", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "提醒谈话", day, (("评议办结", row.ordered_on),)),
        decide_presence(body["person_present"], policy),
    ).require()
    late = day > row.due
    texts = {name: body[name] for name in _TALK_TEXTS}
    answer = TALKS.advance(
        unit,
        row,
        "talk",
        "reminder_talk_held",
        policy=policy,
        day=day,
        data={"talk_id": talk_id, "candidate_id": row.candidate_id, "late": late, "person_present": True},
        personal=texts,
        held_on=day,
        late=late,
        texts_sealed=unit.seal(row.subject, {"texts": canonical(texts)})["texts"],
    )
    return {**answer, "due": row.due, "late": late}
