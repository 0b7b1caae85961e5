"""What comes in and goes out over HTTP. Answers of commands hold no personal data."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.vetting import OUTCOMES
from services.vetting.domain import conclusion, replies, states

ID = validate.Length(min=1, max=36)
CODE = validate.Regexp(r"[a-z_]{1,40}\Z")
REFERENCE = validate.Length(min=1, max=200)
TEXT = validate.Length(min=1, max=2000)

# -- what comes in


class Step(Schema):
    """`day` is the day of the fact, today if left out; `expected_version` the version that the caller has seen."""

    day = fields.Date()
    expected_version = fields.Integer(validate=validate.Range(min=1))


class CountyList(Schema):
    county = fields.String(required=True, validate=validate.Regexp(r"[0-9]{4}([0-9]{2})?\Z"))
    departments = fields.List(fields.String(validate=CODE), required=True, validate=validate.Length(min=1, max=30))
    document = fields.String(required=True, validate=REFERENCE)
    day = fields.Date()


class Chosen(Schema):
    department = fields.String(required=True, validate=CODE)
    reason = fields.String(validate=validate.Length(max=2000), allow_none=True)


class OpenCase(Schema):
    candidate_id = fields.String(required=True, validate=ID)
    group = fields.String(validate=CODE)
    departments = fields.List(fields.Nested(Chosen), load_default=list, validate=validate.Length(max=30))
    day = fields.Date()


class Further(Step):
    department = fields.String(required=True, validate=CODE)
    reason = fields.String(validate=validate.Length(max=2000), allow_none=True)


class WithReason(Step):
    reason = fields.String(required=True, validate=TEXT)


class Correction(WithReason):
    """`question`: what the department is asked, without the form's own words."""

    question = fields.String(required=True, validate=validate.Length(min=1, max=200))


class _Answered(Schema):
    """A concern names a category and a short statement, and rests on concluded findings against the person: that somebody petitioned,
    or a record that is sealed, is none."""

    answer = fields.String(required=True, validate=validate.OneOf((replies.CLEAR, replies.CONCERN, replies.CANNOT_SAY)))
    category = fields.String(validate=CODE, allow_none=True)
    statement = fields.String(validate=validate.Length(max=replies.SHORT), allow_none=True)
    rests_on_concluded_findings = fields.Boolean(truthy={True}, falsy={False}, allow_none=True)


class DepartmentAnswer(_Answered):
    """The body of a signed callback."""

    request_id = fields.String(required=True, validate=ID)


class Letter(_Answered, Step):
    """An answer on paper: `document` is its reference, `day` the day of receipt."""

    document = fields.String(required=True, validate=REFERENCE)


class Settlement(WithReason):
    reply_id = fields.String(required=True, validate=ID)


class Finding(Step):
    finding = fields.String(
        required=True,
        validate=validate.OneOf((conclusion.OBSTACLE, conclusion.NO_OBSTACLE, conclusion.GO_ON_WITHOUT)),
    )
    reason = fields.String(validate=validate.Length(max=2000), load_default="")


class Informed(Step):
    substance = fields.String(required=True, validate=TEXT)
    how = fields.String(required=True, validate=validate.OneOf(("interview", "letter")))


class BarConfirmed(Step):
    document = fields.String(required=True, validate=REFERENCE)


class Heard(Step):
    how = fields.String(required=True, validate=validate.OneOf(("stated", "declined")))
    statement = fields.String(validate=validate.Length(max=4000))


class Recheck(Step):
    reason = fields.String(validate=validate.Length(max=2000))


class Conclude(Step):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))


class CaseFilter(Schema):
    state = fields.String(validate=validate.OneOf(states.CASE_STATES))
    candidate_id = fields.String(validate=ID)


class OverdueFilter(Schema):
    department = fields.String(validate=CODE)


# -- what goes out


class CaseNow(Schema):
    """`packs`: the policy packs applied."""

    case_id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    packs = fields.List(fields.String(), required=True)


class Asked(Schema):
    request_id = fields.String(required=True)
    department = fields.String(required=True)
    kind = fields.String(required=True)
    due = fields.Date(required=True)


class Opened(CaseNow):
    requests = fields.List(fields.Nested(Asked), required=True)


class AskedAgain(CaseNow):
    request_id = fields.String(required=True)
    due = fields.Date(required=True)
    supersedes = fields.String()


class RequestNow(CaseNow):
    request_id = fields.String(required=True)
    request_state = fields.String()


class LetterKept(CaseNow):
    """`effect`: counted, duplicate, contradictory, past, after_end."""

    reply_id = fields.String(required=True)
    effect = fields.String(required=True)


class InformedNow(CaseNow):
    hearing_until = fields.Date(required=True)


class Concluded(CaseNow):
    outcome = fields.String(required=True)
    concluded_on = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)


