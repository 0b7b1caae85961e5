"""The doors of alerts: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from functools import partial

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.doors import get, post
from kernel.http.shapes import WaitingFilter
from kernel.runtime.timers import every
from services.alerts.commands import assessing, circumstances, issuing, lifting, rectifying
from services.alerts.domain import states
from services.alerts.queries import findings, warnings
from services.alerts.reactions import REACTIONS
from services.alerts.schemas import answers, bodies, views

_get = partial(get, roles=states.READERS)
_WARNING = "/warnings/<warning_id>"
_may = states.WARNING.roles


class Alerts:
    """Early warning: what was found, who was warned, how it was mended."""

    name = "alerts"

    streams = Streams(REACTIONS)

    @every(60, "alerts.assessment")
    def assess(self, context: Context) -> None:
        assessing.assess(context)

    # fmt: off
    # findings
    assess_now = post(
        "/assessments", assessing.assess_now, states.ISSUERS, bodies.Assessment, answers.Assessed, "立即重新核算所辖范围")
    record_circumstance = post(
        "/circumstances", circumstances.record_circumstance, states.ISSUERS, bodies.Circumstance, answers.CircumstanceStep,
        "登记特殊情况")
    end_circumstance = post(
        "/circumstances/<circumstance_id>/end", circumstances.end_circumstance, states.ISSUERS, bodies.Reasoned,
        answers.CircumstanceStep, "终止特殊情况")

    # a warning's life
    issue_warning = post("/warnings", issuing.issue_warning, _may("issue"), bodies.NewWarning, answers.Step, "发出预警")
    escalate = post(f"{_WARNING}/escalation", issuing.escalate, _may("escalate"), bodies.Escalation, answers.Step, "提高预警等级")
    withdraw_warning = post(
        f"{_WARNING}/withdrawal", issuing.withdraw_warning, _may("withdraw"), bodies.Reasoned, answers.Step, "撤回有误的预警")
    receive_warning = post(
        f"{_WARNING}/receipt", rectifying.receive_warning, _may("receive"), bodies.Receipt, answers.Received, "签收预警")
    plan_rectification = post(
        f"{_WARNING}/plan", rectifying.plan_rectification, _may("plan"), bodies.Plan, answers.Step, "报送整改方案")
    write_self_criticism = post(
        f"{_WARNING}/self-criticism", rectifying.write_self_criticism, _may("criticise"), bodies.SelfCriticism,
        answers.Criticised, "报送书面检讨")
    report_rectification = post(
        f"{_WARNING}/report", rectifying.report_rectification, _may("report"), bodies.Report, answers.Step, "报送整改结果")
    check_rectification = post(
        f"{_WARNING}/check", lifting.check_rectification, _may("accept"), bodies.Check, answers.Checked, "核查整改")
    lift_warning = post(f"{_WARNING}/lifting", lifting.lift_warning, _may("lift"), bodies.Lifting, answers.Lifted, "解除预警")
    waive_triggers = post(
        f"{_WARNING}/waiver", lifting.waive_triggers, _may("waive"), bodies.Reasoned, answers.Step, "上级的上级同意解除")

    # looking
    list_proposals = _get(
        "/proposals", findings.list_proposals, views.Proposal, "尚未预警的情形及系统所提等级", roles=states.OVERSEERS,
        params=views.ProposalParams, paged=True)
    show_proposal = _get(
        "/proposals/<id>", findings.show_proposal, views.Proposal, "一项情形及其依据", roles=states.OVERSEERS)
    list_escalations = _get(
        "/escalations", warnings.list_escalations, views.Listed, "系统提请提高等级的预警", roles=states.OVERSEERS,
        params=views.WarningParams, paged=True)
    list_warnings = _get("/warnings", warnings.list_warnings, views.Listed, "预警", params=views.WarningParams, paged=True)
    show_warning = _get(_WARNING, warnings.show_warning, views.Warning, "一件预警及其依据", params=views.ShowParams)
    show_notice = _get(f"{_WARNING}/notice", warnings.show_notice, views.Notice, "可打印的预警通知书")
    list_circumstances = _get(
        "/circumstances", warnings.list_circumstances, views.CircumstanceListed, "特殊情况", paged=True)
    show_standing = _get(
        "/organisations/<code>/standing", warnings.show_standing, views.Standing, "黄牌警告对评先评优的影响",
        params=views.StandingParams)
    to_do = _get("/todo", warnings.to_do, views.Waiting, "待办与逾期", params=WaitingFilter, paged=True)
    summary = _get("/summary", warnings.summary, views.Summary, "各县预警与情形的数目")
    # fmt: on
