"""The states of a case and of a request, and what may be done in each: tables that everything else reads.

Guard, roles of the endpoints, documentation, to-do lists and the stateful test read them. A row says: in this state this action may be
taken, by whom, under which rules, and where it leads. The rules are ids in the policy packs; one that a city's packs do not know does
not bind there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# a case
OPEN: Final = "open"
CONCLUDED: Final = "concluded"
CLOSED: Final = "closed"  # ended without a conclusion

# a request
ASKED: Final = "asked"
ANSWERED: Final = "answered"
DISPUTED: Final = "disputed"  # replies contradict one another: a person decides which one stands
SUPERSEDED: Final = "superseded"  # asked again under a new number
WITHDRAWN: Final = "withdrawn"

CASE_STATES: Final = (OPEN, CONCLUDED, CLOSED)
REQUEST_STATES: Final = (ASKED, ANSWERED, DISPUTED, SUPERSEDED, WITHDRAWN)
#: Requests that count for the conclusion.
LIVE: Final = (ASKED, ANSWERED, DISPUTED)

# what goes on in the home village; "asked" is the first
POSTED: Final = "posted"  # the notice stands
ENDED: Final = "ended"  # it has come down
GIVEN: Final = "given"  # the opinion is with the township committee
RETURNED: Final = "returned"

VILLAGE_STATES: Final = (ASKED, POSTED, ENDED, GIVEN, RETURNED)

COMMITTEE: Final = ("committee_organiser",)
BRANCH: Final = ("branch_secretary", "branch_clerk")
SECRETARY: Final = ("branch_secretary",)
SUPERIOR: Final = ("county_department", "city_department")
DEPARTMENT: Final = ("department",)
SYSTEM: Final = ("system",)
#: Who may see that a case exists, and how far it is; never what was answered.
READERS: Final = (
    "branch_secretary",
    "branch_clerk",
    "committee_organiser",
    "county_organiser",
    "county_department",
    "city_department",
    "auditor",
)
#: Who may look at a question to the home village, there.
VILLAGE_READERS: Final = (*BRANCH, *COMMITTEE)
#: Who may read the written conclusion.
CONCLUSION_READERS: Final = ("branch_secretary", "branch_clerk", "committee_organiser", "county_department")


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


CASE: Final[tuple[Row, ...]] = (
    *_rows(
        ("",),
        "open",
        COMMITTEE,
        "review.order vetting.renewal_early vetting.departments_required order.future order.sequence",
        OPEN,
    ),
    *_rows((OPEN,), "ask_further", COMMITTEE, "vetting.departments_required order.future order.sequence"),
    *_rows((OPEN,), "ask_home_village", COMMITTEE, "order.future order.sequence"),
    *_rows((OPEN,), "adjudicate", COMMITTEE, "vetting.adjudication_reason order.future order.sequence"),
    *_rows((OPEN,), "inform", COMMITTEE, "order.future order.sequence"),
    *_rows((OPEN,), "ask_bar", COMMITTEE, "order.future order.sequence"),
    *_rows((OPEN,), "confirm_bar", SUPERIOR, "order.future order.sequence"),
    *_rows((OPEN,), "hear", COMMITTEE, "order.future order.sequence"),
    *_rows((OPEN,), "recheck", COMMITTEE, "vetting.recheck_again order.future order.sequence"),
    *_rows(
        (OPEN,),
        "conclude",
        COMMITTEE,
        "vetting.all_answers_in vetting.dispute_open vetting.adjudication_reason vetting.outcome_grounds "
        "vetting.person_informed vetting.person_heard vetting.recheck_open vetting.conclusion_after_replies "
        "vetting.departments_required vetting.home_village order.future order.sequence",
        CONCLUDED,
    ),
    *_rows((OPEN,), "take_back", COMMITTEE, "order.future order.sequence", CLOSED),
    *_rows((OPEN,), "candidate_left", SYSTEM, "", CLOSED),
    # A renewal that was still open: the admission rests on the conclusion before it.
    *_rows((OPEN,), "admitted", SYSTEM, "", CLOSED),
    # The new case is opened beside the old one, whose conclusion stays in the record.
    *_rows(
        (CONCLUDED,),
        "renew",
        COMMITTEE,
        "vetting.renewal_early review.order vetting.departments_required order.future order.sequence",
    ),
    *_rows((CONCLUDED,), "note_lapse", SYSTEM),
)

REQUEST: Final[tuple[Row, ...]] = (
    *_rows((ASKED,), "reply", (*DEPARTMENT, *COMMITTEE), "vetting.concern_grounds", ANSWERED),
    *_rows((ANSWERED,), "reply_same", (*DEPARTMENT, *COMMITTEE), "vetting.concern_grounds"),
    *_rows((ASKED, ANSWERED, DISPUTED), "reply_other", (*DEPARTMENT, *COMMITTEE), "vetting.concern_grounds", DISPUTED),
    *_rows((SUPERSEDED, WITHDRAWN), "reply_past", (*DEPARTMENT, *COMMITTEE), "vetting.concern_grounds"),
    *_rows((ASKED, DISPUTED), "settle", COMMITTEE, "order.future order.sequence", ANSWERED),
    *_rows((ASKED, ANSWERED, DISPUTED), "reask", COMMITTEE, "order.future order.sequence", SUPERSEDED),
    *_rows((ASKED, ANSWERED, DISPUTED), "correct", COMMITTEE, "order.future order.sequence", SUPERSEDED),
    *_rows(
        (ASKED, ANSWERED, DISPUTED),
        "withdraw",
        COMMITTEE,
        "vetting.departments_required vetting.adjudication_reason order.future order.sequence",
        WITHDRAWN,
    ),
    *_rows((ASKED,), "remind", SYSTEM),
    *_rows((ASKED,), "tell_overdue", SYSTEM, "vetting.reply_overdue"),
)

#: What the village, its township committee, and for a village outside the suite the deciding committee do about one question.
VILLAGE: Final[tuple[Row, ...]] = (
    *_rows(
        (ASKED,),
        "post_notice",
        BRANCH,
        "publicity.content_forbidden publicity.content_required publicity.announced_and_posted order.future order.sequence",
        POSTED,
    ),
    *_rows((POSTED,), "end_notice", BRANCH, "publicity.period publicity.objection_open order.future order.sequence", ENDED),
    # Where the home place asks for no notice, the opinion is the first step.
    *_rows(
        (ASKED, ENDED), "give_opinion", SECRETARY, "publicity.period vetting.concern_grounds order.future order.sequence", GIVEN
    ),
    *_rows((GIVEN,), "return_opinion", COMMITTEE, "order.future order.sequence", RETURNED),
    *_rows(
        (ASKED,),
        "enter_village_letter",
        COMMITTEE,
        "vetting.home_village_publicity vetting.concern_grounds order.future order.sequence",
        RETURNED,
    ),
)

_CASE: Final = {(row.state, row.action): row for row in CASE}
_REQUEST: Final = {(row.state, row.action): row for row in REQUEST}
_VILLAGE: Final = {(row.state, row.action): row for row in VILLAGE}

CASE_NAMES: Final = {OPEN: "正在征询", CONCLUDED: "已作结论", CLOSED: "已终止"}
REQUEST_NAMES: Final = {
    ASKED: "待答复",
    ANSWERED: "已答复",
    DISPUTED: "答复前后不一",
    SUPERSEDED: "已重新征询",
    WITHDRAWN: "已撤回",
}
VILLAGE_NAMES: Final = {
    ASKED: "待办理",
    POSTED: "正在公示",
    ENDED: "公示已结束",
    GIVEN: "已出具意见，待反馈",
    RETURNED: "已反馈",
}


def case_row(state: str, action: str) -> Row | None:
    """The row of the table, or None where the action is not possible in that state."""
    return _CASE.get((state, action))


def request_row(state: str, action: str) -> Row | None:
    return _REQUEST.get((state, action))


def village_row(state: str, action: str) -> Row | None:
    return _VILLAGE.get((state, action))


def roles(action: str) -> tuple[str, ...]:
    """Who may take the action, in any state. Raises KeyError for an action that is in no row."""
    found = dict.fromkeys(role for row in (*CASE, *REQUEST, *VILLAGE) if row.action == action for role in row.roles)
    if not found:
        raise KeyError(action)
    return tuple(role for role in found if role not in (*SYSTEM, *DEPARTMENT))


def case_actions(state: str) -> tuple[str, ...]:
    """What may be done with a case in the state, in the table's order."""
    return tuple(row.action for row in CASE if row.state == state)


def request_actions(state: str) -> tuple[str, ...]:
    return tuple(row.action for row in REQUEST if row.state == state)


def village_actions(state: str) -> tuple[str, ...]:
    return tuple(row.action for row in VILLAGE if row.state == state)
