"""Recruitment's doors: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from functools import partial

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.doors import get, post
from kernel.http.shapes import WaitingFilter
from kernel.journal.archive import MEDIA_TYPE
from kernel.runtime.timers import every
from services.recruitment.commands import (
    activists,
    application,
    approvals,
    assemblies,
    codes,
    conclusions,
    corrections,
    cultivation,
    examinations,
    figures,
    meetings,
    overdue,
    probation,
    prospects,
    publicities,
    rectifications,
    reports,
    reviews,
)
from services.recruitment.domain import states
from services.recruitment.queries import archive, candidates, cases, dossiers, letters
from services.recruitment.queries import figures as looking
from services.recruitment.reactions import REACTIONS
from services.recruitment.schemas import admissions, answers, bodies, views
from services.recruitment.schemas import prospects as prospecting

_get = partial(get, roles=states.READERS)
_CANDIDATE = "/candidates/<candidate_id>"
_MEETING = "/meetings/<meeting_id>"
#: Who may see one candidate. An organizer sees those of his open tasks.
_LOOKERS = (*states.READERS, *states.ORGANIZERS)
_CASEWORKERS = (*states.BRANCH, *states.COMMITTEE, *states.COUNTY)
#: Who concludes or cancels a meeting; which of them, goes by its kind.
_CHAIRS = (*states.SECRETARY, *states.COMMITTEE)
#: Who approves figures and hands down forms; the holders of forms; who looks at both.
_PLANNERS = (*states.COUNTY, "city_department")
_HOLDERS = (*states.COMMITTEE, *_PLANNERS)
_PLANS = (*_HOLDERS, "county_organiser", "auditor")
_may = states.CANDIDATE.roles


class Recruitment:
    """The candidate's way from the application to full membership. An attribute is named after the command that it opens."""

    name = "recruitment"

    streams = Streams(REACTIONS)

    @every(3600, "recruitment.form_codes")
    def lapse_codes(self, context: Context) -> None:
        codes.lapse_codes(context)

    @every(60, "recruitment.overdue")
    def publish_overdue(self, context: Context) -> None:
        overdue.publish_overdue(context)

    # fmt: off
    # application
    submit_application = post(
        "/applications", application.submit_application, _may("submit"), bodies.Application, answers.Applied, "接收书面入党申请")
    give_consent = post(
        "/consents", application.give_consent, states.COUNTY, bodies.Consent, answers.Given, "县级对例外的书面同意")
    hold_talk = post(
        f"{_CANDIDATE}/talk", application.hold_talk, _may("talk"), bodies.Talk, answers.Talked, "登记派人谈话")
    withdraw = post(
        f"{_CANDIDATE}/withdrawal", application.withdraw, _may("withdraw"), bodies.Withdrawal, answers.Step, "本人撤回申请")

    # rectification
    open_rectification = post(
        "/rectifications", rectifications.open_rectification, states.COUNTY, bodies.Rectification, answers.CaseStep, "立整顿案")
    note_measure = post(
        "/rectifications/<case_id>/measures", rectifications.note_measure, states.COUNTY, bodies.Measure, answers.CaseStep,
        "登记整顿措施")
    close_rectification = post(
        "/rectifications/<case_id>/end", rectifications.close_rectification, states.COUNTY, bodies.RectificationEnd,
        answers.CaseStep, "办结整顿案")

    # meetings and counts
    hold_recommendation = post(
        "/recommendation-meetings", meetings.hold_recommendation, _may("nominate"), bodies.RecommendationMeeting,
        answers.MeetingStep, "登记推荐会议")
    hold_determination = post(
        "/determination-meetings", meetings.hold_determination, _may("ballot"), bodies.DeterminationMeeting,
        answers.MeetingStep, "登记确定入党积极分子的票决")
    enter_tally = post(
        f"{_MEETING}/tallies", meetings.enter_tally, states.TELLERS, bodies.Tally, answers.Entered, "计票人录入票数合计")
    sign_result = post(
        f"{_MEETING}/signature", meetings.sign_result, states.DELEGATES, bodies.Signature, answers.MeetingStep,
        "党委派员在推荐结果上签字")
    conclude_meeting = post(
        f"{_MEETING}/conclusion", conclusions.conclude_meeting, _CHAIRS, bodies.Conclusion, answers.MeetingResult,
        "办结会议")
    cancel_meeting = post(
        f"{_MEETING}/cancellation", meetings.cancel_meeting, _CHAIRS, bodies.Cancellation, answers.MeetingStep,
        "作废登记有误的会议")

    # activist
    approve_activist = post(
        f"{_CANDIDATE}/approval", activists.approve_activist, _may("approve"), bodies.Approval, answers.Step, "上级党委审批同意")
    decline_activist = post(
        f"{_CANDIDATE}/return", activists.decline_activist, _may("decline"), bodies.Return, answers.Step, "上级党委退回")
    determine_activist = post(
        f"{_CANDIDATE}/determination", activists.determine_activist, _may("determine"), bodies.Determination,
        answers.Determined, "支部决定确定为入党积极分子")
    annul_determination = post(
        f"{_CANDIDATE}/annulment", activists.annul_determination, _may("annul"), bodies.Return, answers.Step,
        "撤销尚未生效的确定")
    file_activist = post(
        f"{_CANDIDATE}/filing", activists.file_activist, _may("file"), bodies.Filing, answers.Step, "上级党委登记备案")
    change_contacts = post(
        f"{_CANDIDATE}/contacts", activists.change_contacts, _may("change_contacts"), bodies.Contacts, answers.Step,
        "更换培养联系人")

    # publicity
    post_publicity = post(
        f"{_CANDIDATE}/publicities", publicities.post_publicity, _may("post_activist"), bodies.Posting, answers.Posted,
        "张贴公示")
    end_publicity = post(
        "/publicities/<publicity_id>/end", publicities.end_publicity, _may("take_down"), bodies.TakingDown, answers.TakenDown,
        "撤下公示")
    receive_objection = post(
        "/publicities/<publicity_id>/objections", publicities.receive_objection, _may("objection"), bodies.NewObjection,
        answers.ObjectionStep, "收到异议")
    investigate_objection = post(
        "/objections/<objection_id>/investigation", publicities.investigate_objection, _may("objection"), bodies.Findings,
        answers.ObjectionStep, "登记异议调查情况")
    hear_on_objection = post(
        "/objections/<objection_id>/hearing", publicities.hear_on_objection, _may("objection"), bodies.Statement,
        answers.ObjectionStep, "就异议听取本人意见")
    conclude_objection = post(
        "/objections/<objection_id>/conclusion", publicities.conclude_objection, _may("conclude_objection"),
        bodies.ObjectionEnd, answers.ObjectionStep, "对异议作出结论")

    # cultivation
    review_activist = post(
        f"{_CANDIDATE}/reviews", cultivation.review_activist, _may("review"), bodies.Review, answers.Reviewed, "登记半年考察")
    record_training = post(
        f"{_CANDIDATE}/trainings", cultivation.record_training, _may("train"), bodies.Training, answers.Trained,
        "登记培训及考核")
    propose_end = post(
        f"{_CANDIDATE}/proceedings", cultivation.propose_end, _may("propose_end"), bodies.Proposal, answers.ProceedingStep,
        "提议不予接收，或调整出库")
    notify_person = post(
        "/proceedings/<proceeding_id>/notice", cultivation.notify_person, _may("proceed"), bodies.NoticeGiven,
        answers.ProceedingStep, "通知本人")
    hear_person = post(
        "/proceedings/<proceeding_id>/hearing", cultivation.hear_person, _may("proceed"), bodies.Hearing,
        answers.ProceedingStep, "听取本人意见")
    decide_proceeding = post(
        "/proceedings/<proceeding_id>/decision", cultivation.decide_proceeding, _may("remove"), bodies.EndDecision,
        answers.ProceedingStep, "党委决定")
    request_correction = post(
        f"{_CANDIDATE}/corrections", corrections.request_correction, _may("request_correction"), bodies.CorrectionRequest,
        answers.CorrectionStep, "申请更正记录")
    decide_correction_request = post(
        "/corrections/<correction_id>/decision", corrections.decide_correction_request, _may("correct"), bodies.CorrectionDecision,
        answers.CorrectionStep, "批准或不予更正")

    # from activist to prospect
    hear_opinions = post(
        f"{_CANDIDATE}/opinions", prospects.hear_opinions, _may("hear_opinions"), prospecting.Opinions, prospecting.OpinionsHeard,
        "登记听取的意见")
    hold_prospect_ballot = post(
        "/prospect-meetings", meetings.hold_prospect_ballot, _may("prospect_ballot"), bodies.DeterminationMeeting,
        answers.MeetingStep, "登记确定发展对象的票决")
    propose_prospect = post(
        f"{_CANDIDATE}/proposal", prospects.propose_prospect, _may("propose"), prospecting.ProspectProposal, answers.Step,
        "支部拟列为发展对象")
    endorse_proposal = post(
        f"{_CANDIDATE}/endorsement", prospects.endorse_proposal, _may("endorse"), prospecting.Endorsement, prospecting.Endorsed,
        "上级党委备案或者同意")
    return_proposal = post(
        f"{_CANDIDATE}/proposal-return", prospects.return_proposal, _may("return_proposal"), bodies.Return, answers.Step,
        "上级党委退回发展对象的提议")
    annul_proposal = post(
        f"{_CANDIDATE}/proposal-annulment", prospects.annul_proposal, _may("annul_proposal"), bodies.Return, answers.Step,
        "支部撤销发展对象的提议")
    list_prospect = post(
        f"{_CANDIDATE}/listing", prospects.list_prospect, _may("list_prospect"), prospecting.Listing, answers.Step,
        "列为发展对象")
    change_introducers = post(
        f"{_CANDIDATE}/introducers", prospects.change_introducers, _may("change_introducers"), prospecting.Introducers,
        answers.Step, "更换入党介绍人")
    review_by_branch = post(
        f"{_CANDIDATE}/branch-review", reviews.review_by_branch, _may("review_by_branch"), prospecting.ProspectReview,
        answers.Step, "支部审查")
    review_by_committee = post(
        f"{_CANDIDATE}/committee-review", reviews.review_by_committee, _may("review_by_committee"),
        prospecting.ProspectReview, answers.Step, "党委审查")

    # pre-examination, figures, forms
    send_dossier = post(
        f"{_CANDIDATE}/dossier-submission", examinations.send_dossier, _may("send_dossier"), prospecting.Submission,
        answers.Step, "报送全程记实档案")
    consent_to_start = post(
        f"{_CANDIDATE}/start-consent", examinations.consent_to_start, _may("consent_to_start"), prospecting.Start,
        prospecting.Consented, "县级同意启动发展程序")
    pre_examine = post(
        f"{_CANDIDATE}/pre-examination", examinations.pre_examine, _may("pre_examine"), prospecting.Examination,
        prospecting.Examined, "党委预审合格、发给入党志愿书")
    reopen = post(
        f"{_CANDIDATE}/pre-examination-reopening", examinations.reopen, _may("reopen"), prospecting.Reopening, answers.Step,
        "退回预审")
    name_categories = post(
        "/special-categories", examinations.name_categories, states.COUNTY, prospecting.Categories,
        prospecting.CategoriesNamed, "公布本县（市、区）的特殊人员类别")
    approve_figure = post(
        "/figures", figures.approve_figure, _PLANNERS, prospecting.Figure, prospecting.FigureApproved, "批准年度发展党员数")
    issue_codes = post(
        "/form-codes", codes.issue_codes, _PLANNERS, prospecting.FormCodes, prospecting.CodesIssued, "逐级下达志愿书编码")
    end_code = post(
        "/form-codes/<code>/end", codes.end_code, _HOLDERS, prospecting.FormEnd, prospecting.CodeEnded,
        "登记志愿书作废、遗失、换发")

    # the members' meeting, the branch's report
    hold_members_meeting = post(
        "/admission-meetings", assemblies.hold_members_meeting, _may("admission_meeting"), admissions.MembersMeeting,
        answers.MeetingStep, "登记支部大会对接收或转正的表决")
    report_admission = post(
        f"{_CANDIDATE}/report", reports.report_admission, _may("report"), admissions.Report, admissions.Reported,
        "支部报党委审批接收")
    report_conversion = post(
        f"{_CANDIDATE}/conversion-report", reports.report_conversion, _may("report_conversion"), admissions.Report,
        admissions.Reported, "支部报党委审批转正")
    annul_admission_vote = post(
        f"{_CANDIDATE}/vote-annulment", reports.annul_admission_vote, _may("annul_vote"), bodies.Return, answers.Step,
        "撤销接收的表决")
    annul_conversion_vote = post(
        f"{_CANDIDATE}/conversion-vote-annulment", reports.annul_conversion_vote, _may("annul_conversion_vote"), bodies.Return,
        answers.Step, "撤销转正的表决")

    # the committee
    hold_committee_talk = post(
        f"{_CANDIDATE}/committee-talk", approvals.hold_committee_talk, _may("committee_talk"), admissions.CommitteeTalk,
        answers.Step, "审批前谈话")
    extend_decision = post(
        f"{_CANDIDATE}/decision-extension", approvals.extend_decision, _may("extend_decision"), admissions.Extension,
        admissions.Reported, "延长审批期限")
    hold_committee_meeting = post(
        "/committee-meetings", assemblies.hold_committee_meeting, _may("committee_meeting"), admissions.CommitteeMeeting,
        answers.MeetingStep, "登记党委会的表决")
    approve_admission = post(
        f"{_CANDIDATE}/admission", approvals.approve_admission, _may("approve_admission"), admissions.CommitteeDecision,
        admissions.Admitted, "党委批准接收预备党员")
    reject_admission = post(
        f"{_CANDIDATE}/admission-rejection", approvals.reject_admission, _may("reject_admission"), admissions.Rejection,
        answers.Step, "党委不予批准接收")

    # probation and conversion
    take_oath = post(
        f"{_CANDIDATE}/oath", probation.take_oath, _may("take_oath"), admissions.Oath, admissions.OathTaken, "登记入党宣誓")
    review_probation = post(
        f"{_CANDIDATE}/probation-reviews", probation.review_probation, _may("review_probation"), admissions.ProbationReview,
        admissions.ProbationReviewed, "登记预备期考察")
    apply_for_conversion = post(
        f"{_CANDIDATE}/conversion-application", probation.apply_for_conversion, _may("apply_for_conversion"),
        admissions.ConversionApplication, answers.Step, "本人申请转正")
    extend_probation = post(
        f"{_CANDIDATE}/probation-extension", probation.extend_probation, _may("extend_probation"),
        admissions.ProbationExtension, admissions.ProbationExtended, "延长预备期")
    approve_conversion = post(
        f"{_CANDIDATE}/conversion", probation.approve_conversion, _may("approve_conversion"), admissions.CommitteeDecision,
        admissions.Converted, "党委批准转正")
    reject_conversion = post(
        f"{_CANDIDATE}/conversion-rejection", probation.reject_conversion, _may("reject_conversion"), admissions.Rejection,
        answers.Step, "党委不予批准转正")

    # looking
    list_candidates = _get(
        "/candidates", candidates.list_candidates, views.Listed, "所辖范围的人员", params=views.ListParams, paged=True)
    list_pool = _get(
        "/pool", candidates.list_pool, views.Listed, "入党积极分子信息库", params=views.ListParams, paged=True)
    show_candidate = _get(_CANDIDATE, candidates.show_candidate, views.Candidate, "一人的情况", roles=_LOOKERS)
    show_timeline = _get(
        f"{_CANDIDATE}/timeline", dossiers.show_timeline, views.Timeline, "全程记实", roles=_LOOKERS,
        params=views.TimelineParams)
    check_dossier = _get(
        f"{_CANDIDATE}/completeness", dossiers.check_dossier, views.Completeness, "进入某阶段前档案是否齐全",
        roles=_LOOKERS, params=views.DossierParams)
    export_dossier = _get(
        f"{_CANDIDATE}/dossier", dossiers.export_dossier, views.Export, "导出可独立核验的档案",
        roles=(*_CASEWORKERS, *states.ORGANIZERS))
    archive_dossier = _get(
        f"{_CANDIDATE}/dossier-archive", archive.archive_dossier, None, "导出档案的压缩包（档案、清单、可读的全程记实）",
        roles=(*_CASEWORKERS, *states.ORGANIZERS), content_type=MEDIA_TYPE)
    show_admission_notice = _get(
        f"{_CANDIDATE}/admission-notice", letters.show_admission_notice, admissions.AdmissionNotice, "党委批复的书面通知")
    show_conversion_notice = _get(
        f"{_CANDIDATE}/conversion-notice", letters.show_conversion_notice, admissions.AdmissionNotice, "党委批准转正的书面通知")
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
    list_figures = _get(
        "/figures", looking.list_figures, prospecting.FigureListed, "年度数与已用名额", params=prospecting.FigureParams,
        roles=_PLANS, paged=True)
    list_codes = _get(
        "/form-codes", looking.list_codes, prospecting.CodeListed, "志愿书编码", params=prospecting.CodeParams, roles=_PLANS,
        paged=True)
    report_codes = _get(
        "/form-code-report", looking.report_codes, prospecting.CodeReport, "志愿书编码半年报告",
        params=prospecting.ReportParams, roles=_PLANS)
    list_categories = _get(
        "/special-categories", looking.list_categories, prospecting.CategoryListed, "各县公布的特殊人员类别", roles=_PLANS,
        paged=True)
    to_do = _get("/todo", cases.to_do, views.Waiting, "待办与逾期", params=WaitingFilter, paged=True)
    funnel = _get("/funnel", candidates.funnel, views.Funnel, "各县各阶段人数")
    # fmt: on
