"""From the activist to the list of prospects, under both cities' packs and both national texts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.recruitment.tests.world import World

DAYS = {"2014": date(2015, 1, 5), "2026": date(2026, 6, 1)}


@pytest.fixture(params=[(city, text) for city in ("jinhua", "nanning") for text in DAYS], ids="-".join)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    city, text = request.param
    return World(tmp_path, city, DAYS[text])


@pytest.mark.catalogue("R6", "R7", "R8", "R9")
def test_an_activist_becomes_a_prospect_and_is_pre_examined(world: World) -> None:
    candidate = world.a_candidate().at("examined")
    assert candidate.state == "examined"
    row = candidate.row
    assert row.form_code and row.place_year == row.examined_on.year
    assert world.row("figure", organisation=world.committee).taken == 1
    assert world.row("form_code", code=row.form_code).candidate_id == candidate.id
