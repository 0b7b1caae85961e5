"""A member's states and what may be done in each: one table that everything else reads.

A member on the roll is on probation or full. The way back from full to probationary does not exist: an entry made in error is
ended as such and entered again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from services.registry.domain.permissions import ROLL_KEEPERS

NEW: Final = ""
PROBATIONARY: Final = "probationary"
FULL: Final = "full"
ENDED: Final = "ended"

#: Why somebody is not on the roll any more. Measures against a person are no entry here: they have a procedure of their own.
END_REASONS: Final = {"deceased": "去世", "moved_out": "转出", "entered_in_error": "误登"}
#: Why a probationary member left the roll when recruitment told so: the end of the candidacy, decided there.
TOLD_END_REASONS: Final = {"disqualified": "取消预备党员资格", "left": "本人撤回"}

STATE_NAMES: Final = {PROBATIONARY: "预备党员", FULL: "正式党员", ENDED: "已出册"}


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `action` may be taken by `roles`; the member is then in one of `next`. `rules`: ids of parameters.

    An action without roles is nobody's here: it follows from what another service tells.
    """

    state: str
    action: str
    roles: Collection[str]
    rules: tuple[str, ...]
    next: tuple[str, ...]


_CHECKED = ("member.id_checksum", "application.age", "probation.months")

TABLE: Final = (
    Row(NEW, "register", ROLL_KEEPERS, _CHECKED, (PROBATIONARY, FULL)),
    Row(PROBATIONARY, "change", ROLL_KEEPERS, _CHECKED, (PROBATIONARY, FULL)),
    Row(FULL, "change", ROLL_KEEPERS, _CHECKED, (FULL,)),
    Row(PROBATIONARY, "end", ROLL_KEEPERS, (), (ENDED,)),
    Row(FULL, "end", ROLL_KEEPERS, (), (ENDED,)),
    Row(ENDED, "reinstate", ROLL_KEEPERS, _CHECKED, (PROBATIONARY, FULL)),
    Row(NEW, "admit", (), (), (PROBATIONARY,)),
    Row(PROBATIONARY, "convert", (), (), (FULL,)),
    Row(FULL, "convert", (), (), (FULL,)),
    Row(PROBATIONARY, "leave", (), (), (ENDED,)),
)

_BY_KEY: Final = {(row.state, row.action): row for row in TABLE}


def row(state: str, action: str) -> Row | None:
    """The row of the table, or None where the action is not possible in that state."""
    return _BY_KEY.get((state, action))


def roles(action: str) -> Collection[str]:
    """Who may take the action, in any state."""
    return frozenset(role for row in TABLE if row.action == action for role in row.roles)
