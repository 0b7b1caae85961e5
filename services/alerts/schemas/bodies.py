"""What comes in at alerts' doors. Unknown fields are refused by the kernel."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from contracts.alerts import LEVELS
from services.alerts.domain.states import ACCEPTED, SENT_BACK

_SEVERITIES = ("minor", "ordinary", "serious")
_FIRST_YEAR, _LAST_YEAR = 1921, 9998


def _code() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 40))


def _line(required: bool = True) -> fields.String:
    """A short text: a reference of a document, a post. No names of persons."""
    return fields.String(required=required, validate=validate.Length(1, 200))


def _says_something(text: str) -> None:
    if not text.strip():
        raise ValidationError("不能为空白")


def _text(required: bool = True) -> fields.String:
    """Free text; kept sealed."""
    return fields.String(required=required, validate=[validate.Length(1, 10_000), _says_something])


class Dated(Schema):
    """`day`: the day of the fact, today if left out. `expected_version`: what the caller has seen; another one is 409."""

    day = fields.Date()
    expected_version = fields.Integer(strict=True, validate=validate.Range(0))


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
    circulation = _line(required=False)
    departures = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 2000)))


class NewWarning(_Level):
    """`findings`: ids from the proposals. `addressee`: the post of whom it goes to, without a name."""

    organisation = _code()
    findings = fields.List(fields.String(validate=validate.Length(1, 100)), required=True, validate=validate.Length(1, 20))
    addressee = _line()


class Escalation(_Level):
    addressee = _line(required=False)


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
    organisation = _code()
    years = fields.List(
        fields.Integer(strict=True, validate=validate.Range(_FIRST_YEAR, _LAST_YEAR)),
        required=True,
        validate=validate.Length(1, 20),
    )
    document = _line()


class Assessment(Schema):
    """`organisation`: it and all below it are looked at anew."""

    organisation = _code()
