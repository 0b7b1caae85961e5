"""The doors of scoring: HTTP and streams. No logic here."""

from __future__ import annotations

from typing import Any

from kernel.bus.amqp_consumer import Streams
from kernel.http.entrypoints import Reader, command, query
from kernel.unit import Unit
from services.scoring import queries, schemas
from services.scoring.commands import conclusions, counting, evaluations, followups
from services.scoring.domain import states
from services.scoring.reactions import REACTIONS

Body = dict[str, Any]
_may = states.roles


class Scoring:
    """The double evaluation of a branch's admission work and of those newly admitted, and what follows from it."""

    name = "scoring"

    streams = Streams(REACTIONS)

    # -- evaluations

    @command(
        "POST",
        "/evaluations",
        roles=_may("evaluation", "hold"),
        body=schemas.Evaluation,
        answer=schemas.Opened,
        summary="登记满意度“双评议”",
    )
    def hold_evaluation(self, unit: Unit, body: Body) -> Body:
        """The branch has met to judge last year's work and each person newly admitted. Source: NN 3(2)."""
        return evaluations.hold_evaluation(unit, body)

    @command(
        "POST",
        "/evaluations/<evaluation_id>/tallies",
        roles=_may("evaluation", "count"),
        body=schemas.Tally,
        answer=schemas.Entered,
        summary="计票人录入各等次票数合计",
    )
    def enter_tally(self, unit: Unit, body: Body, evaluation_id: str) -> Body:
        """One teller's totals of one count; shown to nobody until the second teller has entered the same."""
        return counting.enter_tally(unit, body, evaluation_id)

    @command(
        "POST",
        "/evaluations/<evaluation_id>/conclusion",
        roles=_may("evaluation", "conclude"),
        body=schemas.Conclusion,
        answer=schemas.Concluded,
        summary="办结评议",
    )
    def conclude_evaluation(self, unit: Unit, body: Body, evaluation_id: str) -> Body:
        """The scores. Below the threshold a self-check of the branch, or a reminder talk with the person, is due."""
        return conclusions.conclude_evaluation(unit, body, evaluation_id)

    @command(
        "POST",
        "/evaluations/<evaluation_id>/cancellation",
        roles=_may("evaluation", "cancel"),
        body=schemas.Cancellation,
        answer=schemas.EvaluationStep,
        summary="作废登记有误的评议",
    )
    def cancel_evaluation(self, unit: Unit, body: Body, evaluation_id: str) -> Body:
        return evaluations.cancel_evaluation(unit, body, evaluation_id)

    # -- what follows

    @command(
        "POST",
        "/self-checks/<self_check_id>/report",
        roles=_may("self_check", "report"),
        body=schemas.Report,
        answer=schemas.SelfCheckStep,
        summary="报送自查自纠的书面说明",
    )
    def report_self_check(self, unit: Unit, body: Body, self_check_id: str) -> Body:
        return followups.report_self_check(unit, body, self_check_id)

    @command(
        "POST",
        "/self-checks/<self_check_id>/answer",
        roles=_may("self_check", "accept"),
        body=schemas.CommitteeAnswer,
        answer=schemas.SelfCheckStep,
        summary="认可或退回书面说明",
    )
    def answer_self_check(self, unit: Unit, body: Body, self_check_id: str) -> Body:
        return followups.answer_self_check(unit, body, self_check_id)

    @command(
        "POST",
        "/reminder-talks/<talk_id>/record",
        roles=_may("talk", "talk"),
        body=schemas.TalkRecord,
        answer=schemas.TalkStep,
        summary="登记与预备党员的提醒谈话和措施",
    )
    def record_talk(self, unit: Unit, body: Body, talk_id: str) -> Body:
        return followups.record_talk(unit, body, talk_id)

    # -- reading

    @query(
        "GET",
        "/evaluations",
        roles=states.READERS,
        params=schemas.EvaluationFilter,
        answer=schemas.EvaluationListed,
        paged=True,
        summary="评议",
    )
    def list_evaluations(self, reader: Reader) -> Body:
        return queries.list_evaluations(reader)

    @query(
        "GET",
        "/evaluations/<evaluation_id>",
        roles=(*states.READERS, "special_organizer"),
        answer=schemas.EvaluationShown,
        summary="一次评议及其计票",
    )
    def show_evaluation(self, reader: Reader, evaluation_id: str) -> Body:
        return queries.show_evaluation(reader, evaluation_id)

    @query(
        "GET",
        "/evaluations/<evaluation_id>/subjects",
        roles=states.PERSON_READERS,
        answer=schemas.Subjects,
        summary="对个人的评议结果（查阅留痕）",
    )
    def list_subjects(self, reader: Reader, evaluation_id: str) -> Body:
        return queries.list_subjects(reader, evaluation_id)

    @query("GET", "/self-checks/<self_check_id>", roles=states.READERS, answer=schemas.SelfCheckShown, summary="一项自查自纠")
    def show_self_check(self, reader: Reader, self_check_id: str) -> Body:
        return queries.show_self_check(reader, self_check_id)

    @query(
        "GET",
        "/reminder-talks/<talk_id>",
        roles=states.PERSON_READERS,
        answer=schemas.TalkShown,
        summary="一次提醒谈话（查阅留痕）",
    )
    def show_talk(self, reader: Reader, talk_id: str) -> Body:
        return queries.show_talk(reader, talk_id)

    @query(
        "GET",
        "/todo",
        roles=states.READERS,
        params=schemas.TodoFilter,
        answer=schemas.Waiting,
        paged=True,
        summary="待办与逾期",
    )
    def todo(self, reader: Reader) -> Body:
        return queries.to_do(reader)

    @query(
        "GET",
        "/branches-without-evaluation",
        roles=states.READERS,
        params=schemas.YearFilter,
        answer=schemas.BranchListed,
        paged=True,
        summary="尚未对某年度工作开展评议的支部",
    )
    def list_branches_without_evaluation(self, reader: Reader) -> Body:
        return queries.list_branches_without_evaluation(reader)
