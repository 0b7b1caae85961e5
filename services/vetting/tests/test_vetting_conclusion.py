"""Concluding: a person does it, after all replies; a concern is adjudicated and heard first."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kernel.errors import Forbidden, Invalid, Refused, Stale
from kernel.journal import dossier
from kernel.store.keys import Erased
from services.vetting.commands import answering, cases, deciding, questions
from services.vetting.tests.vetting_world import NAME, World, id_of

pytestmark = pytest.mark.catalogue("V6", "V7")


def refused(world: World, action, **body) -> set[str]:
    with pytest.raises(Refused) as caught:
        world.do(action, **body)
    return set(caught.value.rules)


def with_concern(world: World) -> tuple[str, str]:
    """A case in which all is clear but for the police's concern. Returns the case and the request."""
    opened = world.opened()
    world.all_clear(opened, but=("police",))
    request = id_of(opened, "police")
    world.concern(request)
    return opened["case_id"], request


def adjudicate(world: World, request: str, finding: str = "obstacle", reason: str = "情节较重，尚在考察期") -> None:
    world.do(deciding.adjudicate, request_id=request, finding=finding, reason=reason)


def inform(world: World, request: str) -> None:
    world.do(deciding.inform, request_id=request, substance="公安机关反映2014年受行政处罚", how="interview")


def test_all_clear_is_concluded_by_a_person(jinhua: World) -> None:
    opened = jinhua.opened()
    jinhua.all_clear(opened)
    assert jinhua.case(opened["case_id"]).state == "open"
    done = jinhua.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    assert (done["outcome"], done["valid_until"]) == ("passed", date(2017, 7, 4))
    event = next(row for row in jinhua.published() if row.type == "vetting_concluded")
    assert json.loads(event.body)["data"] == {
        "case_id": opened["case_id"],
        "candidate_id": jinhua.candidate,
        "branch": jinhua.branch,
        "committee": jinhua.committee,
        "path": jinhua.path,
        "city": "jinhua",
        "county": "330702",
        "outcome": "passed",
        "concluded_on": "2016-07-04",
        "valid_until": "2017-07-04",
    }
    assert json.loads(event.body)["personal"] is None


def test_the_branch_gets_the_outcome_in_writing(jinhua: World) -> None:
    opened = jinhua.opened()
    jinhua.all_clear(opened)
    jinhua.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    case = jinhua.case(opened["case_id"])
    text = jinhua.context.keys.open_fields(case.subject, {"text": case.conclusion_sealed})["text"]
    assert NAME in text and "审查合格" in text and "2017年7月4日" in text
    assert NAME not in str(tuple(case))


def test_no_answer_is_never_taken_for_clear(nanning: World) -> None:
    opened = nanning.opened()
    nanning.all_clear(opened, but=("court", "police"))
    nanning.clock.set(date(2016, 12, 1))
    assert refused(nanning, deciding.conclude, case_id=opened["case_id"], outcome="passed") == {"vetting.all_answers_in"}


def test_a_department_that_cannot_say_is_asked_again_or_a_reason_is_written(nanning: World) -> None:
    opened = nanning.opened()
    nanning.all_clear(opened, but=("justice",))
    request = id_of(opened, "justice")
    nanning.answer(request, "cannot_say")
    body = {"case_id": opened["case_id"], "outcome": "passed"}
    assert refused(nanning, deciding.conclude, **body) == {"vetting.all_answers_in"}
    with pytest.raises(Invalid):
        adjudicate(nanning, request, "no_obstacle")
    assert refused(nanning, deciding.adjudicate, request_id=request, finding="go_on_without", reason=" ") == {
        "vetting.adjudication_reason"
    }
    adjudicate(nanning, request, "go_on_without", "该局无档案，已向户籍地核实")
    nanning.do(deciding.conclude, **body)


def test_a_required_department_cannot_be_dropped(nanning: World) -> None:
    opened = nanning.opened()
    nanning.all_clear(opened, but=("police",))
    nanning.do(questions.withdraw_request, request_id=id_of(opened, "police"), reason="不问了")
    assert refused(nanning, deciding.conclude, case_id=opened["case_id"], outcome="passed") == {"vetting.departments_required"}
    further = nanning.do(cases.ask_further, case_id=opened["case_id"], department="police", reason="仍须征询")
    nanning.answer(further["request_id"])
    nanning.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")


