"""What alerts' queries take and show."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.alerts import LEVELS, TRIGGERS
from services.alerts.domain import states


class ProposalParams(Schema):
    county = fields.String(validate=validate.Length(1, 12))
    organisation = fields.String(validate=validate.Length(1, 40))
    trigger = fields.String(validate=validate.OneOf(TRIGGERS))
    state = fields.String(validate=validate.OneOf(("near", "triggered")))
    level = fields.String(validate=validate.OneOf(LEVELS))


class WarningParams(Schema):
    county = fields.String(validate=validate.Length(1, 12))
    organisation = fields.String(validate=validate.Length(1, 40))
    state = fields.String(validate=validate.OneOf(states.ALL))
    level = fields.String(validate=validate.OneOf(LEVELS))
    overdue = fields.Boolean()


class ShowParams(Schema):
    """`reveal`: with the texts of all steps; the look is noted."""

    reveal = fields.Boolean()


class StandingParams(Schema):
    year = fields.Integer(validate=validate.Range(1921, 9998))


class Threshold(Schema):
    """A parameter of the packs that was measured against: its value, source, and the article in full."""

    parameter = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    unit = fields.String(required=True)
    source = fields.String(required=True)
    article = fields.String(required=True)
    pack = fields.String(required=True)
    unconfirmed = fields.Boolean(required=True)
    note = fields.String(required=True)


class EventRef(Schema):
    source = fields.String(required=True)
    type = fields.String(required=True)
    id = fields.String(required=True)
    stream = fields.String(required=True)
    version = fields.Integer(required=True)


class Finding(Schema):
    """What was found, with what it rests on: facts, thresholds, events. `fixed`: it lies in the past."""

    finding_id = fields.String(required=True)
    trigger = fields.String(required=True)
    trigger_name = fields.String(required=True)
    period = fields.String(required=True)
    state = fields.String(required=True)
    severity = fields.String(required=True)
    fixed = fields.Boolean(required=True)
    since = fields.Date(required=True)
    text = fields.String(required=True)
    facts = fields.Dict(required=True)
    thresholds = fields.List(fields.Nested(Threshold), required=True)
    events = fields.List(fields.Nested(EventRef), required=True)


class Proposal(Finding):
    """A finding without a warning. `issuers`: who may warn, the one that is proposed first. A person decides."""

    organisation = fields.String(required=True)
    name = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    level = fields.String(required=True)
    level_name = fields.String(required=True)
    addressee = fields.String(required=True)
    key_managed = fields.Boolean(required=True)
    issuers = fields.List(fields.String(), required=True)


class Warned(Finding):
    """`holds`: it holds now and can still be mended. `now`: its state today; null where it is not found any more."""

    now = fields.String(required=True, allow_none=True)
    holds = fields.Boolean(required=True)


class Listed(Schema):
    """A warning. `overdue` and `proposed_level` are computed now; `proposed_level` is null when it has ended."""

    warning_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    state_name = fields.String(required=True)
    organisation = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    issuer = fields.String(required=True)
    level = fields.String(required=True)
    level_name = fields.String(required=True)
    severity = fields.String(required=True)
    triggers = fields.List(fields.String(), required=True)
    addressee = fields.String(required=True)
    first_issued_on = fields.Date(required=True)
    issued_on = fields.Date(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    proposed_level = fields.String(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)


class Entry(Schema):
    version = fields.Integer(required=True)
    type = fields.String(required=True)
    title = fields.String(required=True)
    day = fields.Date(required=True)
    actor = fields.String(required=True)
    post = fields.String(required=True, allow_none=True)
    packs = fields.List(fields.String(), required=True)
    data = fields.Dict(required=True)
    articles = fields.List(fields.Raw(), required=True)
    departures = fields.List(fields.Raw(), required=True)
    texts = fields.Dict(required=True)


class Warning(Listed):
    """`honours_cancelled`: the years in which the yellow card keeps the organisation from honours."""

    heard_on = fields.Date(required=True, allow_none=True)
    yellow_on = fields.Date(required=True, allow_none=True)
    honours_cancelled = fields.List(fields.Integer(), required=True)
    circulation = fields.String(required=True, allow_none=True)
    received_on = fields.Date(required=True, allow_none=True)
    self_criticism_due = fields.Date(required=True, allow_none=True)
    self_criticism_on = fields.Date(required=True, allow_none=True)
    self_criticism_late = fields.Boolean(required=True, allow_none=True)
    planned_on = fields.Date(required=True, allow_none=True)
    reported_on = fields.Date(required=True, allow_none=True)
    checked_on = fields.Date(required=True, allow_none=True)
    waived_on = fields.Date(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Nested(Warned), required=True)
    entries = fields.List(fields.Nested(Entry), required=True)


class Notice(Schema):
    warning_id = fields.String(required=True)
    level = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True)


class Standing(Schema):
    """What warnings mean for honours. `honours_cancelled`: a yellow card in `year`; `pioneer_excluded`: in principle, too."""

    organisation = fields.String(required=True)
    year = fields.Integer(required=True)
    yellow_carded_years = fields.List(fields.Integer(), required=True)
    honours_cancelled = fields.Boolean(required=True)
    pioneer_excluded = fields.Boolean(required=True)
    key_object = fields.Boolean(required=True)
    running = fields.List(fields.String(), required=True)


class County(Schema):
    county = fields.String(required=True)
    levels = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    overdue = fields.Integer(required=True)
    triggers = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)


class Summary(Schema):
    counties = fields.List(fields.Nested(County), required=True)


class Waiting(Schema):
    """`due` is a term where `overdue` may become true, else the day since which it waits. `organisation`: whose turn it is."""

    step = fields.String(required=True)
    warning_id = fields.String(required=True)
    organisation = fields.String(required=True)
    path = fields.String(required=True)
    level = fields.String(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)


class CircumstanceListed(Schema):
    circumstance_id = fields.String(required=True)
    organisation = fields.String(required=True)
    path = fields.String(required=True)
    committee = fields.String(required=True)
    state = fields.String(required=True)
    years = fields.List(fields.Integer(), required=True)
    document = fields.String(required=True)
    recorded_on = fields.Date(required=True)
    ended_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)
