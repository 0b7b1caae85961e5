"""Setting up a PostgreSQL database: a schema and a role per service, one for its relay, and the key store.

The owner (whose URL is given) makes and migrates; the services run under roles that can do less: in the journal a service may
INSERT and SELECT and nothing more, and a relay sees `pending` alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, Connection, make_url

from kernel.store import keys
from kernel.store.database import Database
from kernel.store.migrate import upgrade
from kernel.store.tables import APPEND_ONLY


def role_name(database: str, service: str, part: str = "") -> str:
    """Roles belong to the whole server, so their names carry the database's."""
    return f"{database}_{service}{'_' + part if part else ''}"


def role_url(owner_url: str, service: str, secret: bytes, part: str = "") -> str:
    """The URL under which a service (or its relay) connects. Its password is derived from `secret`."""
    url = make_url(owner_url)
    role = role_name(url.database or "", service, part)
    return url.set(username=role, password=_password(secret, role)).render_as_string(hide_password=False)


def _password(secret: bytes, role: str) -> str:
    return hmac.new(secret, role.encode(), hashlib.sha256).hexdigest()


def provision(owner_url: str, services: Mapping[str, Path], secret: bytes) -> dict[str, list[str]]:
    """Makes what is missing and migrates: `services` maps names to their migrations. Returns the revisions run by service.

    Runs again without harm.
    """
    url = make_url(owner_url)
    done: dict[str, list[str]] = {}
    _make_key_store(owner_url)
    for service, migrations in services.items():
        database = Database(owner_url, service, pool_size=1)
        try:
            with database.write() as connection:
                connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{service}"')
            done[service] = upgrade(database, migrations)
            with database.write() as connection:
                _grant(connection, url, service, secret)
        finally:
            database.dispose()
    return done


def _make_key_store(owner_url: str) -> None:
    database = Database(owner_url, keys.SCHEMA, pool_size=1)
    try:
        with database.write() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {keys.SCHEMA}")
            keys.metadata.create_all(connection)
    finally:
        database.dispose()


def _grant(connection: Connection, url: URL, service: str, secret: bytes) -> None:
    main = role_name(url.database or "", service)
    relay = role_name(url.database or "", service, "relay")
    for role in (main, relay):
        _make_role(connection, role, _password(secret, role))
    run = connection.exec_driver_sql
    run(f'GRANT USAGE ON SCHEMA "{service}" TO "{main}", "{relay}"')
    run(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{service}" TO "{main}"')
    run(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{service}" TO "{main}"')
    for table in APPEND_ONLY:
        run(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{service}".{table} FROM "{main}"')
    run(f'REVOKE ALL ON "{service}".alembic_version FROM "{main}"')
    run(f'GRANT SELECT, DELETE ON "{service}".pending TO "{relay}"')
    run(f'GRANT USAGE ON SCHEMA {keys.SCHEMA} TO "{main}"')
    run(f'GRANT SELECT, INSERT ON {keys.SCHEMA}.subject_key TO "{main}"')


def _make_role(connection: Connection, role: str, password: str) -> None:
    exists = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).first()
    verb = "ALTER" if exists else "CREATE"
    # The password is hexadecimal and the role a checked name: nothing in them needs quoting.
    connection.exec_driver_sql(f"{verb} ROLE \"{role}\" LOGIN PASSWORD '{password}'")
