"""The registry's reactions and its timer on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kernel.store.provision import provision
from services.registry import migrations, tables
from services.registry.commands import rolls
from services.registry.tests.registry_builders import a_number, a_registry
from services.registry.tests.test_registry_reactions import Town
from suite.servers import available, temporary_database

pytestmark = [pytest.mark.servers, pytest.mark.catalogue("G2", "G3")]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Any]:
    if available().database_url is None:
        pytest.skip("PostgreSQL does not answer")
    with temporary_database() as made:
        provision(made.url, {"registry": Path(migrations.__file__).parent}, b"secret")
        town: Any = Town(tmp_path, a_registry(tmp_path, made.url))
        yield town
        town.context.database.dispose()
        town.context.keys._database.dispose()


def test_a_batch_of_admissions_conversions_and_appointments(town: Any) -> None:
    messages = [town.admission(f"c{number}", a_number(sequence=number)) for number in range(100, 110)]
    messages += [town.converted("c100"), town.left("c101"), town.organizer("o1"), town.admission("c111", a_number(sequence=105))]
    messages += [town.organizer("o1", end="dismissed", ended_on="2016-11-01")]
    town.consumer.apply(messages)
    assert {row.member_id: row.status for row in town.rows(tables.member)} == {
        **{f"c{number}": "probationary" for number in range(102, 110)},
        "c100": "full",
        "c101": "ended",
    }
    assert [post.ended for post in town.rows(tables.post)] == [True]
    (row,) = town.rows(tables.metadata.tables["parked"])
    assert row.stream == "candidate/c111"


def test_a_branch_that_changed_is_looked_at_once(town: Any) -> None:
    town.consumer.apply([town.admission()])
    assert rolls.publish_counts(town.context) == 0  # Jinhua's packs name no ages
    with town.context.database.read() as connection:
        (row,) = connection.execute(select(tables.roll_count)).all()
    assert (row.changed, row.year) == (False, 2016)
