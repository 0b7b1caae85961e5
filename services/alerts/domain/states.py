"""The life of a warning: states, and what may be done in each. Source: NN 2(4), catalogue A4.

Guard, roles of the doors, documentation, to-do lists and the stateful test read `TABLE`. A row says: in this state this action may be
taken, by whom (`side`: the issuer's own, the organisation's own, or the issuer's superior), under which rules, and where it leads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

ISSUED: Final = "issued"
RECEIVED: Final = "received"
PLANNED: Final = "planned"
REPORTED: Final = "reported"
CHECKED: Final = "checked"
LIFTED: Final = "lifted"
WITHDRAWN: Final = "withdrawn"

LIVING: Final = (ISSUED, RECEIVED, PLANNED, REPORTED, CHECKED)
ENDS: Final = (LIFTED, WITHDRAWN)
ALL: Final = (*LIVING, *ENDS)
#: The next step is the organisation's.
WITH_ORGANISATION: Final = (ISSUED, RECEIVED, PLANNED)

BRANCH: Final = ("branch_secretary", "branch_clerk")
ISSUERS: Final = ("committee_organiser", "county_department", "city_department")
#: A warned organisation is a branch, a committee or a county.
WARNED: Final = (*BRANCH, "committee_organiser", "county_department")
SUPERIORS: Final = ("committee_organiser", "county_department", "city_department")
COMMITTEE: Final = ("committee_organiser",)
#: Who may see what has been found and not been warned of.
OVERSEERS: Final = (*ISSUERS, "county_organiser", "auditor")
READERS: Final = (*BRANCH, *OVERSEERS)

#: What a check comes to.
ACCEPTED: Final = "accepted"
SENT_BACK: Final = "sent_back"

#: Whose own post acts.
ISSUER: Final = "issuer"
ORGANISATION: Final = "organisation"
SUPERIOR: Final = "superior"


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `action` may be taken by `side` under `rules`, and leads to `next`."""

    state: str
    action: str
    side: str
    rules: tuple[str, ...]
    next: str

    @property
    def roles(self) -> tuple[str, ...]:
        return {ISSUER: ISSUERS, ORGANISATION: WARNED, SUPERIOR: SUPERIORS}[self.side]


def _rows(states: Iterable[str], action: str, side: str, rules: str, next: str | None = None) -> tuple[Row, ...]:
    given = (*rules.split(), "order.future", "order.sequence")
    return tuple(Row(state, action, side, given, next or state) for state in states)


_LEVEL: Final = "warning.issuer warning.level warning.hearing warning.circulation"

TABLE: Final[tuple[Row, ...]] = (
    *_rows(("",), "issue", ISSUER, _LEVEL, ISSUED),
    *_rows((ISSUED,), "receive", ORGANISATION, "", RECEIVED),
    *_rows((RECEIVED, PLANNED), "plan", ORGANISATION, "", PLANNED),
    *_rows((RECEIVED, PLANNED, REPORTED, CHECKED), "criticise", ORGANISATION, "warning.self_criticism"),
    *_rows((PLANNED,), "report", ORGANISATION, "", REPORTED),
    *_rows((REPORTED,), "accept", ISSUER, "", CHECKED),
    *_rows((REPORTED, CHECKED), "send_back", ISSUER, "", PLANNED),
    *_rows((CHECKED,), "lift", ISSUER, "warning.reply_overdue warning.trigger_holds", LIFTED),
    *_rows(LIVING, "escalate", ISSUER, _LEVEL, ISSUED),
    *_rows(LIVING, "waive", SUPERIOR, "warning.lift_waiver"),
    *_rows(LIVING, "withdraw", ISSUER, "", WITHDRAWN),
)

_BY_KEY: Final = {(row.state, row.action): row for row in TABLE}


def row(state: str, action: str) -> Row | None:
    """The row of the table, or None where the action is not possible in that state."""
    return _BY_KEY.get((state, action))


def roles(action: str) -> tuple[str, ...]:
    """Who may take the action. Raises KeyError for an action that is in no row."""
    found = dict.fromkeys(role for row in TABLE if row.action == action for role in row.roles)
    if not found:
        raise KeyError(action)
    return tuple(found)


def actions(state: str) -> tuple[str, ...]:
    """What may be done in the state, in the table's order."""
    return tuple(row.action for row in TABLE if row.state == state)


def is_overdue(state: str, due: date, reported_on: date | None, today: date) -> bool:
    """The deadline has passed and the organisation has not reported in time. Time that the issuer takes to check is not held against it."""
    if state in WITH_ORGANISATION:
        return due < today
    return state in LIVING and reported_on is not None and due < reported_on
