"""The doors of scoring: HTTP and streams. No logic here."""

from __future__ import annotations

from functools import partial

from kernel.bus.amqp_consumer import Streams
from kernel.http.doors import get, post
from kernel.http.shapes import WaitingFilter
from services.scoring import queries, schemas
from services.scoring.commands import conclusions, counting, evaluations, followups
from services.scoring.domain import states
from services.scoring.reactions import REACTIONS

_EVALUATION = "/evaluations/<evaluation_id>"
_SELF_CHECK = "/self-checks/<self_check_id>"
_TALK = "/reminder-talks/<talk_id>"
_may, _may_check, _may_talk = states.EVALUATION.roles, states.SELF_CHECK.roles, states.TALK.roles
_get = partial(get, roles=states.READERS)


class Scoring:
    """The double evaluation of a branch's admission work and of those newly admitted, and what follows from it."""

    name = "scoring"

    streams = Streams(REACTIONS)

    # fmt: off
    # evaluations
    hold_evaluation = post(
        "/evaluations", evaluations.hold_evaluation, _may("hold"), schemas.Evaluation, schemas.Opened, "登记满意度“双评议”")
    enter_tally = post(
        f"{_EVALUATION}/tallies", counting.enter_tally, _may("count"), schemas.Tally, schemas.Entered, "计票人录入各等次票数合计")
    conclude_evaluation = post(
        f"{_EVALUATION}/conclusion", conclusions.conclude_evaluation, _may("conclude"), schemas.Conclusion, schemas.Concluded,
        "办结评议")
    cancel_evaluation = post(
        f"{_EVALUATION}/cancellation", evaluations.cancel_evaluation, _may("cancel"), schemas.Cancellation,
        schemas.EvaluationStep, "作废登记有误的评议")

    # what follows
    report_self_check = post(
        f"{_SELF_CHECK}/report", followups.report_self_check, _may_check("report"), schemas.Report, schemas.SelfCheckStep,
        "报送自查自纠的书面说明")
    answer_self_check = post(
        f"{_SELF_CHECK}/answer", followups.answer_self_check, _may_check("accept"), schemas.CommitteeAnswer,
        schemas.SelfCheckStep, "认可或退回书面说明")
    record_talk = post(
        f"{_TALK}/record", followups.record_talk, _may_talk("talk"), schemas.TalkRecord, schemas.TalkStep,
        "登记与预备党员的提醒谈话和措施")

    # looking
    list_evaluations = _get(
        "/evaluations", queries.list_evaluations, schemas.EvaluationListed, "评议", params=schemas.EvaluationFilter, paged=True)
    show_evaluation = _get(
        _EVALUATION, queries.show_evaluation, schemas.EvaluationShown, "一次评议及其计票",
        roles=(*states.READERS, "special_organizer"))
    list_subjects = _get(
        f"{_EVALUATION}/subjects", queries.list_subjects, schemas.Subjects, "对个人的评议结果（查阅留痕）",
        roles=states.PERSON_READERS)
    show_self_check = _get(_SELF_CHECK, queries.show_self_check, schemas.SelfCheckShown, "一项自查自纠")
    show_talk = _get(_TALK, queries.show_talk, schemas.TalkShown, "一次提醒谈话（查阅留痕）", roles=states.PERSON_READERS)
    to_do = _get("/todo", queries.to_do, schemas.Waiting, "待办与逾期", params=WaitingFilter, paged=True)
    list_branches_without_evaluation = _get(
        "/branches-without-evaluation", queries.list_branches_without_evaluation, schemas.BranchListed,
        "尚未对某年度工作开展评议的支部", params=schemas.YearFilter, paged=True)
    # fmt: on
