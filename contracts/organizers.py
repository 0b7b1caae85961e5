"""What organizers tells: who is appointed until when, and which tasks are open. Source: NN 4."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.bus.event import EventType

ENDS = ("lapsed", "dismissed", "resigned")
TASKS = ("accompany", "guide")


class _Organizer(Schema):
    """A specially appointed organizer: account and place of the committee that appointed."""

    organizer_id = fields.String(required=True)
    account = fields.String(required=True)
    member_id = fields.String(required=True)
    committee = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)


class OrganizerAppointed(_Organizer):
    """Appointed, or appointed again, for a term from `since` to its last day `until`."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)
    renewed = fields.Boolean(required=True)


class OrganizerEnded(_Organizer):
    """The appointment has ended; `ended_on` is its last day."""

    end = fields.String(required=True, validate=validate.OneOf(ENDS))
    ended_on = fields.Date(required=True)


class _Task(Schema):
    """A task of an organizer: to accompany one candidate (`candidate_id`), or to guide a branch."""

    task_id = fields.String(required=True)
    organizer_id = fields.String(required=True)
    account = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TASKS))
    branch = fields.String(required=True)
    candidate_id = fields.String(required=True, allow_none=True)


class TaskOpened(_Task):
    """From `since` until its end the account may read the dossiers that the task needs, and not past `until`, the term's last day."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)


class TaskClosed(_Task):
    """The task is done, handed over, or has ended with the term; `closed_on` is its last day."""

    closed_on = fields.Date(required=True)


_ORGANIZER = {
    "organizer_id": "01890a5d-ac96-774b-bcce-b302099a80a0",
    "account": "organizer.450102001.1",
    "member_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "committee": "450102001",
    "path": "/4501/450102/450102001/",
    "city": "nanning",
    "county": "450102",
}
_TASK = {
    "task_id": "01890a5d-ac96-774b-bcce-b302099a80a1",
    "organizer_id": "01890a5d-ac96-774b-bcce-b302099a80a0",
    "account": "organizer.450102001.1",
    "kind": "accompany",
    "branch": "450102001001",
    "candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060",
}

ORGANIZER_APPOINTED = EventType(
    "organizers",
    "organizer_appointed",
    1,
    OrganizerAppointed,
    "A specially appointed organizer was appointed or appointed again.",
    {**_ORGANIZER, "since": "2016-01-05", "until": "2018-01-04", "renewed": False},
)
ORGANIZER_ENDED = EventType(
    "organizers",
    "organizer_ended",
    1,
    OrganizerEnded,
    "An organizer's appointment has ended.",
    {**_ORGANIZER, "end": "lapsed", "ended_on": "2018-01-04"},
)
TASK_OPENED = EventType(
    "organizers",
    "task_opened",
    1,
    TaskOpened,
    "An organizer was given a task.",
    {**_TASK, "since": "2016-03-01", "until": "2018-01-04"},
)
TASK_CLOSED = EventType(
    "organizers", "task_closed", 1, TaskClosed, "An organizer's task ended.", {**_TASK, "closed_on": "2016-12-20"}
)

ALL = (ORGANIZER_APPOINTED, ORGANIZER_ENDED, TASK_OPENED, TASK_CLOSED)
