"""Vetting on PostgreSQL: the same commands, and what only real concurrency shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kernel.actor import Actor
from kernel.errors import Stale
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.store.provision import provision
from kernel.unit import command
from services.vetting import deliveries, migrations, queries, sending, tables
from services.vetting.commands import deciding, questions, reminding, renewing
from services.vetting.domain import opening, states
from services.vetting.tests.vetting_world import VILLAGES, World, id_of
from suite.servers import available, temporary_database

pytestmark = [pytest.mark.servers, pytest.mark.catalogue("V3", "V6")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from on_a_server(tmp_path, "nanning")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[World]:
    """In Jinhua, about somebody whose home village lies in another township."""
    yield from on_a_server(tmp_path, "jinhua", home_village=VILLAGES["jinhua"])


def on_a_server(directory: Path, city: str, **more: Any) -> Iterator[World]:
    if available().database_url is None:
        pytest.skip("PostgreSQL does not answer")
    with temporary_database() as made:
        provision(made.url, {"vetting": Path(migrations.__file__).parent}, b"secret")
        world = World(directory, city, url=made.url, **more)
        yield world
        world.context.database.dispose()


def side_by_side(actions: list[Callable[[], Any]]) -> list[BaseException | None]:
    """Runs all at once. What each raised, in order."""
    raised: list[BaseException | None] = [None] * len(actions)
    ready = threading.Barrier(len(actions))

    def run(number: int) -> None:
        ready.wait()
        try:
            actions[number]()
        except Exception as error:  # what it was is what the test asks
            raised[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def reader(world: World, actor: Actor, roles: tuple[str, ...], connection: Any, **params: Any) -> Reader:
    return Reader(world.context, connection, actor, roles, "test", params, "/x", Cursors("x" * 32), params)


def test_replies_that_come_at_once_all_count(world: World) -> None:
    opened = world.opened()
    asked = [r["request_id"] for r in opened["requests"]]
    assert side_by_side([lambda r=request: world.answer(r) for request in asked]) == [None] * len(asked)
    assert {reply.effect for reply in world.replies(opened["case_id"])} == {"counted"}
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")


def test_of_two_that_open_at_once_one_is_told_that_it_is_late(world: World) -> None:
    raised = side_by_side([world.opened, world.opened])
    assert sorted(type(error) for error in raised if error) == [Stale]
    with world.context.database.read() as connection:
        assert len(connection.execute(tables.case.select()).all()) == 1


def test_a_reply_beside_the_conclusion_comes_before_or_after_it(world: World) -> None:
    opened = world.opened()
    world.all_clear(opened)
    request = id_of(opened, "police")
    raised = side_by_side(
        [
            lambda: world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed"),
            lambda: world.concern(request),
        ]
    )
    effect = world.replies(opened["case_id"])[-1].effect
    concluded = world.case(opened["case_id"]).state == "concluded"
    assert raised[1] is None
    assert (concluded, effect) in [(True, "after_end"), (False, "contradictory")]


def test_two_senders_take_different_deliveries(world: World) -> None:
    world.opened()
    taken: list[str] = []

    def take() -> None:
        with world.context.database.write() as connection:
            taken.extend(row.delivery_id for row in deliveries.take_due(connection, datetime.now(UTC), 3))

    assert side_by_side([take, take]) == [None, None]
    assert len(taken) == len(set(taken)) == 6


def test_the_whole_way_and_every_query(world: World) -> None:
    opened = world.opened()
    world.deliver()
    world.clock.set(date(2016, 7, 13))
    with command(world.context) as unit:
        assert reminding.remind(unit) == 6
    reminding.run_page_by_page(world.context, reminding.tell_overdue)
    reminding.measure(world.context)
    again = world.do(questions.reask, request_id=id_of(opened, "justice"), reason="逾期")["request_id"]
    world.all_clear(opened, but=("police", "justice"))
    world.answer(again, "cannot_say")
    police = id_of(opened, "police")
    world.concern(police)
    world.do(deciding.adjudicate, request_id=again, finding="go_on_without", reason="已另行核实")
    world.do(deciding.adjudicate, request_id=police, finding="obstacle", reason="情节较重")
    world.do(deciding.adjudicate, request_id=police, finding="obstacle", reason="情节较重，尚未满三年")
    world.do(deciding.inform, request_id=police, substance="受行政处罚", how="interview")
    world.do(deciding.hear, request_id=police, how="stated", statement="已改正")
    with world.context.database.read() as connection:
        mine = reader(world, world.organiser(), states.COMMITTEE, connection)
        assert [item["kind"] for item in queries.todo(mine)["items"]] == ["to_conclude"]
        assert queries.answers(mine, opened["case_id"])["hearings"][0]["statement"] == "已改正"
        assert queries.offered(mine, world.candidate)["choose"] == 2
        above = reader(world, world.superior(), states.READERS, connection)
        assert len(queries.case(above, opened["case_id"])["requests"]) == 7
        assert queries.overdue(reader(world, world.superior(), states.READERS, connection))["items"] == []
        assert queries.overdue_by_department(above)["departments"] == []
        assert len(queries.cases(reader(world, world.superior(), states.READERS, connection))["items"]) == 1
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="not_passed")
    world.concern(police, webhook="late")
    with world.context.database.read() as connection:
        mine = reader(world, world.organiser(), states.COMMITTEE, connection)
        assert [item["kind"] for item in queries.todo(mine)["items"]] == ["after_end"]
        text = queries.conclusion_text(reader(world, world.organiser(), states.COMMITTEE, connection), opened["case_id"])
        assert "审查不合格" in text["text"]
    world.list_departments("police", "court")
    world.list_departments("police")
    second = world.opened()
    world.hear_left(world.candidate)
    assert world.case(second["case_id"]).state == "closed"


@pytest.mark.catalogue("V1", "V2", "V7")
def test_the_home_village_and_a_renewal(elsewhere: World) -> None:
    world = elsewhere
    world.build_village()
    world.list_departments("police")
    opened = world.opened()
    world.all_clear(opened)
    case = opened["case_id"]
    assert [item["kind"] for item in world.look(queries.todo)["items"]] == ["to_conclude", "home_village"]
    request = world.ask_village(case)
    again = world.do(questions.reask, request_id=request, reason="请尽快")["request_id"]
    there = {"actor": world.villager(), "roles": states.VILLAGE_READERS}
    assert {i["request_id"]: i["open"] for i in world.look(queries.inquiries, **there)["items"]} == {again: True, request: False}
    assert world.look(queries.inquiry, again, **there)["answer"] is None
    world.village_answers(again)
    world.do(deciding.conclude, case_id=case, outcome="passed")
    world.clock.set(date(2017, 9, 1))
    reminding.run_page_by_page(world.context, renewing.note_lapses)
    assert world.case(case).lapse_noted_on == date(2017, 9, 1)
    assert [item["kind"] for item in world.look(queries.todo)["items"]] == ["lapsed"]
    raised = side_by_side([lambda: world.do(renewing.renew, case_id=case)] * 2)
    assert sorted(type(error) for error in raised if error) == [Stale]
    assert world.look(queries.todo)["items"] == []
    world.hear_admitted(world.candidate)


def beside_the_opening(world: World, monkeypatch: pytest.MonkeyPatch, tell: Callable[[], Any]) -> str:
    """Opens a case, while something is heard of the person after the command has read who it is. Returns the case's id."""
    decide, hearing = opening.decide_opening, threading.Thread(target=tell)

    def slow(*facts: Any) -> Any:
        hearing.start()
        hearing.join(0.5)  # it waits for the command; without a lock it would be through by now
        return decide(*facts)

    monkeypatch.setattr(opening, "decide_opening", slow)
    opened = world.opened()
    hearing.join()
    return str(opened["case_id"])


