"""The running suite that the journeys go through: one per module, on the profile of the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journey.running import RunningSuite, running_suite


@pytest.fixture(scope="module")
def suite(profile: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    with running_suite(profile, tmp_path_factory.mktemp("journey")) as running:
        yield running
