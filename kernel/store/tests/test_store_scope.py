"""Lists show what lies in the account's subtrees, and nothing beside them."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select

from kernel.actor import Post
from kernel.store.database import Database
from kernel.store.scope import under
from tests import servers

PLACES = Table("places", MetaData(), Column("path", String(100), primary_key=True))
PATHS = ("/33/a/", "/33/A/", "/33/ab/", "/33/a/b/", "/33/a_/", "/33/a%/", "/33/a\\/", "/33/", "/3307/")
TOPS = (["/33/a/"], ["/33/A/"], ["/33/a_/"], ["/33/a%/"], ["/33/a\\/"], ["/33/"], ["/"], [], ["/33/ab/", "/3307/"])


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def places(request, tmp_path):
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/places.sqlite3"
        if request.param == "postgresql":
            if servers.available().database_url is None:
                pytest.skip("no PostgreSQL")
            url = stack.enter_context(servers.temporary_database()).url
        database = Database(url, "public")
        with database.write() as connection:
            PLACES.metadata.create_all(connection)
            connection.execute(insert(PLACES), [{"path": path} for path in PATHS])
        yield database
        database.dispose()


@pytest.mark.catalogue("X5")
def test_a_list_shows_what_the_posts_cover_and_nothing_else(places):
    for tops in TOPS:
        posts = [Post("p", "r", "o", top, date(2000, 1, 1)) for top in tops]
        covered = {path for path in PATHS if any(post.covers(path, date(2015, 1, 1)) for post in posts)}
        with places.read() as connection:
            assert set(connection.execute(select(PLACES.c.path).where(under(PLACES.c.path, tops))).scalars()) == covered
