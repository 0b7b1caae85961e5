from __future__ import annotations

from pathlib import Path

import pytest

from services.vetting.tests.vetting_world import World


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning")


@pytest.fixture
def jinhua(tmp_path: Path) -> World:
    world = World(tmp_path, "jinhua")
    world.list_departments("discipline", "police", "court")
    return world
