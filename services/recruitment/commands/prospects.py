"""From activist to prospect: opinions, ballot, proposal, the superior, the listing, introducers. Sources: NT 13–15, NT' 13, NN 3(3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from contracts.recruitment import PROSPECT_LISTED
from kernel.commands import Answer, Body, day_of, passing, policy_at
from kernel.errors import Invalid, Stale
from kernel.policy import Decision, Policy, combine, decide_dates
from kernel.unit import Unit
from services.recruitment.commands.common import CANDIDATES, advance, branch_of, clean, guard, place
from services.recruitment.commands.named import name_from, name_nobody, standing_of
from services.recruitment.commands.overdue import caught_up
from services.recruitment.commands.publicities import agreed_by_superior, annul_notices, decide_shown
from services.recruitment.domain import completeness
from services.recruitment.domain.activist import decide_body
from services.recruitment.domain.prospect import (
    Introducer,
    ProposalFacts,
    decide_endorsed,
    decide_introducers,
    decide_proposal,
    is_agreement,
)
from services.recruitment.domain.publicity import period_parameter
from services.recruitment.queries.traces import trace_of
from services.recruitment.tables import introducer, opinion

#: Other rules speak of these themselves when a prospect is proposed.
_APART = ("filing", "prospect_ballot", "opinions")


def hear_opinions(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """Whose opinions were heard on listing the activist, and what they said. Source: NT 13. Answer: `heard`, all so far."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "hear_opinions", body)
    sources = [item["source"] for item in body["heard"]]
    if len(set(sources)) != len(sources):
        raise Invalid({"heard": ["同一来源列了两次，请合并填写"]})
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "听取意见", day, (("确定", row.determined_on), ("列入积极分子", row.since))).require()
    mine = (opinion.c.home_county == row.home_county, opinion.c.candidate_id == candidate_id)
    known = set(unit.connection.execute(select(opinion.c.source).where(*mine)).scalars())
    if again := known & set(sources):
        unit.connection.execute(update(opinion).where(*mine, opinion.c.source.in_(again)).values(heard_on=day))
    if fresh := [source for source in sources if source not in known]:
        key = {"home_county": row.home_county, "candidate_id": candidate_id, "heard_on": day}
        unit.connection.execute(insert(opinion), [{**key, "source": source} for source in fresh])
    summaries = clean({f"summary_{item['source']}": item["summary"] for item in body["heard"]})
    data = {"sources": sources}
    answer = advance(unit, row, "hear_opinions", "opinions_heard", policy=policy, day=day, data=data, personal=summaries)
    return {**answer, "heard": sorted(known | set(sources))}


# -- the proposal


