"""What comes in at alerts' doors. Unknown fields are refused by the kernel."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from contracts.alerts import LEVELS
from kernel.http import shapes as of
from kernel.http.shapes import Dated
from services.alerts.domain.states import ACCEPTED, SENT_BACK

_SEVERITIES = ("minor", "ordinary", "serious")
_FIRST_YEAR, _LAST_YEAR = 1921, 9998


def _says_something(text: str) -> None:
    if not text.strip():
        raise ValidationError("不能为空白")


def _text(required: bool = True) -> fields.String:
    """Free text; kept sealed."""
    return fields.String(required=required, validate=[validate.Length(1, 10_000), _says_something])


class _Level(Dated):
    """`due`: the deadline for putting things right. `heard_on`, `statement`: the organisation's hearing, before a yellow card.

    `circulation`: the scope in which a yellow card is made known. `departures`: {rule id: written reason}.
    """

    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    severity = fields.String(validate=validate.OneOf(_SEVERITIES))
    reason = _text()
    due = fields.Date(required=True)
    heard_on = fields.Date()
    statement = _text(required=False)
    circulation = of.line(required=False)
    departures = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 2000)))


class NewWarning(_Level):
    """`findings`: ids from the proposals. `addressee`: the post of whom it goes to, without a name."""

    organisation = of.code()
    findings = fields.List(fields.String(validate=validate.Length(1, 100)), required=True, validate=validate.Length(1, 20))
    addressee = of.line()


class Escalation(_Level):
    addressee = of.line(required=False)


class Receipt(Dated):
    pass


class Plan(Dated):
    plan = _text()


class Report(Dated):
    report = _text()


class SelfCriticism(Dated):
    """`parts`: {self_criticism, causes, measures, work_plan} -> text."""

    parts = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 40)),
        values=fields.String(validate=validate.Length(0, 10_000)),
        required=True,
        validate=validate.Length(0, 20),
    )


class Check(Dated):
    """`due`: a new deadline, where it is sent back."""

    outcome = fields.String(required=True, validate=validate.OneOf((ACCEPTED, SENT_BACK)))
    findings = _text()
    due = fields.Date()


class Lifting(Dated):
    note = _text(required=False)


class Reasoned(Dated):
    reason = _text()


class Circumstance(Reasoned):
    organisation = of.code()
    years = fields.List(
        fields.Integer(strict=True, validate=validate.Range(_FIRST_YEAR, _LAST_YEAR)),
        required=True,
        validate=validate.Length(1, 20),
    )
    document = of.line()


class Assessment(Schema):
    """`organisation`: it and all below it are looked at anew."""

    organisation = of.code()
