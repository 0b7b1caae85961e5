"""What comes in over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.vetting import OUTCOMES
from services.vetting.domain import conclusion, replies, states

ID = validate.Length(min=1, max=36)
CODE = validate.Regexp(r"[a-z_]{1,40}\Z")
REFERENCE = validate.Length(min=1, max=200)
TEXT = validate.Length(min=1, max=2000)


class _Day(Schema):
    """`day` is the day of the fact, today if left out."""

    day = fields.Date()


class Step(_Day):
    """`expected_version`: the version that the caller has seen."""

    expected_version = fields.Integer(validate=validate.Range(min=1))


class CountyList(Schema):
    county = fields.String(required=True, validate=validate.Regexp(r"[0-9]{4}([0-9]{2})?\Z"))
    departments = fields.List(fields.String(validate=CODE), required=True, validate=validate.Length(min=1, max=30))
    document = fields.String(required=True, validate=REFERENCE)
    day = fields.Date()


class Chosen(Schema):
    department = fields.String(required=True, validate=CODE)
    reason = fields.String(validate=validate.Length(max=2000), allow_none=True)


class OpenCase(Schema):
    candidate_id = fields.String(required=True, validate=ID)
    group = fields.String(validate=CODE)
    departments = fields.List(fields.Nested(Chosen), load_default=list, validate=validate.Length(max=30))
    day = fields.Date()


class Further(Step):
    department = fields.String(required=True, validate=CODE)
    reason = fields.String(validate=validate.Length(max=2000), allow_none=True)


class WithReason(Step):
    reason = fields.String(required=True, validate=TEXT)


class Correction(WithReason):
    """`question`: what the department is asked, without the form's own words."""

    question = fields.String(required=True, validate=validate.Length(min=1, max=200))


class _Answered(Schema):
    """A concern names a category and a short statement, and rests on concluded findings against the person: that somebody petitioned,
    or a record that is sealed, is none."""

    answer = fields.String(required=True, validate=validate.OneOf((replies.CLEAR, replies.CONCERN, replies.CANNOT_SAY)))
    category = fields.String(validate=CODE, allow_none=True)
    statement = fields.String(validate=validate.Length(max=replies.SHORT), allow_none=True)
    rests_on_concluded_findings = fields.Boolean(truthy={True}, falsy={False}, allow_none=True)


class DepartmentAnswer(_Answered):
    """The body of a signed callback."""

    request_id = fields.String(required=True, validate=ID)


class Letter(_Answered, Step):
    """An answer on paper: `document` is its reference, `day` the day of receipt."""

    document = fields.String(required=True, validate=REFERENCE)


class Settlement(WithReason):
    reply_id = fields.String(required=True, validate=ID)


class Finding(Step):
    finding = fields.String(
        required=True,
        validate=validate.OneOf((conclusion.OBSTACLE, conclusion.NO_OBSTACLE, conclusion.GO_ON_WITHOUT)),
    )
    reason = fields.String(validate=validate.Length(max=2000), load_default="")


class Informed(Step):
    substance = fields.String(required=True, validate=TEXT)
    how = fields.String(required=True, validate=validate.OneOf(("interview", "letter")))


class BarConfirmed(Step):
    document = fields.String(required=True, validate=REFERENCE)


class Heard(Step):
    how = fields.String(required=True, validate=validate.OneOf(("stated", "declined")))
    statement = fields.String(validate=validate.Length(max=4000))


class Recheck(Step):
    reason = fields.String(validate=validate.Length(max=2000))


class Conclude(Step):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))


class HomeVillage(Step):
    """`addressee`: the committee that the letter goes to, for a village outside the suite."""

    addressee = fields.String(validate=validate.Length(min=1, max=200))


class Notice(_Day):
    """`content`: `sex`, `born`, `unit_and_post`, `cultivation`, `record`; the name comes from the question."""

    content = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(max=2000)), load_default=dict)
    announced_on = fields.Date(allow_none=True)
    places = fields.List(fields.String(validate=REFERENCE), load_default=list, validate=validate.Length(max=20))


class Objection(Schema):
    """What was objected, and what the branch found when it looked into it."""

    text = fields.String(required=True, validate=TEXT)
    finding = fields.String(validate=validate.Length(max=2000), allow_none=True)


class NoticeEnd(_Day):
    objections = fields.List(fields.Nested(Objection), load_default=list, validate=validate.Length(max=100))


class Opinion(_Answered, _Day):
    """The village's opinion, as a department answers."""


class Return(_Day):
    """The township committee returns the opinion."""


class VillageLetter(Letter):
    """`posted_on`, `taken_down_on`: the days of the notice, as the letter states them. `departures`: {rule id: written reason}."""

    posted_on = fields.Date(allow_none=True)
    taken_down_on = fields.Date(allow_none=True)
    departures = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(min=1, max=2000)))


class Renewal(Step):
    """`departments`: others than those asked before, or in the place of one that is asked no more."""

    departments = fields.List(fields.Nested(Chosen), load_default=list, validate=validate.Length(max=30))


class InquiryFilter(Schema):
    state = fields.String(validate=validate.OneOf(states.VILLAGE_STATES))


class CaseFilter(Schema):
    state = fields.String(validate=validate.OneOf(states.CASE_STATES))
    candidate_id = fields.String(validate=ID)


class OverdueFilter(Schema):
    department = fields.String(validate=CODE)
