"""What alerts tells: warnings to organisations, from the issue to the end. Source: NN 2."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.bus.event import EventType

LEVELS = ("oral", "letter", "yellow")
TRIGGERS = ("no_plan", "no_admission", "no_activist", "plan_deviation", "step_late", "satisfaction")


class _Place(Schema):
    """Whom the warning is for, and who issued it."""

    warning_id = fields.String(required=True)
    organisation = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    issuer = fields.String(required=True)


class WarningIssued(_Place):
    """A person has issued a warning, or raised the level of one: `level` from `issued_on` on, to be mended by `due`."""

    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    triggers = fields.List(fields.String(validate=validate.OneOf(TRIGGERS)), required=True)
    issued_on = fields.Date(required=True)
    due = fields.Date(required=True)


class WarningLifted(_Place):
    """The issuer has checked and lifted the warning. `waived`: a trigger still holds, and the superior's superior has let it pass."""

    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    lifted_on = fields.Date(required=True)
    waived = fields.Boolean(required=True)


_PLACE = {
    "warning_id": "01890a5d-ac96-774b-bcce-b302099a8090",
    "organisation": "450102001001",
    "path": "/4501/450102/450102001/450102001001/",
    "city": "nanning",
    "county": "450102",
    "issuer": "450102001",
}

WARNING_ISSUED = EventType(
    "alerts",
    "warning_issued",
    1,
    WarningIssued,
    "A warning was issued, or its level raised.",
    {**_PLACE, "level": "letter", "triggers": ["satisfaction"], "issued_on": "2017-03-20", "due": "2017-04-20"},
)
WARNING_LIFTED = EventType(
    "alerts",
    "warning_lifted",
    1,
    WarningLifted,
    "A warning was lifted.",
    {**_PLACE, "level": "yellow", "lifted_on": "2017-06-20", "waived": False},
)

ALL = (WARNING_ISSUED, WARNING_LIFTED)
