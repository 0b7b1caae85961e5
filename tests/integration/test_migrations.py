"""What the migrations make is what the tables say, for every installed service; on PostgreSQL under the rights it runs with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel.store.database import Database
from kernel.store.migrate import differences, upgrade
from kernel.store.provision import provision, role_url
from kernel.store.tables import APPEND_ONLY
from suite.services import INSTALLED, Installed
from tests import servers

SECRET = b"a secret of the tests only"

Migrate = Callable[[], tuple[Database, list[str]]]

each_service = pytest.mark.parametrize("service", INSTALLED, ids=lambda service: service.name)


@pytest.fixture
def migrate(service: Installed, profile: str, tmp_path: Path, request: pytest.FixtureRequest) -> Migrate:
    """Brings the service's store to its head, as its owner; returns the store and the revisions that were run."""
    if profile == "servers":
        given: servers.Database = request.getfixturevalue("given_database")
        url = given.url
    else:
        url = f"sqlite:///{tmp_path}/{service.name}.sqlite3"
    database = Database(url, service.name, pool_size=1)
    request.addfinalizer(database.dispose)

    def run() -> tuple[Database, list[str]]:
        if database.sqlite:
            return database, upgrade(database, service.migrations)
        return database, provision(url, {service.name: service.migrations}, SECRET)[service.name]

    return run


@each_service
def test_the_head_of_the_migrations_is_the_metadata(service: Installed, migrate: Migrate) -> None:
    database, done = migrate()
    assert set(done) >= {"kernel_0001", f"{service.name}_0001"}
    assert differences(database, service.metadata) == []


@each_service
def test_migrating_again_does_nothing(service: Installed, migrate: Migrate) -> None:
    migrate()
    assert migrate()[1] == []


@each_service
def test_what_is_append_only_can_neither_be_changed_nor_deleted_by_the_service(service: Installed, migrate: Migrate) -> None:
    owner, _ = migrate()
    url = owner.url.render_as_string(hide_password=False)
    own = owner if owner.sqlite else Database(role_url(url, service.name, SECRET), service.name, pool_size=1)
    for name in APPEND_ONLY:
        table = service.metadata.tables[name]
        with own.write() as connection:
            connection.execute(sa.insert(table).values(_a_row(table)))
        for statement in (sa.update(table).values(correlation_id="other"), sa.delete(table)):
            with pytest.raises(sa.exc.DBAPIError), own.write() as connection:
                connection.execute(statement)
    own.dispose()


def _a_row(table: sa.Table) -> dict[str, object]:
    values = {"Integer": 1, "BigInteger": 1, "Date": date(2015, 3, 2), "UtcDateTime": datetime(2015, 3, 2, tzinfo=UTC)}
    return {column.name: values.get(type(column.type).__name__, "x") for column in table.columns}