def test_a_concern_is_adjudicated_before_anything_is_concluded(nanning: World) -> None:
    case, request = with_concern(nanning)
    assert refused(nanning, deciding.conclude, case_id=case, outcome="passed") == {"vetting.adjudication_reason"}
    adjudicate(nanning, request, "no_obstacle", "情节轻微，时隔久远，现实表现好")
    nanning.do(deciding.conclude, case_id=case, outcome="passed")


def test_a_finding_and_the_outcome_must_agree(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request, "no_obstacle")
    assert refused(nanning, deciding.conclude, case_id=case, outcome="not_passed") == {"vetting.outcome_grounds"}
    adjudicate(nanning, request, "obstacle")
    assert refused(nanning, deciding.conclude, case_id=case, outcome="passed") == {"vetting.outcome_grounds"}


def test_before_a_negative_conclusion_the_person_is_told_and_heard(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request)
    body = {"case_id": case, "outcome": "not_passed"}
    assert refused(nanning, deciding.conclude, **body) == {"vetting.person_informed"}
    inform(nanning, request)
    assert refused(nanning, deciding.conclude, **body) == {"vetting.person_heard"}
    nanning.do(deciding.hear, request_id=request, how="stated", statement="当时年轻，已改正")
    done = nanning.do(deciding.conclude, **body)
    assert done["valid_until"] is None
    event = next(row for row in nanning.published() if row.type == "vetting_concluded")
    assert "赌博" not in event.body.decode() and "police" not in event.body.decode()


def test_silence_is_waited_for_until_the_time_is_over(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request)
    inform(nanning, request)
    body = {"case_id": case, "outcome": "not_passed"}
    nanning.clock.set(date(2016, 7, 11))
    assert refused(nanning, deciding.conclude, **body) == {"vetting.person_heard"}
    nanning.clock.set(date(2016, 7, 12))
    nanning.do(deciding.conclude, **body)


def test_a_re_check_asks_anew_and_holds_the_conclusion(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request)
    inform(nanning, request)
    again = nanning.do(deciding.recheck, request_id=request, reason="处罚已被撤销")["request_id"]
    assert refused(nanning, deciding.conclude, case_id=case, outcome="not_passed") == {
        "vetting.recheck_open",
        "vetting.outcome_grounds",
    }
    nanning.concern(again)
    adjudicate(nanning, again)
    # What the re-check brought is a new answer: the person is told of it too.
    assert refused(nanning, deciding.conclude, case_id=case, outcome="not_passed") == {"vetting.person_informed"}
    inform(nanning, again)
    assert refused(nanning, deciding.recheck, request_id=again) == {"vetting.recheck_again"}
    nanning.do(deciding.hear, request_id=again, how="declined")
    nanning.do(deciding.conclude, case_id=case, outcome="not_passed")


def test_a_re_check_that_comes_back_clear_clears(nanning: World) -> None:
    case, request = with_concern(nanning)
    inform(nanning, request)
    again = nanning.do(deciding.recheck, request_id=request)["request_id"]
    nanning.answer(again)
    nanning.do(deciding.conclude, case_id=case, outcome="passed")


def test_disclosure_is_barred_only_by_the_superiors_written_word(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request)
    with pytest.raises(Stale):
        nanning.as_superior(deciding.confirm_bar, request_id=request, document="组密〔2016〕3号")
    nanning.do(deciding.ask_bar, request_id=request, reason="涉及在办案件，依法不得告知")
    assert refused(nanning, deciding.conclude, case_id=case, outcome="not_passed") == {"vetting.person_informed"}
    with pytest.raises(Forbidden):
        nanning.do(deciding.confirm_bar, nanning.organiser(), ("county_department",), request_id=request, document="自批")
    nanning.as_superior(deciding.confirm_bar, request_id=request, document="组密〔2016〕3号")
    nanning.do(deciding.conclude, case_id=case, outcome="not_passed")


def test_a_contradiction_is_settled_before_anything_is_concluded(nanning: World) -> None:
    opened = nanning.opened()
    nanning.all_clear(opened)
    request = id_of(opened, "police")
    clear = nanning.replies(opened["case_id"])[[r.request_id for r in nanning.replies(opened["case_id"])].index(request)]
    nanning.concern(request)
    body = {"case_id": opened["case_id"], "outcome": "passed"}
    assert refused(nanning, deciding.conclude, **body) == {"vetting.dispute_open"}
    nanning.do(answering.settle, request_id=request, reply_id=clear.reply_id, reason="经核实系同名误报")
    nanning.do(deciding.conclude, **body)


