"""Migrations: one Alembic environment for all services, a version table in each service's own schema.

Two lines of revisions run in a schema: the kernel's tables (`kernel/store/migrations`) and the service's own
(`services/<name>/migrations`).
"""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from kernel.store.database import Database

KERNEL = Path(__file__).parent / "migrations"
#: A migration waits this long for a lock, and then gives way to the running service.
LOCK_TIMEOUT = "5s"


def scripts(service_migrations: Path) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(KERNEL))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{KERNEL}\n{service_migrations}")
    return ScriptDirectory.from_config(config)


def upgrade(database: Database, service_migrations: Path) -> list[str]:
    """Brings the schema to the head of both lines. Returns the revisions that were run."""
    directory = scripts(service_migrations)
    done: list[str] = []

    def steps(revision: tuple[str, ...], _context: MigrationContext) -> list[object]:
        run = directory._upgrade_revs("heads", revision)  # type: ignore[arg-type]
        done.extend(step.revision.revision for step in run)
        return list(run)

    with database.write() as connection:
        if not database.sqlite:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        environment = EnvironmentContext(Config(), directory)
        environment.configure(
            connection=connection,
            fn=steps,
            transaction_per_migration=False,
            transactional_ddl=False,  # the transaction is ours
        )
        with environment:
            environment.run_migrations()
    return done


def differences(database: Database, metadata: MetaData) -> list[object]:
    """What the schema has and the metadata has not, or the other way round; empty where they agree."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _own_tables_only})
        return list(compare_metadata(context, metadata))


def _own_tables_only(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return not (kind == "table" and name == "alembic_version")
