"""Reading and appending. Appending is optimistic: the key (home county, stream, version) is the lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, tuple_
from sqlalchemy.exc import IntegrityError

from kernel.encoding import canonical
from kernel.errors import Stale
from kernel.journal.entry import GENESIS, Entry
from kernel.store.database import Database
from kernel.store.statements import insert_into
from kernel.store.tables import journal

_FIELDS = list(Entry.__dataclass_fields__)

_OF_STREAM = (journal.c.home_county == bindparam("county_"), journal.c.stream == bindparam("stream_"))
_HEAD = select(journal.c.version, journal.c.hash).where(*_OF_STREAM).order_by(journal.c.version.desc()).limit(1)
_READ = select(journal).where(*_OF_STREAM).order_by(journal.c.version)


def head(connection: Connection, home_county: str, stream: str) -> tuple[int, str]:
    """Version and hash of the stream's last entry; (0, GENESIS) for a stream not yet born."""
    row = connection.execute(_HEAD, {"county_": home_county, "stream_": stream}).first()
    return (row.version, row.hash) if row else (0, GENESIS)


def heads(connection: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
    """Version and hash of the last entries of many streams, by (home county, stream)."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for start in range(0, len(keys), 400):
        last = (
            select(journal.c.home_county, journal.c.stream, func.max(journal.c.version).label("version"))
            .where(tuple_(journal.c.home_county, journal.c.stream).in_(keys[start : start + 400]))
            .group_by(journal.c.home_county, journal.c.stream)
            .subquery()
        )
        query = select(journal.c.home_county, journal.c.stream, journal.c.version, journal.c.hash).join(
            last,
            (journal.c.home_county == last.c.home_county)
            & (journal.c.stream == last.c.stream)
            & (journal.c.version == last.c.version),
        )
        for row in connection.execute(query):
            found[(row.home_county, row.stream)] = (row.version, row.hash)
    return found


def append(connection: Connection, entries: Iterable[tuple[Entry, str, dict[str, str]]]) -> None:
    """Writes entries with hash and ciphertexts. Raises `Stale` where somebody else has taken a version first."""
    rows = [{**entry.fields(), "hash": hash, "sealed": canonical(sealed)} for entry, hash, sealed in entries]
    if not rows:
        return
    try:
        connection.execute(insert_into(journal), rows)
    except IntegrityError as error:
        raise Stale("此记录刚刚被他人更新，请刷新后重试") from error


def entry_of(row: Row[Any]) -> Entry:
    return Entry(**{name: getattr(row, name) for name in _FIELDS})


def read(connection: Connection, home_county: str, stream: str) -> list[Row[Any]]:
    """The rows of one stream in order, ciphertext and stored hash included."""
    return list(connection.execute(_READ, {"county_": home_county, "stream_": stream}))


def home_of(connection: Connection, stream: str) -> str | None:
    """The home county of a stream. Walks the table: for operators, not for requests."""
    return connection.execute(select(journal.c.home_county).where(journal.c.stream == stream).limit(1)).scalar()


def public_rows(database: Database, page: int = 1000) -> Iterator[list[Row[Any]]]:
    """All public entries, stream by stream in order, in pages: what `republish` sends again.

    Each page is read in a transaction of its own: none is open while the caller is at work.
    """
    key = (journal.c.home_county, journal.c.stream, journal.c.version)
    after: tuple[str, str, int] = ("", "", 0)
    while True:
        query = select(journal).where(tuple_(*key) > after, journal.c.schema_version > 0).order_by(*key).limit(page)
        with database.read() as connection:
            rows = list(connection.execute(query))
        if not rows:
            return
        yield rows
        after = (rows[-1].home_county, rows[-1].stream, rows[-1].version)
