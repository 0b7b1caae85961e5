"""For all tests: property tests try the same examples in every run, and no clock fails one.

`HYPOTHESIS_PROFILE=explore` looks for new examples instead.
"""

import os
from functools import cache

import sqlalchemy
from hypothesis import settings

from kernel.store import database
from tests.faults.undertaker import undertaker

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

#: More than all services have.
STATEMENTS = 5_000


@cache
def _known():
    """An engine whose dialect has been connected with, and what is compiled for it."""
    engine = sqlalchemy.create_engine("sqlite://", query_cache_size=STATEMENTS)
    engine.connect().close()
    return engine


def _sharing(url, **options):
    """An engine that knows the statements which another one of this process has compiled: each test opens files of its own.

    What is compiled is kept by dialect and statement, and lies in an attribute of the engine that SQLAlchemy does not publish.
    """
    engine = sqlalchemy.create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        engine.dialect, engine._compiled_cache = _known().dialect, _known()._compiled_cache
    return engine


database.create_engine = _sharing


def pytest_sessionfinish():
    """No process that a test has started outlives the run."""
    undertaker.bury()
