"""A name or ID number that was wrong: what goes out from then on, and what people are shown of what went out before."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kernel.errors import Refused
from services.vetting import queries, sending
from services.vetting.commands import cases, deciding, questions, renewing
from services.vetting.tests.vetting_world import World, id_of

pytestmark = pytest.mark.catalogue("V5", "R14")

RIGHT = "330702199001010030"
ASKED, CONCLUDED = "asked_before_correction", "concluded_before_correction"


def shown(world: World, kind: str) -> set[str]:
    """The questions, or else the cases, of that kind on the committee's list."""
    return {item["request_id"] or item["case_id"] for item in world.look(queries.todo)["items"] if item["kind"] == kind}


def passed(world: World) -> str:
    opened = world.opened()
    world.deliver()
    world.all_clear(opened)
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    return str(opened["case_id"])


def test_a_question_that_has_not_gone_out_goes_out_right(nanning: World) -> None:
    opened = nanning.opened()
    nanning.hear_corrected(nanning.candidate, id_number=RIGHT)
    assert json.loads(sending.compose(nanning.context, nanning.deliveries()[0], nanning.clock.today()))["id_number"] == RIGHT
    assert shown(nanning, ASKED) == set()
    assert "person_corrected" not in {entry.type for entry in nanning.entries(opened["case_id"])}


def test_what_was_asked_under_the_old_number_is_shown_until_it_is_put_right(nanning: World) -> None:
    opened = nanning.opened()
    nanning.deliver()
    police, justice = id_of(opened, "police"), id_of(opened, "justice")
    nanning.answer(police)
    nanning.do(questions.withdraw_request, request_id=justice, reason="改询他部门")
    nanning.hear_corrected(nanning.candidate, id_number=RIGHT)
    wrong = {request["request_id"] for request in opened["requests"]} - {justice}
    assert shown(nanning, ASKED) == wrong
    seen = nanning.look(queries.case, opened["case_id"])["requests"]
    assert {request["request_id"] for request in seen if request["before_correction"]} == wrong
    (entry,) = [entry for entry in nanning.entries(opened["case_id"]) if entry.type == "person_corrected"]
    assert set(json.loads(entry.payload)["requests"]) == wrong
    again = nanning.do(questions.correct_request, request_id=police, question="有无治安处罚", reason="身份证号码已更正")
    assert shown(nanning, ASKED) == wrong - {police}
    row = next(d for d in nanning.deliveries() if d.request_id == again["request_id"])
    assert json.loads(sending.compose(nanning.context, row, nanning.clock.today()))["id_number"] == RIGHT


def test_a_try_that_failed_may_have_arrived(nanning: World) -> None:
    opened = nanning.opened()
    sending.send_due(nanning.context, sending.Connections({}))
    nanning.hear_corrected(nanning.candidate, id_number=RIGHT)
    assert len(shown(nanning, ASKED)) == len(opened["requests"])


def test_a_conclusion_on_the_old_number_is_shown_and_may_be_asked_anew_at_once(nanning: World) -> None:
    case = passed(nanning)
    with pytest.raises(Refused) as caught:
        nanning.do(renewing.renew, case_id=case)
    assert caught.value.rules == ("vetting.renewal_early",)
    nanning.hear_corrected(nanning.candidate, id_number=RIGHT)
    assert shown(nanning, CONCLUDED) == {case}
    assert nanning.case(case).outcome == "passed"
    nanning.do(renewing.renew, case_id=case)
    assert shown(nanning, CONCLUDED) == set()


def test_a_new_case_may_be_opened_too(nanning: World) -> None:
    passed(nanning)
    nanning.hear_corrected(nanning.candidate, id_number=RIGHT)
    assert nanning.opened()["state"] == "open"


def test_after_the_admission_nothing_is_shown(nanning: World) -> None:
    passed(nanning)
    nanning.hear_admitted(nanning.candidate)
    nanning.hear_corrected(nanning.candidate, "probationary", id_number=RIGHT)
    assert shown(nanning, CONCLUDED) == set()


def test_a_correction_that_is_told_again_or_late_changes_nothing(nanning: World) -> None:
    opened = nanning.opened()
    nanning.deliver()
    old = nanning.hear_corrected(nanning.candidate, id_number="330702199001010022")
    new = nanning.hear_corrected(nanning.candidate, id_number=RIGHT)
    before, entries = nanning.candidate_row(), len(nanning.entries(opened["case_id"]))
    for event in (old, new, old):
        nanning.hear_again(event)
    assert (nanning.candidate_row(), len(nanning.entries(opened["case_id"]))) == (before, entries)


def test_a_second_case_waits_until_the_conclusion_is_about_to_lapse(nanning: World) -> None:
    case = passed(nanning)
    with pytest.raises(Refused) as caught:
        nanning.opened()
    assert caught.value.rules == ("vetting.renewal_early",)
    nanning.clock.set(date(2017, 6, 3))
    with pytest.raises(Refused):
        nanning.opened()
    nanning.clock.set(date(2017, 6, 4))
    second = nanning.opened()
    nanning.do(cases.take_back, case_id=second["case_id"], reason="误立")
    nanning.do(renewing.renew, case_id=case)