def propose_prospect(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch proposes the activist as prospect and names introducers; what is missing refuses. Source: NT 13 14, NT', NN 3(3)."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "propose", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    home_village = _home_village(unit, body)
    named = _introducers(unit, row, body["introducers"], day)
    decision = passing(_decide_proposal(unit, body, row, day, policy, named), body)
    name_from(unit, introducer, row, [i.member_id for i in named], day)
    return advance(
        unit,
        row,
        "propose",
        "prospect_proposed",
        policy=policy,
        day=day,
        data={
            "decided_by": body["decided_by"],
            "introducers": [i.member_id for i in named],
            "elsewhere": body["elsewhere"],
            "home_village": home_village,
        },
        private={"minutes": body["minutes"]},
        departures=decision.departures,
        proposed_on=day,
        elsewhere=body["elsewhere"],
        home_village=home_village,
    )


def _home_village(unit: Unit, body: Body) -> str | None:
    """The branch at the place of the household registration, where it is one of the suite. Raises `Invalid`, `NotYetKnown`."""
    code: str | None = body.get("home_village")
    if code is None:
        return None
    if not body["elsewhere"]:
        raise Invalid({"home_village": ["只有异地发展的才填写原籍所在村"]})
    return str(branch_of(unit, code).code)


def _decide_proposal(unit: Unit, body: Body, row: Any, day: date, policy: Policy, named: Sequence[Introducer]) -> Decision:
    """All that speaks against it, at once."""
    mine = (opinion.c.home_county == row.home_county, opinion.c.candidate_id == row.candidate_id)
    heard = {found.source: found.heard_on for found in unit.connection.execute(select(opinion).where(*mine))}
    items = completeness.items("prospect", trace_of(unit.connection, unit.context.policies, row), policy)
    facts = ProposalFacts(
        activist_since=row.since,
        filed_on=row.filed_on,
        heard=frozenset(heard),
        balloted_on=row.prospect_balloted_on,
        ballot_passed=bool(row.prospect_ballot_passed),
        missing=completeness.missing(items, apart=_APART),
    )
    before = (
        ("确定", row.determined_on),
        ("备案", row.filed_on),
        ("听取意见", max(heard.values(), default=None)),
        ("票决", row.prospect_balloted_on),
        ("考察", row.reviewed_on),
    )
    branch = branch_of(unit, row.branch)
    return combine(
        decide_dates(policy, unit.today, "拟列为发展对象", day, before),
        decide_body(branch.has_committee, body["decided_by"], policy),
        decide_introducers(named, policy),
        decide_proposal(facts, day, policy),
    )


def return_proposal(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The superior sends the proposal back, with a reason, after the person was heard. The person stays activist."""
    return _take_back(unit, body, candidate_id, "return_proposal", "proposal_returned", "退回")


def annul_proposal(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The branch takes its proposal back, after an objection was found to be right. Its notice comes down."""
    return _take_back(unit, body, candidate_id, "annul_proposal", "proposal_annulled", "撤销")


def _take_back(unit: Unit, body: Body, candidate_id: str, action: str, what: str, step: str) -> Answer:
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, action, body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    before = (("拟列为发展对象", row.proposed_on), ("上级意见", row.endorsed_on))
    combine(
        decide_dates(policy, unit.today, step, day, (*before, ("听取本人意见", body["heard_on"]))),
        decide_dates(policy, unit.today, "听取本人意见", body["heard_on"], before[:1]),
    ).require()
    name_nobody(unit, introducer, row, day)
    annul_notices(unit, row, ("prospect",), day)
    ballot = ("prospect_balloted_on", "prospect_balloted_by", "prospect_ballot_passed")
    gone: dict[str, Any] = dict.fromkeys((*ballot, "proposed_on", "endorsed_on", "elsewhere", "home_village"))
    return advance(
        unit,
        row,
        action,
        what,
        policy=policy,
        day=day,
        data={"heard_on": body["heard_on"]},
        personal=clean({"reason": body["reason"], "statement": body["statement"]}),
        **gone,
    )


# -- the superior, and the listing


def endorse_proposal(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The superior takes the listing on file (NT 13) or agrees to it (NT' 13), as the packs of the day say. Answer: `kind`."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "endorse", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    if row.endorsed_on is not None and (agreed_by_superior(unit, row) or not is_agreement(policy)):
        raise Stale("上级的备案或者同意已经登记")
    kind = "agreement" if is_agreement(policy) else "filing"
    decide_dates(policy, unit.today, "上级意见", day, (("拟列为发展对象", row.proposed_on),)).require()
    answer = advance(
        unit,
        row,
        "endorse",
        "proposal_endorsed",
        policy=policy,
        day=day,
        data={"kind": kind},
        private={"document": body["document"]},
        endorsed_on=day,
    )
    return {**answer, "kind": kind}


def list_prospect(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The person stands on the list of prospects, and others are told."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "list_prospect", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(
            policy, unit.today, "列为发展对象", day, (("拟列为发展对象", row.proposed_on), ("上级意见", row.endorsed_on))
        ),
        decide_endorsed(row.endorsed_on, agreed_by_superior(unit, row), policy),
        decide_shown(unit, row, "prospect", day, policy),
    ).require()
    shown = unit.context.keys.open_fields(row.candidate_id, {"name": row.name_sealed, "id_number": row.id_number_sealed})
    answer = advance(
        unit,
        row,
        "list_prospect",
        PROSPECT_LISTED,
        policy=policy,
        day=day,
        data={**place(row), "since": day, "elsewhere": bool(row.elsewhere), "home_village": row.home_village},
        personal=shown,
        deciding={"publicity.period": period_parameter("prospect")},
        listed_on=day,
        review_due=None,
    )
    # A review that was left out cannot be held any more: nobody has to mend what this listing has overtaken.
    return caught_up(unit, row, "review", day, answer)


# -- introducers


def change_introducers(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """Other introducers, from that day on. Source: NT 14, NT'."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "change_introducers", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    named = _introducers(unit, row, body["introducers"], day)
    decision = passing(
        combine(
            decide_dates(policy, unit.today, "更换介绍人", day, (("列为发展对象", row.listed_on),)),
            decide_introducers(named, policy),
        ),
        body,
    )
    name_from(unit, introducer, row, [i.member_id for i in named], day)
    return advance(
        unit,
        row,
        "change_introducers",
        "introducers_changed",
        policy=policy,
        day=day,
        data={"introducers": [i.member_id for i in named]},
        departures=decision.departures,
    )


def _introducers(unit: Unit, row: Any, named: Sequence[Any], day: date) -> list[Introducer]:
    standing = standing_of(unit, row, [item["member_id"] for item in named], day)
    return [
        Introducer(
            member_id=item["member_id"],
            known=standing[item["member_id"]].known,
            full=standing[item["member_id"]].full,
            same_branch=standing[item["member_id"]].same_branch,
            relative=item["relative"],
            sanctioned=item["sanctioned"],
        )
        for item in named
    ]
