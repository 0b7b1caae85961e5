from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.scoring.tests.scoring_world import World


@pytest.fixture
def nanning(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, "nanning")
    yield world
    world.close()


@pytest.fixture
def jinhua(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, "jinhua")
    yield world
    world.close()
