"""A warning from the issue to the end, as one reads it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from services.alerts.tests.alerts_world import World

DAY = date(2018, 4, 2)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, DAY)


@pytest.mark.catalogue("A4")
def test_a_warning_of_what_is_past_is_lifted_when_it_has_been_put_right(world: World) -> None:
    id = world.a_warning("receive", "plan", "report", "check", "lift")
    row = world.warning(id)
    assert (row.state, row.level, row.received_on, row.ended_on) == ("lifted", "letter", date(2018, 4, 3), date(2018, 4, 7))
    assert world.said("warning_issued") == [
        {
            "warning_id": id,
            "organisation": world.branch,
            "path": world.paths[world.branch],
            "city": "nanning",
            "county": world.county,
            "issuer": world.committee,
            "level": "letter",
            "triggers": ["satisfaction"],
            "issued_on": "2018-04-02",
            "due": "2018-05-02",
        }
    ]
    assert [(event["lifted_on"], event["waived"]) for event in world.said("warning_lifted")] == [("2018-04-07", False)]
    entries = world.rows("journal", stream=f"warning/{id}")
    assert len(entries) == 6 and all("nanning-2013" in json.loads(entry.packs) for entry in entries)
    assert {article["rule"] for article in json.loads(entries[0].private)["articles"]} >= {"warning.issuer", "order.sequence"}
