"""What goes out over HTTP. Answers of commands hold no personal data."""

from __future__ import annotations

from marshmallow import Schema, fields

from kernel.http.shapes import Departure


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


class Renewed(Opened):
    """`renews`: the case whose conclusion is renewed, and stays as it is. `home_village`: the question to the home village, if one was
    asked again."""

    renews = fields.String(required=True)
    home_village = fields.String(required=True, allow_none=True)


class RequestNow(CaseNow):
    request_id = fields.String(required=True)
    request_state = fields.String()


class LetterKept(CaseNow):
    """`effect`: counted, duplicate, contradictory, past, after_end."""

    reply_id = fields.String(required=True)
    effect = fields.String(required=True)


class VillageLetterKept(LetterKept):
    departures = fields.List(fields.Nested(Departure), required=True)


class InquiryNow(Schema):
    """What those in the home village are told: nothing of the case. `packs`: the policy packs of the home place."""

    request_id = fields.String(required=True)
    state = fields.String(required=True)
    packs = fields.List(fields.String(), required=True)


class NoticeNow(InquiryNow):
    """`first_possible`: the first day on which the notice may come down; null where the home place asks for none."""

    first_possible = fields.Date(required=True, allow_none=True)
    provisional = fields.Boolean(required=True)


class NoticeEnded(InquiryNow):
    objections = fields.Integer(required=True)


class InquiryItem(Schema):
    """A question to a village. `open`: an answer is still wanted; `overdue`: it is late; `actions`: what comes next."""

    request_id = fields.String(required=True)
    village = fields.String(required=True)
    township = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_on = fields.Date(required=True)
    due = fields.Date(required=True)
    state = fields.String(required=True)
    open = fields.Boolean(required=True)
    overdue = fields.Boolean(required=True)
    posted_on = fields.Date(required=True, allow_none=True)
    first_possible = fields.Date(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    objections = fields.Integer(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)


class ObjectionShown(Schema):
    text = fields.String(required=True)
    finding = fields.String(required=True)


class InquiryShown(InquiryItem):
    """The person's name and what is asked. What was objected and the opinion are shown until it has been returned."""

    name = fields.String(required=True)
    purpose = fields.String(required=True)
    raised = fields.List(fields.Nested(ObjectionShown), required=True)
    answer = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    statement = fields.String(required=True, allow_none=True)


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
    """`answered` says that something came, never what. `before_correction`: asked under a name or ID number corrected since."""

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
    before_correction = fields.Boolean(required=True)


class CaseShown(CaseItem):
    """`renews`: the case whose conclusion this one renews. `home_village`: how far the question to the home village is, if one was asked;
    `home_village_required`: the rules of today ask for its opinion."""

    renews = fields.String(required=True, allow_none=True)
    elsewhere = fields.Boolean(required=True)
    home_village_required = fields.Boolean(required=True)
    home_village = fields.String(required=True, allow_none=True)
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
    """`kind`: overdue, disputed, to_conclude (all answers are in), asked_before_correction (under a name or ID number that has been put
    right since), concluded_before_correction, after_end (came after the end), undelivered, home_village (not asked yet), lapsing, lapsed
    (the conclusion)."""

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
