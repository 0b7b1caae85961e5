"""The whole way as people go it, through the doors of the running suite, in both cities and on both profiles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

import pytest

from kernel.policy import shipped_book
from suite.client import Problem
from suite.demo.inquiry import Inquiry, concern, rule_for
from suite.demo.lifecycle import Lifecycle
from suite.demo.quota import Quota
from suite.demo.smalltown import SmallTown
from suite.demo.way import Way
from tests.journey.running import RunningSuite

CITIES = ("jinhua", "nanning")
Towns = Callable[[str], SmallTown]

#: What the dossier of somebody who has gone the whole way without a detour holds exactly once.
ONCE = (
    "application_received",
    "activist_determined",
    "prospect_listed",
    "vetting_concluded",
    "admitted",
    "converted",
)


@pytest.fixture(scope="module")
def town(suite: RunningSuite) -> Towns:
    """The small town of a city, made when it is first asked for."""
    return cache(lambda city: SmallTown(suite.doors, suite.calendar, city))


def a_lifecycle(suite: RunningSuite, walk: Way) -> Lifecycle:
    return Lifecycle(walk, suite.doors, suite.departments, shipped_book(), Quota(lambda _text, _source: None))


def lived(suite: RunningSuite, stage: Iterator[date], at: Callable[[int], object] = lambda _: None) -> None:
    """Moves the day along with the stage, and does something each time it waits."""
    for number, day in enumerate(stage):
        suite.calendar.to(max(day, suite.calendar.today))
        at(number)


@pytest.mark.catalogue(
    "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R10", "R11", "R12", "R13", "R14", "R15", "R18", "V1", "V7", "G2"
)
@pytest.mark.catalogue("X1")
@pytest.mark.parametrize("city", CITIES)
def test_a_candidate_walks_from_the_application_to_full_membership(suite: RunningSuite, town: Towns, city: str) -> None:
    walk = town(city).a_way(town(city).a_desk())
    victims = ("recruitment", "vetting", "registry", "scoring")

    def kill(number: int) -> None:
        # Every few steps another service dies, in turn.
        if number % 5 == 4:
            suite.kill(victims[number // 5 % len(victims)])

    lived(suite, a_lifecycle(suite, walk).go(), kill)

    # Recruitment has the whole way, each great step once
    seen = walk.now()
    assert seen["state"] == "full"
    entries = walk.desk.clerk.get("recruitment", f"{walk.path}/timeline")["entries"]
    types = [entry["type"] for entry in entries]
    assert {type: types.count(type) for type in ONCE} == dict.fromkeys(ONCE, 1)
    assert all(entry["packs"] for entry in entries if entry["type"] != "vetting_concluded")
    # and the registry has a full member since the day on which probation ended.
    full_since = seen["full_since"]
    member = walk.desk.secretary.until("registry", f"/members/{walk.id}", lambda answer: answer["status"] == "full")
    assert member["full_since"] == full_since


@pytest.mark.catalogue("V3", "V5", "V6", "V7")
def test_a_concern_is_heard_and_adjudicated_and_never_leaves_vetting(suite: RunningSuite, town: Towns) -> None:
    walk = town("nanning").a_way(town("nanning").a_desk())
    life = a_lifecycle(suite, walk)
    # Given a prospect whose branch and committee have reviewed him
    lived(suite, life.become_activist())
    lived(suite, life.become_prospect())
    walk.review_by_branch()
    walk.review_by_committee()

    # when the committee asks the departments, of which one reports a concern
    inquiry = Inquiry(walk, suite.calendar, suite.doors, suite.departments, shipped_book())
    suite.departments.script([rule_for(walk, "police", **concern()), rule_for(walk, "discipline", times=2)])
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


def test_at_the_end_nothing_waits_and_nothing_was_put_aside(suite: RunningSuite, town: Towns) -> None:
    suite.calendar.to(suite.calendar.today + timedelta(days=1))
    for service in suite.doors.addresses:
        assert suite.settled(service) == 0
