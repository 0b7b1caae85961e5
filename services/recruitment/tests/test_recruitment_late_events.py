"""Events that come after what should have followed them: lost once, brought by a refill."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contracts.organizers import TASK_CLOSED, TASK_OPENED
from kernel.errors import Waiting
from services.recruitment.tests.world import World


def test_the_end_of_a_task_waits_for_its_opening_so_that_nothing_stays_open(tmp_path: Path) -> None:
    nanning = World(tmp_path, "nanning", date(2016, 12, 20))
    opened, closed = ((event.source, event.type, "task/t1", event.example) for event in (TASK_OPENED, TASK_CLOSED))
    with pytest.raises(Waiting, match="task/t1"):
        nanning.hear(*closed)
    nanning.hear(*opened)
    nanning.hear(*closed)
    assert [row.closed_on for row in nanning.rows("dossier_grant")] == [date(2016, 12, 20)]
    nanning.close()
