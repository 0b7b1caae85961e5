"""From activist to prospect: the months of cultivation, opinions, ballot, introducers, the superior. Source: NT 13 14, NT' 13, NN 3(3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Faults, Policy, allow, exceeds, judge, unless
from kernel.workdays import add_months
from services.recruitment.domain.activist import BallotFacts, decide_body

#: Who is heard, with the Chinese names. Source: NT 13.
OPINIONS = {"group": "党小组", "contacts": "培养联系人", "members": "党员", "masses": "群众"}


@dataclass(frozen=True)
class EarliestFacts:
    activist_since: date


def decide_earliest(facts: EarliestFacts, policy: Policy) -> Decision:
    """`prospect.earliest`. Values: `earliest`, the first day on which the activist may be listed."""
    return allow({"earliest": add_months(facts.activist_since, policy.value("prospect.activist_months"))})


# -- the ballot


def decide_secret(secret: bool, policy: Policy) -> Decision:
    """`prospect.ballot`, the part that is known when the ballot is held. Source: NN 3(3)."""
    return judge(unless(secret, policy, "prospect.ballot", "票决没有以无记名投票方式进行", {"secret": secret}))


def decide_ballot(facts: BallotFacts, policy: Policy) -> Decision:
    """Whether the ballot on a prospect passes: the right body, the tally shown at once, more in favour than the pack's share.

    Raises `Invalid` for impossible counts. Values: `passed`.
    """
    with Faults() as faults:
        faults.unless(facts.entitled >= 1, "entitled", "应到会人数至少为 1")
        faults.unless(facts.present <= facts.entitled, "present", "到会人数多于应到会人数")
    shown = unless(
        facts.shown_on_the_spot,
        policy,
        "prospect.ballot",
        "票数情况须当场公布",
        {"shown_on_the_spot": facts.shown_on_the_spot},
    )
    passed = exceeds(facts.figures.in_favour, facts.entitled, policy.value("prospect.majority_more_than"))
    return judge(*decide_body(facts.has_committee, facts.body, policy).reasons, shown, values={"passed": passed})


# -- introducers


@dataclass(frozen=True, slots=True)
class Introducer:
    """An introducer as the branch names him. `known`: found among its members here; `sanctioned`: on probation within the Party."""

    member_id: str
    known: bool
    full: bool
    same_branch: bool
    relative: bool
    sanctioned: bool


def decide_introducers(introducers: Sequence[Introducer], policy: Policy) -> Decision:
    """`prospect.introducers`, `prospect.introducers_relatives`: so many full members of the branch. Source: NT 14, NT'."""
    with Faults() as faults:
        faults.unless(len({i.member_id for i in introducers}) == len(introducers), "introducers", "同一人不能列两次")
    number = policy.value("prospect.introducers")
    found = [
        text
        for holds, text in (
            (len(introducers) == number, f"入党介绍人应为 {number} 名，现为 {len(introducers)} 名"),
            (all(i.known and i.same_branch for i in introducers), "入党介绍人须是本支部的党员"),
            (all(i.full for i in introducers if i.known), "入党介绍人须是正式党员"),
            (not any(i.sanctioned for i in introducers), "受留党察看处分期间的不能作入党介绍人"),
        )
        if not holds
    ]
    return judge(
        unless(not found, policy, "prospect.introducers", "；".join(found), {"introducers": len(introducers)}),
        unless(
            not any(i.relative for i in introducers),
            policy,
            "prospect.introducers_relatives",
            "入党介绍人是本人的近亲属",
            {"relatives": sum(i.relative for i in introducers)},
        ),
    )


# -- the proposal and the listing


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """What stands in the dossier when the branch proposes a prospect. `heard`: whose opinions; `missing` is for people."""

    activist_since: date
    filed_on: date | None
    heard: Collection[str]
    balloted_on: date | None
    ballot_passed: bool
    missing: Sequence[str]


def decide_proposal(facts: ProposalFacts, day: date, policy: Policy) -> Decision:
    """Long enough an activist, filed as one, all opinions heard; NN: a secret ballot that passed; the dossier complete."""
    earliest = decide_earliest(EarliestFacts(facts.activist_since), policy).values["earliest"]
    lacking = [name for name in policy.value("prospect.hear") if name not in facts.heard]
    names = "、".join(OPINIONS.get(name, name) for name in lacking)
    return judge(
        unless(
            day >= earliest,
            policy,
            "prospect.earliest",
            f"自 {facts.activist_since} 起培养教育和考察，{earliest} 起方可列为发展对象",
            {"since": facts.activist_since.isoformat(), "earliest": earliest.isoformat(), "day": day.isoformat()},
        ),
        unless(facts.filed_on is not None, policy, "activist.filing", "确定入党积极分子尚未报上级党委备案", {"filed": False}),
        unless(not lacking, policy, "prospect.opinions", f"尚未听取{names}的意见", {"lacking": lacking}),
        unless(facts.balloted_on is not None, policy, "prospect.ballot", "尚未以无记名投票方式票决", {"balloted": False}),
        unless(facts.balloted_on is None or facts.ballot_passed, policy, "prospect.majority", "票决未获通过", {"passed": False}),
        unless(
            not facts.missing,
            policy,
            "dossier.complete",
            f"档案缺少：{'、'.join(facts.missing)}",
            {"missing": list(facts.missing)},
        ),
    )


def is_agreement(policy: Policy) -> bool:
    """Whether the superior agrees (NT') or takes the listing on file (NT), under the packs of the day."""
    return policy.has_rule("prospect.superior_agreement")


def decide_agreed(agreed: bool, policy: Policy) -> Decision:
    """`prospect.superior_agreement`. Source: NT' 13."""
    return judge(unless(agreed, policy, "prospect.superior_agreement", "尚未经上级党委同意", {"agreed": agreed}))


def decide_endorsed(endorsed_on: date | None, agreed: bool, policy: Policy) -> Decision:
    """`prospect.filing` (NT 13) or `prospect.superior_agreement` (NT' 13); a filing of the older rules is not an agreement."""
    filed = unless(endorsed_on is not None, policy, "prospect.filing", "尚未报上级党委备案", {"filed": False})
    return judge(filed, *decide_agreed(agreed, policy).reasons)
