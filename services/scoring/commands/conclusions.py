"""Concluding an evaluation: the scores, and what follows from one below the threshold. Source: NN 3(2).

The branch's score is told to the other services. A person's goes into the record sealed, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from contracts.scoring import EVALUATION_CONCLUDED
from kernel.commands import Answer, Body, add, articles, change, day_of, policy_at, require_dates
from kernel.encoding import canonical
from kernel.ids import new_id
from kernel.policy import Policy, combine
from kernel.policy.tellers import decide_counted
from kernel.store.keys import Erased
from kernel.unit import Unit
from services.scoring.commands.common import EVALUATIONS, guard, newcomers_of, place
from services.scoring.commands.counting import figures_of
from services.scoring.domain import states
from services.scoring.domain.evaluation import WORK
from services.scoring.domain.followup import self_check_due, talk_due
from services.scoring.domain.satisfaction import SatisfactionFacts, decide_score
from services.scoring.domain.tally import decide_any, together
from services.scoring.tables import count, evaluation, judged, self_check, talk

JUDGED, LEFT = "judged", "left"


@dataclass(frozen=True, slots=True)
class _Result:
    """What the grades of one subject come to. `subject`: whose key it stands under, None for the work."""

    id: str
    subject: str | None
    grades: dict[str, int]
    score: Decimal
    below: bool


def conclude_evaluation(unit: Unit, body: Body, evaluation_id: str) -> Answer:
    """The scores of the work and of each person, over members and masses together, by the rules of the day of the meeting.

    Answer: the work's `score` and `below`, and what became due: `self_check`, `talks`. A person's score is not in it.
    """
    held = EVALUATIONS.hold(unit, evaluation_id)
    step = guard(unit, EVALUATIONS, held, "conclude", body)
    day = day_of(unit, body)
    policy = policy_at(unit, held, held.held_on)
    require_dates(unit, policy, "办结", day, ("评议", held.held_on))
    present, left = _subjects(unit, held)
    facts = _facts(unit, held, policy, present)
    results = [_result(id, subject, facts[id], policy) for id, subject in present.items()]
    work = next(result for result in results if result.id == WORK)
    persons = [result for result in results if result.subject is not None]
    applied = articles(policy, step.rules)
    version = _tell(unit, held, day, policy, work, {"articles": applied, "persons": len(persons)})
    version = _note_persons(unit, held, day, persons, left, version)
    scored = {"score": work.score, "threshold": Decimal(policy.value("satisfaction.threshold")), "below": work.below}
    change(unit, evaluation, held, version=version, state=step.next, concluded_on=day, **scored)
    ordering = policy_at(unit, held, day)
    check = _order_self_check(unit, held, day, ordering) if work.below and ordering.asks("satisfaction.self_check") else None
    reminded = [result for result in persons if result.below] if ordering.asks("satisfaction.reminder_talk") else []
    return {
        "evaluation_id": evaluation_id,
        "state": step.next,
        "version": version,
        "day": day,
        "year": held.year,
        "score": str(work.score),
        "below": work.below,
        "self_check": check,
        "talks": [_order_talk(unit, held, day, ordering, result) for result in reminded],
        "articles": applied,
    }


def _tell(unit: Unit, held: Any, day: date, policy: Policy, work: _Result, private: dict[str, Any]) -> int:
    """The branch's result, in the record and to the other services. Returns the stream's version."""
    return unit.record(
        EVALUATION_CONCLUDED,
        stream=f"evaluation/{held.evaluation_id}",
        expected=held.version,
        home_county=held.home_county,
        day=day,
        data={
            **{name: getattr(held, name) for name in ("evaluation_id", "branch", "path", "city", "county", "year", "held_on")},
            **work.grades,
            "score": str(work.score),
            "threshold": str(policy.value("satisfaction.threshold")),
            "below": work.below,
        },
        private=private,
    )


def _subjects(unit: Unit, held: Any) -> tuple[dict[str, str | None], list[str]]:
    """The subjects that are still judged, with the owner of the key of each; and the persons who have left or were erased."""
    mine = (judged.c.home_county == held.home_county, judged.c.evaluation_id == held.evaluation_id)
    ids = sorted(unit.connection.execute(select(judged.c.candidate_id).where(*mine)).scalars())
    present: dict[str, str | None] = {WORK: None}
    left = []
    for id, row in sorted(newcomers_of(unit, ids).items()):
        if row.end not in (None, states.FULL_MEMBER) or _is_erased(unit, row):
            left.append(id)
        else:
            present[id] = row.subject
    return present, left


def _is_erased(unit: Unit, row: Any) -> bool:
    try:
        unit.context.keys.open_fields(row.subject, {"name": row.name_sealed})
    except Erased:
        return True
    return False


def _facts(unit: Unit, held: Any, policy: Policy, present: dict[str, str | None]) -> dict[str, SatisfactionFacts]:
    """The grades by subject, members and masses together. Raises `Refused` where a count is missing, disputed or empty."""
    query = select(count).where(count.c.home_county == held.home_county, count.c.evaluation_id == held.evaluation_id)
    counts = [row for row in unit.connection.execute(query) if row.subject in present]
    open_ = [row for row in counts if not row.agreed]
    disputed = sum(row.round > 1 for row in open_)
    decide_counted(len(open_) - disputed, disputed, policy).require()
    facts = {
        id: together(figures_of(unit, row, subject) for row in counts if row.subject == id) for id, subject in present.items()
    }
    combine(decide_any(facts.values(), policy)).require()
    return facts


def _result(id: str, subject: str | None, facts: SatisfactionFacts, policy: Policy) -> _Result:
    grades = {"very": facts.very, "satisfied": facts.satisfied, "basically": facts.basically, "dissatisfied": facts.not_}
    values = decide_score(facts, policy).require().values
    return _Result(id, subject, grades, values["score"], values["below"])


def _note_persons(unit: Unit, held: Any, day: date, persons: Sequence[_Result], left: Sequence[str], version: int) -> int:
    """Each person's result, sealed, in the record and beside it. Returns the stream's version."""
    for result in persons:
        text = canonical({**result.grades, "score": result.score, "below": result.below})
        version = unit.record(
            "person_judged",
            stream=f"evaluation/{held.evaluation_id}",
            expected=version,
            home_county=held.home_county,
            day=day,
            data={"evaluation_id": held.evaluation_id, "candidate_id": result.id},
            subject=result.subject,
            personal={"result": text},
        )
        sealed = unit.seal(str(result.subject), {"result": text})["result"]
        _mark(unit, held, result.id, outcome=JUDGED, result_sealed=sealed)
    for id in left:
        _mark(unit, held, id, outcome=LEFT)
    return version


def _mark(unit: Unit, held: Any, candidate_id: str, **values: Any) -> None:
    statement = update(judged).where(
        judged.c.home_county == held.home_county,
        judged.c.evaluation_id == held.evaluation_id,
        judged.c.candidate_id == candidate_id,
    )
    unit.connection.execute(statement.values(**values))


# -- what follows


def _order_self_check(unit: Unit, held: Any, day: date, policy: Policy) -> Answer:
    """The branch has to check itself and to explain in writing."""
    id, due = new_id(), self_check_due(day, policy)
    version = unit.record(
        "self_check_ordered",
        stream=f"self_check/{id}",
        expected=0,
        home_county=held.home_county,
        day=day,
        data={"self_check_id": id, "evaluation_id": held.evaluation_id, "branch": held.branch, "due": due.day},
        private={"articles": articles(policy, states.SELF_CHECK.rules("order"))},
    )
    row = {"self_check_id": id, "version": version, "state": states.DUE, "evaluation_id": held.evaluation_id}
    add(unit, self_check, **place(held), **row, ordered_on=day, due=due.day)
    return {"self_check_id": id, "due": due.day, "provisional": due.provisional}


def _order_talk(unit: Unit, held: Any, day: date, policy: Policy, result: _Result) -> Answer:
    """The branch has to talk with the person."""
    id, due = new_id(), talk_due(day, policy)
    version = unit.record(
        "talk_ordered",
        stream=f"talk/{id}",
        expected=0,
        home_county=held.home_county,
        day=day,
        data={"talk_id": id, "evaluation_id": held.evaluation_id, "candidate_id": result.id, "due": due.day},
        private={"articles": articles(policy, states.TALK.rules("order"))},
    )
    row = {"talk_id": id, "version": version, "state": states.DUE, "evaluation_id": held.evaluation_id}
    person = {"candidate_id": result.id, "subject": result.subject}
    add(unit, talk, **place(held), **row, **person, ordered_on=day, due=due.day)
    return {"talk_id": id, "due": due.day, "provisional": due.provisional}
