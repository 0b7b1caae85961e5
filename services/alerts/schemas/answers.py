"""What alerts' commands answer. No personal data and no free text: answers are kept for repeated requests."""

from __future__ import annotations

from marshmallow import Schema, fields

from kernel.http.shapes import Advanced, Departure
from services.alerts.domain import states


class Step(Advanced):
    """A step of a warning: where it stands now, which articles were applied, what was departed from."""

    warning_id = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(states.ALL)})
    level = fields.String(required=True)
    departures = fields.List(fields.Nested(Departure), required=True)


class Received(Step):
    """`self_criticism_due`: of a yellow card. `provisional`: it rests on a year whose holidays are not announced yet."""

    self_criticism_due = fields.Date(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)


class Criticised(Step):
    due = fields.Date(required=True, allow_none=True)
    late = fields.Boolean(required=True)


class Checked(Step):
    """`holding`: triggers that still hold and can still be mended."""

    outcome = fields.String(required=True)
    holding = fields.List(fields.String(), required=True)


class Lifted(Step):
    waived = fields.Boolean(required=True)


class CircumstanceStep(Schema):
    circumstance_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)


class Assessed(Schema):
    """`findings`: how many there are now, near and triggered."""

    organisations = fields.Integer(required=True)
    findings = fields.Integer(required=True)
