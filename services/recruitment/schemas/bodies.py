"""What comes in at recruitment's doors. Unknown fields are refused by the kernel."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.recruitment.domain.acceptance import EXCEPTIONS
from services.recruitment.domain.nomination import NOT_HEARD, WAYS
from services.recruitment.domain.talk import TOPICS

_DOMAINS = ("rural", "community", "agency", "institution", "state_enterprise", "two_new", "university")
_MOST = 1_000_000
PUBLICITY_STAGES = ("application", "activist", "prospect", "probationary", "residence", "conversion")


def _code() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 40))


def _id(required: bool = True) -> fields.String:
    return fields.String(required=required, validate=validate.Length(1, 36))


def _line(required: bool = True, empty: bool = False) -> fields.String:
    """A short text: a name, a reference of a document."""
    return fields.String(required=required, validate=validate.Length(0 if empty else 1, 200))


def _text(required: bool = True, empty: bool = False) -> fields.String:
    """Free text."""
    return fields.String(required=required, validate=validate.Length(0 if empty else 1, 10_000))


def _count() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, _MOST))


def _ids(least: int = 1) -> Any:
    return fields.List(_id(), required=True, validate=validate.Length(least, 100))


class Dated(Schema):
    """`day`: the day of the fact, today if left out. `expected_version`: what the caller has seen; another one is 409."""

    day = fields.Date()
    expected_version = fields.Integer(strict=True, validate=validate.Range(0))


class Departing(Dated):
    """`departures`: {rule id: written reason}, for rules that may be departed from."""

    departures = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 2000)))


class CountyDelegate(Schema):
    """The county's delegate who was present: his organisation's code, his account, the paper that sent him."""

    organisation = _code()
    account = _line()
    document = _line()


# -- application


class Work(Schema):
    has_organisation = fields.Boolean(required=True)
    domain = fields.String(required=True, validate=validate.OneOf(_DOMAINS))
    months = _count()
    contract = fields.Boolean(required=True)
    loose = fields.Boolean(required=True)


class Study(Schema):
    has_organisation = fields.Boolean(required=True)


class Application(Departing):
    """`receives_as`: what the branch is to the applicant. `document`: the reference of the written application."""

    branch = _code()
    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_number = fields.String(required=True, validate=validate.Length(1, 40))
    document = _line(empty=True)
    receives_as = fields.String(required=True, validate=validate.OneOf(("work", "study", "residence")))
    main = fields.String(required=True, validate=validate.OneOf(("work", "study", "none")))
    work = fields.Nested(Work, load_default=None, allow_none=True)
    study = fields.Nested(Study, load_default=None, allow_none=True)
    rural_registration = fields.Boolean(required=True)
    village_committee_member = fields.Boolean(required=True)
    works_and_lives_at_registered_place = fields.Boolean(required=True)
    unit_and_post = _line(required=False, empty=True)
    education = _line(required=False, empty=True)
    phone = _line(required=False, empty=True)
    address = _line(required=False, empty=True)
    consents = fields.List(_id(), load_default=list, validate=validate.Length(max=10))


class Consent(Dated):
    branch = _code()
    id_number = fields.String(required=True, validate=validate.Length(1, 40))
    rule = fields.String(required=True, validate=validate.OneOf(sorted(EXCEPTIONS)))
    document = _line()


class Talk(Dated):
    talker = fields.String(required=True, validate=validate.Length(1, 60))
    topics = fields.List(fields.String(validate=validate.OneOf(sorted(TOPICS))), required=True)
    record = _text()


class Withdrawal(Dated):
    document = _line()


# -- rectification


class Rectification(Dated):
    """`township`: the code of the committee that leads the case with the county."""

    branch = _code()
    township = _code()
    document = _line()
    reason = _text()


class Measure(Dated):
    kind = fields.String(required=True, validate=validate.OneOf(("order", "help_village_committee_member")))
    text = _text()


class RectificationEnd(Dated):
    conclusion = _text()


# -- meetings and counts


class Heard(Schema):
    way = fields.String(required=True, validate=validate.OneOf(WAYS))
    count = _count()


class NotHeard(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(NOT_HEARD))
    count = _count()


class Category(Schema):
    category = _line()
    count = _count()


class RecommendationMeeting(Dated):
    """Numbers, not names. `absent_not_heard`: why absent members were not heard."""

    branch = _code()
    candidates = _ids()
    members_entitled = _count()
    members_present = _count()
    absent_heard = fields.List(fields.Nested(Heard), load_default=list)
    absent_not_heard = fields.List(fields.Nested(NotHeard), load_default=list)
    mass_representatives = _count()
    mass = fields.List(fields.Nested(Category), load_default=list)
    secret = fields.Boolean(required=True)
    minutes = _line()


class DeterminationMeeting(Dated):
    branch = _code()
    candidates = _ids()
    body = fields.String(required=True, validate=validate.OneOf(("branch_committee", "members_meeting")))
    entitled = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MOST))
    present = _count()
    secret = fields.Boolean(required=True)
    minutes = _line()


class Tally(Schema):
    """One teller's totals of one count. `voters`: members, masses (recommendation), body (determination)."""

    candidate_id = _id()
    voters = fields.String(required=True, validate=validate.OneOf(("members", "masses", "body")))
    issued = _count()
    cast = _count()
    in_favour = _count()
    against = _count()
    abstain = _count()
    invalid = _count()
    absent_in_favour = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, _MOST))
    absent_against = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, _MOST))
    absent_abstain = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, _MOST))


