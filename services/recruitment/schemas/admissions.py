"""From the members' meeting to full membership: what comes in at the doors, and what they answer."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.http import shapes as of
from kernel.http.shapes import Dated
from services.recruitment.domain.committee import TALK_TOPICS
from services.recruitment.schemas.answers import Step
from services.recruitment.schemas.bodies import Departing

_KINDS = ("admission", "conversion")
_LONGEST = 120


class Excluded(Schema):
    """Members of a group who are not counted among those entitled. Which groups may be left out stands in the packs."""

    group = fields.String(required=True, validate=validate.Length(1, 60))
    count = of.count()


class MembersMeeting(Departing):
    """The members' meeting on admissions or conversions, in numbers.

    `entitled`: full members with the right to vote, less the `excluded`; these with the superior's approval (`excluded_approval`, a
    document) and adopted by the meeting. `written`: absent members who filed their opinion in writing before: it is not secret.
    `leaving`: {candidate: day on which the person leaves work or school}.
    """

    branch = of.code()
    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    candidates = of.ids()
    entitled = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000_000))
    present = of.count()
    excluded = fields.List(fields.Nested(Excluded), load_default=list, validate=validate.Length(max=20))
    excluded_approval = fields.String(load_default=None, allow_none=True, validate=validate.Length(0, 200))
    excluded_adopted = fields.Boolean(load_default=False)
    written = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 1_000_000))
    secret = fields.Boolean(required=True)
    one_by_one = fields.Boolean(required=True)
    leaving = fields.Dict(keys=fields.String(validate=validate.Length(1, 36)), values=fields.Date(), load_default=dict)
    minutes = of.line()


class CommitteeMeeting(Dated):
    """The committee's meeting. `introduced_by`: its organisation member or organiser who introduced each person."""

    committee = of.code()
    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    candidates = of.ids()
    entitled = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))
    present = of.count()
    secret = fields.Boolean(required=True)
    one_by_one = fields.Boolean(required=True)
    introduced_by = fields.String(load_default=None, allow_none=True, validate=validate.Length(0, 60))
    minutes = of.line()


class Report(Departing):
    document = of.line()


class CommitteeTalk(Dated):
    talker = fields.String(required=True, validate=validate.Length(1, 60))
    topics = fields.List(fields.String(validate=validate.OneOf(sorted(TALK_TOPICS))), required=True)
    record = of.text()


class Extension(Dated):
    reason = of.text()


class CommitteeDecision(Dated):
    document = of.line()


class Rejection(Dated):
    """A decision against the person: a reason, and what the person said when heard. Left empty, the rules refuse."""

    reason = of.text(empty=True)
    heard_on = fields.Date(load_default=None, allow_none=True)
    statement = of.text(empty=True)


class Oath(Dated):
    occasion = of.line()


class ProbationReview(Dated):
    findings = of.text()
    conclusion = fields.String(required=True, validate=validate.OneOf(("continue", "strengthen")))


class ConversionApplication(Dated):
    document = of.line()


class ProbationExtension(Rejection):
    """`months`: how long; `minutes`: of the members' meeting that proposes it."""

    months = fields.Integer(required=True, strict=True, validate=validate.Range(1, _LONGEST))
    minutes = of.line()


# -- answers


class Reported(Step):
    decision_due = fields.Date(required=True)


class Admitted(Step):
    probation_since = fields.Date(required=True)
    probation_ends = fields.Date(required=True)
    oath_due = fields.Date(required=True, allow_none=True)


class OathTaken(Step):
    late = fields.Boolean(required=True)


class ProbationReviewed(Step):
    late = fields.Boolean(required=True)
    next_due = fields.Date(required=True)


class ProbationExtended(Step):
    probation_ends = fields.Date(required=True)


class Converted(Step):
    full_since = fields.Date(required=True)


class AdmissionNotice(Schema):
    """The committee's written notice to the branch, to print."""

    candidate_id = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True)
