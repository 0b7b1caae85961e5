"""The migrations make what the tables say."""

from __future__ import annotations

from pathlib import Path

from kernel.store.database import Database
from kernel.store.migrate import differences, upgrade
from services.vetting import migrations, tables

WHERE = Path(migrations.__file__).parent


def test_on_sqlite_the_head_is_the_metadata(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/vetting.sqlite3", "vetting")
    upgrade(database, WHERE)
    assert differences(database, tables.metadata) == []
    assert upgrade(database, WHERE) == []
