"""The nameko class: HTTP, stream and timer entrypoints that call the rooms of this service, and no logic."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request

from kernel.bus.amqp_consumer import Streams
from kernel.context import Context
from kernel.http.entrypoints import Reader, command, query
from kernel.runtime.timers import every
from kernel.unit import Unit
from services.vetting import callbacks, connections, queries, sending, signing
from services.vetting.commands import answering, cases, deciding, questions, reminding, renewing
from services.vetting.domain import states
from services.vetting.reactions import REACTIONS
from services.vetting.schemas import bodies, views
from services.vetting.village_doors import HomeVillageDoors

Body = dict[str, Any]


def prepare() -> None:
    """Checks the file of the departments' connections before the service starts. Raises `SettingsError`."""
    connections.current()


class Vetting(HomeVillageDoors):
    """Asking the departments about a prospect, and concluding from what they answer."""

    name = "vetting"

    streams = Streams(REACTIONS)

    # -- cases

    @command(
        "POST",
        "/county-lists",
        roles=states.SUPERIOR,
        body=bodies.CountyList,
        answer=views.CountyListNow,
        summary="列出本县（市、区）须征求意见的部门",
    )
    def set_county_list(self, unit: Unit, body: Body) -> Body:
        """The departments that the county's committees ask from a day on. Source: JH 5."""
        return cases.set_county_list(unit, body)

    @command("POST", "/cases", roles=states.roles("open"), body=bodies.OpenCase, answer=views.Opened, summary="立案并征询各部门")
    def open_case(self, unit: Unit, body: Body) -> Body:
        """Opens a case and asks all departments at once. Source: NN 3(5), JH 5."""
        return cases.open_case(unit, body)

    @command(
        "POST",
        "/cases/<case_id>/further",
        roles=states.roles("ask_further"),
        body=bodies.Further,
        answer=views.AskedAgain,
        summary="加询一个部门",
    )
    def ask_further(self, unit: Unit, body: Body, case_id: str) -> Body:
        return cases.ask_further(unit, {**body, "case_id": case_id})

    @command(
        "POST",
        "/cases/<case_id>/taking-back",
        roles=states.roles("take_back"),
        body=bodies.WithReason,
        answer=views.CaseNow,
        summary="终止误立的案件",
    )
    def take_back(self, unit: Unit, body: Body, case_id: str) -> Body:
        return cases.take_back(unit, {**body, "case_id": case_id})

    @command(
        "POST",
        "/cases/<case_id>/conclusion",
        roles=states.roles("conclude"),
        body=bodies.Conclude,
        answer=views.Concluded,
        summary="作出审查结论",
    )
    def conclude(self, unit: Unit, body: Body, case_id: str) -> Body:
        """A person concludes, also when all is clear. The branch gets the outcome in writing."""
        return deciding.conclude(unit, {**body, "case_id": case_id})

    @command(
        "POST",
        "/cases/<case_id>/renewal",
        roles=states.roles("renew"),
        body=bodies.Renewal,
        answer=views.Renewed,
        summary="结论过有效期的重新征询",
    )
    def renew(self, unit: Unit, body: Body, case_id: str) -> Body:
        return renewing.renew(unit, {**body, "case_id": case_id})

    # -- questions

    @command(
        "POST",
        "/requests/<request_id>/reask",
        roles=states.roles("reask"),
        body=bodies.WithReason,
        answer=views.AskedAgain,
        summary="重新征询",
    )
    def reask(self, unit: Unit, body: Body, request_id: str) -> Body:
        return questions.reask(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/correction",
        roles=states.roles("correct"),
        body=bodies.Correction,
        answer=views.AskedAgain,
        summary="更正征询函",
    )
    def correct_request(self, unit: Unit, body: Body, request_id: str) -> Body:
        return questions.correct_request(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/withdrawal",
        roles=states.roles("withdraw"),
        body=bodies.WithReason,
        answer=views.RequestNow,
        summary="撤回征询函",
    )
    def withdraw_request(self, unit: Unit, body: Body, request_id: str) -> Body:
        return questions.withdraw_request(unit, {**body, "request_id": request_id})

    # -- answers

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
    def callback(self, unit: Unit, request: Request, department: str) -> Body:
        """A reply of a department's system. Body: `{request_id, answer, category?, statement?, rests_on_concluded_findings?}`.

        Signed by the Standard Webhooks scheme: `webhook-id`, `webhook-timestamp` (within five minutes), `webhook-signature`
        over the bytes of the body. The same `webhook-id` again has no second effect. `answer` is `clear`, `concern` or
        `cannot_say`. A concern names a category and a short statement and must rest on concluded findings against the person:
        that somebody petitioned, or a record that is sealed, is none.
        """
        return callbacks.hear(unit, request, department, connections.current())

    @command(
        "POST",
        "/requests/<request_id>/letters",
        roles=states.roles("reply"),
        body=bodies.Letter,
        answer=views.LetterKept,
        summary="录入纸质复函",
    )
    def enter_letter(self, unit: Unit, body: Body, request_id: str) -> Body:
        return answering.enter_letter(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/settlement",
        roles=states.roles("settle"),
        body=bodies.Settlement,
        answer=views.RequestNow,
        summary="认定以哪一份答复为准",
    )
    def settle(self, unit: Unit, body: Body, request_id: str) -> Body:
        return answering.settle(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/adjudication",
        roles=states.roles("adjudicate"),
        body=bodies.Finding,
        answer=views.RequestNow,
        summary="认定部门反映的情况",
    )
    def adjudicate(self, unit: Unit, body: Body, request_id: str) -> Body:
        return deciding.adjudicate(unit, {**body, "request_id": request_id})

    # -- the person

    @command(
        "POST",
        "/requests/<request_id>/informing",
        roles=states.roles("inform"),
        body=bodies.Informed,
        answer=views.InformedNow,
        summary="将主要情况告知本人",
    )
    def inform(self, unit: Unit, body: Body, request_id: str) -> Body:
        return deciding.inform(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/bar",
        roles=states.roles("ask_bar"),
        body=bodies.WithReason,
        answer=views.CaseNow,
        summary="报请确认依法不得告知",
    )
    def ask_bar(self, unit: Unit, body: Body, request_id: str) -> Body:
        return deciding.ask_bar(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/bar-confirmation",
        roles=states.roles("confirm_bar"),
        body=bodies.BarConfirmed,
        answer=views.CaseNow,
        summary="上级书面确认依法不得告知",
    )
    def confirm_bar(self, unit: Unit, body: Body, request_id: str) -> Body:
        return deciding.confirm_bar(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/hearing",
        roles=states.roles("hear"),
        body=bodies.Heard,
        answer=views.CaseNow,
        summary="记录本人陈述",
    )
    def hear(self, unit: Unit, body: Body, request_id: str) -> Body:
        return deciding.hear(unit, {**body, "request_id": request_id})

    @command(
        "POST",
        "/requests/<request_id>/recheck",
        roles=states.roles("recheck"),
        body=bodies.Recheck,
        answer=views.AskedAgain,
        summary="本人申请复核",
    )
    def recheck(self, unit: Unit, body: Body, request_id: str) -> Body:
        return deciding.recheck(unit, {**body, "request_id": request_id})

    # -- reading

    @query("GET", "/cases", roles=states.READERS, params=bodies.CaseFilter, answer=views.CaseItem, paged=True, summary="案件")
    def list_cases(self, reader: Reader) -> Body:
        return queries.cases(reader)

    @query("GET", "/cases/<case_id>", roles=states.READERS, answer=views.CaseShown, summary="一个案件")
    def show_case(self, reader: Reader, case_id: str) -> Body:
        return queries.case(reader, case_id)

    @query("GET", "/cases/<case_id>/person", roles=states.CONCLUSION_READERS, answer=views.Person, summary="案件涉及的本人")
    def show_person(self, reader: Reader, case_id: str) -> Body:
        return queries.person(reader, case_id)

    @query("GET", "/cases/<case_id>/answers", roles=states.COMMITTEE, answer=views.Answers, summary="部门的答复（查阅留痕）")
    def show_answers(self, reader: Reader, case_id: str) -> Body:
        return queries.answers(reader, case_id)

    @query(
        "GET",
        "/cases/<case_id>/conclusion",
        roles=states.CONCLUSION_READERS,
        answer=views.ConclusionText,
        summary="审查结果通知书",
    )
    def show_conclusion(self, reader: Reader, case_id: str) -> Body:
        return queries.conclusion_text(reader, case_id)

    @query(
        "GET",
        "/overdue",
        roles=states.READERS,
        params=bodies.OverdueFilter,
        answer=views.OverdueItem,
        paged=True,
        summary="逾期未复",
    )
    def list_overdue(self, reader: Reader) -> Body:
        return queries.overdue(reader)

    @query("GET", "/overdue/departments", roles=states.READERS, answer=views.OverdueByDepartment, summary="各部门待复与逾期")
    def overdue_by_department(self, reader: Reader) -> Body:
        return queries.overdue_by_department(reader)

    @query("GET", "/todo", roles=states.COMMITTEE, answer=views.Todo, summary="待办")
    def todo(self, reader: Reader) -> Body:
        return queries.todo(reader)

    @query(
        "GET",
        "/candidates/<candidate_id>/departments",
        roles=states.COMMITTEE,
        answer=views.Offered,
        summary="应征求意见的部门",
    )
    def offered(self, reader: Reader, candidate_id: str) -> Body:
        return queries.offered(reader, candidate_id)

    # -- timers

    @every(1, "send")
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
