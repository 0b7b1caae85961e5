"""What comes in at recruitment's doors. Unknown fields are refused by the kernel."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.http import shapes as of
from kernel.http.shapes import Dated
from services.recruitment.domain.acceptance import EXCEPTIONS
from services.recruitment.domain.endings import REVIEW_BYPASSED
from services.recruitment.domain.nomination import NOT_HEARD, WAYS
from services.recruitment.domain.talk import TOPICS

_DOMAINS = ("rural", "community", "agency", "institution", "state_enterprise", "two_new", "university")
_MOST = 1_000_000
PUBLICITY_STAGES = ("application", "activist", "prospect", "probationary", "residence", "conversion")


class Departing(Dated):
    """`departures`: {rule id: written reason}, for rules that may be departed from."""

    departures = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 2000)))


class CountyDelegate(Schema):
    """The county's delegate who was present: his organisation's code, his account, the paper that sent him."""

    organisation = of.code()
    account = of.line()
    document = of.line()


# -- application


class Work(Schema):
    has_organisation = fields.Boolean(required=True)
    domain = fields.String(required=True, validate=validate.OneOf(_DOMAINS))
    months = of.count()
    contract = fields.Boolean(required=True)
    loose = fields.Boolean(required=True)


class Study(Schema):
    has_organisation = fields.Boolean(required=True)


class Application(Departing):
    """`receives_as`: what the branch is to the applicant. `document`: the reference of the written application."""

    branch = of.code()
    name = fields.String(required=True, validate=validate.Length(1, 60))
    id_number = fields.String(required=True, validate=validate.Length(1, 40))
    document = of.line(empty=True)
    receives_as = fields.String(required=True, validate=validate.OneOf(("work", "study", "residence")))
    main = fields.String(required=True, validate=validate.OneOf(("work", "study", "none")))
    work = fields.Nested(Work, load_default=None, allow_none=True)
    study = fields.Nested(Study, load_default=None, allow_none=True)
    rural_registration = fields.Boolean(required=True)
    village_committee_member = fields.Boolean(required=True)
    works_and_lives_at_registered_place = fields.Boolean(required=True)
    unit_and_post = of.line(required=False, empty=True)
    education = of.line(required=False, empty=True)
    phone = of.line(required=False, empty=True)
    address = of.line(required=False, empty=True)
    consents = fields.List(of.id(), load_default=list, validate=validate.Length(max=10))


class Consent(Dated):
    branch = of.code()
    id_number = fields.String(required=True, validate=validate.Length(1, 40))
    rule = fields.String(required=True, validate=validate.OneOf(sorted(EXCEPTIONS)))
    document = of.line()


class Talk(Dated):
    talker = fields.String(required=True, validate=validate.Length(1, 60))
    topics = fields.List(fields.String(validate=validate.OneOf(sorted(TOPICS))), required=True)
    record = of.text()


class Withdrawal(Dated):
    document = of.line()


# -- rectification


class Rectification(Dated):
    """`township`: the code of the committee that leads the case with the county."""

    branch = of.code()
    township = of.code()
    document = of.line()
    reason = of.text()


class Measure(Dated):
    kind = fields.String(required=True, validate=validate.OneOf(("order", "help_village_committee_member")))
    text = of.text()


class RectificationEnd(Dated):
    conclusion = of.text()


# -- meetings and counts


class Heard(Schema):
    way = fields.String(required=True, validate=validate.OneOf(WAYS))
    count = of.count()


class NotHeard(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(NOT_HEARD))
    count = of.count()


class Category(Schema):
    category = of.line()
    count = of.count()


class RecommendationMeeting(Dated):
    """Numbers, not names. `absent_not_heard`: why absent members were not heard."""

    branch = of.code()
    candidates = of.ids()
    members_entitled = of.count()
    members_present = of.count()
    absent_heard = fields.List(fields.Nested(Heard), load_default=list)
    absent_not_heard = fields.List(fields.Nested(NotHeard), load_default=list)
    mass_representatives = of.count()
    mass = fields.List(fields.Nested(Category), load_default=list)
    secret = fields.Boolean(required=True)
    minutes = of.line()


class DeterminationMeeting(Dated):
    branch = of.code()
    candidates = of.ids()
    body = fields.String(required=True, validate=validate.OneOf(("branch_committee", "members_meeting")))
    entitled = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MOST))
    present = of.count()
    secret = fields.Boolean(required=True)
    minutes = of.line()


class Tally(Schema):
    """One teller's totals of one count. `voters`: members, masses (recommendation), body (determination)."""

    candidate_id = of.id()
    voters = fields.String(required=True, validate=validate.OneOf(("members", "masses", "body")))
    issued = of.count()
    cast = of.count()
    in_favour = of.count()
    against = of.count()
    abstain = of.count()
    invalid = of.count()
    absent_in_favour = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, _MOST))
    absent_against = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, _MOST))
    absent_abstain = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, _MOST))