class Signature(Dated):
    opinion = _line()


class Cancellation(Dated):
    reason = _text()


class Conclusion(Departing):
    """`recommended`: whom the meeting recommends, where the packs set no numbers (JH). `tally_shown`: on the spot (NN)."""

    recommended = fields.List(_id(), load_default=list)
    tally_shown = fields.Boolean(load_default=False)
    departures_by_candidate = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 2000))),
    )
    county_delegate = fields.Nested(CountyDelegate, allow_none=True)


# -- activist


class Approval(Dated):
    document = _line()


class Return(Dated):
    """Sending back, annulling: a reason, and what the person said when heard."""

    reason = _text()
    heard_on = fields.Date(required=True)
    statement = _text()


class Contact(Schema):
    member_id = _id()
    relative = fields.Boolean(required=True)


class Determination(Departing):
    decided_by = fields.String(required=True, validate=validate.OneOf(("branch_committee", "members_meeting")))
    contacts = fields.List(fields.Nested(Contact), required=True, validate=validate.Length(max=20))
    minutes = _line()
    county_delegate = fields.Nested(CountyDelegate, allow_none=True)


class Contacts(Departing):
    contacts = fields.List(fields.Nested(Contact), required=True, validate=validate.Length(max=20))


class Filing(Dated):
    document = _line()


# -- publicity


class Posting(Dated):
    """`content`: `cultivation` and `record`; the rest is built from the dossier."""

    stage = fields.String(required=True, validate=validate.OneOf(PUBLICITY_STAGES))
    announced_on = fields.Date(allow_none=True)
    places = fields.List(_line(), required=True, validate=validate.Length(max=20))
    content = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 60)),
        values=fields.String(validate=validate.Length(0, 2000)),
        load_default=dict,
    )


class TakingDown(Dated):
    pass


class NewObjection(Dated):
    anonymous = fields.Boolean(required=True)
    objector = fields.String(validate=validate.Length(1, 200), allow_none=True)
    text = _text()


class Findings(Dated):
    findings = _text()


class Statement(Dated):
    statement = _text()


class ObjectionEnd(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("unfounded", "upheld")))
    reason = _text()


# -- cultivation


class Review(Dated):
    findings = _text()
    conclusion = fields.String(required=True, validate=validate.OneOf(("continue", "strengthen", "unfit")))


class Training(Dated):
    title = _line()
    started_on = fields.Date(required=True)
    ended_on = fields.Date(required=True)
    days = _count()
    hours = _count()
    assessed = fields.String(required=True, validate=validate.OneOf(("passed", "failed", "none")))


class Proposal(Dated):
    reason = _text(empty=True)


class NoticeGiven(Dated):
    way = _line()


class Hearing(Dated):
    appeared = fields.Boolean(required=True)
    statement = _text(empty=True)


class EndDecision(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("leave", "stay")))
    reason = _text(empty=True)


class CorrectionRequest(Dated):
    """`corrects`: the version of the wrong entry. `changes`: {field: right value}; `text` for anything in words."""

    corrects = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    changes = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 10_000)), required=True)
    reason = _text()


class CorrectionDecision(Dated):
    approved = fields.Boolean(required=True)
    reason = _text()
