"""The way from the application to the activist, under both cities' packs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.recruitment.tests.world import World

DAYS = {"jinhua": date(2015, 1, 5), "nanning": date(2014, 6, 1)}


@pytest.fixture(params=["jinhua", "nanning"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(tmp_path, request.param, DAYS[request.param])


@pytest.mark.catalogue("R1", "R2", "R3", "R4", "R11", "R14", "R18")
def test_a_candidate_walks_from_application_to_activist(world: World) -> None:
    candidate = world.a_candidate().at("activist")
    assert candidate.state == "activist"
    row = candidate.row
    assert row.since == (row.approved_on if world.city == "jinhua" else row.determined_on)
    assert world.types(f"candidate/{candidate.id}")[-1] == "activist_determined"
