"""What bodies and answers of every service are made of, so that the same has the same bounds and the same name everywhere."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

_MOST = 1_000_000


def code(required: bool = True) -> fields.String:
    """An organisation's code."""
    return fields.String(required=required, validate=validate.Length(1, 40))


def id(required: bool = True, null: bool = False) -> fields.String:
    return fields.String(required=required, allow_none=null, validate=validate.Length(1, 36))


def ids(least: int = 1) -> Any:
    return fields.List(id(), required=True, validate=validate.Length(least, 100))


def line(required: bool = True, empty: bool = False) -> fields.String:
    """A short text: a name, a reference of a document."""
    return fields.String(required=required, validate=validate.Length(0 if empty else 1, 200))


def text(required: bool = True, empty: bool = False) -> fields.String:
    """Free text."""
    return fields.String(required=required, validate=validate.Length(0 if empty else 1, 10_000))


def count() -> fields.Integer:
    """How many: people, ballots."""
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, _MOST))


class Dated(Schema):
    """`day`: the day of the fact, today if left out. `expected_version`: what the caller has seen; another one is 409."""

    day = fields.Date()
    expected_version = fields.Integer(strict=True, validate=validate.Range(0))


class Article(Schema):
    rule = fields.String(required=True)
    source = fields.String(required=True)


class Departure(Schema):
    rule = fields.String(required=True)
    source = fields.String(required=True)
    written_reason = fields.String(required=True)


class Advanced(Schema):
    """A step with a case: where it stands now, which articles were applied."""

    state = fields.String(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)
    articles = fields.List(fields.Nested(Article), required=True)


class WaitingFilter(Schema):
    """Of the list of what waits."""

    step = fields.String(validate=validate.Length(1, 40))
    overdue = fields.Boolean()
