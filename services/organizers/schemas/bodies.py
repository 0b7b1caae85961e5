"""What comes in at the doors of organizers. Unknown fields are refused by the kernel."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.organizers import TASKS
from services.organizers.domain import states

_MINUTES_OF_A_DAY = 24 * 60


def _code(required: bool = True) -> fields.String:
    return fields.String(required=required, validate=validate.Length(1, 40))


def _id() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 36))


def _line() -> fields.String:
    """A short text: the reference of a document."""
    return fields.String(required=True, validate=validate.Length(1, 200))


def _text(empty: bool = False) -> fields.String:
    """Free text."""
    return fields.String(required=True, validate=validate.Length(0 if empty else 1, 10_000))


class Dated(Schema):
    """`day`: the day of the fact, today if left out. `expected_version`: what the caller has seen; another one is 409."""

    day = fields.Date()
    expected_version = fields.Integer(strict=True, validate=validate.Range(0))


# -- appointment


class Recommendation(Dated):
    """`organisation`: who recommends. `committee`: to whom; the nearest with the power to approve admissions if left out."""

    organisation = _code()
    committee = _code(required=False)
    member_id = _id()
    reason = _text(empty=True)


class Consent(Dated):
    given = fields.Boolean(required=True)
    document = _line()


class Condition(Schema):
    """One condition of the packs, whether it is met, and the paper that says so."""

    condition = _code()
    met = fields.Boolean(required=True)
    document = _line()


class Check(Dated):
    """`review` (审查) and `inspection` (考察): references of the papers; empty while it has not been done."""

    conditions = fields.List(fields.Nested(Condition), required=True, validate=validate.Length(0, 20))
    preferred = fields.List(_code(), load_default=list, validate=validate.Length(max=10))
    review = fields.String(required=True, validate=validate.Length(0, 200))
    inspection = fields.String(required=True, validate=validate.Length(0, 200))


class Appointment(Dated):
    """`account`: with which the organizer signs in. `since`: the first day of the term, the day of the appointment if left out."""

    account = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]\Z"))
    document = _line()
    since = fields.Date()


class Document(Dated):
    """A renewal, a resignation."""

    document = _line()


# -- assessment and proceedings


class AssessmentBody(Dated):
    """`year`: of the term, from 1. `reason`: why it is not passed."""

    year = fields.Integer(required=True, strict=True)
    passed = fields.Boolean(required=True)
    evidence = _text()
    reason = fields.String(load_default="", validate=validate.Length(max=10_000))


class Proposal(Dated):
    reason = _text(empty=True)


class Notice(Dated):
    way = _line()


class Hearing(Dated):
    appeared = fields.Boolean(required=True)
    statement = _text(empty=True)


class Decision(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("upheld", "dropped")))
    reason = _text(empty=True)


class ReviewRequest(Dated):
    statement = _text()


class Review(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("upheld", "overturned")))
    reason = _text(empty=True)


# -- tasks


class NewTask(Dated):
    """`candidate_id`: of a task of the kind `accompany` only."""

    organizer_id = _id()
    kind = fields.String(required=True, validate=validate.OneOf(TASKS))
    branch = _code()
    candidate_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 36))
    reason = _text()


class Work(Dated):
    text = _text()
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MINUTES_OF_A_DAY))


class Closing(Dated):
    """`done` with its result, or `withdrawn` with the reason."""

    result = fields.String(required=True, validate=validate.OneOf(("done", "withdrawn")))
    text = _text()


class HandOver(Dated):
    organizer_id = _id()
    reason = _text()


# -- lists


class OrganizerFilter(Schema):
    committee = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(states.APPOINTMENT.states))


class TaskFilter(Schema):
    organizer_id = fields.String(validate=validate.Length(1, 36))
    branch = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(states.TASK.states))


class TodoFilter(Schema):
    step = fields.String(validate=validate.Length(1, 40))
    overdue = fields.Boolean()
