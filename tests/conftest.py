"""What every test across services may ask for. The runner (`tests/run.py`) sets the profile."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import servers


@pytest.fixture(scope="session")
def profile() -> str:
    """`embedded` (SQLite, no broker) or `servers` (PostgreSQL and RabbitMQ): what the same test is to run on."""
    return os.environ.get("XINHUO_TEST_PROFILE", "embedded")


@pytest.fixture
def given_database() -> Iterator[servers.Database]:
    """An empty database on the given PostgreSQL, dropped at the end with its roles."""
    _need(servers.available().database_url)
    with servers.temporary_database() as database:
        yield database


@pytest.fixture
def given_vhost() -> Iterator[str]:
    """The URL of an empty vhost on the given RabbitMQ, deleted at the end."""
    _need(servers.available().amqp_url)
    with servers.temporary_vhost() as url:
        yield url


def _need(url: str | None) -> None:
    if url is None:
        pytest.skip("; ".join(servers.available().why_not))
