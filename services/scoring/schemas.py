"""What comes in at scoring's doors, and what goes out. Answers of commands hold no personal data: they are kept for repeats."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.http import shapes as of
from kernel.http.shapes import Advanced, Dated
from services.scoring.domain import states
from services.scoring.domain.evaluation import VOTERS

_MOST = 1_000_000


# -- what comes in


class Guide(Schema):
    """Whom the committee sent: the committee's code, the person's name and post."""

    organisation = of.code()
    name = of.line(empty=True)
    post = of.line(empty=True)


class Evaluation(Schema):
    """`meeting_id`: the recommendation meeting that it went with, if any. Who is judged follows from the admissions."""

    branch = of.code()
    day = fields.Date()
    meeting_id = of.id(required=False, null=True)
    members_entitled = of.count()
    members_present = of.count()
    mass_entitled = of.count()
    mass_present = of.count()
    secret = fields.Boolean(required=True)
    guide = fields.Nested(Guide, load_default=None, allow_none=True)
    minutes = of.text()


class Tally(Schema):
    """`subject`: `work`, or the candidate's id of a person judged."""

    subject = of.id()
    voters = fields.String(required=True, validate=validate.OneOf(VOTERS))
    issued = of.count()
    cast = of.count()
    very = of.count()
    satisfied = of.count()
    basically = of.count()
    dissatisfied = of.count()
    invalid = of.count()
    expected_version = fields.Integer(strict=True, validate=validate.Range(0))


class Conclusion(Dated):
    pass


class Cancellation(Dated):
    reason = of.text()


class Report(Dated):
    """The branch's written explanation: its reference and its text."""

    document = of.line()
    explanation = of.text()


class CommitteeAnswer(Dated):
    """`reason`: why it is accepted, or what is missing."""

    accepted = fields.Boolean(required=True)
    reason = of.text()


class TalkRecord(Dated):
    """`statement`: what the person said. `measures`: what the organisation does to help."""

    talker = of.line()
    person_present = fields.Boolean(required=True)
    record = of.text()
    statement = of.text(empty=True)
    measures = of.text()


class EvaluationFilter(Schema):
    branch = fields.String(validate=validate.Length(1, 40))
    year = fields.Integer(validate=validate.Range(1921, 9998))
    state = fields.String(validate=validate.OneOf(states.EVALUATION_STATES))


class YearFilter(Schema):
    year = fields.Integer(validate=validate.Range(1921, 9998))


# -- what commands answer


class EvaluationStep(Advanced):
    evaluation_id = fields.String(required=True)


class Opened(EvaluationStep):
    """`subjects`: what is judged: `work`, and the candidate's id of each person newly admitted. `counts`: subjects times voters."""

    year = fields.Integer(required=True)
    subjects = fields.List(fields.String(), required=True)
    counts = fields.Integer(required=True)


class Entered(Schema):
    """`result`: waiting, agreed, disputed. Never the other teller's figures."""

    evaluation_id = fields.String(required=True)
    subject = fields.String(required=True)
    voters = fields.String(required=True)
    round = fields.Integer(required=True)
    result = fields.String(required=True, validate=validate.OneOf(("waiting", "agreed", "disputed")))
    version = fields.Integer(required=True)


class OrderedCheck(Schema):
    """`provisional`: the term rests on a year whose holidays are not announced yet."""

    self_check_id = fields.String(required=True)
    due = fields.Date(required=True)
    provisional = fields.Boolean(required=True)


class OrderedTalk(Schema):
    talk_id = fields.String(required=True)
    due = fields.Date(required=True)
    provisional = fields.Boolean(required=True)


class Concluded(EvaluationStep):
    """The branch's own score. Of persons only that talks are due; with whom, the talk itself tells those who may know."""

    year = fields.Integer(required=True)
    score = fields.String(required=True)
    below = fields.Boolean(required=True)
    self_check = fields.Nested(OrderedCheck, required=True, allow_none=True)
    talks = fields.List(fields.Nested(OrderedTalk), required=True)


