"""What comes in at the doors of organizers. Unknown fields are refused by the kernel."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.organizers import TASKS
from kernel.http import shapes as of
from kernel.http.shapes import Dated
from services.organizers.domain import states

_MINUTES_OF_A_DAY = 24 * 60


# -- appointment


class Recommendation(Dated):
    """`organisation`: who recommends. `committee`: to whom; the nearest with the power to approve admissions if left out."""

    organisation = of.code()
    committee = of.code(required=False)
    member_id = of.id()
    reason = of.text(empty=True)


class Consent(Dated):
    given = fields.Boolean(required=True)
    document = of.line()


class Condition(Schema):
    """One condition of the packs, whether it is met, and the paper that says so."""

    condition = of.code()
    met = fields.Boolean(required=True)
    document = of.line()


class Check(Dated):
    """`review` (审查) and `inspection` (考察): references of the papers; empty while it has not been done."""

    conditions = fields.List(fields.Nested(Condition), required=True, validate=validate.Length(0, 20))
    preferred = fields.List(of.code(), load_default=list, validate=validate.Length(max=10))
    review = fields.String(required=True, validate=validate.Length(0, 200))
    inspection = fields.String(required=True, validate=validate.Length(0, 200))


class Appointment(Dated):
    """`account`: with which the organizer signs in. `since`: the first day of the term, the day of the appointment if left out."""

    account = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]\Z"))
    document = of.line()
    since = fields.Date()


class Document(Dated):
    """A renewal, a resignation."""

    document = of.line()


# -- assessment and proceedings


class AssessmentBody(Dated):
    """`year`: of the term, from 1. `reason`: why it is not passed."""

    year = fields.Integer(required=True, strict=True)
    passed = fields.Boolean(required=True)
    evidence = of.text()
    reason = fields.String(load_default="", validate=validate.Length(max=10_000))


class Proposal(Dated):
    reason = of.text(empty=True)


class Notice(Dated):
    way = of.line()


class Hearing(Dated):
    appeared = fields.Boolean(required=True)
    statement = of.text(empty=True)


class Decision(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("upheld", "dropped")))
    reason = of.text(empty=True)


class ReviewRequest(Dated):
    statement = of.text()


class Review(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("upheld", "overturned")))
    reason = of.text(empty=True)


# -- tasks


class NewTask(Dated):
    """`candidate_id`: of a task of the kind `accompany` only."""

    organizer_id = of.id()
    kind = fields.String(required=True, validate=validate.OneOf(TASKS))
    branch = of.code()
    candidate_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 36))
    reason = of.text()


class Work(Dated):
    text = of.text()
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MINUTES_OF_A_DAY))


class Closing(Dated):
    """`done` with its result, or `withdrawn` with the reason."""

    result = fields.String(required=True, validate=validate.OneOf(("done", "withdrawn")))
    text = of.text()


class HandOver(Dated):
    organizer_id = of.id()
    reason = of.text()


# -- lists


class OrganizerFilter(Schema):
    committee = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(states.APPOINTMENT.states))


class TaskFilter(Schema):
    organizer_id = fields.String(validate=validate.Length(1, 36))
    branch = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(states.TASK.states))
