"""A service's database: one PostgreSQL schema, or one SQLite file.

Tables are declared without a schema. On PostgreSQL the connection's search path names the service's own schema, so the same
statements run on both.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from kernel.errors import Transient

#: In `Connection.info`, of a transaction after which the bell is to be rung.
RINGS = "xinhuo_rings"
#: The option of connections whose transactions write.
_WRITES = "xinhuo_write"
#: A paused owner must not block its successor without limit.
LOCK_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_MS = 15_000


def _nobody_listens() -> None:
    """The bell of a database whose relay runs in a process of its own."""


class Database:
    """Transactions on one service's store.

    `url` is a SQLAlchemy URL; `schema` the service's name and its schema on PostgreSQL; for SQLite the URL names the file.
    """

    def __init__(self, url: str, schema: str, *, pool_size: int = 10) -> None:
        self.schema = schema
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite_engine(pool_size) if self.sqlite else self._postgres_engine(pool_size)
        self._writing = self.engine.execution_options(**{_WRITES: True})
        # One writer per SQLite file: under eventlet this lock is green, and waiting for it lets others run, which
        # waiting inside SQLite would not. PostgreSQL needs none.
        self._writer = threading.Lock() if self.sqlite else None
        #: Called after the commit of a transaction that has left something to be sent (`RINGS`): a relay in the same process need
        #: not look again and again.
        self.bell: Callable[[], object] = _nobody_listens

    def _postgres_engine(self, pool_size: int) -> Engine:
        options = (
            f"-csearch_path={self.schema} -clock_timeout={LOCK_TIMEOUT_MS} "
            f"-cidle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}"
        )
        return create_engine(
            self.url.set(drivername="postgresql+psycopg2"),
            pool_size=pool_size,
            max_overflow=pool_size,
            hide_parameters=True,
            connect_args={
                "options": options,
                "application_name": f"xinhuo {self.schema}",
                "connect_timeout": 5,
                # A server that vanished without a word is noticed after this long, not after two hours.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 20_000,
            },
        )

    def _sqlite_engine(self, pool_size: int) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=pool_size,
            hide_parameters=True,  # what people are called has no place in the text of an error
            connect_args={"check_same_thread": False, "timeout": 10},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back at an exception.

        Raises `Transient` where the database is away, a lock was not had in time or the transaction was chosen as a victim.
        """
        if self._writer:
            self._writer.acquire()
        try:
            with transient(), self._writing.connect() as connection:
                with connection.begin():
                    yield connection
                # What was rolled back may have left the mark: that rings for nothing once.
                if connection.info.pop(RINGS, False):
                    self.bell()
        finally:
            if self._writer:
                self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; whatever it did is rolled back."""
        with transient(), self.engine.connect() as connection:
            yield connection
            connection.rollback()

    def answers(self) -> bool:
        """Whether a query comes back, for readiness."""
        try:
            with self.read() as connection:
                connection.exec_driver_sql("SELECT 1")
        except Transient:
            return False
        return True

    def dispose(self) -> None:
        self.engine.dispose()


def upsert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, of the connection's dialect."""
    return upsert_on(connection.dialect.name, table)


def upsert_on(dialect: str, table: Table) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_ignore(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves rows alone that are already there."""
    statement: Insert = upsert(connection, table).on_conflict_do_nothing()
    return statement


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
    cursor = raw.cursor()
    # With recursive triggers, what a REPLACE takes away counts as deleted, which an append-only table refuses. What is deleted is
    # overwritten in the file: a destroyed key must not stand in a free page.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITES, False)
    statement = "BEGIN IMMEDIATE" if immediate else "BEGIN"
    try:
        # Past SQLAlchemy, which takes longer over it than SQLite.
        connection.connection.cursor().execute(statement)
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error


#: SQLSTATEs after which trying again may help: connection, resources, operator intervention, the system's own errors (a disk), lock,
#: deadlock, serialisation, a time-out of an idle transaction, a server that only reads (the standby, until it is promoted).
_TRANSIENT_STATES = ("08", "53", "57", "58", "55P03", "40001", "40P01", "25P03", "25006")
#: What SQLite says in such cases.
_TRANSIENT_WORDS = ("locked", "unable to open", "disk")


@contextmanager
def transient() -> Iterator[None]:
    """Makes `Transient` of errors after which trying again may help."""
    try:
        yield
    except PoolTimeout as error:
        raise Transient(f"all connections to the database are in use: {error}") from error
    except DBAPIError as error:
        if is_transient(error):
            raise Transient(str(error.orig).strip()) from error
        raise


def is_transient(error: DBAPIError) -> bool:
    state = getattr(error.orig, "pgcode", None)
    if state:
        return str(state).startswith(_TRANSIENT_STATES)
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    if isinstance(error, OperationalError):
        text = str(error.orig)
        # Without a SQLSTATE it is the client library that speaks: the server is not there. SQLite says so in words.
        return "sqlite" not in type(error.orig).__module__ or any(word in text for word in _TRANSIENT_WORDS)
    return False
