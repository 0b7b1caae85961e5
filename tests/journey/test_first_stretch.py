"""The first stretch as people go it, through the doors of the running suite, in both cities and on both profiles."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from kernel.ids import new_id
from kernel.policy import shipped_book
from kernel.workdays import add_months
from suite.client import Problem
from suite.demo.inquiry import Inquiry, concern, rule_for
from suite.demo.walk import Meeting, Walk
from tests.journey.running import RunningSuite
from tests.journey.town import Town

CITIES = ("jinhua", "nanning")
Towns = Callable[[str], Town]


@pytest.fixture(scope="module")
def town(suite: RunningSuite) -> Towns:
    """The small town of a city, made when it is first asked for."""
    return cache(lambda city: Town(suite, city))


def an_inquiry(suite: RunningSuite, walk: Walk) -> Inquiry:
    return Inquiry(walk, suite.calendar, suite.doors, suite.departments, shipped_book())


def become_activist(suite: RunningSuite, walk: Walk) -> None:
    """From the application to the pool, by the rules of the city."""
    walk.apply()
    suite.calendar.to(suite.calendar.today + timedelta(days=3))
    walk.talk()
    if walk.jinhua:
        walk.show("application")
    else:
        suite.calendar.to(add_months(suite.calendar.today, 6))
    recommended(suite, walk)
    if walk.jinhua:
        walk.approve()
    else:
        balloted(suite, walk)
    walk.determine()
    walk.show("activist")


def recommended(suite: RunningSuite, walk: Walk) -> None:
    meeting = Meeting(walk.desk, suite.calendar, [walk])
    meeting.hold_recommendation()
    meeting.count_all()
    if walk.jinhua:
        meeting.sign()
    results = meeting.conclude()["results"]
    assert [result["outcome"] for result in results] == ["qualified"]


def balloted(suite: RunningSuite, walk: Walk) -> None:
    ballot = Meeting(walk.desk, suite.calendar, [walk])
    ballot.hold_determination()
    ballot.count_all()
    assert ballot.conclude()["results"][0]["outcome"] == "passed"


@pytest.mark.catalogue("R1", "R2", "R3", "R4", "R5", "R11", "R14", "R18", "V1", "V3", "V5", "V6", "V7", "X1")
@pytest.mark.parametrize("city", CITIES)
def test_a_candidate_walks_from_the_application_to_a_concluded_vetting(suite: RunningSuite, town: Towns, city: str) -> None:
    walk = town(city).a_walk(town(city).a_desk())

    # Given somebody who has applied, was talked with, recommended, and whom the branch has determined
    become_activist(suite, walk)
    walk.file()
    assert walk.now()["state"] == "activist"
    # the service is killed, and is back
    suite.kill("recruitment")
    walk.train()

    # when the committee asks the departments, of which one reports a concern
    inquiry = an_inquiry(suite, walk)
    suite.departments.script([rule_for(walk, "police", **concern()), rule_for(walk, "discipline", times=2)])
    if walk.jinhua:
        inquiry.list_departments()
    inquiry.open()
    suite.kill("vetting")
    inquiry.wait_for(dict.fromkeys(inquiry.requests, 1) | {"discipline": 2})

    # then it cannot pass over the concern
    with pytest.raises(Problem) as refused:
        inquiry.conclude("passed")
    assert "vetting.adjudication_reason" in refused.value.rules
    # and concludes when the person was told, heard, and the concern found to be no obstacle
    inquiry.inform("police")
    inquiry.hear("police")
    inquiry.adjudicate("police", "no_obstacle", "处罚轻微，已执行完毕")
    inquiry.conclude("passed")

    # The branch hears the outcome, once, and never the concern.
    seen = walk.desk.clerk.until("recruitment", walk.path, lambda answer: answer["vetting_outcome"] is not None)
    assert seen["vetting_outcome"] == "passed"
    timeline = walk.desk.clerk.get("recruitment", f"{walk.path}/timeline")
    types = [entry["type"] for entry in timeline["entries"]]
    assert types.count("vetting_concluded") == types.count("activist_determined") == 1
    assert "赌博" not in json.dumps(timeline, ensure_ascii=False)


@pytest.mark.catalogue("X1", "X6")
def test_nothing_is_lost_or_doubled_when_the_suite_is_killed_while_people_apply(suite: RunningSuite, town: Towns) -> None:
    here = town("nanning")
    desk = here.a_desk()
    walks = [here.a_walk(desk) for _ in range(24)]
    under_way = threading.Event()

    def apply() -> None:
        for number, walk in enumerate(walks):
            walk.apply()
            if number == 5:
                under_way.set()

    applying = threading.Thread(target=apply)
    applying.start()
    assert under_way.wait(60)
    for _ in range(2):
        suite.kill("recruitment")
    applying.join()

    there = desk.clerk.every("recruitment", "/candidates", branch=desk.code)
    assert sorted(item["candidate_id"] for item in there) == sorted(walk.id for walk in walks)
    assert sorted(item["name"] for item in there) == sorted(walk.name for walk in walks)


@pytest.mark.catalogue("X6")
def test_a_command_that_comes_again_with_its_key_is_done_once_and_answered_alike(suite: RunningSuite, town: Towns) -> None:
    desk = town("jinhua").a_desk()
    walk, key = town("jinhua").a_walk(desk), new_id()
    first = desk.clerk.post("recruitment", "/applications", walk.application_body(), key=key)
    suite.kill("recruitment")
    assert desk.clerk.post("recruitment", "/applications", walk.application_body(), key=key) == first
    with pytest.raises(Problem) as other:
        desk.clerk.post("recruitment", "/applications", walk.application_body(document="另一份"), key=key)
    assert other.value.status == 422


@pytest.mark.catalogue("X6", "R4")
def test_a_refusal_names_rule_source_fact_and_remedy(suite: RunningSuite, town: Towns) -> None:
    walk = town("jinhua").a_walk(town("jinhua").a_desk())
    walk.apply()
    with pytest.raises(Problem) as refused:
        walk.determine()
    problem = refused.value.document
    assert (refused.value.status, problem["title"]) == (422, "refused")
    assert problem["type"].startswith("urn:xinhuo:problem:")
    reason = next(reason for reason in problem["reasons"] if reason["rule"] == "recommendation.required")
    assert (reason["source"], reason["fact"], reason["waivable"]) == ("JH 2", {"recommended": False}, False)
    assert "推荐" in reason["message"]
    assert "推优会" in reason["remedy"]


@pytest.mark.catalogue("X5", "G3")
def test_the_clerk_of_another_branch_neither_sees_nor_acts(suite: RunningSuite, town: Towns) -> None:
    here = town("nanning")
    mine, other = here.a_desk(), here.a_desk()
    walk = here.a_walk(mine)
    walk.apply()
    stranger = Walk(other, suite.calendar, walk.name, walk.id_number, id=walk.id)
    for attempt in (stranger.now, stranger.talk, stranger.withdraw, stranger.dossier):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.status in (403, 404)
    assert walk.id not in [item["candidate_id"] for item in other.clerk.every("recruitment", "/candidates")]
    assert walk.now()["state"] == "received"


@pytest.mark.catalogue("R14")
def test_a_dossier_exported_by_the_command_is_verified_by_the_command(suite: RunningSuite, town: Towns, tmp_path: Path) -> None:
    walk = town("jinhua").a_walk(town("jinhua").a_desk())
    walk.apply()
    walk.talk()
    file = tmp_path / "dossier.json"
    suite.command("dossier", "export", "recruitment", f"candidate/{walk.id}", "--reason", "核对", "-o", str(file))
    assert "✓" in suite.command("dossier", "verify", str(file))

    document = json.loads(file.read_text())
    document["entries"][0]["day"] = date(2014, 1, 1).isoformat()
    file.write_text(json.dumps(document))
    assert "被改动" in suite.command("dossier", "verify", str(file), status=1)


@pytest.mark.catalogue("R14", "X5")
def test_who_is_erased_is_gone_and_the_chain_is_whole(suite: RunningSuite, town: Towns, tmp_path: Path) -> None:
    walk = town("jinhua").a_walk(town("jinhua").a_desk())
    walk.apply()
    walk.talk()
    suite.command("erase", walk.id, "--reason", "本人申请", "--yes")

    with pytest.raises(Problem) as gone:
        walk.now()
    assert gone.value.status == 410
    assert not walk.desk.clerk.every("recruitment", "/candidates", name=walk.name)
    file = tmp_path / "dossier.json"
    suite.command("dossier", "export", "recruitment", f"candidate/{walk.id}", "--reason", "核对", "-o", str(file))
    assert walk.name not in file.read_text()
    assert "已删除" in suite.command("dossier", "verify", str(file))


def test_at_the_end_nothing_waits_and_nothing_was_put_aside(suite: RunningSuite, town: Towns) -> None:
    for service in suite.doors.addresses:
        assert suite.settled(service) == 0
