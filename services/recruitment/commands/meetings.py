"""Meetings that vote: recommendation (NN 3(1), JH 2 8), the ballots on activists and prospects (NN 3(3)); counting for all.

A count is entered by two tellers who do not see each other's figures. Nothing here holds a single choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select

from kernel.commands import Answer, Body, add, articles, change, day_of, expect, hold, policy_at
from kernel.encoding import canonical
from kernel.errors import Invalid, NotFound, Stale
from kernel.ids import new_id
from kernel.policy import Decision, Policy, combine, decide_dates
from kernel.policy.tellers import AGREED, WAITING, decide_counted, decide_teller, result_of
from kernel.states import Row as Step
from kernel.unit import Unit
from services.recruitment.commands.common import branch_of
from services.recruitment.domain import nomination, prospect, states
from services.recruitment.domain.activist import decide_body, decide_secret
from services.recruitment.domain.nomination import Attendance, Nominee, decide_attendance, decide_pool
from services.recruitment.domain.tally import Figures, decide_sums
from services.recruitment.tables import ballot, candidate, meeting, tally

HELD, CONCLUDED, CANCELLED = "held", "concluded", "cancelled"
MEMBERS, MASSES, BODY = "members", "masses", "body"
#: Which groups vote on each candidate, by kind of meeting.
VOTERS = {
    nomination.TWO_RECOMMENDATIONS: (MEMBERS, MASSES),
    nomination.MASSES: (MASSES,),
    nomination.DETERMINATION: (BODY,),
    nomination.PROSPECT: (BODY,),
    nomination.ADMISSION: (BODY,),
    nomination.CONVERSION: (BODY,),
    nomination.COMMITTEE_ADMISSION: (BODY,),
    nomination.COMMITTEE_CONVERSION: (BODY,),
}
#: Who concludes or cancels a committee's own meeting; all others are the branch secretary's.
CONCLUDED_BY = {
    nomination.COMMITTEE_ADMISSION: states.COMMITTEE,
    nomination.COMMITTEE_CONVERSION: states.COMMITTEE,
}
#: The rule under which the committee's delegate signs, by kind of meeting. Source: JH 8.
SIGNED_UNDER = {
    nomination.ADMISSION: "meeting.delegate_signature",
    nomination.CONVERSION: "meeting.delegate_signature",
}


def hold_recommendation(unit: Unit, body: Body) -> Answer:
    """A branch has met to recommend applicants: who came, who was heard, on whom was voted. Answer: `meeting_id`."""
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    kind = nomination.kind_of(policy)
    if kind is None:
        raise Invalid({"branch": ["按当日适用的规定，无需召开推荐会议"]})
    nominees = nominees_of(unit, branch, body["candidates"], "nominate")
    attendance = Attendance(
        members_entitled=body["members_entitled"],
        members_present=body["members_present"],
        members_heard=sum(item["count"] for item in body["absent_heard"]),
        members_unheard=sum(item["count"] for item in body["absent_not_heard"]),
        mass_representatives=body["mass_representatives"],
        categories=_by_category(body["mass"]),
        secret=body["secret"],
    )
    combine(
        decide_dates(policy, unit.today, "推荐会议", day, [("申请", n.applied_on) for n in nominees]),
        decide_attendance(attendance, branch.domain, policy),
        decide_pool([Nominee(n.candidate_id, n.applied_on) for n in nominees], day, policy),
    ).require()
    noted = {name: body[name] for name in ("absent_heard", "absent_not_heard", "mass", "secret")}
    counts = {
        "members_entitled": attendance.members_entitled,
        "members_present": attendance.members_present,
        "members_heard": attendance.members_heard,
        "mass_representatives": attendance.mass_representatives,
    }
    return open_meeting(
        unit, branch, kind, policy, body, nominees, counts, noted, states.CANDIDATE.step(states.RECEIVED, "nominate")
    )


def hold_determination(unit: Unit, body: Body) -> Answer:
    """The branch committee, or the members' meeting, has voted on determining activists. Answer: `meeting_id`."""
    return _hold_ballot(unit, body, nomination.DETERMINATION, "ballot", "recommended_on", decide_secret)


def hold_prospect_ballot(unit: Unit, body: Body) -> Answer:
    """The same body has voted on listing activists as prospects. Source: NN 3(3). Answer: `meeting_id`."""
    return _hold_ballot(unit, body, nomination.PROSPECT, "prospect_ballot", "determined_on", prospect.decide_secret)


