"""Recruitment's doors: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from marshmallow import Schema

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.entrypoints import command, query
from kernel.runtime.timers import every
from services.recruitment.commands import (
    activists,
    application,
    conclusions,
    corrections,
    cultivation,
    meetings,
    overdue,
    publicities,
    rectifications,
)
from services.recruitment.domain import states
from services.recruitment.queries import candidates, cases, dossiers
from services.recruitment.reactions import REACTIONS
from services.recruitment.schemas import answers, bodies, views

Do = Callable[..., dict[str, Any]]
Roles = Collection[str]


def _post(path: str, do: Do, roles: Roles, body: type[Schema], answer: type[Schema], summary: str) -> Do:
    """A door to a command: the method has the command's name, parameters and description."""

    @wraps(do)
    def method(_self: Any, *given: Any, **ids: str) -> dict[str, Any]:
        return do(*given, **ids)

    return command("POST", path, roles=roles, body=body, answer=answer, summary=summary)(method)


def _get(path: str, do: Do, answer: type[Schema], summary: str, *, roles: Roles = states.READERS, **more: Any) -> Do:
    """A door to a query."""

    @wraps(do)
    def method(_self: Any, *given: Any, **ids: str) -> dict[str, Any]:
        return do(*given, **ids)

    return query("GET", path, roles=roles, answer=answer, summary=summary, **more)(method)


_CANDIDATE = "/candidates/<candidate_id>"
_MEETING = "/meetings/<meeting_id>"
_CASEWORKERS = (*states.BRANCH, *states.COMMITTEE, *states.COUNTY)
#: Who concludes or cancels a meeting; which of them, goes by its kind.
_CHAIRS = (*states.SECRETARY, *states.COMMITTEE)
_may = states.roles


