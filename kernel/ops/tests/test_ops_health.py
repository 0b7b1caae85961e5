"""Ready means that the own database answers; the rest is only told."""

from __future__ import annotations

from pathlib import Path

from kernel.ops.health import PENDING_WORTH_A_WORD, Health
from kernel.store.database import Database
from kernel.store.tables import parked, pending
from tests.kit import TODAY, a_context


def test_a_service_whose_database_answers_is_ready(tmp_path: Path) -> None:
    ready, said = Health(a_context(tmp_path)).ready()
    assert ready
    assert said == {"service": "recruitment", "ready": True, "pending": 0, "parked": 0, "degraded": {}}


def test_a_broken_broker_does_not_take_the_doors_down(tmp_path: Path) -> None:
    health = Health(a_context(tmp_path))
    health.checks["broker"] = lambda: "connection refused"
    health.checks["clock"] = lambda: None
    ready, said = health.ready()
    assert ready
    assert said["degraded"] == {"broker": "connection refused"}


def test_what_waits_and_what_is_parked_is_told_and_measured(tmp_path: Path) -> None:
    context = a_context(tmp_path)
    row = {"stream": "s", "type": "t", "headers": "{}", "body": b""}
    with context.database.write() as connection:
        connection.execute(pending.insert(), [row] * (PENDING_WORTH_A_WORD + 1))
        aside = {"source": "x", "version": 1, "tries": 1, "reason": "r", "parked_at": context.clock.wall()}
        connection.execute(parked.insert(), row | aside)
    health = Health(context)
    ready, said = health.ready()
    assert ready
    assert set(said["degraded"]) == {"relay", "parked"}
    text = health.exposition().decode()
    assert f'xinhuo_pending_depth{{service="recruitment"}} {PENDING_WORTH_A_WORD + 1}.0' in text
    assert 'xinhuo_parked_depth{service="recruitment"} 1.0' in text


def test_a_service_without_its_database_is_not_ready(tmp_path: Path) -> None:
    context = a_context(tmp_path, today=TODAY)
    object.__setattr__(context, "database", Database("postgresql://nobody@127.0.0.1:1/none", "recruitment"))
    ready, said = Health(context).ready()
    assert not ready
    assert said["ready"] is False
