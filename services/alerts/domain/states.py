"""The life of a warning: states, and what may be done in each. Source: NN 2(4), catalogue A4.

The actor's own post has to be at the organisation that a row names (`at`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from kernel.states import NEW, Row, StateTable, rows

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

#: Whose own post acts: the warned organisation's, its issuer's, or that of the authority above the issuer.
ORGANISATION: Final = "organisation"
ISSUER: Final = "issuer"
SUPERIOR: Final = "superior"

_ROLES: Final = {ORGANISATION: WARNED, ISSUER: ISSUERS, SUPERIOR: SUPERIORS}
_LEVEL: Final = "warning.issuer warning.level warning.hearing warning.circulation"


def _rows(states: Iterable[str], action: str, at: str, applied: str, next: str | None = None) -> tuple[Row, ...]:
    return rows(states, action, _ROLES[at], f"{applied} order.future order.sequence", next, at=at)


WARNING: Final = StateTable(
    "预警",
    {
        ISSUED: "已发出",
        RECEIVED: "已签收",
        PLANNED: "已报整改方案",
        REPORTED: "已报整改结果",
        CHECKED: "核查认可",
        LIFTED: "已解除",
        WITHDRAWN: "已撤回",
    },
    _rows((NEW,), "issue", ISSUER, _LEVEL, ISSUED),
    _rows((ISSUED,), "receive", ORGANISATION, "", RECEIVED),
    _rows((RECEIVED, PLANNED), "plan", ORGANISATION, "", PLANNED),
    _rows((RECEIVED, PLANNED, REPORTED, CHECKED), "criticise", ORGANISATION, "warning.self_criticism"),
    _rows((PLANNED,), "report", ORGANISATION, "", REPORTED),
    _rows((REPORTED,), "accept", ISSUER, "", CHECKED),
    _rows((REPORTED, CHECKED), "send_back", ISSUER, "", PLANNED),
    _rows((CHECKED,), "lift", ISSUER, "warning.reply_overdue warning.trigger_holds", LIFTED),
    _rows(LIVING, "escalate", ISSUER, _LEVEL, ISSUED),
    _rows(LIVING, "waive", SUPERIOR, "warning.lift_waiver"),
    _rows(LIVING, "withdraw", ISSUER, "", WITHDRAWN),
)


def is_overdue(state: str, due: date, reported_on: date | None, today: date) -> bool:
    """The deadline has passed and the organisation has not reported in time. Time that the issuer takes to check is not held against it."""
    if state in WITH_ORGANISATION:
        return due < today
    return state in LIVING and reported_on is not None and due < reported_on
