"""The given servers: PostgreSQL and RabbitMQ that somebody else runs, here or elsewhere.

Tests and benchmarks never stop, restart or alarm them. Each run works in a database and a vhost of its own with random names and
drops both at the end, so that runs side by side do not meet. (Servers that may be ill-treated: `tests.faults.private`.)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

import amqp
import requests
import sqlalchemy as sa

#: Tried in this order when XINHUO_DATABASE_URL is not set. The second one is made by deploy/local-servers.sh where PostgreSQL asks
#: for passwords on TCP, as a fresh Debian installation does.
DATABASE_URLS = (
    "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres",
    "postgresql+psycopg2://xinhuo_test:xinhuo_test@127.0.0.1:5432/postgres",
)
AMQP_URL = "amqp://guest:guest@127.0.0.1:5672/"

#: RabbitMQ's management API, used where rabbitmqctl cannot be
MANAGEMENT_PORT = 15672


@dataclass(frozen=True)
class Available:
    """Which given servers answer. `why_not` has a sentence per server that does not."""

    database_url: str | None
    amqp_url: str | None
    why_not: tuple[str, ...]

    @property
    def both(self) -> bool:
        return not self.why_not


@dataclass(frozen=True)
class Database:
    name: str
    url: str


@lru_cache
def available() -> Available:
    """Looks once per process."""
    database_url, database_trouble = _database()
    amqp_url, broker_trouble = _broker()
    return Available(database_url, amqp_url, tuple(filter(None, (database_trouble, broker_trouble))))


@contextlib.contextmanager
def temporary_database(url: str | None = None) -> Iterator[Database]:
    """An empty database with a random name on the server at `url` (default: the given one).

    At the end the database is dropped, whoever is still connected, and with it the roles named `<database>_*`.
    """
    server = url or available().database_url
    if server is None:
        raise RuntimeError("; ".join(available().why_not))
    name = f"xinhuo_t_{secrets.token_hex(4)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield Database(name, _with_database(server, name))
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            for role in connection.scalars(
                sa.text("SELECT rolname FROM pg_roles WHERE starts_with(rolname, :prefix)"), {"prefix": f"{name}_"}
            ).all():
                connection.execute(sa.text(f'DROP ROLE "{role}"'))


@contextlib.contextmanager
def temporary_vhost() -> Iterator[str]:
    """A vhost with a random name on the given broker, deleted at the end with all that is in it; yields its URL."""
    url = available().amqp_url
    if url is None:
        raise RuntimeError("; ".join(available().why_not))
    name = f"xinhuo_t_{secrets.token_hex(4)}"
    admin = _administration(url)
    if admin is None:
        raise RuntimeError("neither rabbitmqctl nor the management API can make a vhost")
    admin.add(name)
    try:
        yield _with_vhost(url, name)
    finally:
        admin.delete(name)


def _database() -> tuple[str | None, str | None]:
    given = os.environ.get("XINHUO_DATABASE_URL")
    urls = (given,) if given else DATABASE_URLS
    trouble = ""
    for url in urls:
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
        try:
            with engine.connect() as connection:
                may = connection.scalar(
                    sa.text("SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles WHERE rolname = current_user")
                )
        except sa.exc.OperationalError as error:
            trouble = trouble or f"PostgreSQL does not answer at {_without_password(url)}: {_first_line(error.orig)}"
            continue
        if may:
            return url, None
        trouble = f"the role of {_without_password(url)} may not create databases and roles"
    return None, trouble


def _broker() -> tuple[str | None, str | None]:
    url = os.environ.get("XINHUO_AMQP_URL", AMQP_URL)
    parts = urlsplit(url)
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port or 5672}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=_vhost_of(url),
        connect_timeout=5,
        read_timeout=5,
        write_timeout=5,
    )
    try:
        connection.connect()
    except (OSError, amqp.AMQPError) as error:
        return None, f"RabbitMQ does not answer at {_without_password(url)}: {_first_line(error)}"
    connection.close()
    if _administration(url) is None:
        return None, (
            f"RabbitMQ answers at {_without_password(url)}, but no vhost can be made there: "
            f"that takes rabbitmqctl (as root, on the same machine) or the management API on port {MANAGEMENT_PORT}"
        )
    return url, None


class _Ctl:
    """Vhosts through rabbitmqctl, which reaches only the machine's own node."""

    def __init__(self, user: str) -> None:
        self._user = user

    @staticmethod
    def works() -> bool:
        return shutil.which("rabbitmqctl") is not None and _Ctl._run("list_vhosts").returncode == 0

    def add(self, name: str) -> None:
        self._must("add_vhost", name)
        self._must("set_permissions", "-p", name, self._user, ".*", ".*", ".*")

    def delete(self, name: str) -> None:
        self._must("delete_vhost", name)

    def _must(self, *arguments: str) -> None:
        result = self._run(*arguments)
        if result.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)}: {result.stdout}{result.stderr}")

    @staticmethod
    def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["rabbitmqctl", "--quiet", *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)


class _Management:
    """Vhosts through the management plugin's HTTP API with the same account."""

    def __init__(self, host: str, user: str, password: str) -> None:
        self._root = f"http://{host}:{MANAGEMENT_PORT}/api"
        self._user = user
        self._session = requests.Session()
        self._session.auth = (user, password)

    def works(self) -> bool:
        try:
            return self._session.get(f"{self._root}/vhosts", timeout=5).ok
        except requests.RequestException:
            return False

    def add(self, name: str) -> None:
        self._session.put(f"{self._root}/vhosts/{name}", timeout=30).raise_for_status()
        permissions = {"configure": ".*", "write": ".*", "read": ".*"}
        target = f"{self._root}/permissions/{name}/{quote(self._user, safe='')}"
        self._session.put(target, json=permissions, timeout=30).raise_for_status()

    def delete(self, name: str) -> None:
        self._session.delete(f"{self._root}/vhosts/{name}", timeout=30).raise_for_status()


def _administration(url: str) -> _Ctl | _Management | None:
    parts = urlsplit(url)
    host, user = parts.hostname or "localhost", unquote(parts.username or "guest")
    if host in ("localhost", "127.0.0.1", "::1") and (parts.port or 5672) == 5672 and _Ctl.works():
        return _Ctl(user)
    management = _Management(host, user, unquote(parts.password or "guest"))
    return management if management.works() else None


def _with_database(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def _with_vhost(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _vhost_of(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/")) or "/"


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}{parts.path}"


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