class CountyListNow(Schema):
    county = fields.String(required=True)
    departments = fields.List(fields.String(), required=True)
    since = fields.Date(required=True)
    version = fields.Integer(required=True)


class Kept(Schema):
    """To the department: kept under this number, whether or not it changes anything."""

    reply_id = fields.String(required=True)


class CaseItem(Schema):
    case_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    branch = fields.String(required=True)
    committee = fields.String(required=True)
    path = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    opened_on = fields.Date(required=True)
    ended_on = fields.Date(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)


class RequestItem(Schema):
    """`answered` says that something came, never what."""

    request_id = fields.String(required=True)
    department = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    round = fields.Integer(required=True)
    asked_on = fields.Date(required=True)
    due = fields.Date(required=True)
    open = fields.Boolean(required=True)
    answered = fields.Boolean(required=True)
    overdue = fields.Boolean(required=True)


class CaseShown(CaseItem):
    group = fields.String(required=True, allow_none=True)
    requests = fields.List(fields.Nested(RequestItem), required=True)
    actions = fields.List(fields.String(), required=True)


class ReplyShown(Schema):
    """`effect`: counted, duplicate, contradictory, past, after_end. `standing`: it is the one that counts."""

    reply_id = fields.String(required=True)
    request_id = fields.String(required=True)
    department = fields.String(required=True)
    door = fields.String(required=True)
    document = fields.String(required=True, allow_none=True)
    received_on = fields.Date(required=True)
    late = fields.Boolean(required=True)
    effect = fields.String(required=True)
    standing = fields.Boolean(required=True)
    answer = fields.String(required=True)
    category = fields.String(required=True)
    statement = fields.String(required=True)
    finding = fields.String(required=True, allow_none=True)
    finding_reason = fields.String(required=True, allow_none=True)


class RequestState(Schema):
    request_id = fields.String(required=True)
    department = fields.String(required=True)
    state = fields.String(required=True)
    actions = fields.List(fields.String(), required=True)


class HearingShown(Schema):
    request_id = fields.String(required=True)
    reply_id = fields.String(required=True)
    informed_on = fields.Date(required=True, allow_none=True)
    substance = fields.String(required=True, allow_none=True)
    hearing_until = fields.Date(required=True, allow_none=True)
    bar_asked_on = fields.Date(required=True, allow_none=True)
    bar_confirmed_on = fields.Date(required=True, allow_none=True)
    bar_document = fields.String(required=True, allow_none=True)
    heard_on = fields.Date(required=True, allow_none=True)
    heard_how = fields.String(required=True, allow_none=True)
    statement = fields.String(required=True, allow_none=True)
    recheck_asked_on = fields.Date(required=True, allow_none=True)
    recheck_request = fields.String(required=True, allow_none=True)


class Answers(Schema):
    case_id = fields.String(required=True)
    version = fields.Integer(required=True)
    requests = fields.List(fields.Nested(RequestState), required=True)
    replies = fields.List(fields.Nested(ReplyShown), required=True)
    hearings = fields.List(fields.Nested(HearingShown), required=True)


class Person(Schema):
    candidate_id = fields.String(required=True)
    name = fields.String(required=True)
    id_number = fields.String(required=True)  # masked


class ConclusionText(Schema):
    case_id = fields.String(required=True)
    outcome = fields.String(required=True)
    text = fields.String(required=True)


class OverdueItem(Schema):
    request_id = fields.String(required=True)
    case_id = fields.String(required=True)
    committee = fields.String(required=True)
    department = fields.String(required=True)
    asked_on = fields.Date(required=True)
    due = fields.Date(required=True)


class OverdueCount(Schema):
    department = fields.String(required=True)
    name = fields.String(required=True)
    overdue = fields.Integer(required=True)
    open = fields.Integer(required=True)
    oldest_due = fields.Date(required=True)


class OverdueByDepartment(Schema):
    departments = fields.List(fields.Nested(OverdueCount), required=True)


class TodoItem(Schema):
    """`kind`: overdue, disputed, to_conclude (all answers are in), after_end (came after the end), undelivered."""

    kind = fields.String(required=True)
    case_id = fields.String(required=True)
    request_id = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    since = fields.Date(required=True, allow_none=True)
    text = fields.String(required=True)


class Todo(Schema):
    """The first of each kind; `complete` is false where there are more."""

    items = fields.List(fields.Nested(TodoItem), required=True)
    complete = fields.Boolean(required=True)


class DepartmentName(Schema):
    department = fields.String(required=True)
    name = fields.String(required=True)


class Offered(Schema):
    """Which departments a case about this person must ask today, and out of which `choose` more are chosen."""

    candidate_id = fields.String(required=True)
    group = fields.String(required=True)
    always = fields.List(fields.Nested(DepartmentName), required=True)
    choose = fields.Integer(required=True)
    listed = fields.List(fields.Nested(DepartmentName), required=True)
    is_open = fields.Boolean(required=True)
