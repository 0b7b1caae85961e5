"""What follows: the branch explains, the committee answers; the person is talked with. Source: NN 3(2)."""

from __future__ import annotations

from kernel.encoding import canonical
from kernel.policy import combine, decide_dates
from kernel.unit import Unit
from services.scoring.commands.common import Answer, Body, articles, change, day_of, find, guard, policy_at
from services.scoring.domain.followup import decide_presence, self_check_due
from services.scoring.tables import self_check, talk

_TALK_TEXTS = ("talker", "record", "statement", "measures")


def report_self_check(unit: Unit, body: Body, self_check_id: str) -> Answer:
    """The branch hands in its written explanation. Late is late, and taken all the same."""
    row = find(unit, self_check, "self_check_id", self_check_id)
    step = guard(unit, row, "self_check", "report", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "书面说明", day, (("责令自查自纠", row.ordered_on), ("退回", row.answered_on))).require()
    late = day > row.due
    applied = articles(policy, step.rules)
    version = unit.record(
        "self_check_reported",
        stream=f"self_check/{self_check_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data={"self_check_id": self_check_id, "document": body["document"], "late": late},
        private={"explanation": body["explanation"], "articles": applied},
    )
    told = {"document": body["document"], "explanation": body["explanation"]}
    change(unit, self_check, row, version=version, state=step.next, reported_on=day, late=late, **told)
    answer = {"self_check_id": self_check_id, "state": step.next, "version": version, "day": day}
    return {**answer, "due": row.due, "late": late, "articles": applied}


def answer_self_check(unit: Unit, body: Body, self_check_id: str) -> Answer:
    """The committee accepts the explanation, or sends it back with a reason and a new term."""
    row = find(unit, self_check, "self_check_id", self_check_id)
    step = guard(unit, row, "self_check", "accept" if body["accepted"] else "send_back", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "答复", day, (("书面说明", row.reported_on),)).require()
    due = row.due if body["accepted"] else self_check_due(day, policy).day
    applied = articles(policy, step.rules)
    version = unit.record(
        "self_check_answered",
        stream=f"self_check/{self_check_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data={"self_check_id": self_check_id, "accepted": body["accepted"], "due": due},
        private={"reason": body["reason"], "articles": applied},
    )
    change(unit, self_check, row, version=version, state=step.next, answered_on=day, reason=body["reason"], due=due)
    answer = {"self_check_id": self_check_id, "state": step.next, "version": version, "day": day}
    return {**answer, "due": due, "late": row.late, "articles": applied}


def record_talk(unit: Unit, body: Body, talk_id: str) -> Answer:
    """The talk with the person: what was said, what the person said, what is done to help. All of it sealed."""
    row = find(unit, talk, "talk_id", talk_id)
    step = guard(unit, row, "talk", "talk", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "提醒谈话", day, (("评议办结", row.ordered_on),)),
        decide_presence(body["person_present"], policy),
    ).require()
    late = day > row.due
    texts = {name: body[name] for name in _TALK_TEXTS}
    applied = articles(policy, step.rules)
    version = unit.record(
        "reminder_talk_held",
        stream=f"talk/{talk_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data={"talk_id": talk_id, "candidate_id": row.candidate_id, "late": late, "person_present": True},
        private={"articles": applied},
        subject=row.subject,
        personal=texts,
    )
    sealed = unit.seal(row.subject, {"texts": canonical(texts)})["texts"]
    change(unit, talk, row, version=version, state=step.next, held_on=day, late=late, texts_sealed=sealed)
    answer = {"talk_id": talk_id, "state": step.next, "version": version, "day": day}
    return {**answer, "due": row.due, "late": late, "articles": applied}
