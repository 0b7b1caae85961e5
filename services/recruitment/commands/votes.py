"""What the votes on admission and conversion come to, candidate by candidate: the members' meeting, then the committee's.

A result passes or does not; it moves nobody. What follows is the branch's report and the committee's decision. Sources: NT 21 26, JH 9.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from kernel.commands import Answer, Body, articles, departures_of
from kernel.policy import Decision, Departure, Policy, combine, judge, unless
from kernel.states import Row as Step
from kernel.unit import Unit
from services.recruitment.commands.assemblies import BRANCH_STATES, COMMITTEE_KINDS, COMMITTEE_STATES
from services.recruitment.commands.common import advance, branch_of
from services.recruitment.commands.meetings import BODY
from services.recruitment.commands.overdue import caught_up
from services.recruitment.commands.rectifications import decide_in_rectification
from services.recruitment.commands.results import close, figures_of, left, mark, said
from services.recruitment.domain import committee, nomination, states
from services.recruitment.domain.tally import Figures
from services.recruitment.domain.voting import VoteFacts, decide_vote

_COMMITTEE_STATE = {COMMITTEE_KINDS[kind]: state for kind, state in COMMITTEE_STATES.items()}


def conclude_members_vote(
    unit: Unit, body: Body, held: Any, day: date, policy: Policy, counts: Sequence[Any], candidates: Sequence[Any]
) -> Answer:
    """Valid and passed by more than the packs' share of those entitled; the delegate has signed (JH), the tally was shown (NN)."""
    combine(
        _decide_held(body, held, policy),
        decide_in_rectification(unit, branch_of(unit, held.branch), body.get("county_delegate"), policy),
    ).require()
    state, results = BRANCH_STATES[held.kind], []
    for row in candidates:
        if row.state != state or row.vote_passed:
            results.append(left(row))
            continue
        results.append(_note_members_vote(unit, body, held, day, policy, figures_of(counts, row.candidate_id, BODY), row))
    return _finish(unit, held, day, policy, counts, results, states.CANDIDATE.step(state, f"note_{held.kind}_vote"))


def _decide_held(body: Body, held: Any, policy: Policy) -> Decision:
    """`meeting.delegate_signature` (JH 8), `meeting.tally_on_the_spot` (NN 3(3))."""
    shown = bool(body["tally_shown"])
    return judge(
        unless(
            held.signed_by is not None, policy, "meeting.delegate_signature", "党委派员尚未在会议记录上签字", {"signed": False}
        ),
        unless(shown, policy, "meeting.tally_on_the_spot", "票数情况须当场公布", {"shown_on_the_spot": shown}),
    )


def _note_members_vote(
    unit: Unit, body: Body, held: Any, day: date, policy: Policy, figures: Figures, row: Any
) -> dict[str, Any]:
    """The vote on one person in his dossier, with what was departed from at the meeting."""
    facts = VoteFacts(held.members_entitled, held.members_present, figures.in_favour, figures.absent_in_favour, held.kind)
    decision = decide_vote(facts, policy)
    voted = {"entitled": held.members_entitled, "present": held.members_present, "written": held.members_heard}
    departures = _departures(held, row)
    answer = advance(
        unit,
        row,
        f"note_{held.kind}_vote",
        f"{held.kind}_voted",
        policy=policy,
        day=day,
        data={
            "meeting_id": held.meeting_id,
            "held_on": held.held_on,
            **voted,
            "totals": figures.as_dict(),
            "passed": decision.allowed,
            "tally_shown": body["tally_shown"],
            "reasons": said(decision.reasons),
        },
        departures=departures,
        voted_on=held.held_on,
        voted_by=held.meeting_id,
        vote_passed=decision.allowed,
    )
    if held.kind == nomination.CONVERSION:
        answer = caught_up(unit, row, "conversion", held.held_on, answer)
    return _result(row, answer, decision, departures)


def _departures(held: Any, row: Any) -> list[Departure]:
    """Those of the meeting that concern the person: leaving concerns those who leave."""
    attendance = json.loads(held.attendance)
    return [
        Departure(**written)
        for written in attendance["departures"]
        if written["rule"] != "admission.leaving" or row.candidate_id in attendance["leaving"]
    ]


def _result(row: Any, answer: Answer, decision: Decision, departures: Sequence[Departure] = ()) -> dict[str, Any]:
    return {
        **left(row),
        "outcome": "passed" if decision.allowed else "not_passed",
        "version": answer["version"],
        "reasons": said(decision.reasons),
        "departures": departures_of(departures),
    }


def conclude_committee_vote(
    unit: Unit, body: Body, held: Any, day: date, policy: Policy, counts: Sequence[Any], candidates: Sequence[Any]
) -> Answer:
    """Passed by more than the packs' share of the committee's members entitled. A failed vote may be held again."""
    state, results = _COMMITTEE_STATE[held.kind], []
    for row in candidates:
        if row.state != state or row.committee_vote_passed:
            results.append(left(row))
            continue
        results.append(_note_committee_vote(unit, held, day, policy, figures_of(counts, row.candidate_id, BODY), row))
    return _finish(unit, held, day, policy, counts, results, states.CANDIDATE.step(state, "note_committee_vote"))


def _note_committee_vote(unit: Unit, held: Any, day: date, policy: Policy, figures: Figures, row: Any) -> dict[str, Any]:
    decision = committee.decide_vote(figures.in_favour, held.members_entitled, policy)
    voted = {"entitled": held.members_entitled, "present": held.members_present}
    answer = advance(
        unit,
        row,
        "note_committee_vote",
        "committee_voted",
        policy=policy,
        day=day,
        data={
            "meeting_id": held.meeting_id,
            "held_on": held.held_on,
            **voted,
            "totals": figures.as_dict(),
            "passed": decision.allowed,
            "reasons": said(decision.reasons),
        },
        committee_voted_on=held.held_on,
        committee_voted_by=held.meeting_id,
        committee_vote_passed=decision.allowed,
    )
    return _result(row, answer, decision)


def _finish(
    unit: Unit,
    held: Any,
    day: date,
    policy: Policy,
    counts: Sequence[Any],
    results: list[dict[str, Any]],
    step: Step,
) -> Answer:
    mark(unit, held, counts, results)
    version = unit.record(
        "meeting_concluded",
        stream=f"meeting/{held.meeting_id}",
        expected=held.version,
        home_county=held.home_county,
        day=day,
        data={"meeting_id": held.meeting_id, "results": [{k: r[k] for k in ("candidate_id", "outcome")} for r in results]},
        private={"articles": articles(policy, step.rules), "signed_by": held.signed_by},
    )
    return close(unit, held, day, version, policy, step, results)
