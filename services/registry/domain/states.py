"""A member's states and what may be done in each: one table that everything else reads.

A member on the roll is on probation or full. The way back from full to probationary does not exist: an entry made in error is
ended as such and entered again.
"""

from __future__ import annotations

from typing import Final

from kernel.states import NEW, StateTable, rows
from services.registry.domain.permissions import ROLL_KEEPERS

PROBATIONARY: Final = "probationary"
FULL: Final = "full"
ENDED: Final = "ended"

#: Why somebody is not on the roll any more. Measures against a person are no entry here: they have a procedure of their own.
END_REASONS: Final = {"deceased": "去世", "moved_out": "转出", "entered_in_error": "误登"}
#: Why a probationary member left the roll when recruitment told so: the end of the candidacy, decided there.
TOLD_END_REASONS: Final = {"disqualified": "取消预备党员资格", "left": "本人撤回"}


_KEEPERS: Final = sorted(ROLL_KEEPERS)
_CHECKED: Final = "member.id_checksum application.age probation.months"

MEMBER: Final = StateTable(
    "党员",
    {PROBATIONARY: "预备党员", FULL: "正式党员", ENDED: "已出册"},
    rows((NEW,), "register", _KEEPERS, _CHECKED, PROBATIONARY, others=(FULL,)),
    rows((PROBATIONARY,), "change", _KEEPERS, _CHECKED, others=(FULL,)),
    rows((FULL,), "change", _KEEPERS, _CHECKED),
    rows((PROBATIONARY, FULL), "end", _KEEPERS, "", ENDED),
    rows((ENDED,), "reinstate", _KEEPERS, _CHECKED, PROBATIONARY, others=(FULL,)),
    # told by recruitment
    rows((NEW,), "admit", (), "", PROBATIONARY),
    rows((PROBATIONARY, FULL), "convert", (), "", FULL),
    rows((PROBATIONARY,), "leave", (), "", ENDED),
    rows((PROBATIONARY, FULL, ENDED), "correct", (), ""),
)
