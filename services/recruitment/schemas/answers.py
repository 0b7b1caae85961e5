"""What recruitment's commands answer. No personal data: answers are kept for repeated requests."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.http.shapes import Advanced, Article, Departure
from services.recruitment.domain import states


class Step(Advanced):
    """A step on a candidate's way: where it stands now, which articles were applied, what was departed from."""

    candidate_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(states.ALL))
    departures = fields.List(fields.Nested(Departure), required=True)


class Applied(Step):
    talk_due = fields.Date(required=True)


class Talked(Step):
    late = fields.Boolean(required=True)


class Determined(Step):
    since = fields.Date(required=True)


class Posted(Step):
    publicity_id = fields.String(required=True)
    first_possible = fields.Date(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)


class TakenDown(Step):
    publicity_id = fields.String(required=True)
    outcome = fields.String(required=True)


class ObjectionStep(Step):
    objection_id = fields.String(required=True)


class Reviewed(Step):
    late = fields.Boolean(required=True)
    next_due = fields.Date(required=True)


class Trained(Step):
    training_id = fields.String(required=True)


class ProceedingStep(Step):
    proceeding_id = fields.String(required=True)
    kind = fields.String()
    hearing_until = fields.Date()


class CorrectionStep(Step):
    correction_id = fields.String(required=True)


class Given(Schema):
    consent_id = fields.String(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)


class CaseStep(Schema):
    case_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)


class MeetingStep(Schema):
    meeting_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)
    kind = fields.String()
    counts = fields.Integer()
    articles = fields.List(fields.Nested(Article), required=True)


class Entered(Schema):
    """`result`: waiting, agreed, disputed. Never the other teller's figures."""

    meeting_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    voters = fields.String(required=True)
    round = fields.Integer(required=True)
    result = fields.String(required=True, validate=validate.OneOf(("waiting", "agreed", "disputed")))
    version = fields.Integer(required=True)


class ShortReason(Schema):
    rule = fields.String(required=True)
    source = fields.String(required=True)
    message = fields.String(required=True)
    waivable = fields.Boolean(required=True)


class Result(Schema):
    candidate_id = fields.String(required=True)
    outcome = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    reasons = fields.List(fields.Nested(ShortReason), required=True)
    departures = fields.List(fields.Nested(Departure), required=True)


class MeetingResult(MeetingStep):
    results = fields.List(fields.Nested(Result), required=True)
