"""The vote of a branch meeting on admission and conversion. Source: NT 20 21, NT' 19 20."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.policy import Decision, Faults, Policy, exceeds, judge


@dataclass(frozen=True)
class VoteFacts:
    """`entitled`: members with the right to vote, less those left out with approval. `for_written`: filed before."""

    entitled: int
    present: int
    for_present: int
    for_written: int
    kind: str


def decide_vote(facts: VoteFacts, policy: Policy) -> Decision:
    """`meeting.vote`: valid if more than half of the entitled are present, passed if more than half of the entitled are
    in favour, in the room and in writing together. Both are judged, each on its own."""
    with Faults() as faults:
        faults.one_of("kind", facts.kind, policy.labels("meeting_kind"))
        faults.not_negative(present=facts.present, for_present=facts.for_present, for_written=facts.for_written)
        faults.unless(facts.entitled >= 1, "entitled", "应到会有表决权的党员至少 1 人")
        faults.unless(facts.present <= facts.entitled, "present", "到会人数多于应到人数")
        faults.unless(facts.for_present <= facts.present, "for_present", "到会赞成人数多于到会人数")
        absent = facts.entitled - facts.present
        faults.unless(facts.for_written <= max(absent, 0), "for_written", "书面赞成人数多于未到会人数")
    quorum, majority = policy.value("meeting.quorum_more_than"), policy.value("meeting.majority_more_than")
    written = facts.for_written if policy.value("meeting.written_counts") else 0
    in_favour = facts.for_present + written
    no_quorum = no_majority = None
    if not exceeds(facts.present, facts.entitled, quorum):
        no_quorum = policy.reason(
            "meeting.quorum",
            f"到会 {facts.present} 人，须超过应到 {facts.entitled} 人的 {quorum}%",
            {"entitled": facts.entitled, "present": facts.present},
            parameters=("meeting.quorum_more_than",),
        )
    if not exceeds(in_favour, facts.entitled, majority):
        no_majority = policy.reason(
            "meeting.majority",
            f"赞成 {in_favour} 人（其中书面 {written} 人），须超过应到 {facts.entitled} 人的 {majority}%",
            {"entitled": facts.entitled, "for_present": facts.for_present, "for_written": written},
            parameters=("meeting.majority_more_than",),
        )
    return judge(no_quorum, no_majority)