@pytest.mark.catalogue("V1")
def test_who_leaves_while_a_case_is_being_opened_leaves_none_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = beside_the_opening(world, monkeypatch, lambda: world.hear_left(world.candidate))
    assert (world.candidate_row().has_left, world.case(case).state) == (True, "closed")
    assert {delivery.state for delivery in world.deliveries()} == {"cancelled"}


@pytest.mark.catalogue("V1")
def test_who_is_admitted_while_a_case_is_being_opened_leaves_none_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = beside_the_opening(world, monkeypatch, lambda: world.hear_admitted(world.candidate))
    assert (world.candidate_row().admitted_on, world.case(case).state) == (world.clock.today(), "closed")


@pytest.mark.catalogue("V1")
def test_who_leaves_beside_the_conclusion_does_not_undo_it(world: World) -> None:
    opened = world.opened()
    world.all_clear(opened)
    raised = side_by_side(
        [
            lambda: world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed"),
            lambda: world.hear_left(world.candidate),
        ]
    )
    case = world.case(opened["case_id"])
    assert raised[1] is None
    assert (case.state, case.outcome) == (("closed", None) if raised[0] else ("concluded", "passed"))


@pytest.mark.catalogue("V5", "V7")
def test_a_correction_beside_a_renewal(world: World) -> None:
    opened = world.opened()
    world.deliver()
    world.all_clear(opened)
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    world.clock.set(date(2017, 6, 20))
    raised = side_by_side(
        [
            lambda: world.do(renewing.renew, case_id=opened["case_id"]),
            lambda: world.hear_corrected(world.candidate, id_number="330702199001010030"),
        ]
    )
    assert raised == [None, None]
    kinds = [item["kind"] for item in world.look(queries.todo)["items"]]
    assert kinds == []  # what the renewal asks has not gone out, and goes out right


@pytest.mark.catalogue("V5")
def test_a_question_taken_beside_a_correction_is_marked_or_goes_out_right(world: World) -> None:
    opened = world.opened()
    taken: list[str] = []

    def send() -> None:
        with world.context.database.write() as connection:
            rows = deliveries.take_due(connection, datetime.now(UTC), 100)
        messages = [sending.compose(world.context, row, world.clock.today()) for row in rows]
        taken.extend(row.request_id for row, message in zip(rows, messages, strict=True) if b"330702199001010014" in message)

    right = "330702199001010030"
    assert side_by_side([send, lambda: world.hear_corrected(world.candidate, id_number=right)]) == [None, None]
    marked = {r["request_id"] for r in opened["requests"] if world.request(r["request_id"]).before_correction}
    assert set(taken) <= marked
