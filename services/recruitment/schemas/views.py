"""What recruitment's queries take and show."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.recruitment.domain import states
from services.recruitment.domain.completeness import STAGES


class ListParams(Schema):
    state = fields.String(validate=validate.OneOf(states.ALL))
    county = fields.String(validate=validate.Length(1, 12))
    domain = fields.String(validate=validate.Length(1, 40))
    branch = fields.String(validate=validate.Length(1, 40))
    name = fields.String(validate=validate.Length(1, 60))
    id_number = fields.String(validate=validate.Length(1, 40))
    since_from = fields.Date()
    since_until = fields.Date()


class TimelineParams(Schema):
    reveal = fields.Boolean()


class DossierParams(Schema):
    stage = fields.String(load_default="activist", validate=validate.OneOf(STAGES))


class MeetingParams(Schema):
    branch = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(("held", "concluded", "cancelled")))


class YearParams(Schema):
    year = fields.Integer(validate=validate.Range(1921, 9998))


class BranchListed(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    path = fields.String(required=True)
    county = fields.String(required=True)


class Listed(Schema):
    candidate_id = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    county = fields.String(required=True)
    domain = fields.String(required=True, allow_none=True)
    applied_on = fields.Date(required=True)
    since = fields.Date(required=True, allow_none=True)
    review_due = fields.Date(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)


class Candidate(Listed):
    """The ID number is masked. `actions`: what may be done in this state."""

    version = fields.Integer(required=True)
    stage = fields.String(required=True)
    committee = fields.String(required=True)
    city = fields.String(required=True)
    talk_due = fields.Date(required=True)
    talked_on = fields.Date(required=True, allow_none=True)
    recommended_on = fields.Date(required=True, allow_none=True)
    approved_on = fields.Date(required=True, allow_none=True)
    balloted_on = fields.Date(required=True, allow_none=True)
    ballot_passed = fields.Boolean(required=True, allow_none=True)
    determined_on = fields.Date(required=True, allow_none=True)
    filed_on = fields.Date(required=True, allow_none=True)
    reviewed_on = fields.Date(required=True, allow_none=True)
    prospect_balloted_on = fields.Date(required=True, allow_none=True)
    prospect_ballot_passed = fields.Boolean(required=True, allow_none=True)
    proposed_on = fields.Date(required=True, allow_none=True)
    endorsed_on = fields.Date(required=True, allow_none=True)
    listed_on = fields.Date(required=True, allow_none=True)
    elsewhere = fields.Boolean(required=True, allow_none=True)
    home_village = fields.String(required=True, allow_none=True)
    branch_reviewed_on = fields.Date(required=True, allow_none=True)
    branch_review_passed = fields.Boolean(required=True, allow_none=True)
    committee_reviewed_on = fields.Date(required=True, allow_none=True)
    committee_review_passed = fields.Boolean(required=True, allow_none=True)
    dossier_sent_on = fields.Date(required=True, allow_none=True)
    consented_on = fields.Date(required=True, allow_none=True)
    examined_on = fields.Date(required=True, allow_none=True)
    form_code = fields.String(required=True, allow_none=True)
    place_year = fields.Integer(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    vetting_outcome = fields.String(required=True, allow_none=True)
    vetting_concluded_on = fields.Date(required=True, allow_none=True)
    vetting_valid_until = fields.Date(required=True, allow_none=True)
    voted_on = fields.Date(required=True, allow_none=True)
    vote_passed = fields.Boolean(required=True, allow_none=True)
    reported_on = fields.Date(required=True, allow_none=True)
    decision_due = fields.Date(required=True, allow_none=True)
    decision_extended = fields.Boolean(required=True, allow_none=True)
    committee_talked_on = fields.Date(required=True, allow_none=True)
    committee_voted_on = fields.Date(required=True, allow_none=True)
    committee_vote_passed = fields.Boolean(required=True, allow_none=True)
    admitted_on = fields.Date(required=True, allow_none=True)
    probation_since = fields.Date(required=True, allow_none=True)
    probation_ends = fields.Date(required=True, allow_none=True)
    extensions = fields.Integer(required=True, allow_none=True)
    oath_due = fields.Date(required=True, allow_none=True)
    oath_on = fields.Date(required=True, allow_none=True)
    probation_review_due = fields.Date(required=True, allow_none=True)
    probation_reviewed_on = fields.Date(required=True, allow_none=True)
    conversion_applied_on = fields.Date(required=True, allow_none=True)
    converted_on = fields.Date(required=True, allow_none=True)
    full_since = fields.Date(required=True, allow_none=True)
    id_number = fields.String(required=True)
    sex = fields.String(required=True, allow_none=True)
    born = fields.String(required=True, allow_none=True)
    unit_and_post = fields.String(required=True, allow_none=True)
    education = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)
    introducers = fields.List(fields.Raw(), required=True)
    opinions = fields.List(fields.Raw(), required=True)
    contacts = fields.List(fields.Raw(), required=True)
    publicities = fields.List(fields.Raw(), required=True)
    objections = fields.List(fields.Raw(), required=True)
    proceedings = fields.List(fields.Raw(), required=True)
    corrections = fields.List(fields.Raw(), required=True)
    trainings = fields.List(fields.Raw(), required=True)


class Entry(Schema):
    version = fields.Integer(required=True)
    type = fields.String(required=True)
    title = fields.String(required=True)
    day = fields.Date(required=True)
    entered_at = fields.AwareDateTime(required=True)
    back_dated = fields.Boolean(required=True)
    actor = fields.String(required=True)
    post = fields.String(required=True, allow_none=True)
    packs = fields.List(fields.String(), required=True)
    data = fields.Dict(required=True)
    articles = fields.List(fields.Raw(), required=True)
    departures = fields.List(fields.Raw(), required=True)
    notes = fields.Dict(required=True)
    personal = fields.Dict(required=True)
    hash = fields.String(required=True)


class Timeline(Schema):
    candidate_id = fields.String(required=True)
    entries = fields.List(fields.Nested(Entry), required=True)


class DossierItem(Schema):
    code = fields.String(required=True)
    title = fields.String(required=True)
    day = fields.Date(required=True, allow_none=True)
    present = fields.Boolean(required=True)
    rule = fields.String(required=True)
    source = fields.String(required=True)


class Completeness(Schema):
    candidate_id = fields.String(required=True)
    stage = fields.String(required=True)
    complete = fields.Boolean(required=True)
    items = fields.List(fields.Nested(DossierItem), required=True)


class Export(Schema):
    format = fields.String(required=True)
    stream = fields.String(required=True)
    home_county = fields.String(required=True)
    entries = fields.List(fields.Raw(), required=True)


class MeetingListed(Schema):
    meeting_id = fields.String(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    county = fields.String(required=True)
    held_on = fields.Date(required=True)
    members_entitled = fields.Integer(required=True)
    members_present = fields.Integer(required=True)
    members_heard = fields.Integer(required=True)
    mass_representatives = fields.Integer(required=True)
    signed_by = fields.String(required=True, allow_none=True)
    signed_on = fields.Date(required=True, allow_none=True)
    concluded_on = fields.Date(required=True, allow_none=True)


class Count(Schema):
    candidate_id = fields.String(required=True)
    voters = fields.String(required=True)
    round = fields.Integer(required=True)
    agreed = fields.Boolean(required=True)
    entries = fields.Integer(required=True)
    totals = fields.Dict(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)


class Meeting(MeetingListed):
    attendance = fields.Dict(required=True)
    counts = fields.List(fields.Nested(Count), required=True)


class Notice(Schema):
    publicity_id = fields.String(required=True)
    state = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True)


class Objection(Schema):
    objection_id = fields.String(required=True)
    publicity_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    state = fields.String(required=True)
    anonymous = fields.Boolean(required=True)
    received_on = fields.Date(required=True)
    investigated_on = fields.Date(required=True, allow_none=True)
    heard_on = fields.Date(required=True, allow_none=True)
    concluded_on = fields.Date(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    objector = fields.String(required=True, allow_none=True)


class Proceeding(Schema):
    proceeding_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    kind = fields.String(required=True)
    ground = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    proposed_on = fields.Date(required=True)
    notified_on = fields.Date(required=True, allow_none=True)
    heard_on = fields.Date(required=True, allow_none=True)
    decided_on = fields.Date(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)


class Waiting(Schema):
    """`due` is a term where `overdue` may become true, else the day since which it waits."""

    step = fields.String(required=True)
    id = fields.String(required=True)
    candidate_id = fields.String(required=True, allow_none=True)
    path = fields.String(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)


class FunnelCounty(Schema):
    county = fields.String(required=True)
    states = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Funnel(Schema):
    counties = fields.List(fields.Nested(FunnelCounty), required=True)
