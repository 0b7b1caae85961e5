"""The nameko class: HTTP, stream and timer entrypoints that call the rooms of this service, and no logic."""

from __future__ import annotations

from functools import partial
from typing import Any

from werkzeug.wrappers import Request

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.doors import get, post
from kernel.http.entrypoints import command
from kernel.runtime.timers import every
from kernel.unit import Unit
from services.vetting import callbacks, connections, queries, sending, signing
from services.vetting.commands import answering, cases, deciding, questions, reminding, renewing, villages
from services.vetting.domain import states
from services.vetting.reactions import REACTIONS
from services.vetting.schemas import bodies, views

_CASE = "/cases/<case_id>"
_REQUEST = "/requests/<request_id>"
_VILLAGE = "/home-village/<request_id>"
_may = states.roles
_get = partial(get, roles=states.READERS)


def prepare() -> None:
    """Checks the file of the departments' connections before the service starts. Raises `SettingsError`."""
    connections.current()


class Vetting:
    """Asking the departments about a prospect, and concluding from what they answer."""

    name = "vetting"

    streams = Streams(REACTIONS)

    @every(1, "send", follows_day=False)
    def send(self, context: Context) -> None:
        while sending.send_due(context, connections.current()) == sending.ROUND:
            pass

    @every(30, "remind")
    def remind(self, context: Context) -> None:
        reminding.run_page_by_page(context, reminding.remind)

    @every(30, "overdue")
    def tell_overdue(self, context: Context) -> None:
        reminding.run_page_by_page(context, reminding.tell_overdue)
        reminding.measure(context)

    @every(300, "lapses")
    def note_lapses(self, context: Context) -> None:
        reminding.run_page_by_page(context, renewing.note_lapses)

    @command(
        "POST",
        "/callbacks/<department>",
        public=True,
        raw=True,
        headers=signing.HEADERS,
        status=200,
        answer=views.Kept,
        summary="部门系统的签名回调",
    )
    def callback(self, unit: Unit, request: Request, department: str) -> dict[str, Any]:
        """A reply of a department's system. Body: `{request_id, answer, category?, statement?, rests_on_concluded_findings?}`.

        Signed by the Standard Webhooks scheme: `webhook-id`, `webhook-timestamp` (within five minutes), `webhook-signature`
        over the bytes of the body. The same `webhook-id` again has no second effect. `answer` is `clear`, `concern` or
        `cannot_say`. A concern names a category and a short statement and must rest on concluded findings against the person:
        that somebody petitioned, or a record that is sealed, is none.
        """
        return callbacks.hear(unit, request, department, connections.current())

    # fmt: off
    # cases
    set_county_list = post(
        "/county-lists", cases.set_county_list, states.SUPERIOR, bodies.CountyList, views.CountyListNow,
        "列出本县（市、区）须征求意见的部门")
    open_case = post("/cases", cases.open_case, _may("open"), bodies.OpenCase, views.Opened, "立案并征询各部门")
    ask_further = post(
        f"{_CASE}/further", cases.ask_further, _may("ask_further"), bodies.Further, views.AskedAgain, "加询一个部门")
    take_back = post(f"{_CASE}/taking-back", cases.take_back, _may("take_back"), bodies.WithReason, views.CaseNow, "终止误立的案件")
    conclude = post(f"{_CASE}/conclusion", deciding.conclude, _may("conclude"), bodies.Conclude, views.Concluded, "作出审查结论")
    renew = post(f"{_CASE}/renewal", renewing.renew, _may("renew"), bodies.Renewal, views.Renewed, "结论过有效期的重新征询")

    # questions
    reask = post(f"{_REQUEST}/reask", questions.reask, _may("reask"), bodies.WithReason, views.AskedAgain, "重新征询")
    correct_request = post(
        f"{_REQUEST}/correction", questions.correct_request, _may("correct"), bodies.Correction, views.AskedAgain,
        "更正征询函")
    withdraw_request = post(
        f"{_REQUEST}/withdrawal", questions.withdraw_request, _may("withdraw"), bodies.WithReason, views.RequestNow,
        "撤回征询函")

    # answers
    enter_letter = post(
        f"{_REQUEST}/letters", answering.enter_letter, _may("reply"), bodies.Letter, views.LetterKept, "录入纸质复函")
    settle = post(
        f"{_REQUEST}/settlement", answering.settle, _may("settle"), bodies.Settlement, views.RequestNow, "认定以哪一份答复为准")
    adjudicate = post(
        f"{_REQUEST}/adjudication", deciding.adjudicate, _may("adjudicate"), bodies.Finding, views.RequestNow,
        "认定部门反映的情况")

    # the person
    inform = post(f"{_REQUEST}/informing", deciding.inform, _may("inform"), bodies.Informed, views.InformedNow, "将主要情况告知本人")
    ask_bar = post(f"{_REQUEST}/bar", deciding.ask_bar, _may("ask_bar"), bodies.WithReason, views.CaseNow, "报请确认依法不得告知")
    confirm_bar = post(
        f"{_REQUEST}/bar-confirmation", deciding.confirm_bar, _may("confirm_bar"), bodies.BarConfirmed, views.CaseNow,
        "上级书面确认依法不得告知")
    hear = post(f"{_REQUEST}/hearing", deciding.hear, _may("hear"), bodies.Heard, views.CaseNow, "记录本人陈述")
    recheck = post(f"{_REQUEST}/recheck", deciding.recheck, _may("recheck"), bodies.Recheck, views.AskedAgain, "本人申请复核")

    # the home village
    ask_home_village = post(
        f"{_CASE}/home-village", villages.ask_home_village, _may("ask_home_village"), bodies.HomeVillage,
        views.AskedAgain, "向原籍所在村征求意见")
    enter_village_letter = post(
        f"{_VILLAGE}/letter", villages.enter_village_letter, _may("enter_village_letter"), bodies.VillageLetter,
        views.VillageLetterKept, "录入原籍意见复函")
    post_notice = post(
        f"{_VILLAGE}/notice", villages.post_notice, _may("post_notice"), bodies.Notice, views.NoticeNow, "在原籍所在村公示")
    end_notice = post(
        f"{_VILLAGE}/notice-end", villages.end_notice, _may("end_notice"), bodies.NoticeEnd, views.NoticeEnded,
        "公示期满撤下，登记异议及查核情况")
    give_opinion = post(
        f"{_VILLAGE}/opinion", villages.give_opinion, _may("give_opinion"), bodies.Opinion, views.InquiryNow, "原籍所在村出具意见")
    return_opinion = post(
        f"{_VILLAGE}/return", villages.return_opinion, _may("return_opinion"), bodies.Return, views.InquiryNow,
        "原籍乡镇（街道）党委反馈意见")

    # looking
    list_cases = _get("/cases", queries.cases, views.CaseItem, "案件", params=bodies.CaseFilter, paged=True)
    show_case = _get(_CASE, queries.case, views.CaseShown, "一个案件")
    show_person = get(f"{_CASE}/person", queries.person, views.Person, "案件涉及的本人", roles=states.CONCLUSION_READERS)
    show_answers = get(f"{_CASE}/answers", queries.answers, views.Answers, "部门的答复（查阅留痕）", roles=states.COMMITTEE)
    show_conclusion = get(
        f"{_CASE}/conclusion", queries.conclusion_text, views.ConclusionText, "审查结果通知书", roles=states.CONCLUSION_READERS)
    list_overdue = _get("/overdue", queries.overdue, views.OverdueItem, "逾期未复", params=bodies.OverdueFilter, paged=True)
    overdue_by_department = _get(
        "/overdue/departments", queries.overdue_by_department, views.OverdueByDepartment, "各部门待复与逾期")
    to_do = get("/todo", queries.todo, views.Todo, "待办", roles=states.COMMITTEE)
    offered = get(
        "/candidates/<candidate_id>/departments", queries.offered, views.Offered, "应征求意见的部门", roles=states.COMMITTEE)
    list_inquiries = get(
        "/home-village", queries.inquiries, views.InquiryItem, "原籍意见征询（待办）", roles=states.VILLAGE_READERS,
        params=bodies.InquiryFilter, paged=True)
    show_inquiry = get(_VILLAGE, queries.inquiry, views.InquiryShown, "一份原籍意见征询（查阅留痕）", roles=states.VILLAGE_READERS)
    # fmt: on
