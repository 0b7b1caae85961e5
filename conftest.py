"""For all tests: property tests try the same examples in every run, and no clock fails one.

`HYPOTHESIS_PROFILE=explore` looks for new examples instead.
"""

import os

import sqlalchemy
from hypothesis import settings

from kernel.store import database

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

#: More than all services have.
STATEMENTS = 5_000
_first: dict[str, sqlalchemy.Engine] = {}


def _sharing(url, **options):
    """An engine that knows the statements which another one of this process has compiled: each test opens files of its own.

    What is compiled is kept by dialect and statement, and lies in an attribute of the engine that SQLAlchemy does not publish.
    """
    engine = sqlalchemy.create_engine(url, query_cache_size=STATEMENTS, **options)
    first = _first.setdefault(engine.dialect.name, engine)
    if first is not engine and engine.dialect.name == "sqlite":
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


database.create_engine = _sharing
