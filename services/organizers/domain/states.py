"""The states of organizers, tasks and proceedings, and what may be done in each: tables that everything else reads.

A row says: in this state this action may be taken, by whom, under which rules, and where it leads. An action without roles is
nobody's: it follows from the calendar or from what another service tells. Source: NN 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# -- an organizer
RECOMMENDED: Final = "recommended"  # consent, check and review run beside
APPOINTED: Final = "appointed"
WITHDRAWN: Final = "withdrawn"  # the person did not want it
DECLINED: Final = "declined"
LAPSED: Final = "lapsed"
DISMISSED: Final = "dismissed"
RESIGNED: Final = "resigned"
LIVING: Final = (RECOMMENDED, APPOINTED)

# -- a task
OPEN: Final = "open"
DONE: Final = "done"
CALLED_OFF: Final = "called_off"  # the committee takes it back
HANDED_OVER: Final = "handed_over"
LEFT_OPEN: Final = "left_open"  # ended with the organizer's appointment; somebody else has to take it over
OVER: Final = "over"  # the way of the candidate has ended

# -- a proceeding against somebody's wish: decline, dismissal, an assessment not passed
PROPOSED: Final = "proposed"
NOTIFIED: Final = "notified"
HEARD: Final = "heard"
DECIDED: Final = "decided"
KINDS: Final = {"decline": "不予聘任", "dismissal": "解聘", "assessment": "考核不合格"}

SECRETARY: Final = ("branch_secretary",)
COMMITTEE: Final = ("committee_organiser",)
ORGANIZER: Final = ("special_organizer",)
RECOMMENDERS: Final = (*SECRETARY, *COMMITTEE)
REVIEWERS: Final = (*COMMITTEE, "county_department")
#: Who sees the organizers of a committee.
SUPERVISORS: Final = ("committee_organiser", "county_organiser", "county_department", "city_department", "auditor")
READERS: Final = (*SUPERVISORS, *SECRETARY, *ORGANIZER)


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `action` may be taken by `roles`, under `rules`, and leads to `next`."""

    state: str
    action: str
    roles: tuple[str, ...]
    rules: tuple[str, ...]
    next: str


def _rows(states: Iterable[str], action: str, roles: tuple[str, ...], rules: str, next: str | None = None) -> tuple[Row, ...]:
    return tuple(Row(state, action, roles, tuple(rules.split()), next or state) for state in states)


TABLE: Final[tuple[Row, ...]] = (
    *_rows(("",), "recommend", RECOMMENDERS, "organizer.reason order.future", RECOMMENDED),
    *_rows((RECOMMENDED,), "consent", RECOMMENDERS, "organizer.willing order.future order.sequence"),
    *_rows((RECOMMENDED,), "refuse_consent", RECOMMENDERS, "organizer.willing order.future order.sequence", WITHDRAWN),
    *_rows((RECOMMENDED,), "check", COMMITTEE, "organizer.willing order.future order.sequence"),
    *_rows((RECOMMENDED,), "propose_decline", COMMITTEE, "organizer.reason order.future order.sequence"),
    *_rows((RECOMMENDED,), "decline", COMMITTEE, "organizer.reason organizer.hearing order.future order.sequence", DECLINED),
    *_rows(
        (RECOMMENDED,),
        "appoint",
        COMMITTEE,
        "organizer.willing organizer.conditions organizer.examined organizer.approval_power order.future order.sequence",
        APPOINTED,
    ),
    *_rows((APPOINTED,), "assess", COMMITTEE, "organizer.reason organizer.in_term order.future order.sequence"),
    *_rows((APPOINTED,), "fail", COMMITTEE, "organizer.reason organizer.hearing order.future order.sequence"),
    *_rows((APPOINTED,), "ask_review", (*COMMITTEE, *ORGANIZER), "order.future order.sequence"),
    *_rows((APPOINTED,), "review", REVIEWERS, "organizer.reason organizer.review_by_another order.future order.sequence"),
    *_rows(
        (APPOINTED,),
        "renew",
        COMMITTEE,
        "organizer.assessed organizer.passed organizer.conditions organizer.approval_power organizer.in_term order.future "
        "order.sequence",
    ),
    *_rows((APPOINTED,), "propose_dismissal", COMMITTEE, "organizer.reason order.future order.sequence"),
    *_rows((APPOINTED,), "dismiss", COMMITTEE, "organizer.reason organizer.hearing order.future order.sequence", DISMISSED),
    *_rows((APPOINTED,), "resign", (*COMMITTEE, *ORGANIZER), "organizer.in_term order.future order.sequence", RESIGNED),
    *_rows((APPOINTED,), "remind", (), ""),
    *_rows((APPOINTED,), "lapse", (), "organizer.in_term", LAPSED),
    *_rows(LIVING, "proceed", COMMITTEE, "organizer.hearing order.future order.sequence"),
    *_rows(LIVING, "drop", COMMITTEE, "organizer.reason order.future order.sequence"),
)

TASKS: Final[tuple[Row, ...]] = (
    *_rows(("",), "open", COMMITTEE, "organizer.in_term order.future", OPEN),
    *_rows((OPEN,), "log", (*COMMITTEE, *ORGANIZER), "organizer.in_term order.future order.sequence"),
    *_rows((OPEN,), "finish", (*COMMITTEE, *ORGANIZER), "order.future order.sequence", DONE),
    *_rows((OPEN, LEFT_OPEN), "call_off", COMMITTEE, "order.future order.sequence", CALLED_OFF),
    *_rows((OPEN, LEFT_OPEN), "hand_over", COMMITTEE, "organizer.in_term order.future order.sequence", HANDED_OVER),
    *_rows((OPEN,), "prolong", (), ""),
    *_rows((OPEN,), "end_with_term", (), "organizer.in_term", LEFT_OPEN),
    *_rows((OPEN,), "end_with_candidate", (), "", OVER),
)

#: Names for people.
STATE_NAMES: Final = {
    RECOMMENDED: "已推荐",
    APPOINTED: "聘任中",
    WITHDRAWN: "本人不愿",
    DECLINED: "不予聘任",
    LAPSED: "聘期届满",
    DISMISSED: "已解聘",
    RESIGNED: "已辞聘",
    OPEN: "办理中",
    DONE: "已办结",
    CALLED_OFF: "已撤回",
    HANDED_OVER: "已移交",
    LEFT_OPEN: "聘期已终，待移交",
    OVER: "对象已离开",
}
ORGANIZER_STATES: Final = tuple(dict.fromkeys(row.next for row in TABLE))
TASK_STATES: Final = tuple(dict.fromkeys(row.next for row in TASKS))

_BY_KEY: Final = {(row.state, row.action): row for row in TABLE}
_TASK_BY_KEY: Final = {(row.state, row.action): row for row in TASKS}


def row(state: str, action: str) -> Row | None:
    """The row of an organizer's table, or None where the action is not possible in that state."""
    return _BY_KEY.get((state, action))


def task_row(state: str, action: str) -> Row | None:
    return _TASK_BY_KEY.get((state, action))


def roles(action: str) -> tuple[str, ...]:
    """Who may take the action, in any state. Raises KeyError for an action that is in no row."""
    found = dict.fromkeys(role for row in (*TABLE, *TASKS) if row.action == action for role in row.roles)
    if not found:
        raise KeyError(action)
    return tuple(found)


def actions(state: str) -> tuple[str, ...]:
    """What people may do with an organizer in the state, in the table's order."""
    return tuple(row.action for row in TABLE if row.state == state and row.roles)


def task_actions(state: str) -> tuple[str, ...]:
    return tuple(row.action for row in TASKS if row.state == state and row.roles)