class Signature(Dated):
    opinion = of.line()


class Cancellation(Dated):
    reason = of.text()


class Conclusion(Departing):
    """`recommended`: whom the meeting recommends, where the packs set no numbers (JH). `tally_shown`: on the spot (NN)."""

    recommended = fields.List(of.id(), load_default=list)
    tally_shown = fields.Boolean(load_default=False)
    departures_by_candidate = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 2000))),
    )
    county_delegate = fields.Nested(CountyDelegate, allow_none=True)


# -- activist


class Approval(Dated):
    document = of.line()


class Return(Dated):
    """Sending back, annulling: a reason, and what the person said when heard."""

    reason = of.text()
    heard_on = fields.Date(required=True)
    statement = of.text()


class Contact(Schema):
    member_id = of.id()
    relative = fields.Boolean(required=True)


class Determination(Departing):
    decided_by = fields.String(required=True, validate=validate.OneOf(("branch_committee", "members_meeting")))
    contacts = fields.List(fields.Nested(Contact), required=True, validate=validate.Length(max=20))
    minutes = of.line()
    county_delegate = fields.Nested(CountyDelegate, allow_none=True)


class Contacts(Departing):
    contacts = fields.List(fields.Nested(Contact), required=True, validate=validate.Length(max=20))


class Filing(Dated):
    document = of.line()


# -- publicity


class Posting(Dated):
    """`content`: `cultivation` and `record`; the rest is built from the dossier."""

    stage = fields.String(required=True, validate=validate.OneOf(PUBLICITY_STAGES))
    announced_on = fields.Date(allow_none=True)
    places = fields.List(of.line(), required=True, validate=validate.Length(max=20))
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
    text = of.text()


class Findings(Dated):
    findings = of.text()


class Statement(Dated):
    statement = of.text()


class ObjectionEnd(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("unfounded", "upheld")))
    reason = of.text()


# -- cultivation


class Review(Dated):
    findings = of.text()
    conclusion = fields.String(required=True, validate=validate.OneOf(("continue", "strengthen", "unfit")))


class Training(Dated):
    title = of.line()
    started_on = fields.Date(required=True)
    ended_on = fields.Date(required=True)
    days = of.count()
    hours = of.count()
    assessed = fields.String(required=True, validate=validate.OneOf(("passed", "failed", "none")))


class Proposal(Dated):
    """`ground`: where somebody on probation is found to have been admitted past the political review."""

    reason = of.text(empty=True)
    ground = fields.String(validate=validate.OneOf((REVIEW_BYPASSED,)))


class NoticeGiven(Dated):
    way = of.line()


class Hearing(Dated):
    appeared = fields.Boolean(required=True)
    statement = of.text(empty=True)


class EndDecision(Dated):
    outcome = fields.String(required=True, validate=validate.OneOf(("leave", "stay")))
    reason = of.text(empty=True)


class CorrectionRequest(Dated):
    """`corrects`: the version of the wrong entry. `changes`: {field: right value}; `text` for anything in words."""

    corrects = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    changes = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.Length(1, 10_000)), required=True)
    reason = of.text()


class CorrectionDecision(Dated):
    approved = fields.Boolean(required=True)
    reason = of.text()
