"""What vetting tells: that departments are being asked, that one is late, and the outcome. Never an answer or a concern."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.bus.event import EventType

OUTCOMES = ("passed", "not_passed")


class _Place(Schema):
    """Whose case it is: candidate, branch, deciding committee, path of the branch, city, county."""

    case_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    branch = fields.String(required=True)
    committee = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)


class VettingOpened(_Place):
    """The committee has begun to ask the departments."""

    opened_on = fields.Date(required=True)


class VettingConcluded(_Place):
    """The committee has concluded. `valid_until` is the last day on which a pass may be used; null with `not_passed`."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    concluded_on = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)


class VettingClosed(_Place):
    """The case ended without a conclusion: the candidate has left or been admitted, or the committee took it back.

    `admitted`: a renewal was still open when the admission was approved on the conclusion before it.
    """

    end = fields.String(required=True, validate=validate.OneOf(("candidate_left", "admitted", "taken_back")))
    closed_on = fields.Date(required=True)


class RequestOverdue(_Place):
    """A department has not answered by the due day. Told once per request and due day; no decision reads it."""

    request_id = fields.String(required=True)
    department = fields.String(required=True)
    due = fields.Date(required=True)


_PLACE = {
    "case_id": "01890a5d-ac96-774b-bcce-b302099a8070",
    "candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060",
    "branch": "330702001001",
    "committee": "330702001",
    "path": "/3307/330702/330702001/330702001001/",
    "city": "jinhua",
    "county": "330702",
}

VETTING_OPENED = EventType(
    "vetting",
    "vetting_opened",
    1,
    VettingOpened,
    "A committee has begun to ask the departments about a candidate.",
    {**_PLACE, "opened_on": "2016-07-04"},
)
VETTING_CONCLUDED = EventType(
    "vetting",
    "vetting_concluded",
    1,
    VettingConcluded,
    "A committee has concluded a vetting case. Outcome only.",
    {**_PLACE, "outcome": "passed", "concluded_on": "2016-07-18", "valid_until": "2017-07-18"},
)
VETTING_CLOSED = EventType(
    "vetting",
    "vetting_closed",
    1,
    VettingClosed,
    "A vetting case ended without a conclusion.",
    {**_PLACE, "end": "candidate_left", "closed_on": "2016-07-11"},
)
REQUEST_OVERDUE = EventType(
    "vetting",
    "request_overdue",
    1,
    RequestOverdue,
    "A department has not answered a request by its due day.",
    {
        **_PLACE,
        "request_id": "01890a5d-ac96-774b-bcce-b302099a8071",
        "department": "police",
        "due": "2016-07-11",
    },
)

ALL = (VETTING_OPENED, VETTING_CONCLUDED, VETTING_CLOSED, REQUEST_OVERDUE)
