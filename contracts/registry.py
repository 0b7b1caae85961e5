"""What the registry tells: organisations, members, posts."""

from __future__ import annotations

from marshmallow import Schema, fields

from kernel.bus.event import EventType


class Organisation(Schema):
    """An organisation as it stands. `path` holds the codes from the city department down: `/3307/330702/`."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    domain = fields.String(required=True, allow_none=True)
    parent = fields.String(required=True, allow_none=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    approval_power = fields.Boolean(required=True)
    has_committee = fields.Boolean(required=True)
    employees = fields.Integer(required=True, allow_none=True)
    under_rectification = fields.Boolean(required=True)
    key_managed = fields.Boolean(required=True)


class Member(Schema):
    """A member's standing. The name travels apart."""

    member_id = fields.String(required=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    status = fields.String(required=True)
    joined = fields.Date(required=True)
    full_since = fields.Date(required=True, allow_none=True)


class PostHeld(Schema):
    """A post: an account's role over an organisation and all below it, for a term."""

    post_id = fields.String(required=True)
    account = fields.String(required=True)
    role = fields.String(required=True)
    organisation = fields.String(required=True)
    path = fields.String(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True, allow_none=True)
    member_id = fields.String(required=True, allow_none=True)


class RollCounted(Schema):
    """How many members a branch has, and how many of them are of which age, on a day. Numbers only.

    `young`: not older than `young_age`; `aged`: `ageing_age` or older. The ages are those of the packs of the place on that day.
    """

    branch = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    members = fields.Integer(required=True)
    young = fields.Integer(required=True)
    young_age = fields.Integer(required=True)
    aged = fields.Integer(required=True)
    ageing_age = fields.Integer(required=True)


_VILLAGE = {
    "code": "330702001001",
    "name": "示例村党支部",
    "kind": "branch",
    "domain": "rural",
    "parent": "330702001",
    "path": "/3307/330702/330702001/330702001001/",
    "city": "jinhua",
    "county": "330702",
    "approval_power": False,
    "has_committee": True,
    "employees": None,
    "under_rectification": False,
    "key_managed": False,
}
_MEMBER = {
    "member_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "branch": "330702001001",
    "path": "/3307/330702/330702001/330702001001/",
    "status": "full",
    "joined": "2009-07-01",
    "full_since": "2010-07-01",
}
_POST = {
    "post_id": "01890a5d-ac96-774b-bcce-b302099a8058",
    "account": "clerk.330702001001",
    "role": "branch_clerk",
    "organisation": "330702001001",
    "path": "/3307/330702/330702001/330702001001/",
    "since": "2014-01-01",
    "until": None,
    "member_id": None,
}

ORGANISATION_REGISTERED = EventType(
    "registry", "organisation_registered", 1, Organisation, "An organisation was entered in the tree.", _VILLAGE
)
ORGANISATION_CHANGED = EventType(
    "registry", "organisation_changed", 1, Organisation, "An organisation's particulars changed.", _VILLAGE
)
MEMBER_REGISTERED = EventType(
    "registry", "member_registered", 1, Member, "A member was entered on the roll.", _MEMBER, personal=("name",)
)
MEMBER_CHANGED = EventType(
    "registry", "member_changed", 1, Member, "A member's standing or branch changed.", _MEMBER, personal=("name",)
)
POST_ASSIGNED = EventType("registry", "post_assigned", 1, PostHeld, "Somebody was given a post.", _POST)
POST_ENDED = EventType(
    "registry", "post_ended", 1, PostHeld, "A post ended; `until` is its last day.", {**_POST, "until": "2016-12-31"}
)
ROLL_COUNTED = EventType(
    "registry",
    "roll_counted",
    1,
    RollCounted,
    "The members of a branch were counted by age.",
    {
        "branch": "450102001001",
        "path": "/4501/450102/450102001/450102001001/",
        "city": "nanning",
        "county": "450102",
        "members": 23,
        "young": 2,
        "young_age": 35,
        "aged": 12,
        "ageing_age": 60,
    },
)

ALL = (
    ORGANISATION_REGISTERED,
    ORGANISATION_CHANGED,
    MEMBER_REGISTERED,
    MEMBER_CHANGED,
    POST_ASSIGNED,
    POST_ENDED,
    ROLL_COUNTED,
)
