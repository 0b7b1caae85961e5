"""From the recommendation to the activist: approval by the superior, the branch's ballot, contacts, the determination.

Sources: JH 2, NN 3(1)(3), NT 8 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kernel.policy import Decision, Faults, Policy, judge, unless
from services.recruitment.domain.tally import Figures

BODIES = {True: "branch_committee", False: "members_meeting"}
BODY_NAMES = {"branch_committee": "支部委员会", "members_meeting": "支部党员大会"}


@dataclass(frozen=True, slots=True)
class BallotFacts:
    """A secret ballot on determining an activist. `present` and `entitled` are persons of the body that voted."""

    has_committee: bool
    body: str
    entitled: int
    present: int
    figures: Figures
    shown_on_the_spot: bool


def decide_body(has_committee: bool, body: str, policy: Policy) -> Decision:
    """`activist.body`: the branch committee decides; in a branch without one, the members' meeting. Source: NT 8, NN 3(1)."""
    right = BODIES[has_committee]
    return judge(
        unless(
            body == right,
            policy,
            "activist.body",
            f"该支部应由{BODY_NAMES[right]}决定，不是{BODY_NAMES.get(body, body)}",
            {"body": body, "has_committee": has_committee},
        )
    )


def decide_secret(secret: bool, policy: Policy) -> Decision:
    """`activist.ballot`, the part that is known when the ballot is held. Source: NN 3(3)."""
    return judge(unless(secret, policy, "activist.ballot", "票决没有以无记名投票方式进行", {"secret": secret}))


def decide_ballot(facts: BallotFacts, policy: Policy) -> Decision:
    """Whether the ballot passes: the right body, the tally shown at once, more in favour than the pack's share of the entitled.

    Raises `Invalid` for impossible counts. Values: `passed`.
    """
    with Faults() as faults:
        faults.unless(facts.entitled >= 1, "entitled", "应到会人数至少为 1")
        faults.unless(facts.present <= facts.entitled, "present", "到会人数多于应到会人数")
    passed = True
    if policy.has("activist.majority_more_than"):
        share = Fraction(facts.figures.in_favour, facts.entitled)
        passed = share * 100 > Fraction(policy.value("activist.majority_more_than"))
    body = decide_body(facts.has_committee, facts.body, policy)
    shown = unless(
        facts.shown_on_the_spot,
        policy,
        "activist.tally_on_the_spot",
        "票数情况须当场公布",
        {"shown_on_the_spot": facts.shown_on_the_spot},
    )
    return judge(*body.reasons, shown, values={"passed": passed})


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact person as the branch names him. `known`: found among its members here."""

    member_id: str
    known: bool
    full: bool
    same_branch: bool
    relative: bool


def decide_contacts(contacts: Sequence[Contact], policy: Policy) -> Decision:
    """`activist.contacts`, `activist.contacts_relatives`: so many full members of the branch, no relatives. Source: NT 9."""
    with Faults() as faults:
        faults.unless(len({c.member_id for c in contacts}) == len(contacts), "contacts", "同一人不能列两次")
    fact = {"contacts": len(contacts)}
    found: list[str] = []
    if policy.has("activist.contacts.least") and policy.has("activist.contacts.most"):
        least, most = policy.value("activist.contacts.least"), policy.value("activist.contacts.most")
        if not least <= len(contacts) <= most:
            found.append(f"培养联系人应为 {least} 至 {most} 名，现为 {len(contacts)} 名")
    if not all(c.known and c.same_branch for c in contacts):
        found.append("联系人须是本支部的党员")
    if not all(c.full for c in contacts if c.known):
        found.append("联系人须是正式党员")
    return judge(
        unless(not found, policy, "activist.contacts", "；".join(found), fact),
        unless(
            not any(c.relative for c in contacts),
            policy,
            "activist.contacts_relatives",
            "联系人是本人的近亲属",
            {"relatives": sum(c.relative for c in contacts)},
        ),
    )


@dataclass(frozen=True, slots=True)
class DeterminationFacts:
    """What stands in the dossier when the branch determines an activist; None is not there."""

    recommended_on: date | None
    approved_on: date | None
    balloted_on: date | None
    ballot_passed: bool
    missing: Sequence[str]  # what the dossier lacks, for people


def decide_determination(facts: DeterminationFacts, day: date, policy: Policy) -> Decision:
    """Without recommendation nobody; JH: the superior's approval first; NN: a secret ballot; the dossier complete.

    Values: `since`, the day that counts: the approval's where the superior's approval is asked for (JH 2), else the branch's
    decision.
    """
    needs_approval = policy.has_rule("activist.superior_approval")
    since = facts.approved_on if needs_approval and facts.approved_on else day
    return judge(
        unless(facts.recommended_on is not None, policy, "recommendation.required", "未经推荐", {"recommended": False}),
        unless(
            facts.approved_on is not None, policy, "activist.superior_approval", "尚未经上级党委审批同意", {"approved": False}
        ),
        unless(facts.balloted_on is not None, policy, "activist.ballot", "尚未以无记名投票方式票决", {"balloted": False}),
        unless(facts.balloted_on is None or facts.ballot_passed, policy, "activist.majority", "票决未获通过", {"passed": False}),
        unless(
            not facts.missing,
            policy,
            "dossier.complete",
            f"档案缺少：{'、'.join(facts.missing)}",
            {"missing": list(facts.missing)},
        ),
        values={"since": since},
    )
