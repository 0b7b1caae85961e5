"""What recruitment tells: the candidate's way from the application to full membership, and out of it; the year's figures."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.bus.event import EventType

ENDS = ("withdrawn", "refused", "removed", "disqualified")
STAGES = ("applicant", "activist", "prospect", "probationary")
#: Stages of which others have heard.
REACHED = ("activist", "prospect", "probationary", "full")
STEPS = (
    "talk",
    "review",
    "committee_decision",
    "oath",
    "probation_review",
    "conversion",
    "conversion_decision",
)


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
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))


class CandidateCorrected(_Place):
    """Name or ID number of somebody of whom others have heard had been entered wrongly and has been put right.

    `corrected`: which of the two; both travel as they stand now. `stage`: how far the candidacy has come, or had come when it ended.
    """

    corrected = fields.List(fields.String(validate=validate.OneOf(("name", "id_number"))), required=True)
    stage = fields.String(required=True, validate=validate.OneOf(REACHED))


class ProspectListed(_Place):
    """The activist stands on the list of prospects. `since`: the day of the listing.

    `elsewhere`: joins at another place than that of the household registration; `home_village` is the code of the branch there, where
    that is one of the suite.
    """

    since = fields.Date(required=True)
    elsewhere = fields.Boolean(required=True)
    home_village = fields.String(required=True, allow_none=True)


class ProspectReviewed(_Place):
    """A part of the political review that is recruitment's own has been concluded: the branch's, then the committee's."""

    by = fields.String(required=True, validate=validate.OneOf(("branch", "committee")))
    passed = fields.Boolean(required=True)


class Admitted(_Place):
    """The committee has approved the admission: a probationary member since the day of the branch meeting.

    `young`: not older on the day of the meeting than the age that the packs of the place name; null where they name none. The
    particulars are canonical JSON as the registry's roll has them.
    """

    meeting_on = fields.Date(required=True)
    approved_on = fields.Date(required=True)
    probation_ends = fields.Date(required=True)
    young = fields.Boolean(required=True, allow_none=True)


class ProbationExtended(_Place):
    """The committee has extended the probation, once. `probation_ends`: its new last day."""

    probation_ends = fields.Date(required=True)


class Converted(_Place):
    """The committee has approved the conversion: a full member. `full_since` is the day on which probation ended."""

    full_since = fields.Date(required=True)
    approved_on = fields.Date(required=True)


class _Step(Schema):
    """A step of a candidate and the day by which it was to be taken."""

    candidate_id = fields.String(required=True)
    step = fields.String(required=True, validate=validate.OneOf(STEPS))
    due = fields.Date(required=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)


class StepOverdue(_Step):
    """A step was not taken by its due date. Told once per candidate, step and due date; no decision here reads it."""


class StepCaughtUp(_Step):
    """A step that had been told overdue has been taken, or the candidate has come to a stage in which it is not due any more."""


class FigureApproved(Schema):
    """The superior has approved how many an organisation may admit in a year; a later figure replaces an earlier one."""

    organisation = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    year = fields.Integer(required=True)
    figure = fields.Integer(required=True)


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
_STEP = {
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
CANDIDATE_CORRECTED = EventType(
    "recruitment",
    "candidate_corrected",
    1,
    CandidateCorrected,
    "A wrong name or ID number of a candidate was put right.",
    {**_PLACE, "corrected": ["id_number"], "stage": "prospect"},
    personal=("name", "id_number"),
)
PROSPECT_LISTED = EventType(
    "recruitment",
    "prospect_listed",
    1,
    ProspectListed,
    "An activist was listed as prospect.",
    {**_PLACE, "since": "2016-07-01", "elsewhere": False, "home_village": None},
    personal=("name", "id_number"),
)
PROSPECT_REVIEWED = EventType(
    "recruitment",
    "prospect_reviewed",
    1,
    ProspectReviewed,
    "The branch or the committee has concluded its own part of a prospect's political review.",
    {**_PLACE, "by": "committee", "passed": True},
)
ADMITTED = EventType(
    "recruitment",
    "admitted",
    1,
    Admitted,
    "A committee has approved an admission: a probationary member.",
    {**_PLACE, "meeting_on": "2016-10-12", "approved_on": "2016-11-02", "probation_ends": "2017-10-12", "young": True},
    personal=("name", "id_number", "particulars"),
)
PROBATION_EXTENDED = EventType(
    "recruitment",
    "probation_extended",
    1,
    ProbationExtended,
    "A probation was extended.",
    {**_PLACE, "probation_ends": "2018-04-12"},
)
CONVERTED = EventType(
    "recruitment",
    "converted",
    1,
    Converted,
    "A committee has approved a conversion: a full member.",
    {**_PLACE, "full_since": "2017-10-12", "approved_on": "2017-11-15"},
)
STEP_OVERDUE = EventType("recruitment", "step_overdue", 1, StepOverdue, "A step of a candidate is past its due date.", _STEP)
STEP_CAUGHT_UP = EventType(
    "recruitment", "step_caught_up", 1, StepCaughtUp, "A step that was told overdue has been taken or overtaken.", _STEP
)
FIGURE_APPROVED = EventType(
    "recruitment",
    "figure_approved",
    1,
    FigureApproved,
    "The figure of admissions of an organisation and a year was approved.",
    {
        "organisation": "330702001",
        "path": "/3307/330702/330702001/",
        "city": "jinhua",
        "county": "330702",
        "year": 2016,
        "figure": 7,
    },
)

ALL = (
    APPLICATION_RECEIVED,
    TALK_HELD,
    RECOMMENDATION_CONCLUDED,
    ACTIVIST_DETERMINED,
    ACTIVIST_REVIEWED,
    CANDIDATE_LEFT,
    CANDIDATE_CORRECTED,
    PROSPECT_LISTED,
    PROSPECT_REVIEWED,
    ADMITTED,
    PROBATION_EXTENDED,
    CONVERTED,
    STEP_OVERDUE,
    STEP_CAUGHT_UP,
    FIGURE_APPROVED,
)
