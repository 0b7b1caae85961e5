"""Tasks: what they open ends with them, with the term, and with the candidate's way."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from contracts import recruitment
from contracts.organizers import TASK_CLOSED, TASK_OPENED
from kernel.errors import Forbidden, Invalid, NotYetKnown, Refused, Stale
from kernel.store.tables import inbox, inbox_head
from services.organizers.commands import expiry
from services.organizers.tests.organizers_world import World

UNTIL = date(2018, 1, 4)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def told(world: World, type: Any) -> list[dict[str, Any]]:
    found = [json.loads(row.body)["data"] for row in sorted(world.rows("pending", type=type.type), key=lambda row: int(row.seq))]
    for data in found:
        type.check(data)
    return found


@pytest.mark.catalogue("O3", "O4")
def test_a_task_opens_a_candidates_papers_to_the_account_until_the_terms_last_day(world: World) -> None:
    candidate = world.a_candidate()
    id = world.appointed()
    task = world.later(months=2).a_task(id, candidate)
    (event,) = told(world, TASK_OPENED)
    assert (event["account"], event["candidate_id"], event["since"], event["until"]) == (
        "organizer.one",
        candidate,
        "2016-03-05",
        "2018-01-04",
    )
    own = world.organizer()
    world.do("log", {"text": "谈心一次", "minutes": 60}, task, as_=own)
    world.later(months=1).do("close", {"result": "done", "text": "已列为发展对象"}, task, as_=own)
    assert told(world, TASK_CLOSED)[0]["closed_on"] == "2016-04-05"
    with pytest.raises(Stale):
        world.do("log", {"text": "又一次", "minutes": 60}, task, as_=own)
    assert json.loads(world.row("journal", type="work_logged").payload)["minutes"] == 60


@pytest.mark.catalogue("O3")
def test_nobody_reports_on_anothers_task_and_an_organizer_does_not_withdraw_his_own(world: World) -> None:
    task = world.a_task(world.appointed())
    with pytest.raises(Forbidden):
        world.do("log", {"text": "x", "minutes": 1}, task, as_=world.organizer("somebody.else"))
    with pytest.raises(Forbidden):
        world.do("close", {"result": "withdrawn", "text": "x"}, task, as_=world.organizer())
    assert world.do("close", {"result": "withdrawn", "text": "不再需要"}, task)["state"] == "called_off"


@pytest.mark.catalogue("O3")
def test_a_task_is_about_the_committees_own_branches_and_their_candidates(world: World) -> None:
    id, elsewhere = world.appointed(), f"/{world.city_code}/{world.county}/{world.county}002/"
    world.an_organisation("450102002", "committee", elsewhere)
    candidate = world.a_candidate(world.other_branch)
    for body in ({"branch": "450102002"}, {"kind": "accompany"}, {"candidate_id": candidate}):
        with pytest.raises(Invalid):
            world.a_task(id, **body)
    with pytest.raises(Invalid):
        world.a_task(id, candidate)
    with pytest.raises(NotYetKnown):
        world.a_task(id, "nobody")
    world.hear(world.of(candidate, recruitment.CANDIDATE_LEFT, world.other_branch, end="withdrawn", stage="activist"))
    with pytest.raises(Stale):
        world.a_task(id, candidate, branch=world.other_branch)


@pytest.mark.catalogue("O2", "O3")
def test_tasks_end_with_the_term_and_are_handed_over_to_another_organizer(world: World) -> None:
    candidate = world.a_candidate()
    task = world.a_task(world.appointed(), candidate)
    world.at(UNTIL + timedelta(days=1))
    expiry.keep_terms(world.context)
    (closed,) = told(world, TASK_CLOSED)
    assert (closed["task_id"], closed["closed_on"]) == (task, "2018-01-04")
    assert world.row("task").state == "left_open"
    other = world.appointed("organizer.two")
    answer = world.do("hand_over", {"organizer_id": other, "reason": "接续培养"}, task)
    assert answer["state"] == "handed_over" and len(told(world, TASK_CLOSED)) == 1
    successor = world.row("task", task_id=answer["successor"])
    assert (successor.account, successor.candidate_id, successor.predecessor) == ("organizer.two", candidate, task)
    assert told(world, TASK_OPENED)[-1]["until"] == "2020-01-04"


@pytest.mark.catalogue("O2", "O3")
@pytest.mark.parametrize("end", ["resign", "dismiss"])
def test_tasks_end_with_a_resignation_and_with_a_dismissal(world: World, end: str) -> None:
    id = world.appointed()
    world.a_task(id)
    world.later(months=1)
    if end == "resign":
        answer = world.do("resign", {"document": "辞呈"}, id)
    else:
        proceeding = world.proposed("dismiss", id)
        world.heard(proceeding)
        answer = world.do("decide", {"outcome": "upheld", "reason": "属实"}, proceeding)
    assert answer["tasks_left"] == 1
    assert [event["closed_on"] for event in told(world, TASK_CLOSED)] == ["2016-02-05"]


@pytest.mark.catalogue("O2", "O3")
def test_an_open_task_is_handed_over_in_term(world: World) -> None:
    task = world.a_task(world.appointed())
    other = world.appointed("organizer.two")
    world.do("hand_over", {"organizer_id": other, "reason": "调整分工"}, task)
    assert [event["task_id"] for event in told(world, TASK_CLOSED)] == [task]
    assert [event["account"] for event in told(world, TASK_OPENED)] == ["organizer.one", "organizer.two"]
    with pytest.raises(Stale):
        world.do("hand_over", {"organizer_id": other, "reason": "x"}, task)


@pytest.mark.catalogue("O2", "O4")
def test_open_tasks_go_on_into_the_next_term(world: World) -> None:
    id = world.appointed()
    world.a_task(id)
    world.later(months=20).assessed(id, 1, 2)
    world.do("renew", {"document": "续聘"}, id)
    assert [(event["since"], event["until"]) for event in told(world, TASK_OPENED)] == [
        ("2016-01-05", "2018-01-04"),
        ("2016-01-05", "2020-01-04"),
    ]


@pytest.mark.catalogue("O3", "O4")
def test_no_task_outside_the_term(world: World) -> None:
    id = world.appointed()
    for day in (date(2016, 1, 4), UNTIL + timedelta(days=1)):
        world.at(max(day, world.today))
        with pytest.raises(Refused) as refused:
            world.a_task(id, day=day)
        assert refused.value.rules == ("organizer.in_term",)
    expiry.keep_terms(world.context)
    with pytest.raises(Stale):
        world.a_task(id, day=UNTIL)


@pytest.mark.catalogue("O4")
@pytest.mark.parametrize(
    ("type", "data"),
    [
        (recruitment.CANDIDATE_LEFT, {"end": "removed", "stage": "activist"}),
        (recruitment.CONVERTED, {"full_since": "2016-01-05", "approved_on": "2016-01-05"}),
    ],
)
def test_a_task_is_over_when_the_candidates_way_is(world: World, type: Any, data: dict[str, Any]) -> None:
    candidate = world.a_candidate()
    task = world.a_task(world.appointed(), candidate)
    message = world.of(candidate, type, **data)
    world.hear(message)
    world.hear(message)
    assert world.row("task").state == "over"
    assert [event["task_id"] for event in told(world, TASK_CLOSED)] == [task]
    assert world.types(f"task/{task}") == ["task_opened", "task_closed"]


@pytest.mark.catalogue("X1")
def test_a_past_that_is_told_again_brings_no_candidate_back(world: World) -> None:
    candidate = world.a_candidate()
    world.hear(world.of(candidate, recruitment.CANDIDATE_LEFT, end="withdrawn", stage="activist"))
    world.versions.clear()
    with world.context.database.write() as connection:
        for table in (inbox, inbox_head):
            connection.execute(delete(table))
    world.hear(world.of(candidate, recruitment.ACTIVIST_DETERMINED, since="2015-06-01"))
    assert world.row("candidate").ended


@pytest.mark.catalogue("X5")
def test_a_task_about_an_erased_candidate_is_over_all_the_same(world: World) -> None:
    candidate = world.a_candidate()
    world.a_task(world.appointed(), candidate)
    world.context.keys.erase(candidate)
    world.hear(world.of(candidate, recruitment.CANDIDATE_LEFT, end="withdrawn", stage="activist"))
    assert world.row("task").state == "over"
