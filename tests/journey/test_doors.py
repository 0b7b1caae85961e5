"""At the doors of the running suite, on both profiles: kills, repeats, refusals, scope, dossiers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from kernel.ids import new_id
from suite.client import Problem
from suite.demo.smalltown import SmallTown
from suite.demo.walk import Walk
from tests.journey.running import RunningSuite

CITIES = ("jinhua", "nanning")
Towns = Callable[[str], SmallTown]


@pytest.fixture(scope="module")
def town(suite: RunningSuite) -> Towns:
    """The small town of a city, made when it is first asked for."""
    return cache(lambda city: SmallTown(suite.doors, suite.calendar, city))


@pytest.mark.catalogue("X1", "X6")
def test_nothing_is_lost_or_doubled_when_the_suite_is_killed_while_people_apply(suite: RunningSuite, town: Towns) -> None:
    here = town("nanning")
    desk = here.a_desk()
    walks = [here.a_way(desk) for _ in range(24)]
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
    walk, key = town("jinhua").a_way(desk), new_id()
    first = desk.clerk.post("recruitment", "/applications", walk.application_body(), key=key)
    suite.kill("recruitment")
    assert desk.clerk.post("recruitment", "/applications", walk.application_body(), key=key) == first
    with pytest.raises(Problem) as other:
        desk.clerk.post("recruitment", "/applications", walk.application_body(document="另一份"), key=key)
    assert other.value.status == 422


@pytest.mark.catalogue("X6", "R4")
def test_a_refusal_names_rule_source_fact_and_remedy(suite: RunningSuite, town: Towns) -> None:
    walk = town("jinhua").a_way(town("jinhua").a_desk())
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
    walk = here.a_way(mine)
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
    walk = town("jinhua").a_way(town("jinhua").a_desk())
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
    walk = town("jinhua").a_way(town("jinhua").a_desk())
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
