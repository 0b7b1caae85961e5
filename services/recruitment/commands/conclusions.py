"""Concluding a meeting: what the votes come to for each candidate. It qualifies, it does not decide. Source: NN 3(1)(3), JH 2 8."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.recruitment import RECOMMENDATION_CONCLUDED
from kernel.commands import Answer, Body, articles, day_of, departures_of, expect, hold, policy_at
from kernel.errors import Invalid, Stale
from kernel.policy import Decision, Policy, allow, combine, decide_dates
from kernel.states import Row as Step
from kernel.unit import Unit
from services.recruitment.commands.common import advance, branch_of
from services.recruitment.commands.meetings import CONCLUDED_BY, HELD, MASSES, MEMBERS, counts_of, decide_all_counted
from services.recruitment.commands.rectifications import decide_in_rectification
from services.recruitment.commands.results import candidates_of, close, figures_of, left, mark, said
from services.recruitment.commands.votes import conclude_committee_vote, conclude_members_vote
from services.recruitment.domain import nomination, prospect, states
from services.recruitment.domain.activist import BallotFacts, decide_ballot
from services.recruitment.domain.nomination import decide_signature, months_between
from services.recruitment.domain.recommendation import RecommendationFacts, decide_recommendation
from services.recruitment.domain.tally import Figures
from services.recruitment.tables import meeting


def conclude_meeting(unit: Unit, body: Body, meeting_id: str) -> Answer:
    """The result of a meeting, candidate by candidate.

    `departures_by_candidate`: {candidate: {rule: written reason}}, `departures` for all. `recommended` says, where the packs set no
    numbers (JH), whom the meeting recommends. Answer: `results` with outcome, reasons and departures of each.
    """
    held = hold(unit, meeting, "meeting_id", meeting_id)
    unit.authorise(held.path, CONCLUDED_BY.get(held.kind, states.SECRETARY))
    expect(held, body)
    if held.state != HELD:
        raise Stale("会议已经办结")
    day = day_of(unit, body)
    policy = policy_at(unit, held, held.held_on)  # the step is the meeting, whenever its result is entered
    counts = counts_of(unit, held)
    candidates = candidates_of(unit, counts)
    decide_dates(policy, unit.today, "办结", day, (("会议", held.held_on), ("签字", held.signed_on))).require()
    decide_all_counted(counts, policy).require()
    unit.know_heads([(row.home_county, f"candidate/{row.candidate_id}") for row in candidates])
    return CONCLUDE[held.kind](unit, body, held, day, policy, counts, candidates)


def _conclude_recommendation(
    unit: Unit, body: Body, held: Any, day: date, policy: Policy, counts: Sequence[Any], candidates: Sequence[Any]
) -> Answer:
    branch = branch_of(unit, held.branch)
    combine(
        decide_signature(held.signed_by is not None, policy),
        decide_in_rectification(unit, branch, body.get("county_delegate"), policy),
    ).require()
    results = []
    for row in candidates:
        if states.CANDIDATE.row(row.state, "recommend") is None:
            results.append(left(row))
            continue
        decision = _recommendation(body, held, branch, policy, counts, row)
        results.append(_note_recommendation(unit, held, day, policy, counts, row, decision))
    mark(unit, held, counts, results)
    step = states.CANDIDATE.step(states.RECEIVED, "recommend")
    version = unit.record(
        RECOMMENDATION_CONCLUDED,
        stream=f"meeting/{held.meeting_id}",
        expected=held.version,
        home_county=held.home_county,
        day=day,
        data={
            **{name: getattr(held, name) for name in ("meeting_id", "kind", "branch", "path", "city", "county")},
            **{name: getattr(held, name) for name in ("members_present", "members_heard", "mass_representatives")},
            "results": [{"candidate_id": r["candidate_id"], "qualified": r["outcome"] == "qualified"} for r in results],
        },
        private={
            "articles": articles(policy, step.rules),
            "county_delegate": body.get("county_delegate"),
            "signed_by": held.signed_by,
        },
    )
    return close(unit, held, day, version, policy, step, results)


def _recommendation(body: Body, held: Any, branch: Any, policy: Policy, counts: Sequence[Any], row: Any) -> Decision:
    """What the votes come to for one candidate; without numbers in the packs, what the meeting says (JH 2)."""
    masses = figures_of(counts, row.candidate_id, MASSES)
    if held.kind == nomination.MASSES:
        chosen = row.candidate_id in (body.get("recommended") or ())
        if chosen and masses.in_favour == 0:
            raise Invalid({"recommended": ["无人推荐的人选不能列为已推荐"]})
        return allow() if chosen else Decision(False)
    members = figures_of(counts, row.candidate_id, MEMBERS)
    return decide_recommendation(
        RecommendationFacts(
            member_ballots=members.ballots,
            member_for=members.all_in_favour,
            mass_ballots=masses.ballots,
            mass_for=masses.all_in_favour,
            mass_representatives=held.mass_representatives,
            domain=branch.domain,
            employees=branch.employees or 0,
            cultivated_months=months_between(row.applied_on, held.held_on),
        ),
        policy,
    ).with_departures(_departures(body, row.candidate_id))


def _departures(body: Body, candidate_id: str) -> dict[str, str]:
    return {**(body.get("departures") or {}), **(body.get("departures_by_candidate") or {}).get(candidate_id, {})}


def _note_recommendation(
    unit: Unit, held: Any, day: date, policy: Policy, counts: Sequence[Any], row: Any, decision: Decision
) -> dict[str, Any]:
    """The result in the candidate's own dossier."""
    totals = {count.voters: Figures.of(count._mapping).as_dict() for count in counts if count.candidate_id == row.candidate_id}
    outcome = "qualified" if decision.allowed else "not_qualified"
    moved = {"recommended_on": held.held_on, "recommended_by": held.meeting_id} if decision.allowed else {}
    answer = advance(
        unit,
        row,
        "recommend",
        "recommendation_noted",
        policy=policy,
        day=day,
        data={
            "meeting_id": held.meeting_id,
            "kind": held.kind,
            "held_on": held.held_on,
            "outcome": outcome,
            "totals": totals,
            "mass_representatives": held.mass_representatives,
            "reasons": said(decision.reasons),
        },
        departures=decision.departures,
        stay=not decision.allowed,
        **moved,
    )
    return {
        "candidate_id": row.candidate_id,
        "outcome": outcome,
        "state": answer["state"],
        "version": answer["version"],
        "reasons": said(decision.reasons),
        "departures": departures_of(decision.departures),
    }


