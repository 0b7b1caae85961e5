"""What departments answer: counted, late, doubled, contradictory, after the end."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.actor import Actor
from kernel.errors import Forbidden, Invalid, NotFound, Refused, Stale
from kernel.unit import command
from services.vetting.commands import answering, deciding, questions
from services.vetting.tests.vetting_world import World, id_of

pytestmark = pytest.mark.catalogue("V3", "V5")


def effects(world: World, case_id: str) -> list[tuple[str, str]]:
    return [(reply.department, reply.effect) for reply in world.replies(case_id)]


def test_an_answer_counts_and_its_content_is_sealed(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    nanning.concern(request)
    assert nanning.request(request).state == "answered"
    rows = [*nanning.replies(opened["case_id"]), *nanning.entries(opened["case_id"]), *nanning.published()]
    text = "".join(str(tuple(row)) for row in rows)
    assert "赌博" not in text and "administrative" not in text and "concern" not in text


def test_a_concern_must_rest_on_concluded_findings(nanning: World) -> None:
    request = id_of(nanning.opened(), "petitions")
    for fields in (
        {"rests_on_concluded_findings": False},
        {"rests_on_concluded_findings": None},
        {"statement": " "},
        {"category": None},
    ):
        with pytest.raises(Refused) as caught:
            nanning.concern(request, **fields)
        assert caught.value.rules == ("vetting.concern_grounds",)
    with pytest.raises(Invalid):
        nanning.concern(request, category="petition")
    with pytest.raises(Invalid):
        nanning.answer(request, "clear", statement="其实有点情况")
    with pytest.raises(Invalid):
        nanning.answer(request, "perhaps")
    assert nanning.request(request).state == "asked"


def test_the_same_webhook_twice_is_one_reply(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    assert nanning.answer(request, webhook="m1") == nanning.answer(request, webhook="m1")
    assert len(nanning.replies(opened["case_id"])) == 1


def test_one_webhook_id_for_two_contents_is_refused(nanning: World) -> None:
    request = id_of(nanning.opened(), "police")
    nanning.answer(request, webhook="m1")
    actor = Actor("d", department="police")
    with pytest.raises(Invalid), command(nanning.context, actor, ("department",)) as unit:
        answering.take_callback(unit, "police", "m1", b"2" * 32, {"request_id": request, "answer": "cannot_say"})


def test_another_departments_question_does_not_exist_for_the_answerer(nanning: World) -> None:
    request = id_of(nanning.opened(), "police")
    for number in (request, "no-such-request"):
        actor = Actor("d", department="justice")
        with pytest.raises(NotFound) as caught, command(nanning.context, actor, ("department",)) as unit:
            answering.take_callback(unit, "justice", "m1", b"{}", {"request_id": number, "answer": "clear"})
        assert str(caught.value) == "没有这份征询函"
    with pytest.raises(Forbidden), command(nanning.context, Actor("d", department="justice"), ("department",)) as unit:
        answering.take_callback(unit, "police", "m1", b"{}", {"request_id": request, "answer": "clear"})


def test_a_duplicate_changes_nothing_and_a_contradiction_wants_a_person(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    first = nanning.answer(request, webhook="m1")
    nanning.answer(request, webhook="m2")
    assert nanning.request(request).state == "answered"
    nanning.concern(request, webhook="m3")
    assert nanning.request(request).state == "disputed"
    assert [effect for _, effect in effects(nanning, opened["case_id"])] == ["counted", "duplicate", "contradictory"]
    with pytest.raises(Invalid):
        nanning.do(answering.settle, request_id=request, reply_id="another", reason="核实")
    settled = nanning.do(answering.settle, request_id=request, reply_id=first, reason="经电话核实，后一份系误报")
    assert settled["request_state"] == "answered"
    assert nanning.request(request).standing == first


def test_a_late_answer_counts_and_is_marked(nanning: World) -> None:
    opened = nanning.opened()
    nanning.clock.set(date(2016, 7, 12))
    nanning.answer(id_of(opened, "police"))
    (reply,) = nanning.replies(opened["case_id"])
    assert reply.late and reply.effect == "counted"


def test_an_answer_to_the_former_question_is_kept_and_can_be_taken(nanning: World) -> None:
    opened = nanning.opened()
    old = id_of(opened, "police")
    new = nanning.do(questions.reask, request_id=old, reason="逾期未复")["request_id"]
    reply = nanning.answer(old)
    assert effects(nanning, opened["case_id"]) == [("police", "past")]
    assert nanning.request(new).state == "asked"
    nanning.do(answering.settle, request_id=new, reply_id=reply, reason="同一问题，迟到的答复")
    assert nanning.request(new).state == "answered"


@pytest.mark.parametrize("order", ["former first", "present first"])
def test_an_answer_to_the_former_question_that_disagrees_is_not_passed_over(nanning: World, order: str) -> None:
    old = id_of(nanning.opened(), "police")
    new = nanning.do(questions.reask, request_id=old, reason="逾期未复")["request_id"]
    if order == "former first":
        nanning.concern(old)
        nanning.answer(new)
    else:
        nanning.answer(new)
        nanning.concern(old)
    assert nanning.request(new).state == "disputed"


def test_an_answer_from_before_asking_again_no_longer_counts(nanning: World) -> None:
    opened = nanning.opened()
    old = id_of(opened, "police")
    before = nanning.concern(old)
    new = nanning.do(questions.reask, request_id=old, reason="核对")["request_id"]
    with pytest.raises(Invalid):
        nanning.do(answering.settle, request_id=new, reply_id=before, reason="仍用旧的")
    nanning.answer(new)
    assert nanning.request(new).state == "answered"


def test_an_answer_on_paper_needs_its_reference(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    nanning.do(answering.enter_letter, request_id=request, answer="clear", document="公函〔2016〕12号")
    (reply,) = nanning.replies(opened["case_id"])
    assert (reply.door, reply.document) == ("letter", "公函〔2016〕12号")
    with pytest.raises(Refused) as caught:
        nanning.do(
            answering.enter_letter,
            request_id=id_of(opened, "justice"),
            answer="clear",
            document="x",
            day=date(2016, 7, 3),
        )
    assert caught.value.rules == ("order.sequence",)
    elsewhere = nanning.organiser(nanning.county, nanning.county_path)
    with pytest.raises(Forbidden):
        nanning.do(answering.enter_letter, elsewhere, request_id=request, answer="clear", document="x")


def test_what_comes_after_the_conclusion_is_kept_and_changes_nothing(nanning: World) -> None:
    opened = nanning.opened()
    nanning.all_clear(opened)
    nanning.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    before = nanning.case(opened["case_id"])
    nanning.concern(id_of(opened, "police"))
    after = nanning.case(opened["case_id"])
    assert effects(nanning, opened["case_id"])[-1] == ("police", "after_end")
    assert (after.state, after.outcome, after.valid_until) == (before.state, before.outcome, before.valid_until)
    assert nanning.request(id_of(opened, "police")).state == "answered"
    with pytest.raises(Stale):
        nanning.do(questions.reask, request_id=id_of(opened, "police"), reason="再问")


def test_a_caller_who_has_seen_an_older_case_is_told(nanning: World) -> None:
    opened = nanning.opened()
    nanning.answer(id_of(opened, "police"))
    with pytest.raises(Stale):
        nanning.do(
            questions.withdraw_request,
            request_id=id_of(opened, "justice"),
            reason="撤回",
            expected_version=opened["version"],
        )
