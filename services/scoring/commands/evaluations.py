"""A branch holds its double evaluation, or the committee voids one that was entered wrongly. Source: NN 3(2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, or_, select

from kernel.commands import Answer, Body, add, articles, committee_of, day_of, policy_at, require_dates
from kernel.encoding import canonical
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.policy import Policy, combine, decide_dates
from kernel.unit import Unit
from services.scoring.commands.common import EVALUATIONS, branch_of, guard
from services.scoring.domain import states
from services.scoring.domain.evaluation import (
    VOTERS,
    WORK,
    Guide,
    Meeting,
    decide_again,
    decide_meeting,
    subjects,
    year_judged,
)
from services.scoring.tables import count, entry, evaluation, judged, newcomer, organisation

_NUMBERS = ("members_entitled", "members_present", "mass_entitled", "mass_present")


def hold_evaluation(unit: Unit, body: Body) -> Answer:
    """The branch has met to judge last year's work and each person newly admitted: who came, who guided.

    Who is judged follows from what recruitment has told. Answer: `evaluation_id`, `year`, `subjects`.
    """
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    if not policy.has("satisfaction.of"):
        raise Invalid({"branch": ["按当日适用的规定，不开展满意度“双评议”"]})
    committee, year = committee_of(unit, organisation, branch), year_judged(day)
    guide = body.get("guide")
    meeting = Meeting(
        **{name: body[name] for name in _NUMBERS},
        secret=body["secret"],
        guide=Guide(**guide) if guide else None,
        committee=committee,
    )
    combine(
        decide_dates(policy, unit.today, "评议", day, ()),
        decide_meeting(meeting, policy),
        decide_again(year, _evaluated(unit, branch.code, year), policy),
    ).require()
    return _open(unit, branch, committee, day, policy, body)


def _evaluated(unit: Unit, branch: str, year: int) -> int:
    """How often the branch's work of the year has been judged, cancelled evaluations left out."""
    query = select(func.count()).where(
        evaluation.c.branch == branch, evaluation.c.year == year, evaluation.c.state != states.CANCELLED
    )
    return int(unit.connection.execute(query).scalar_one())


def _newcomers(unit: Unit, branch: str, day: date) -> list[str]:
    """Who was on probation in the branch on that day and has not been judged yet."""
    before = exists().where(
        judged.c.candidate_id == newcomer.c.candidate_id,
        evaluation.c.home_county == judged.c.home_county,
        evaluation.c.evaluation_id == judged.c.evaluation_id,
        evaluation.c.state != states.CANCELLED,
    )
    query = select(newcomer.c.candidate_id).where(
        and_(newcomer.c.branch == branch, newcomer.c.approved_on <= day),
        or_(newcomer.c.ended_on.is_(None), newcomer.c.ended_on > day),
        ~before,
    )
    return list(unit.connection.execute(query).scalars())


def _open(unit: Unit, branch: Any, committee: str, day: date, policy: Policy, body: Body) -> Answer:
    """Writes the evaluation and one count for each subject and group of voters."""
    id, year = new_id(), year_judged(day)
    judged_now = subjects(_newcomers(unit, branch.code, day), policy)
    numbers = {name: body[name] for name in _NUMBERS}
    applied = articles(policy, states.EVALUATION.rules("hold"))
    meeting_id = body.get("meeting_id")
    said = {"evaluation_id": id, "branch": branch.code, "year": year, "meeting_id": meeting_id, "subjects": judged_now}
    version = unit.record(
        "evaluation_held",
        stream=f"evaluation/{id}",
        expected=0,
        home_county=branch.county,
        day=day,
        data={**said, **numbers, "secret": body["secret"]},
        private={"guide": body["guide"], "minutes": body["minutes"], "articles": applied},
    )
    add(
        unit,
        evaluation,
        home_county=branch.county,
        evaluation_id=id,
        version=version,
        state=states.HELD,
        branch=branch.code,
        committee=committee,
        path=branch.path,
        city=branch.city,
        county=branch.county,
        year=year,
        held_on=day,
        meeting_id=meeting_id,
        guide=canonical(body["guide"]),
        **numbers,
    )
    key = {"home_county": branch.county, "evaluation_id": id}
    persons = [{**key, "candidate_id": subject} for subject in judged_now if subject != WORK]
    if persons:
        unit.connection.execute(insert(judged), persons)
    counts = [
        {**key, "subject": subject, "voters": voters, "round": 1, "agreed": False} for subject in judged_now for voters in VOTERS
    ]
    unit.connection.execute(insert(count), counts)
    answer = {"evaluation_id": id, "state": states.HELD, "version": version, "day": day, "year": year}
    return {**answer, "subjects": judged_now, "counts": len(counts), "articles": applied}


def cancel_evaluation(unit: Unit, body: Body, evaluation_id: str) -> Answer:
    """An evaluation that was entered wrongly or cannot come to a result is void, with a reason; it stays in the record."""
    held = EVALUATIONS.hold(unit, evaluation_id)
    guard(unit, EVALUATIONS, held, "cancel", body)
    day = day_of(unit, body)
    policy = policy_at(unit, held, day)
    require_dates(unit, policy, "作废", day, ("评议", held.held_on))
    unit.connection.execute(delete(entry).where(entry.c.home_county == held.home_county, entry.c.evaluation_id == evaluation_id))
    data, private = {"evaluation_id": evaluation_id}, {"reason": body["reason"]}
    return EVALUATIONS.advance(unit, held, "cancel", "evaluation_cancelled", policy=policy, day=day, data=data, private=private)
