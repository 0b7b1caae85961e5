"""The states of an evaluation and of what follows from it, and what may be done in each: tables that everything else reads.

Guard, roles of the doors, to-do list and tests read them. A row says: in this state this action may be taken, by whom, under which
rules, and where it leads. The rules are ids in the policy packs; one that a city's packs do not know does not bind there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# an evaluation
HELD: Final = "held"  # the meeting has judged; the counts are entered
CONCLUDED: Final = "concluded"
CANCELLED: Final = "cancelled"

# a branch's self-check
DUE: Final = "due"
REPORTED: Final = "reported"  # the written explanation is with the committee
RETURNED: Final = "returned"
ACCEPTED: Final = "accepted"

# a reminder talk: due, then
TALKED: Final = "talked"
DROPPED: Final = "dropped"  # the person has left before

#: How a probation ends well; every other end is a leaving.
FULL_MEMBER: Final = "full"

EVALUATION_STATES: Final = (HELD, CONCLUDED, CANCELLED)
SELF_CHECK_STATES: Final = (DUE, REPORTED, RETURNED, ACCEPTED)
TALK_STATES: Final = (DUE, TALKED, DROPPED)

BRANCH: Final = ("branch_secretary", "branch_clerk")
SECRETARY: Final = ("branch_secretary",)
COMMITTEE: Final = ("committee_organiser",)
TELLERS: Final = ("branch_secretary", "branch_clerk", "committee_organiser", "special_organizer")
SYSTEM: Final = ("system",)
#: Who may see how a branch's work was judged. What was said of a person is for `PERSON_READERS` of that branch and committee alone.
READERS: Final = (
    "branch_secretary",
    "branch_clerk",
    "committee_organiser",
    "county_organiser",
    "county_department",
    "city_department",
    "auditor",
)
PERSON_READERS: Final = (*SECRETARY, *COMMITTEE)


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `action` may be taken by `roles`, under `rules`, and leads to `next`."""

    state: str
    action: str
    roles: tuple[str, ...]
    rules: tuple[str, ...]
    next: str


def _rows(
    states: Iterable[str], action: str, roles: tuple[str, ...], rules: str = "", next: str | None = None
) -> tuple[Row, ...]:
    return tuple(Row(state, action, roles, tuple(rules.split()), next or state) for state in states)


EVALUATION: Final[tuple[Row, ...]] = (
    *_rows(
        ("",),
        "hold",
        BRANCH,
        "satisfaction.yearly satisfaction.guided satisfaction.voters satisfaction.secret_ballot satisfaction.repeated order.future",
        HELD,
    ),
    *_rows((HELD,), "count", TELLERS, "tally.sums tally.two_tellers tally.tellers_agree satisfaction.empty"),
    *_rows(
        (HELD,),
        "conclude",
        SECRETARY,
        "tally.two_tellers tally.tellers_agree satisfaction.empty satisfaction.below order.future order.sequence",
        CONCLUDED,
    ),
    # Not by the branch: it would void a judgement that it does not like.
    *_rows((HELD,), "cancel", COMMITTEE, "order.future order.sequence", CANCELLED),
)

SELF_CHECK: Final[tuple[Row, ...]] = (
    *_rows(("",), "order", SYSTEM, "satisfaction.below", DUE),
    *_rows((DUE, RETURNED), "report", SECRETARY, "satisfaction.self_check_overdue order.future order.sequence", REPORTED),
    *_rows((REPORTED,), "accept", COMMITTEE, "order.future order.sequence", ACCEPTED),
    *_rows((REPORTED,), "send_back", COMMITTEE, "order.future order.sequence", RETURNED),
)

TALK: Final[tuple[Row, ...]] = (
    *_rows(("",), "order", SYSTEM, "satisfaction.below", DUE),
    *_rows(
        (DUE,), "talk", SECRETARY, "satisfaction.person_present satisfaction.talk_overdue order.future order.sequence", TALKED
    ),
    *_rows((DUE,), "candidate_left", SYSTEM, "", DROPPED),
)

#: The tables by the kind of what they are about.
TABLES: Final = {"evaluation": EVALUATION, "self_check": SELF_CHECK, "talk": TALK}

NAMES: Final = {
    HELD: "待计票",
    CONCLUDED: "已办结",
    CANCELLED: "已作废",
    DUE: "待办",
    REPORTED: "待党（工）委答复",
    RETURNED: "已退回",
    ACCEPTED: "已认可",
    TALKED: "已谈话",
    DROPPED: "已终止",
}


def row(kind: str, state: str, action: str) -> Row | None:
    """The row of the kind's table, or None where the action is not possible in that state."""
    return next((row for row in TABLES[kind] if row.state == state and row.action == action), None)


def rules(kind: str, action: str) -> tuple[str, ...]:
    """Under which rules the action is taken, in any state."""
    return tuple(dict.fromkeys(rule for row in TABLES[kind] if row.action == action for rule in row.rules))


def roles(kind: str, action: str) -> tuple[str, ...]:
    """Who may take the action, in any state. Raises KeyError for an action that is in no row."""
    found = dict.fromkeys(role for row in TABLES[kind] if row.action == action for role in row.roles)
    if not found:
        raise KeyError(action)
    return tuple(found)


def actions(kind: str, state: str) -> tuple[str, ...]:
    """What people may do in the state, in the table's order."""
    return tuple(row.action for row in TABLES[kind] if row.state == state and row.roles != SYSTEM)
