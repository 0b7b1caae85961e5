"""Which errors of a database pass by themselves: those hold what is under way, and nothing is parked because of them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kernel.errors import Transient
from kernel.store.database import Database
from tests import servers

NOTES = sa.Table(
    "notes", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text, nullable=False)
)


def test_a_full_disk_passes(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/notes.sqlite3", "notes")
    with database.write() as connection:
        NOTES.metadata.create_all(connection)
    with pytest.raises(Transient, match="full"), database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4")
        connection.execute(sa.insert(NOTES), [{"text": "x" * 4000} for _ in range(10)])
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(sa.insert(NOTES), {"text": None})


@pytest.mark.servers
def test_a_standby_that_only_reads_passes():
    if servers.available().database_url is None:
        pytest.skip("no PostgreSQL")
    with servers.temporary_database() as given:
        database = Database(given.url, "public")
        with database.write() as connection:
            NOTES.metadata.create_all(connection)
        with pytest.raises(Transient, match="read-only"), database.write() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.execute(sa.insert(NOTES), {"text": "x"})
        database.dispose()