class _FollowUp(Advanced):
    due = fields.Date(required=True)
    late = fields.Boolean(required=True)


class SelfCheckStep(_FollowUp):
    self_check_id = fields.String(required=True)


class TalkStep(_FollowUp):
    talk_id = fields.String(required=True)


# -- what queries show


class EvaluationListed(Schema):
    """`year`: whose work was judged. `score`, `below`: of the work, when it is concluded."""

    evaluation_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    branch = fields.String(required=True)
    committee = fields.String(required=True)
    path = fields.String(required=True)
    county = fields.String(required=True)
    year = fields.Integer(required=True)
    held_on = fields.Date(required=True)
    concluded_on = fields.Date(required=True, allow_none=True)
    score = fields.String(required=True, allow_none=True)
    threshold = fields.String(required=True, allow_none=True)
    below = fields.Boolean(required=True, allow_none=True)


class Count(Schema):
    """`totals`: of the work alone, when both tellers agree. `name`: of a person, to those who count."""

    subject = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    voters = fields.String(required=True)
    round = fields.Integer(required=True)
    agreed = fields.Boolean(required=True)
    entries = fields.Integer(required=True)
    totals = fields.Dict(required=True, allow_none=True)


class EvaluationShown(EvaluationListed):
    meeting_id = fields.String(required=True, allow_none=True)
    members_entitled = fields.Integer(required=True)
    members_present = fields.Integer(required=True)
    mass_entitled = fields.Integer(required=True)
    mass_present = fields.Integer(required=True)
    guide = fields.Dict(required=True, allow_none=True)
    counts = fields.List(fields.Nested(Count), required=True)
    self_check_id = fields.String(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)


class Grades(Schema):
    very = fields.Integer(required=True)
    satisfied = fields.Integer(required=True)
    basically = fields.Integer(required=True)
    dissatisfied = fields.Integer(required=True)


class Subject(Schema):
    """A person judged. `outcome`: `judged`, `left` before the conclusion, null until then."""

    candidate_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    grades = fields.Nested(Grades, required=True, allow_none=True)
    score = fields.String(required=True, allow_none=True)
    below = fields.Boolean(required=True, allow_none=True)
    talk_id = fields.String(required=True, allow_none=True)
    talk_state = fields.String(required=True, allow_none=True)
    talk_due = fields.Date(required=True, allow_none=True)


class Subjects(Schema):
    evaluation_id = fields.String(required=True)
    subjects = fields.List(fields.Nested(Subject), required=True)


class SelfCheckShown(Schema):
    self_check_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    evaluation_id = fields.String(required=True)
    branch = fields.String(required=True)
    committee = fields.String(required=True)
    ordered_on = fields.Date(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    reported_on = fields.Date(required=True, allow_none=True)
    late = fields.Boolean(required=True, allow_none=True)
    document = fields.String(required=True, allow_none=True)
    explanation = fields.String(required=True, allow_none=True)
    answered_on = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)


class TalkShown(Schema):
    talk_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    evaluation_id = fields.String(required=True)
    candidate_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    ordered_on = fields.Date(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)
    held_on = fields.Date(required=True, allow_none=True)
    late = fields.Boolean(required=True, allow_none=True)
    talker = fields.String(required=True, allow_none=True)
    record = fields.String(required=True, allow_none=True)
    statement = fields.String(required=True, allow_none=True)
    measures = fields.String(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)


class Waiting(Schema):
    """`due` is a term where `overdue` may become true, else the day since which it waits."""

    step = fields.String(required=True)
    id = fields.String(required=True)
    evaluation_id = fields.String(required=True)
    path = fields.String(required=True)
    due = fields.Date(required=True)
    overdue = fields.Boolean(required=True)


class BranchListed(Schema):
    """`admitted`: how many were admitted in the year that is to be judged."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    path = fields.String(required=True)
    county = fields.String(required=True)
    admitted = fields.Integer(required=True)