def test_a_conclusion_is_not_dated_before_the_replies_it_rests_on(nanning: World) -> None:
    opened = nanning.opened()
    nanning.clock.set(date(2016, 7, 8))
    nanning.all_clear(opened)
    body = {"case_id": opened["case_id"], "outcome": "passed"}
    assert refused(nanning, deciding.conclude, **body, day=date(2016, 7, 7)) == {"vetting.conclusion_after_replies"}
    assert refused(nanning, deciding.conclude, **body, day=date(2016, 7, 9)) == {"order.future"}
    nanning.do(deciding.conclude, **body, day=date(2016, 7, 8))


def test_hearing_before_informing_is_refused_with_both_dates(nanning: World) -> None:
    _, request = with_concern(nanning)
    with pytest.raises(Stale):
        nanning.do(deciding.hear, request_id=request, how="declined")
    nanning.clock.set(date(2016, 7, 6))
    inform(nanning, request)
    assert refused(nanning, deciding.hear, request_id=request, how="declined", day=date(2016, 7, 5)) == {"order.sequence"}


def test_an_adjudication_of_a_reply_that_no_longer_stands_says_nothing(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request, "no_obstacle")
    other = nanning.concern(request, webhook="m9", category="criminal", statement="2013年受刑事处罚")
    nanning.do(answering.settle, request_id=request, reply_id=other, reason="核实后以此为准")
    assert refused(nanning, deciding.conclude, case_id=case, outcome="passed") == {"vetting.adjudication_reason"}


def test_after_the_end_nothing_more_is_decided(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request, "no_obstacle")
    nanning.do(deciding.conclude, case_id=case, outcome="passed")
    for action, body in (
        (deciding.adjudicate, {"request_id": request, "finding": "obstacle", "reason": "改判"}),
        (deciding.inform, {"request_id": request, "substance": "x", "how": "letter"}),
        (deciding.conclude, {"case_id": case, "outcome": "not_passed"}),
        (cases.take_back, {"case_id": case, "reason": "x"}),
    ):
        with pytest.raises(Stale):
            nanning.do(action, **body)


def test_a_department_that_is_no_longer_asked_is_withdrawn_and_not_missed(tmp_path: Path) -> None:
    world = World(tmp_path, "nanning", day=date(2021, 8, 19))
    opened = world.opened()
    world.all_clear(opened, but=("family_planning",))
    request = id_of(opened, "family_planning")
    world.clock.set(date(2021, 8, 20))
    with pytest.raises(Invalid):
        world.do(questions.reask, request_id=request, reason="未复")
    world.do(questions.withdraw_request, request_id=request, reason="自即日起不再征求")
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")


def test_the_case_is_a_dossier_that_a_stranger_can_check(nanning: World) -> None:
    case, request = with_concern(nanning)
    adjudicate(nanning, request)
    inform(nanning, request)
    nanning.do(deciding.hear, request_id=request, how="stated", statement="已改正")
    nanning.do(deciding.conclude, case_id=case, outcome="not_passed")
    with nanning.context.database.read() as connection:
        document = dossier.export(connection, nanning.context.keys, nanning.county, f"case/{case}")
    verdict = dossier.verify(document)
    assert verdict.sound and verdict.entries == nanning.case(case).version
    types = [entry["type"] for entry in document["entries"]]
    assert types[0] == "vetting_opened" and types[-1] == "vetting_concluded" and "person_heard" in types
    nanning.context.keys.erase(nanning.candidate)
    with nanning.context.database.read() as connection:
        erased = dossier.export(connection, nanning.context.keys, nanning.county, f"case/{case}")
    assert dossier.verify(erased).sound
    text = json.dumps(erased, ensure_ascii=False)
    assert "赌博" not in text and "已改正" not in text and NAME not in text


def test_nothing_is_kept_about_who_has_been_erased(nanning: World) -> None:
    opened = nanning.opened()
    nanning.context.keys.erase(nanning.candidate)
    with pytest.raises(Erased):
        nanning.answer(id_of(opened, "police"))
    assert nanning.replies(opened["case_id"]) == []