def _hold_ballot(
    unit: Unit, body: Body, kind: str, action: str, rests_on: str, secret: Callable[[bool, Policy], Decision]
) -> Answer:
    """`rests_on`: the candidates' column with the day of the step that the ballot follows."""
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    nominees = nominees_of(unit, branch, body["candidates"], action)
    if body["present"] > body["entitled"]:
        raise Invalid({"present": ["到会人数多于应到会人数"]})
    combine(
        decide_dates(policy, unit.today, "票决", day, [(_STEPS[rests_on], getattr(n, rests_on)) for n in nominees]),
        decide_body(branch.has_committee, body["body"], policy),
        secret(body["secret"], policy),
    ).require()
    counts = {
        "members_entitled": body["entitled"],
        "members_present": body["present"],
        "members_heard": 0,
        "mass_representatives": 0,
    }
    noted = {"body": body["body"], "secret": body["secret"]}
    return open_meeting(
        unit, branch, kind, policy, body, nominees, counts, noted, states.CANDIDATE.step(nominees[0].state, action)
    )


_STEPS = {"recommended_on": "推荐", "determined_on": "确定"}


def _by_category(mass: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in mass:
        found[item["category"]] = found.get(item["category"], 0) + item["count"]
    return found


def nominees_of(unit: Unit, organisation: Any, ids: Sequence[str], action: str, *, of: str = "branch") -> list[Row[Any]]:
    """The candidates of the organisation in the order given; `of` is their column that names it: branch or committee.

    Raises `Invalid`, `NotFound`, `Stale`.
    """
    if len(set(ids)) != len(ids):
        raise Invalid({"candidates": ["同一人列了两次"]})
    rows = unit.connection.execute(select(candidate).where(candidate.c.candidate_id.in_(ids)))
    found = {row.candidate_id: row for row in rows if getattr(row, of) == organisation.code}
    if len(found) != len(ids):
        raise NotFound("本组织没有其中的人员")
    for row in found.values():
        if states.CANDIDATE.row(row.state, action) is None:
            raise Stale(f"其中有人当前状态（{states.CANDIDATE.names[row.state]}）下不能办理此事项")
    return [found[id] for id in ids]


def open_meeting(
    unit: Unit,
    branch: Any,
    kind: str,
    policy: Policy,
    body: Body,
    nominees: Sequence[Any],
    counts: dict[str, int],
    noted: dict[str, Any],
    step: Step,
) -> Answer:
    """Writes the meeting of a branch or a committee, and one count for each candidate and group of voters."""
    id, day = new_id(), day_of(unit, body)
    applied = articles(policy, step.rules)
    version = unit.record(
        "meeting_held",
        stream=f"meeting/{id}",
        expected=0,
        home_county=branch.county,
        day=day,
        data={"meeting_id": id, "kind": kind, "branch": branch.code, "candidates": body["candidates"], **counts, **noted},
        private={"minutes": body["minutes"], "articles": applied},
    )
    add(
        unit,
        meeting,
        home_county=branch.county,
        meeting_id=id,
        version=version,
        kind=kind,
        state=HELD,
        branch=branch.code,
        path=branch.path,
        city=branch.city,
        county=branch.county,
        held_on=day,
        attendance=canonical(noted),
        **counts,
    )
    first = {"home_county": branch.county, "meeting_id": id, "round": 1, "agreed": False}
    rows = [{**first, "candidate_id": n.candidate_id, "voters": voters} for n in nominees for voters in VOTERS[kind]]
    unit.connection.execute(insert(ballot), rows)
    answer = {"meeting_id": id, "kind": kind, "state": HELD, "version": version, "day": day}
    return {**answer, "counts": len(rows), "articles": applied}


# -- counting


def enter_tally(unit: Unit, body: Body, meeting_id: str) -> Answer:
    """One teller's totals of one count. Answer: `result` is `waiting`, `agreed` or `disputed`, never the other's figures.

    After a dispute both enter again, in the next round.
    """
    held = hold(unit, meeting, "meeting_id", meeting_id)
    unit.authorise(held.path)
    if held.state != HELD:
        raise Stale("会议已经办结，不能再录入计票")
    count = _count(unit, held, body["candidate_id"], body["voters"])
    if count.agreed:
        raise Stale("此项计票已经由两名计票人录入一致")
    policy = policy_at(unit, held, held.held_on)
    figures, entries = Figures.of(body), _entries(unit, count)
    present = held.mass_representatives if count.voters == MASSES else held.members_present
    heard = 0 if count.voters == MASSES else held.members_heard
    combine(decide_teller(unit.actor.account, entries, policy), decide_sums(figures, present, heard, policy)).require()
    entries[unit.actor.account] = figures
    result = result_of(entries, policy)
    _keep(unit, count, figures, result)
    what = {"candidate_id": count.candidate_id, "voters": count.voters, "round": count.round, "result": result}
    # Figures stand in the record only when both agree: until then one teller could read the other's there.
    shown = {"figures": figures.as_dict(), "tellers": sorted(entries)} if result == AGREED else {}
    version = unit.record(
        "tally_entered",
        stream=f"meeting/{meeting_id}",
        expected=None,
        home_county=held.home_county,
        day=held.held_on,
        data={**what, **shown},
        private={"articles": articles(policy, ("tally.sums", "tally.two_tellers", "tally.tellers_agree"))},
    )
    change(unit, meeting, held, version=version)
    return {"meeting_id": meeting_id, "version": version, **what}


def _count(unit: Unit, held: Any, candidate_id: str, voters: str) -> Row[Any]:
    query = select(ballot).where(
        ballot.c.home_county == held.home_county,
        ballot.c.meeting_id == held.meeting_id,
        ballot.c.candidate_id == candidate_id,
        ballot.c.voters == voters,
    )
    row = unit.connection.execute(query).first()
    if row is None:
        raise NotFound("本次会议没有这一项计票")
    return row


_KEY = ("home_county", "meeting_id", "candidate_id", "voters")


def _entries(unit: Unit, count: Any) -> dict[str, Figures]:
    """What has been entered in the running round, by teller."""
    mine = [tally.c[name] == getattr(count, name) for name in _KEY]
    rows = unit.connection.execute(select(tally).where(*mine, tally.c.round == count.round))
    return {row.teller: Figures.of(json.loads(row.figures)) for row in rows}


def _keep(unit: Unit, count: Any, figures: Figures, result: str) -> None:
    """Keeps the entry; at the last of a round, the agreed totals or a new round, and the entries themselves go."""
    key = {name: getattr(count, name) for name in _KEY}
    if result == WAITING:
        add(unit, tally, **key, round=count.round, teller=unit.actor.account, figures=canonical(figures.as_dict()))
        return
    unit.connection.execute(delete(tally).where(*[tally.c[name] == value for name, value in key.items()]))
    if result == AGREED:
        change(unit, ballot, count, agreed=True, **figures.as_dict())
    else:
        change(unit, ballot, count, round=count.round + 1)


def counts_of(unit: Unit, held: Any) -> list[Row[Any]]:
    query = select(ballot).where(ballot.c.home_county == held.home_county, ballot.c.meeting_id == held.meeting_id)
    return list(unit.connection.execute(query))


def decide_all_counted(counts: Sequence[Any], policy: Policy) -> Decision:
    missing = [count for count in counts if not count.agreed]
    disputed = sum(count.round > 1 for count in missing)
    return decide_counted(len(missing) - disputed, disputed, policy)


# -- the delegate, and the end without a result


def sign_result(unit: Unit, body: Body, meeting_id: str) -> Answer:
    """The committee's delegate, on an account of his own, signs the counted result. Source: JH 8."""
    held = hold(unit, meeting, "meeting_id", meeting_id)
    unit.authorise(held.path)
    expect(held, body)
    if held.state != HELD or held.signed_by is not None:
        raise Stale("会议已经办结，或者结果已经签字")
    day = day_of(unit, body)
    policy = policy_at(unit, held, day)
    combine(
        decide_dates(policy, unit.today, "签字", day, (("会议", held.held_on),)),
        decide_all_counted(counts_of(unit, held), policy),
    ).require()
    applied = articles(policy, (SIGNED_UNDER.get(held.kind, "recommendation.delegate_signature"),))
    version = unit.record(
        "result_signed",
        stream=f"meeting/{meeting_id}",
        expected=held.version,
        home_county=held.home_county,
        day=day,
        data={"meeting_id": meeting_id, "organisation": unit.post.organisation if unit.post else None},
        private={"opinion": body["opinion"], "articles": applied},
    )
    change(unit, meeting, held, version=version, signed_by=unit.actor.account, signed_on=day)
    return {"meeting_id": meeting_id, "state": held.state, "version": version, "day": day, "articles": applied}


def cancel_meeting(unit: Unit, body: Body, meeting_id: str) -> Answer:
    """A meeting that was entered wrongly or cannot come to a result is void, with a reason; it stays in the record."""
    held = hold(unit, meeting, "meeting_id", meeting_id)
    unit.authorise(held.path, CONCLUDED_BY.get(held.kind, states.SECRETARY))
    expect(held, body)
    if held.state != HELD:
        raise Stale("会议已经办结")
    day = day_of(unit, body)
    policy = policy_at(unit, held, day)
    decide_dates(policy, unit.today, "作废", day, (("会议", held.held_on),)).require()
    version = unit.record(
        "meeting_cancelled",
        stream=f"meeting/{meeting_id}",
        expected=held.version,
        home_county=held.home_county,
        day=day,
        data={"meeting_id": meeting_id},
        private={"reason": body["reason"]},
    )
    change(unit, meeting, held, version=version, state=CANCELLED)
    unit.connection.execute(delete(tally).where(tally.c.meeting_id == meeting_id, tally.c.home_county == held.home_county))
    return {"meeting_id": meeting_id, "state": CANCELLED, "version": version, "day": day, "articles": []}