@dataclass(frozen=True, slots=True)
class _Ballot:
    """A branch's ballot: its action, the entry in the dossier, what judges it, what its columns' names begin with."""

    action: str
    what: str
    step: Step
    decide: Callable[[BallotFacts, Policy], Decision]
    prefix: str


_BALLOTS = {
    nomination.DETERMINATION: _Ballot(
        "ballot", "determination_balloted", states.CANDIDATE.step(states.RECOMMENDED, "ballot"), decide_ballot, ""
    ),
    nomination.PROSPECT: _Ballot(
        "prospect_ballot",
        "prospect_balloted",
        states.CANDIDATE.step(states.ACTIVIST, "prospect_ballot"),
        prospect.decide_ballot,
        "prospect_",
    ),
}


def _conclude_ballot(
    unit: Unit, body: Body, held: Any, day: date, policy: Policy, counts: Sequence[Any], candidates: Sequence[Any]
) -> Answer:
    branch = branch_of(unit, held.branch)
    results = []
    for row in candidates:
        if states.CANDIDATE.row(row.state, _BALLOTS[held.kind].action) is None:
            results.append(left(row))
            continue
        results.append(_note_ballot(unit, body, held, day, policy, branch, figures_of(counts, row.candidate_id, "body"), row))
    mark(unit, held, counts, results)
    step = _BALLOTS[held.kind].step
    version = unit.record(
        "meeting_concluded",
        stream=f"meeting/{held.meeting_id}",
        expected=held.version,
        home_county=held.home_county,
        day=day,
        data={"meeting_id": held.meeting_id, "results": [{k: r[k] for k in ("candidate_id", "outcome")} for r in results]},
        private={"articles": articles(policy, step.rules)},
    )
    return close(unit, held, day, version, policy, step, results)


def _note_ballot(
    unit: Unit, body: Body, held: Any, day: date, policy: Policy, branch: Any, figures: Figures, row: Any
) -> dict[str, Any]:
    """One candidate's ballot, judged and put into the dossier. Raises `Refused` where it was not held as it must be."""
    voted = {"body": json.loads(held.attendance)["body"], "entitled": held.members_entitled, "present": held.members_present}
    facts = BallotFacts(**voted, has_committee=branch.has_committee, figures=figures, shown_on_the_spot=body["tally_shown"])
    of = _BALLOTS[held.kind]
    passed = of.decide(facts, policy).require().values["passed"]
    noted = {"meeting_id": held.meeting_id, "held_on": held.held_on, **voted, "totals": figures.as_dict()}
    answer = advance(
        unit,
        row,
        of.action,
        of.what,
        policy=policy,
        day=day,
        data={**noted, "passed": passed, "tally_shown": body["tally_shown"]},
        **{
            f"{of.prefix}balloted_on": held.held_on,
            f"{of.prefix}balloted_by": held.meeting_id,
            f"{of.prefix}ballot_passed": passed,
        },
    )
    return {**left(row), "outcome": "passed" if passed else "not_passed", "version": answer["version"]}


#: What concludes a meeting, by its kind: (unit, body, meeting, day, policy, counts, candidates) -> answer.
CONCLUDE: Mapping[str, Callable[[Unit, Body, Any, date, Policy, Sequence[Any], Sequence[Any]], Answer]] = {
    nomination.TWO_RECOMMENDATIONS: _conclude_recommendation,
    nomination.MASSES: _conclude_recommendation,
    nomination.DETERMINATION: _conclude_ballot,
    nomination.PROSPECT: _conclude_ballot,
    nomination.ADMISSION: conclude_members_vote,
    nomination.CONVERSION: conclude_members_vote,
    nomination.COMMITTEE_ADMISSION: conclude_committee_vote,
    nomination.COMMITTEE_CONVERSION: conclude_committee_vote,
}
