"""One pair of private servers for the whole session, started at the first test that wants them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import private
from tests.faults.ground import Ground


@pytest.fixture(scope="session")
def session_servers() -> Iterator[private.PrivateServers]:
    packages = private.missing()
    if packages:
        pytest.skip(f"needs Debian's {' and '.join(packages)}")
    servers = private.PrivateServers()
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def session_ground(session_servers: private.PrivateServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    logs = tmp_path_factory.mktemp("plays")
    with session_servers.postgres.database() as database, session_servers.rabbit.vhost() as broker:
        yield Ground(session_servers, database.url, broker, logs)
        session_servers.heal()


@pytest.fixture
def ground(session_ground: Ground) -> Ground:
    """A database and a vhost of the private servers; each play on it begins with empty tables and queues."""
    return session_ground


@pytest.fixture
def private_servers(session_servers: private.PrivateServers) -> private.PrivateServers:
    """The pair, in good health: what the last test stopped, paused or alarmed runs again."""
    session_servers.heal()
    return session_servers
