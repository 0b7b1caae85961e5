"""What the doors of organizers answer. Answers of commands hold no personal data: they are kept for repeated requests."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.http.shapes import Advanced
from services.organizers.domain import states


class Step(Advanced):
    """A step with an organizer: where it stands now, which articles were applied."""

    organizer_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(states.APPOINTMENT.states))


class Recommended(Step):
    committee = fields.String(required=True)


class Appointed(Step):
    """`until`: the term's last day."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)
    term = fields.Integer(required=True)


class Ended(Step):
    """`tasks_left`: open tasks that have ended with the appointment and wait to be handed over."""

    tasks_left = fields.Integer(required=True)


class Assessed(Step):
    """`result` `proposed`: not passed, once the person was heard in the proceeding named."""

    term = fields.Integer(required=True)
    year = fields.Integer(required=True)
    result = fields.String(required=True)
    proceeding_id = fields.String()


class ProceedingStep(Step):
    proceeding_id = fields.String(required=True)
    kind = fields.String()
    hearing_until = fields.Date()
    tasks_left = fields.Integer()
    outcome = fields.String()


class TaskStep(Advanced):
    task_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(states.TASK.states))
    since = fields.Date()
    until = fields.Date()
    entry_id = fields.String()
    successor = fields.String()


# -- views


class OrganizerItem(Schema):
    organizer_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    member_id = fields.String(required=True)
    committee = fields.String(required=True)
    recommended_by = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    account = fields.String(required=True, allow_none=True)
    term = fields.Integer(required=True, allow_none=True)
    since = fields.Date(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AssessmentItem(Schema):
    """With what the work log of that year shows."""

    term = fields.Integer(required=True)
    year = fields.Integer(required=True)
    assessed_on = fields.Date(required=True)
    result = fields.String(required=True)
    evidence = fields.String(required=True, allow_none=True)
    proceeding_id = fields.String(required=True, allow_none=True)


class WorkOfYear(Schema):
    """Year `year` of the present term: entries of the work log, their minutes, tasks done."""

    year = fields.Integer(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    entries = fields.Integer(required=True)
    minutes = fields.Integer(required=True)
    tasks_done = fields.Integer(required=True)


class CheckedCondition(Schema):
    condition = fields.String(required=True)
    met = fields.Boolean(required=True)
    document = fields.String(required=True)


class ProceedingItem(Schema):
    proceeding_id = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    proposed_on = fields.Date(required=True)
    outcome = fields.String(required=True, allow_none=True)


class OrganizerDetail(OrganizerItem):
    """`priority`: recommended in one of the domains that the rule names first. The check is shown to the committee alone."""

    priority = fields.Boolean(required=True)
    recommended_on = fields.Date(required=True)
    consented_on = fields.Date(required=True, allow_none=True)
    checked_on = fields.Date(required=True, allow_none=True)
    appointed_on = fields.Date(required=True, allow_none=True)
    first_since = fields.Date(required=True, allow_none=True)
    assessment_due = fields.Date(required=True, allow_none=True)
    reminded_on = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    conditions = fields.List(fields.Nested(CheckedCondition), required=True)
    preferred = fields.List(fields.String(), required=True)
    review = fields.String(required=True, allow_none=True)
    inspection = fields.String(required=True, allow_none=True)
    assessments = fields.List(fields.Nested(AssessmentItem), required=True)
    work = fields.List(fields.Nested(WorkOfYear), required=True)
    proceedings = fields.List(fields.Nested(ProceedingItem), required=True)
    actions = fields.List(fields.String(), required=True)


class ProceedingDetail(ProceedingItem):
    organizer_id = fields.String(required=True)
    term = fields.Integer(required=True, allow_none=True)
    year = fields.Integer(required=True, allow_none=True)
    notified_on = fields.Date(required=True, allow_none=True)
    hearing_until = fields.Date(required=True, allow_none=True)
    heard_on = fields.Date(required=True, allow_none=True)
    decided_on = fields.Date(required=True, allow_none=True)
    review_asked_on = fields.Date(required=True, allow_none=True)
    reviewed_on = fields.Date(required=True, allow_none=True)
    review_outcome = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    statement = fields.String(required=True, allow_none=True)


class TaskItem(Schema):
    task_id = fields.String(required=True)
    organizer_id = fields.String(required=True)
    account = fields.String(required=True)
    kind = fields.String(required=True)
    branch = fields.String(required=True)
    candidate_id = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    predecessor = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class LogEntry(Schema):
    entry_id = fields.String(required=True)
    noted_on = fields.Date(required=True)
    minutes = fields.Integer(required=True)
    text = fields.String(required=True, allow_none=True)


class TaskDetail(TaskItem):
    reason = fields.String(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    log = fields.List(fields.Nested(LogEntry), required=True)
    actions = fields.List(fields.String(), required=True)


class TodoItem(Schema):
    """`overdue`: past a term; where the day is only since when it waits, it is never overdue."""

    step = fields.String(required=True)
    id = fields.String(required=True)
    organizer_id = fields.String(required=True)
    path = fields.String(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
