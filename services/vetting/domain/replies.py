"""What a reply is worth: whether it may be made at all, and what it does to the question that it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from kernel.policy import Decision, Faults, Policy, judge, unless
from services.vetting.domain import states

CLEAR: Final = "clear"
CONCERN: Final = "concern"
CANNOT_SAY: Final = "cannot_say"

# what a reply did
COUNTED: Final = "counted"
DUPLICATE: Final = "duplicate"  # the same again: kept, changes nothing
CONTRADICTORY: Final = "contradictory"  # kept; a person decides which one stands
PAST: Final = "past"  # to a question that was withdrawn or asked anew: kept
AFTER_END: Final = "after_end"  # after the conclusion: kept and shown, changes nothing

#: Characters of a statement. A finding is named, not told.
SHORT: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a department says. `category` and `statement` belong to a concern; `rests_on_findings` is its word on that."""

    answer: str
    category: str | None = None
    statement: str | None = None
    rests_on_findings: bool | None = None

    def personal(self) -> dict[str, str]:
        """The fields to seal. Empty ones too: what is missing would tell what was answered."""
        return {"answer": self.answer, "category": self.category or "", "statement": self.statement or ""}

    def same_as(self, other: Answer) -> bool:
        """The same answer, whatever the words."""
        return (self.answer, self.category or "") == (other.answer, other.category or "")


def answer_of(fields: Mapping[str, str]) -> Answer:
    """From opened fields."""
    return Answer(fields["answer"], fields["category"] or None, fields["statement"] or None)


def decide_reply(answer: Answer, policy: Policy) -> Decision:
    """May this be an answer? Raises `Invalid` for what is ill-formed; `vetting.concern_grounds` refuses what is no ground.

    Source: Xinhuo (V5): a concern rests on concluded findings; a petition made or a sealed record is none.
    """
    known = policy.value("vetting.answers")
    categories = policy.labels("concern_category")
    concern = answer.answer == CONCERN
    with Faults() as faults:
        faults.one_of("answer", answer.answer, known)
        faults.unless(concern or answer.category is None, "category", "只有“有情况”才填写类别")
        faults.unless(concern or not answer.statement, "statement", "只有“有情况”才填写简要事实")
        faults.unless(len(answer.statement or "") <= SHORT, "statement", f"不超过 {SHORT} 字")
        if answer.category is not None:
            faults.one_of("category", answer.category, categories)
    if not concern:
        return judge()
    complete = answer.category is not None and bool((answer.statement or "").strip())
    return judge(
        unless(
            complete and answer.rests_on_findings is True,
            policy,
            "vetting.concern_grounds",
            "“有情况”未写明类别和简要事实" if not complete else "“有情况”未确认以对本人的已有结论为依据",
            {
                "category": answer.category,
                "statement_given": bool((answer.statement or "").strip()),
                "rests_on_findings": bool(answer.rests_on_findings),
            },
        )
    )


def effect_of(case_state: str, request_state: str, answer: Answer, standing: Answer | None, earlier: Collection[Answer]) -> str:
    """What the reply does. `standing` is the reply that counts, `earlier` all others to the same question."""
    if case_state != states.OPEN:
        return AFTER_END
    if request_state in (states.SUPERSEDED, states.WITHDRAWN):
        known = [*earlier, *([standing] if standing else [])]
        return DUPLICATE if any(answer.same_as(other) for other in known) else PAST
    if request_state == states.ASKED:
        return COUNTED
    if request_state == states.DISPUTED:
        return CONTRADICTORY
    assert standing is not None  # an answered request has one
    return DUPLICATE if answer.same_as(standing) else CONTRADICTORY


def contradicts(answer: Answer, past: Collection[Answer]) -> bool:
    """Whether an answer that would count disagrees with what came to the former question after it was asked anew."""
    return any(not answer.same_as(other) for other in past)
