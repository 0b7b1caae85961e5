"""The committee that decides: until when, after which talk, by which vote. Source: NT 25–27 33, NT' 25, JH 8 9."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, allow, exceeds, judge, unless
from kernel.workdays import add_months

#: What the talk before the approval finds out. Source: JH 8.
TALK_TOPICS = {"knowledge": "对党的认识", "understanding": "对党的基本知识的了解", "motive": "入党动机"}


@dataclass(frozen=True)
class DecisionDueFacts:
    """`extended`: a special case, with a stated reason."""

    reported: date
    extended: bool


def decide_decision_due(facts: DecisionDueFacts, policy: Policy) -> Decision:
    """`committee.decision_due`. Values: `due`."""
    name = "committee.decision_months_extended" if facts.extended else "committee.decision_months"
    return allow({"due": add_months(facts.reported, policy.value(name))})


def decide_conversion_due(facts: DecisionDueFacts, policy: Policy) -> Decision:
    """The same for a conversion, whose term is its own. Values: `due`. Source: NT 33."""
    if facts.extended:
        return decide_decision_due(facts, policy)
    return allow({"due": add_months(facts.reported, policy.value("conversion.decision_months"))})


def decide_talk(role: str | None, topics: Collection[str], policy: Policy) -> Decision:
    """`committee.talk_by_organiser`: who talks, where the packs say so (JH: the stationed county organiser), enters it himself.

    `committee.talk`: the talk covers what the packs want to be known. Source: NT 25, JH 8.
    """
    by = policy.value("committee.talk_by") if policy.has("committee.talk_by") else ()
    covers = policy.value("committee.talk_covers") if policy.has("committee.talk_covers") else ()
    lacking = [TALK_TOPICS.get(topic, topic) for topic in covers if topic not in topics]
    return judge(
        unless(
            not by or role in by,
            policy,
            "committee.talk_by_organiser",
            "谈话须由派驻的县（市、区）委组织员进行，并由其本人登记",
            {"role": role, "by": list(by)},
        ),
        unless(
            not lacking,
            policy,
            "committee.talk",
            f"谈话未了解：{'、'.join(lacking)}",
            {"lacking": lacking},
            parameter="committee.talk_covers",
        ),
    )


def decide_vote(in_favour: int, entitled: int, policy: Policy) -> Decision:
    """`committee.majority`: more in favour than the pack's share of the members entitled."""
    share = policy.value("committee.majority_more_than")
    return judge(
        unless(
            exceeds(in_favour, entitled, share),
            policy,
            "committee.majority",
            f"赞成 {in_favour} 人，须超过应到委员 {entitled} 人的 {share}%",
            {"in_favour": in_favour, "entitled": entitled},
        )
    )


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What stands in the dossier when the committee's decision is entered; `talked` is None where no talk is asked for."""

    talked: bool | None
    voted: bool
    passed: bool


def decide_approval(facts: ApprovalFacts, policy: Policy) -> Decision:
    """`committee.talk`, `.talk_by_organiser`, `.ballot`, `.majority`: a talk, a vote, and a majority come before an approval."""
    untalked = facts.talked is False
    return judge(
        unless(not untalked, policy, "committee.talk", "审批前尚未派人谈话", {"talked": False}),
        unless(not untalked, policy, "committee.talk_by_organiser", "派驻组织员尚未谈话", {"talked": False}),
        unless(facts.voted, policy, "committee.ballot", "党委尚未票决", {"voted": False}),
        unless(
            facts.voted and facts.passed,
            policy,
            "committee.majority",
            "党委表决未获通过" if facts.voted else "党委尚未表决",
            {"voted": facts.voted, "passed": facts.passed},
        ),
    )