class Recruitment:
    """The candidate's way from the application to the activist. An attribute is named after the command that it opens."""

    name = "recruitment"

    streams = Streams(REACTIONS)

    @every(60, "recruitment.overdue")
    def publish_overdue(self, context: Context) -> None:
        overdue.publish_overdue(context)

    # fmt: off
    # application
    submit_application = _post(
        "/applications", application.submit_application, _may("submit"), bodies.Application, answers.Applied, "接收书面入党申请")
    give_consent = _post(
        "/consents", application.give_consent, states.COUNTY, bodies.Consent, answers.Given, "县级对例外的书面同意")
    hold_talk = _post(
        f"{_CANDIDATE}/talk", application.hold_talk, _may("talk"), bodies.Talk, answers.Talked, "登记派人谈话")
    withdraw = _post(
        f"{_CANDIDATE}/withdrawal", application.withdraw, _may("withdraw"), bodies.Withdrawal, answers.Step, "本人撤回申请")

    # rectification
    open_rectification = _post(
        "/rectifications", rectifications.open_rectification, states.COUNTY, bodies.Rectification, answers.CaseStep, "立整顿案")
    note_measure = _post(
        "/rectifications/<case_id>/measures", rectifications.note_measure, states.COUNTY, bodies.Measure, answers.CaseStep,
        "登记整顿措施")
    close_rectification = _post(
        "/rectifications/<case_id>/end", rectifications.close_rectification, states.COUNTY, bodies.RectificationEnd,
        answers.CaseStep, "办结整顿案")

    # meetings and counts
    hold_recommendation = _post(
        "/recommendation-meetings", meetings.hold_recommendation, _may("nominate"), bodies.RecommendationMeeting,
        answers.MeetingStep, "登记推荐会议")
    hold_determination = _post(
        "/determination-meetings", meetings.hold_determination, _may("ballot"), bodies.DeterminationMeeting,
        answers.MeetingStep, "登记确定入党积极分子的票决")
    enter_tally = _post(
        f"{_MEETING}/tallies", meetings.enter_tally, states.TELLERS, bodies.Tally, answers.Entered, "计票人录入票数合计")
    sign_result = _post(
        f"{_MEETING}/signature", meetings.sign_result, states.DELEGATES, bodies.Signature, answers.MeetingStep,
        "党委派员在推荐结果上签字")
    conclude_meeting = _post(
        f"{_MEETING}/conclusion", conclusions.conclude_meeting, _CHAIRS, bodies.Conclusion, answers.MeetingResult,
        "办结会议")
    cancel_meeting = _post(
        f"{_MEETING}/cancellation", meetings.cancel_meeting, _CHAIRS, bodies.Cancellation, answers.MeetingStep,
        "作废登记有误的会议")

    # activist
    approve_activist = _post(
        f"{_CANDIDATE}/approval", activists.approve_activist, _may("approve"), bodies.Approval, answers.Step, "上级党委审批同意")
    decline_activist = _post(
        f"{_CANDIDATE}/return", activists.decline_activist, _may("decline"), bodies.Return, answers.Step, "上级党委退回")
    determine_activist = _post(
        f"{_CANDIDATE}/determination", activists.determine_activist, _may("determine"), bodies.Determination,
        answers.Determined, "支部决定确定为入党积极分子")
    annul_determination = _post(
        f"{_CANDIDATE}/annulment", activists.annul_determination, _may("annul"), bodies.Return, answers.Step,
        "撤销尚未生效的确定")
    file_activist = _post(
        f"{_CANDIDATE}/filing", activists.file_activist, _may("file"), bodies.Filing, answers.Step, "上级党委登记备案")
    change_contacts = _post(
        f"{_CANDIDATE}/contacts", activists.change_contacts, _may("change_contacts"), bodies.Contacts, answers.Step,
        "更换培养联系人")

    # publicity
    post_publicity = _post(
        f"{_CANDIDATE}/publicities", publicities.post_publicity, _may("post_activist"), bodies.Posting, answers.Posted,
        "张贴公示")
    end_publicity = _post(
        "/publicities/<publicity_id>/end", publicities.end_publicity, _may("take_down"), bodies.TakingDown, answers.TakenDown,
        "撤下公示")
    receive_objection = _post(
        "/publicities/<publicity_id>/objections", publicities.receive_objection, _may("objection"), bodies.NewObjection,
        answers.ObjectionStep, "收到异议")
    investigate_objection = _post(
        "/objections/<objection_id>/investigation", publicities.investigate_objection, _may("objection"), bodies.Findings,
        answers.ObjectionStep, "登记异议调查情况")
    hear_on_objection = _post(
        "/objections/<objection_id>/hearing", publicities.hear_on_objection, _may("objection"), bodies.Statement,
        answers.ObjectionStep, "就异议听取本人意见")
    conclude_objection = _post(
        "/objections/<objection_id>/conclusion", publicities.conclude_objection, _may("conclude_objection"),
        bodies.ObjectionEnd, answers.ObjectionStep, "对异议作出结论")

    # cultivation
    review_activist = _post(
        f"{_CANDIDATE}/reviews", cultivation.review_activist, _may("review"), bodies.Review, answers.Reviewed, "登记半年考察")
    record_training = _post(
        f"{_CANDIDATE}/trainings", cultivation.record_training, _may("train"), bodies.Training, answers.Trained,
        "登记培训及考核")
    propose_end = _post(
        f"{_CANDIDATE}/proceedings", cultivation.propose_end, _may("propose_end"), bodies.Proposal, answers.ProceedingStep,
        "提议不予接收，或调整出库")
    notify_person = _post(
        "/proceedings/<proceeding_id>/notice", cultivation.notify_person, _may("proceed"), bodies.NoticeGiven,
        answers.ProceedingStep, "通知本人")
    hear_person = _post(
        "/proceedings/<proceeding_id>/hearing", cultivation.hear_person, _may("proceed"), bodies.Hearing,
        answers.ProceedingStep, "听取本人意见")
    decide_proceeding = _post(
        "/proceedings/<proceeding_id>/decision", cultivation.decide_proceeding, _may("remove"), bodies.EndDecision,
        answers.ProceedingStep, "党委决定")
    request_correction = _post(
        f"{_CANDIDATE}/corrections", corrections.request_correction, _may("request_correction"), bodies.CorrectionRequest,
        answers.CorrectionStep, "申请更正记录")
    decide_correction_request = _post(
        "/corrections/<correction_id>/decision", corrections.decide_correction_request, _may("correct"), bodies.CorrectionDecision,
        answers.CorrectionStep, "批准或不予更正")

    # looking
    list_candidates = _get(
        "/candidates", candidates.list_candidates, views.Listed, "所辖范围的人员", params=views.ListParams, paged=True)
    list_pool = _get(
        "/pool", candidates.list_pool, views.Listed, "入党积极分子信息库", params=views.ListParams, paged=True)
    show_candidate = _get(_CANDIDATE, candidates.show_candidate, views.Candidate, "一人的情况")
    show_timeline = _get(
        f"{_CANDIDATE}/timeline", dossiers.show_timeline, views.Timeline, "全程记实", params=views.TimelineParams)
    check_dossier = _get(
        f"{_CANDIDATE}/completeness", dossiers.check_dossier, views.Completeness, "进入某阶段前档案是否齐全",
        params=views.DossierParams)
    export_dossier = _get(
        f"{_CANDIDATE}/dossier", dossiers.export_dossier, views.Export, "导出可独立核验的档案", roles=_CASEWORKERS)
    list_meetings = _get(
        "/meetings", cases.list_meetings, views.MeetingListed, "会议", params=views.MeetingParams, paged=True)
    show_meeting = _get(_MEETING, cases.show_meeting, views.Meeting, "一次会议及其计票")
    list_branches_without_meeting = _get(
        "/branches-without-meeting", cases.list_branches_without_meeting, views.BranchListed, "当年尚未召开推荐会议的支部",
        params=views.YearParams, paged=True)
    show_notice = _get("/publicities/<publicity_id>/notice", cases.show_notice, views.Notice, "可打印的公示")
    show_objection = _get(
        "/objections/<objection_id>", cases.show_objection, views.Objection, "一件异议",
        roles=(*states.BRANCH, *states.COMMITTEE))
    show_proceeding = _get(
        "/proceedings/<proceeding_id>", cases.show_proceeding, views.Proceeding, "一项提议的办理", roles=_CASEWORKERS)
    to_do = _get("/to-do", cases.to_do, views.Waiting, "待办与逾期", params=views.ToDoParams, paged=True)
    funnel = _get("/funnel", candidates.funnel, views.Funnel, "各县各阶段人数")
    # fmt: on
