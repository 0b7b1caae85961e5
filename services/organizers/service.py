"""The doors of organizers: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from functools import partial

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.doors import get, post
from kernel.http.shapes import WaitingFilter
from kernel.runtime.timers import every
from services.organizers.commands import appointments, ending, expiry, proceedings
from services.organizers.commands import tasks as task_commands
from services.organizers.domain import states
from services.organizers.queries import organizers
from services.organizers.queries import tasks as task_queries
from services.organizers.reactions import REACTIONS
from services.organizers.schemas import answers, bodies

_get = partial(get, roles=states.READERS)
_ORGANIZER = "/organizers/<organizer_id>"
_PROCEEDING = "/proceedings/<proceeding_id>"
_TASK = "/tasks/<task_id>"
_may, _may_task = states.APPOINTMENT.roles, states.TASK.roles


class Organizers:
    """Specially appointed organizers and their tasks. An attribute is named after the command that it opens."""

    name = "organizers"

    streams = Streams(REACTIONS)

    @every(60, "organizers.terms")
    def keep_terms(self, context: Context) -> None:
        expiry.keep_terms(context)

    # fmt: off
    # appointment and terms
    recommend = post(
        "/recommendations", appointments.recommend, _may("recommend"), bodies.Recommendation, answers.Recommended,
        "基层党组织推荐特聘组织员")
    consent = post(
        f"{_ORGANIZER}/consent", appointments.consent, _may("consent"), bodies.Consent, answers.Step, "登记本人意愿")
    check = post(
        f"{_ORGANIZER}/check", appointments.check, _may("check"), bodies.Check, answers.Step, "登记审查和考察结果")
    appoint = post(
        f"{_ORGANIZER}/appointment", appointments.appoint, _may("appoint"), bodies.Appointment, answers.Appointed, "聘任")
    renew = post(
        f"{_ORGANIZER}/renewal", appointments.renew, _may("renew"), bodies.Document, answers.Appointed, "续聘")
    resign = post(
        f"{_ORGANIZER}/resignation", ending.resign, _may("resign"), bodies.Document, answers.Ended, "辞聘")

    # assessments and proceedings
    assess = post(
        f"{_ORGANIZER}/assessments", proceedings.assess, _may("assess"), bodies.AssessmentBody, answers.Assessed, "年度考核")
    propose_decline = post(
        f"{_ORGANIZER}/decline", proceedings.propose_decline, _may("propose_decline"), bodies.Proposal,
        answers.ProceedingStep, "提议不予聘任")
    propose_dismissal = post(
        f"{_ORGANIZER}/dismissal", proceedings.propose_dismissal, _may("propose_dismissal"), bodies.Proposal,
        answers.ProceedingStep, "提议解聘")
    notify_person = post(
        f"{_PROCEEDING}/notice", proceedings.notify_person, _may("proceed"), bodies.Notice, answers.ProceedingStep, "通知本人")
    hear_person = post(
        f"{_PROCEEDING}/hearing", proceedings.hear_person, _may("proceed"), bodies.Hearing, answers.ProceedingStep,
        "听取本人意见")
    decide_proceeding = post(
        f"{_PROCEEDING}/decision", proceedings.decide_proceeding, _may("decline"), bodies.Decision, answers.ProceedingStep,
        "作出决定")
    ask_review = post(
        f"{_PROCEEDING}/review-request", proceedings.ask_review, _may("ask_review"), bodies.ReviewRequest,
        answers.ProceedingStep, "本人申请复核考核结果")
    review = post(
        f"{_PROCEEDING}/review", proceedings.review, _may("review"), bodies.Review, answers.ProceedingStep, "复核考核结果")

    # tasks
    open_task = post("/tasks", task_commands.open_task, _may_task("open"), bodies.NewTask, answers.TaskStep, "交办任务")
    log_work = post(f"{_TASK}/log", task_commands.log_work, _may_task("log"), bodies.Work, answers.TaskStep, "工作记录")
    close_task = post(f"{_TASK}/close", task_commands.close_task, _may_task("finish"), bodies.Closing, answers.TaskStep, "办结或撤回任务")
    hand_over = post(
        f"{_TASK}/handover", task_commands.hand_over, _may_task("hand_over"), bodies.HandOver, answers.TaskStep, "移交任务")

    # queries
    list_organizers = _get(
        "/organizers", organizers.list_organizers, answers.OrganizerItem, "特聘组织员", params=bodies.OrganizerFilter, paged=True)
    show_organizer = _get(_ORGANIZER, organizers.show_organizer, answers.OrganizerDetail, "一名特聘组织员")
    show_proceeding = _get(_PROCEEDING, organizers.show_proceeding, answers.ProceedingDetail, "一项提议的办理")
    list_tasks = _get("/tasks", task_queries.list_tasks, answers.TaskItem, "任务", params=bodies.TaskFilter, paged=True)
    show_task = _get(_TASK, task_queries.show_task, answers.TaskDetail, "一项任务")
    to_do = _get("/todo", task_queries.to_do, answers.TodoItem, "待办", params=WaitingFilter, paged=True)
    # fmt: on
