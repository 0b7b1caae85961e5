"""What comes in and goes out at the doors from the activist to the issued form, and at those of figures and forms."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kernel.http import shapes as of
from kernel.http.shapes import Dated, Departure
from services.recruitment.domain.codes import ENDS, STATES
from services.recruitment.domain.prospect import OPINIONS
from services.recruitment.schemas.answers import Step
from services.recruitment.schemas.bodies import Departing

_YEARS = validate.Range(1921, 9998)
#: A code stands in a path, so it is of letters, digits and hyphens.
_FORM = validate.Regexp(r"^[0-9A-Za-z-]{1,40}\Z")


def _year() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=_YEARS)


def _form(required: bool = True) -> Any:
    return fields.String(required=required, validate=_FORM, allow_none=not required)


# -- from activist to prospect


class Opinion(Schema):
    source = fields.String(required=True, validate=validate.OneOf(sorted(OPINIONS)))
    summary = of.text()


class Opinions(Dated):
    """Whose opinions were heard, and what they said in short."""

    heard = fields.List(fields.Nested(Opinion), required=True, validate=validate.Length(1, len(OPINIONS)))


class Introducer(Schema):
    """`relative`: a near relative; `sanctioned`: on probation within the Party. As the branch declares it."""

    member_id = of.id()
    relative = fields.Boolean(required=True)
    sanctioned = fields.Boolean(load_default=False)


class Introducers(Departing):
    introducers = fields.List(fields.Nested(Introducer), required=True, validate=validate.Length(max=20))


class ProspectProposal(Introducers):
    """`elsewhere`: joins at another place than that of the household registration; `home_village`: the branch there, if it is here."""

    decided_by = fields.String(required=True, validate=validate.OneOf(("branch_committee", "members_meeting")))
    minutes = of.line()
    elsewhere = fields.Boolean(load_default=False)
    home_village = fields.String(validate=validate.Length(1, 40), load_default=None, allow_none=True)


class Endorsement(Dated):
    document = of.line()


class Listing(Dated):
    pass


class ProspectReview(Dated):
    passed = fields.Boolean(required=True)
    findings = of.text()


# -- pre-examination


class Submission(Dated):
    document = of.line()


class Start(Departing):
    """The county's consent. `special_category`: one of its own list, where the person is in one."""

    document = of.line()
    special_category = fields.String(validate=validate.Length(1, 60), load_default=None, allow_none=True)


class Examination(Departing):
    """`form_code`: the form that is issued; left out or null where the person has one already."""

    document = of.line()
    form_code = _form(required=False)


class Reopening(Dated):
    """`form`: what becomes of the form that was issued."""

    reason = of.text()
    form = fields.String(required=True, validate=validate.OneOf(ENDS))


class Categories(Dated):
    county = of.code()
    categories = fields.List(fields.String(validate=validate.Length(1, 60)), required=True, validate=validate.Length(max=100))


# -- figures and forms


class Figure(Dated):
    organisation = of.code()
    year = _year()
    figure = of.count()
    document = of.line()


class FormCodes(Departing):
    year = _year()
    to = of.code()
    codes = fields.List(_form(), required=True, validate=validate.Length(1, 1000))


class FormEnd(Dated):
    """`replacement`: the form that takes its place, if one does."""

    kind = fields.String(required=True, validate=validate.OneOf(ENDS))
    reason = of.text()
    replacement = _form(required=False)


# -- answers


class OpinionsHeard(Step):
    heard = fields.List(fields.String(), required=True)


class Endorsed(Step):
    kind = fields.String(required=True, validate=validate.OneOf(("filing", "agreement")))


class Consented(Step):
    figure = fields.Integer(required=True, allow_none=True)
    taken = fields.Integer(required=True)


class Examined(Step):
    """`year`: of the figure in which a place was taken; null where none was."""

    form_code = fields.String(required=True, allow_none=True)
    year = fields.Integer(required=True, allow_none=True)


class CategoriesNamed(Schema):
    county = fields.String(required=True)
    categories = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)


class FigureApproved(Schema):
    organisation = fields.String(required=True)
    year = fields.Integer(required=True)
    figure = fields.Integer(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)


class CodesIssued(Schema):
    """`codes`: how many."""

    to = fields.String(required=True)
    year = fields.Integer(required=True)
    codes = fields.Integer(required=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)
    departures = fields.List(fields.Nested(Departure), required=True)


class CodeEnded(Schema):
    code = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    replacement = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    day = fields.Date(required=True)


# -- what queries take and show


class FigureParams(Schema):
    year = fields.Integer(validate=_YEARS)
    organisation = fields.String(validate=validate.Length(1, 40))


class FigureListed(Schema):
    """`taken`: places taken by pre-examinations at and below the organisation."""

    organisation = fields.String(required=True)
    year = fields.Integer(required=True)
    path = fields.String(required=True)
    county = fields.String(required=True)
    figure = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    approved_on = fields.Date(required=True)
    document = fields.String(required=True)
    version = fields.Integer(required=True)


class CodeParams(Schema):
    year = fields.Integer(validate=_YEARS)
    holder = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(STATES))


class CodeListed(Schema):
    code = fields.String(required=True)
    year = fields.Integer(required=True)
    holder = fields.String(required=True)
    state = fields.String(required=True)
    candidate_id = fields.String(required=True, allow_none=True)
    changed_on = fields.Date(required=True)
    note = fields.String(required=True, allow_none=True)
    replaces = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ReportParams(Schema):
    year = fields.Integer(required=True, validate=_YEARS)
    half = fields.Integer(required=True, validate=validate.OneOf((1, 2)))


class HolderReport(Schema):
    """What happened to the forms of the year at one holder within the half-year. `issued`: received; `handed_down`: given on."""

    holder = fields.String(required=True)
    issued = fields.Integer(required=True)
    handed_down = fields.Integer(required=True)
    used = fields.Integer(required=True)
    void = fields.Integer(required=True)
    lost = fields.Integer(required=True)
    lapsed = fields.Integer(required=True)
    replaced = fields.Integer(required=True)


class CodeReport(Schema):
    """`until`: the last day of the report's half-year."""

    year = fields.Integer(required=True)
    half = fields.Integer(required=True)
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    holders = fields.List(fields.Nested(HolderReport), required=True)


class CategoryListed(Schema):
    county = fields.String(required=True)
    category = fields.String(required=True)
    since = fields.Date(required=True)
