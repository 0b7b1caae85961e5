"""The candidate's states and what may be done in each: one table that everything else reads.

Guard, roles of the endpoints, documentation, to-do lists and the stateful test read `TABLE`. A row says: in this state this action
may be taken, by whom, under which rules, and where it leads. The rules are ids in the policy packs; one that a city's packs do not
know does not bind there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

RECEIVED: Final = "received"  # the application is in; talk and publicity run beside
RECOMMENDED: Final = "recommended"  # a meeting has qualified the person
APPROVED: Final = "approved"  # the superior committee has agreed
DETERMINED: Final = "determined"  # decided by the branch; shown to the public
ACTIVIST: Final = "activist"
WITHDRAWN: Final = "withdrawn"
REFUSED: Final = "refused"
REMOVED: Final = "removed"

APPLICANT_STATES: Final = (RECEIVED, RECOMMENDED, APPROVED, DETERMINED)
LIVING: Final = (*APPLICANT_STATES, ACTIVIST)
ENDS: Final = (WITHDRAWN, REFUSED, REMOVED)
ALL: Final = (*LIVING, *ENDS)

BRANCH: Final = ("branch_secretary", "branch_clerk")
SECRETARY: Final = ("branch_secretary",)
COMMITTEE: Final = ("committee_organiser",)
DELEGATES: Final = ("committee_organiser", "county_organiser")
COUNTY: Final = ("county_department",)
TELLERS: Final = ("branch_secretary", "branch_clerk", "committee_organiser", "special_organizer")
#: Who may look at a candidate.
READERS: Final = (
    "branch_secretary",
    "branch_clerk",
    "committee_organiser",
    "county_organiser",
    "county_department",
    "city_department",
    "auditor",
)


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
    Row(
        "",
        "submit",
        BRANCH,
        (
            "application.written",
            "application.age",
            "application.organisation",
            "application.two_new_term",
            "application.two_new_loose",
            "application.two_new_village_committee",
            "application.exception_consent",
            "dossier.one_person",
            "order.future",
            "order.sequence",
        ),
        RECEIVED,
    ),
    *_rows(APPLICANT_STATES, "talk", BRANCH, "order.future order.sequence talk.topics talk.overdue"),
    *_rows(
        (RECEIVED, RECOMMENDED, APPROVED),
        "post_application",
        BRANCH,
        "publicity.content_forbidden publicity.content_required publicity.announced_and_posted order.future",
    ),
    *_rows(
        ALL, "take_down", BRANCH, "publicity.period publicity.objection_open publicity.taken_down order.future order.sequence"
    ),
    *_rows(ALL, "objection", (*BRANCH, *COMMITTEE), "order.future order.sequence"),
    *_rows(ALL, "conclude_objection", (*SECRETARY, *COMMITTEE), "publicity.objection_heard order.future order.sequence"),
    *_rows(
        (RECEIVED,),
        "nominate",
        BRANCH,
        "order.future order.sequence recommendation.yearly recommendation.pool recommendation.secret_ballot "
        "recommendation.absent_heard recommendation.mass_categories",
    ),
    *_rows(
        (RECEIVED,),
        "recommend",
        SECRETARY,
        "tally.sums tally.two_tellers tally.tellers_agree recommendation.delegate_signature "
        "recommendation.member_share recommendation.mass_share recommendation.mass_quorum "
        "application.rectification_delegate order.future order.sequence",
        RECOMMENDED,
    ),
    *_rows((RECOMMENDED,), "approve", COMMITTEE, "activist.superior_approval order.future order.sequence", APPROVED),
    *_rows((RECOMMENDED, APPROVED), "decline", COMMITTEE, "order.future order.sequence", RECEIVED),
    *_rows((RECOMMENDED, APPROVED), "ballot", BRANCH, "activist.body activist.tally_on_the_spot order.future order.sequence"),
    *_rows(
        (RECEIVED, RECOMMENDED, APPROVED),
        "determine",
        SECRETARY,
        "recommendation.required activist.superior_approval activist.ballot activist.majority activist.body "
        "activist.contacts activist.contacts_relatives application.rectification_delegate dossier.complete "
        "order.future order.sequence",
        DETERMINED,
    ),
    *_rows(
        (DETERMINED,),
        "post_activist",
        BRANCH,
        "publicity.content_forbidden publicity.content_required publicity.announced_and_posted order.future order.sequence",
    ),
    *_rows((DETERMINED,), "list", BRANCH, "publicity.period publicity.objection_open order.future order.sequence", ACTIVIST),
    *_rows((DETERMINED,), "annul", SECRETARY, "order.future order.sequence", RECEIVED),
    *_rows((ACTIVIST,), "file", COMMITTEE, "activist.filing order.future order.sequence"),
    *_rows((ACTIVIST,), "review", BRANCH, "order.future order.sequence cultivation.review_overdue"),
    *_rows((ACTIVIST,), "train", (*BRANCH, *COMMITTEE), "cultivation.training training.assessed order.future order.sequence"),
    *_rows((ACTIVIST,), "change_contacts", BRANCH, "activist.contacts activist.contacts_relatives order.future order.sequence"),
    *_rows(LIVING, "proceed", (*BRANCH, *COMMITTEE), "adjustment.hearing order.future order.sequence"),
    *_rows(LIVING, "propose_end", SECRETARY, "adjustment.timely adjustment.reason order.future order.sequence"),
    *_rows(LIVING, "keep", COMMITTEE, "adjustment.hearing order.future order.sequence"),
    *_rows(APPLICANT_STATES, "refuse", COMMITTEE, "adjustment.reason adjustment.hearing", REFUSED),
    *_rows((ACTIVIST,), "remove", COMMITTEE, "adjustment.timely adjustment.reason adjustment.hearing", REMOVED),
    *_rows(LIVING, "withdraw", BRANCH, "order.future order.sequence", WITHDRAWN),
    *_rows(ALL, "request_correction", BRANCH, "order.future"),
    *_rows(ALL, "correct", COMMITTEE, "correction.four_eyes"),
)

_BY_KEY: Final = {(row.state, row.action): row for row in TABLE}

#: Names for people.
STATE_NAMES: Final = {
    RECEIVED: "入党申请人",
    RECOMMENDED: "已经推荐",
    APPROVED: "上级已同意",
    DETERMINED: "已确定，公示中",
    ACTIVIST: "入党积极分子",
    WITHDRAWN: "本人撤回",
    REFUSED: "未予接收",
    REMOVED: "调整出库",
}


def row(state: str, action: str) -> Row | None:
    """The row of the table, or None where the action is not possible in that state."""
    return _BY_KEY.get((state, action))


def roles(action: str) -> tuple[str, ...]:
    """Who may take the action, in any state. Raises KeyError for an action that is in no row."""
    found = dict.fromkeys(role for row in TABLE if row.action == action for role in row.roles)
    if not found:
        raise KeyError(action)
    return tuple(found)


def actions(state: str) -> tuple[str, ...]:
    """What may be done in the state, in the table's order."""
    return tuple(row.action for row in TABLE if row.state == state)


def stage(state: str) -> str:
    """The stage for people: applicant, activist, or the end itself."""
    return "applicant" if state in APPLICANT_STATES else state
