"""What recruitment tells: the candidate's way from the application to the activist, and out of it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.bus.event import EventType

ENDS = ("withdrawn", "refused", "removed")
STEPS = ("talk", "review")


class _Place(Schema):
    """Where the candidacy stands today: branch, deciding committee, path of the branch, city, county."""

    candidate_id = fields.String(required=True)
    branch = fields.String(required=True)
    committee = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    domain = fields.String(required=True, allow_none=True)


class ApplicationReceived(_Place):
    """A written application has been received by the organisation that it goes to."""

    talk_due = fields.Date(required=True)


class TalkHeld(_Place):
    """Somebody sent by the organisation has talked with the applicant. `late`: after `talk_due`."""

    late = fields.Boolean(required=True)


class Recommended(Schema):
    """One candidate's result. Shares are counts, never single choices."""

    candidate_id = fields.String(required=True)
    qualified = fields.Boolean(required=True)


class RecommendationConcluded(Schema):
    """A recommendation meeting of a branch has its results. They qualify, they do not decide."""

    meeting_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("two_recommendations", "masses")))
    branch = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    members_present = fields.Integer(required=True)
    members_heard = fields.Integer(required=True)
    mass_representatives = fields.Integer(required=True)
    results = fields.List(fields.Nested(Recommended), required=True)


class ActivistDetermined(_Place):
    """The candidate stands in the pool of activists. `since` is the day that counts."""

    since = fields.Date(required=True)


class ActivistReviewed(_Place):
    """A half-yearly review. `next_due` is the day of the next."""

    conclusion = fields.String(required=True, validate=validate.OneOf(("continue", "strengthen", "unfit")))
    late = fields.Boolean(required=True)
    next_due = fields.Date(required=True)


class CandidateLeft(_Place):
    """The candidacy has ended. The reason stays in the dossier."""

    end = fields.String(required=True, validate=validate.OneOf(ENDS))
    stage = fields.String(required=True, validate=validate.OneOf(("applicant", "activist")))


class StepOverdue(Schema):
    """A step was not taken by its due date. Told once per candidate, step and due date; no decision reads it."""

    candidate_id = fields.String(required=True)
    step = fields.String(required=True, validate=validate.OneOf(STEPS))
    due = fields.Date(required=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)


_PLACE = {
    "candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060",
    "branch": "330702001001",
    "committee": "330702001",
    "path": "/3307/330702/330702001/330702001001/",
    "city": "jinhua",
    "county": "330702",
    "domain": "rural",
}
_MEETING = {
    "meeting_id": "01890a5d-ac96-774b-bcce-b302099a8061",
    "kind": "masses",
    "branch": "330702001001",
    "path": "/3307/330702/330702001/330702001001/",
    "city": "jinhua",
    "county": "330702",
    "members_present": 21,
    "members_heard": 2,
    "mass_representatives": 30,
    "results": [{"candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060", "qualified": True}],
}
_OVERDUE = {
    "candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060",
    "step": "talk",
    "due": "2015-02-05",
    "branch": "330702001001",
    "path": "/3307/330702/330702001/330702001001/",
    "city": "jinhua",
    "county": "330702",
}

APPLICATION_RECEIVED = EventType(
    "recruitment",
    "application_received",
    1,
    ApplicationReceived,
    "A written application was received.",
    {**_PLACE, "talk_due": "2015-02-05"},
)
TALK_HELD = EventType("recruitment", "talk_held", 1, TalkHeld, "The talk with an applicant was held.", {**_PLACE, "late": False})
RECOMMENDATION_CONCLUDED = EventType(
    "recruitment",
    "recommendation_concluded",
    1,
    RecommendationConcluded,
    "A recommendation meeting was concluded.",
    _MEETING,
)
ACTIVIST_DETERMINED = EventType(
    "recruitment",
    "activist_determined",
    1,
    ActivistDetermined,
    "An applicant was determined as activist, shown to the public and filed.",
    {**_PLACE, "since": "2015-06-01"},
    personal=("name", "id_number"),
)
ACTIVIST_REVIEWED = EventType(
    "recruitment",
    "activist_reviewed",
    1,
    ActivistReviewed,
    "An activist was reviewed.",
    {**_PLACE, "conclusion": "continue", "late": False, "next_due": "2016-06-01"},
)
CANDIDATE_LEFT = EventType(
    "recruitment",
    "candidate_left",
    1,
    CandidateLeft,
    "A candidacy ended.",
    {**_PLACE, "end": "withdrawn", "stage": "activist"},
)
STEP_OVERDUE = EventType("recruitment", "step_overdue", 1, StepOverdue, "A step of a candidate is past its due date.", _OVERDUE)

ALL = (
    APPLICATION_RECEIVED,
    TALK_HELD,
    RECOMMENDATION_CONCLUDED,
    ACTIVIST_DETERMINED,
    ACTIVIST_REVIEWED,
    CANDIDATE_LEFT,
    STEP_OVERDUE,
)
