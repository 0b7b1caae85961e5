"""Coded application forms: one code, one person, one year, never again. Source: JH 11, catalogue R9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kernel.policy import Decision, Policy, judge, unless

ISSUED: Final = "issued"
USED: Final = "used"
VOID: Final = "void"
LOST: Final = "lost"
LAPSED: Final = "lapsed"
STATES: Final = (ISSUED, USED, VOID, LOST, LAPSED)
#: How a form ends that is not brought to its end by use.
ENDS: Final = (VOID, LOST)


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """A code that is to be used. `known`: it stands in the register, with `state`, `year` and whether this committee holds it."""

    code: str
    known: bool
    state: str | None
    year: int | None
    here: bool


def decide_code(facts: CodeFacts, year: int, policy: Policy) -> Decision:
    """`form.code_reused`, `form.coded`: never used before; where codes are handed down, one of this committee and year."""
    fresh = not facts.known or facts.state == ISSUED
    own = facts.known and facts.here and facts.year == year
    # A code that somebody else holds is not free either, also where codes need not be handed down.
    free = not facts.known or own
    return judge(
        unless(fresh and (free or policy.has_rule("form.coded")), policy, "form.code_reused", _used(facts), {"code": facts.code}),
        unless(
            own,
            policy,
            "form.coded",
            f"编码 {facts.code} 不是下达给本党委的 {year} 年编码",
            {"code": facts.code, "year": year, "known": facts.known},
        ),
    )


def _used(facts: CodeFacts) -> str:
    return f"编码 {facts.code} 已经{'用过' if facts.state == USED else '作废、失效，或者属于别的党委'}"
