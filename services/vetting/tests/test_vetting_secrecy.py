"""Only the deciding committee learns what was answered: not from tables, lists or a superior's door; and no concern gets lost."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kernel.actor import Actor, Post
from kernel.errors import Forbidden, NotFound, Refused
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.store.tables import access_log, journal
from kernel.unit import command
from services.vetting import queries, sending, tables
from services.vetting.commands import answering, cases, deciding, questions, reminding
from services.vetting.domain import states
from services.vetting.tests.vetting_world import FAR, World, id_of

pytestmark = pytest.mark.catalogue("V5")


def look(world: World, query, *ids: str, actor: Actor | None = None, roles=states.COMMITTEE):
    """Asks as HTTP would, and writes the looks."""
    with world.context.database.read() as connection:
        reader = Reader(world.context, connection, actor or world.organiser(), roles, "test", {}, "/", Cursors("secret"))
        answer = query(reader, *ids)
    reader.finish(paged=False)
    reader.write_looks()
    return answer


def with_concern(world: World) -> tuple[str, str]:
    opened = world.opened()
    world.all_clear(opened, but=("police",))
    request = id_of(opened, "police")
    world.concern(request)
    return opened["case_id"], request


def refused(world: World, action, **body) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, **body)
    return set(caught.value.rules)


def everything_stored(world: World) -> str:
    """All that a reader of the database sees, keys excepted."""
    with world.context.database.read() as connection:
        rows = [row for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(str(tuple(row)) for row in rows)


# -- at rest


def test_a_finding_and_a_question_in_the_committees_own_words_are_sealed(nanning: World) -> None:
    _, request = with_concern(nanning)
    nanning.do(deciding.adjudicate, request_id=request, finding="no_obstacle", reason="时间久远")
    nanning.do(questions.correct_request, request_id=request, question="其2014年在某厂期间有无治安处罚", reason="原函有误")
    stored = everything_stored(nanning)
    assert "no_obstacle" not in stored and "时间久远" not in stored
    assert "某厂" not in stored


def test_the_department_reads_the_question_in_the_committees_words(nanning: World) -> None:
    request = id_of(nanning.opened(), "police")
    right = nanning.do(questions.correct_request, request_id=request, question="有无治安处罚", reason="原函有误")
    row = next(d for d in nanning.deliveries() if d.request_id == right["request_id"])
    purpose = json.loads(sending.compose(nanning.context, row, nanning.clock.today()))["purpose"]
    assert "请答复有无治安处罚。" in purpose and "信访" in purpose


def test_the_kept_digest_of_a_callback_does_not_tell_which_answer_it_was(nanning: World) -> None:
    request = id_of(nanning.opened(), "police")
    content = json.dumps({"request_id": request, "answer": "clear"}).encode()
    with command(nanning.context, Actor("d", department="police"), ("department",)) as unit:
        answering.take_callback(unit, "police", "m1", content, json.loads(content))
    with nanning.context.database.read() as connection:
        (digest,) = connection.execute(select(tables.callback.c.digest)).scalars()
    assert digest not in (hashlib.sha256(content).hexdigest(), hashlib.sha256(content).digest())


# -- who looks


def test_only_the_deciding_committee_sees_in_its_list_that_answers_contradict(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    nanning.answer(request, "clear")
    nanning.concern(request, webhook="m2")
    assert "disputed" in [item["kind"] for item in look(nanning, queries.todo)["items"]]
    higher = nanning.organiser(nanning.county, nanning.county_path)
    assert look(nanning, queries.todo, actor=higher)["items"] == []


def test_answers_are_read_by_the_deciding_committee_alone_and_each_look_is_logged(nanning: World) -> None:
    case, _ = with_concern(nanning)
    with pytest.raises(Forbidden):
        look(nanning, queries.answers, case, actor=nanning.organiser(nanning.county, nanning.county_path))
    shown = look(nanning, queries.answers, case)
    assert "concern" in [reply["answer"] for reply in shown["replies"]]
    look(nanning, queries.answers, case)
    with nanning.context.database.read() as connection:
        looks = connection.execute(select(access_log.c.account, access_log.c.object)).all()
    assert looks == [("organiser", f"case/{case}")] * 2


def test_answers_leave_the_committees_view_when_their_time_is_over(jinhua: World) -> None:
    opened = jinhua.opened()
    jinhua.all_clear(opened)
    jinhua.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    jinhua.clock.set(date(2018, 7, 4))
    assert look(jinhua, queries.answers, opened["case_id"])["replies"]
    jinhua.clock.set(date(2018, 7, 5))
    with pytest.raises(NotFound, match="保存期"):
        look(jinhua, queries.answers, opened["case_id"])


@pytest.mark.catalogue("V6")
def test_the_superior_who_confirms_a_bar_stands_above_the_deciding_committee(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning")
    _, request = with_concern(world)
    world.do(deciding.ask_bar, request_id=request, reason="涉密")
    own = Actor("own", (Post("p", "county_department", world.committee, world.committee_path, FAR),))
    with pytest.raises(Forbidden):
        world.do(deciding.confirm_bar, own, ("county_department",), request_id=request, document="1号")
    world.as_superior(deciding.confirm_bar, request_id=request, document="1号")


# -- no concern gets lost, nobody's time is cut short


@pytest.mark.catalogue("V6")
def test_a_concern_is_not_withdrawn_but_adjudicated(nanning: World) -> None:
    _, request = with_concern(nanning)
    assert refused(nanning, questions.withdraw_request, request_id=request, reason="问错了") == {"vetting.adjudication_reason"}
    again = nanning.do(questions.reask, request_id=request, reason="请再核实")
    assert refused(nanning, questions.withdraw_request, request_id=again["request_id"], reason="不问了") == {
        "vetting.adjudication_reason"
    }


@pytest.mark.catalogue("V6")
def test_an_informing_that_is_entered_late_does_not_shorten_the_persons_time(nanning: World) -> None:
    case, request = with_concern(nanning)
    told = nanning.clock.today()
    nanning.clock.set(told + timedelta(days=21))
    nanning.do(deciding.adjudicate, request_id=request, finding="obstacle", reason="情节较重")
    nanning.do(deciding.inform, request_id=request, substance="受过行政处罚", how="letter", day=told)
    assert refused(nanning, deciding.conclude, case_id=case, outcome="not_passed") == {"vetting.person_heard"}
    nanning.clock.set(told + timedelta(days=29))
    nanning.do(deciding.conclude, case_id=case, outcome="not_passed")


@pytest.mark.catalogue("V7")
def test_a_conclusion_is_not_dated_before_the_hearing(nanning: World) -> None:
    case, request = with_concern(nanning)
    nanning.do(deciding.adjudicate, request_id=request, finding="no_obstacle", reason="情节轻微")
    nanning.do(deciding.inform, request_id=request, substance="受过行政处罚", how="interview")
    nanning.clock.set(date(2016, 7, 8))
    nanning.do(deciding.hear, request_id=request, how="stated", statement="已改正")
    body = {"case_id": case, "outcome": "passed"}
    assert refused(nanning, deciding.conclude, **body, day=date(2016, 7, 6)) == {"order.sequence"}
    nanning.do(deciding.conclude, **body)


@pytest.mark.catalogue("V3")
def test_nobody_is_overdue_with_a_question_that_has_just_gone_out(nanning: World) -> None:
    opened = nanning.opened(day=date(2016, 6, 1))
    request = id_of(opened, "police")
    assert (nanning.request(request).asked_on, nanning.request(request).due) == (date(2016, 6, 1), date(2016, 7, 11))
    with command(nanning.context) as unit:
        assert reminding.tell_overdue(unit) == 0
        assert reminding.remind(unit) == 0


def test_an_older_word_of_an_organisation_does_not_undo_a_newer_one(nanning: World) -> None:
    nanning.hear_organisation(nanning.branch, nanning.path, "新名称")
    nanning._versions[f"organisation/{nanning.branch}"] = 0
    nanning.hear_organisation(nanning.branch, nanning.path, "旧名称")
    with nanning.context.database.read() as connection:
        query = select(tables.organisation.c.name).where(tables.organisation.c.code == nanning.branch)
        assert connection.execute(query).scalar() == "新名称"


def test_a_case_that_is_opened_again_asks_everything_anew(nanning: World) -> None:
    """Taking a case back does not carry an answer, or a choice, into the next one."""
    case, _ = with_concern(nanning)
    nanning.do(cases.take_back, case_id=case, reason="立案有误")
    again = nanning.opened()
    assert {r["department"] for r in again["requests"]} >= {"police"}
    assert nanning.replies(again["case_id"]) == []
    with nanning.context.database.read() as connection:
        types = connection.execute(select(journal.c.type).where(journal.c.stream == f"case/{case}")).scalars().all()
    assert types[-1] == "vetting_closed"
