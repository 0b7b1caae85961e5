"""Personal fields: commitment and ciphertext under the key of the person concerned.

A field is stored as SHA-256(salt ‖ value), which the journal's chain covers, and as AES-GCM of (salt ‖ value) under the key of that
one subject. All services of a suite share one key store; erasing a key there makes every ciphertext of that person
unreadable: journal, state tables, pending, parked and queued messages alike. Keys are wrapped by a master key that is in no
database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Connection, MetaData, String, Table, select, update

from kernel.clock import Clock
from kernel.errors import XinhuoError
from kernel.store.database import Database, insert_ignore
from kernel.store.types import UtcDateTime

#: The schema (or SQLite file) of the key store.
SCHEMA = "subject_keys"
SALT = 16
NONCE = 12
#: How long an unwrapped key may be used after it was read, in seconds: an erased person is unreadable after that at the latest.
CACHE_SECONDS = 60
CACHE_SIZE = 10_000
#: In place of the key of a person who was erased: a missing row would be a person not met yet, and get a new key.
GONE = ""

metadata = MetaData()
subject_key = Table(
    "subject_key",
    metadata,
    Column("subject", String(36), primary_key=True),
    Column("wrapped", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    schema=SCHEMA,
)


class Erased(XinhuoError):
    """The person's key is gone; what it protected cannot be read any more."""

    code = "erased"
    status = 410


def commitment(salt: bytes, value: str) -> str:
    return hashlib.sha256(salt + value.encode()).hexdigest()


class KeyStore:
    """The keys of persons. `database` holds schema `subject_keys`; `master` is 32 bytes."""

    def __init__(self, database: Database, master: bytes, clock: Clock) -> None:
        if len(master) != 32:
            raise ValueError("the master key has 32 bytes")
        self._database = database
        self._clock = clock
        self._wrap = AESGCM(master)
        self._index_key = hmac.digest(master, b"xinhuo blind index", "sha256")
        self._cache: dict[str, tuple[datetime, AESGCM]] = {}
        self._options = {"schema_translate_map": {SCHEMA: None}} if database.sqlite else {}

    # -- sealing

    def seal(
        self, connection: Connection, subject: str, fields: Mapping[str, str], key: AESGCM | None = None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Commitments and ciphertexts by field, under the subject's key, which is made where there is none.

        `key` is one that `ensure` has given in the same transaction.

        On PostgreSQL a fresh key commits with the caller's transaction. On SQLite it commits before, in the key store's own
        file: a key without data does no harm, data without a key would be lost.
        """
        key = key or self._ensure(connection, subject)
        commitments, sealed = {}, {}
        for field, value in fields.items():
            salt, nonce = os.urandom(SALT), os.urandom(NONCE)
            box = key.encrypt(nonce, salt + value.encode(), subject.encode())
            commitments[field] = commitment(salt, value)
            sealed[field] = base64.b64encode(nonce + box).decode()
        return commitments, sealed

    def ensure(self, connection: Connection, subjects: Sequence[str]) -> dict[str, AESGCM]:
        """The keys of many subjects, made where there are none: an import would wait for each one otherwise.

        They hold for the caller's transaction: one that is rolled back takes fresh keys with it on PostgreSQL.
        """
        if self._database.sqlite:
            with self._database.write() as own:
                return self._ensure_all(own, subjects)
        return self._ensure_all(connection, subjects)

    def _ensure_all(self, connection: Connection, subjects: Sequence[str]) -> dict[str, AESGCM]:
        now = self._clock.wall()
        keys: dict[str, AESGCM] = {}
        statement = insert_ignore(connection, subject_key).returning(subject_key.c.subject)
        for start in range(0, len(subjects), 500):
            fresh = {subject: os.urandom(32) for subject in subjects[start : start + 500]}
            rows = [
                {"subject": subject, "wrapped": self._wrapped(subject, key), "created_at": now} for subject, key in fresh.items()
            ]
            made = set(connection.execute(statement, rows, execution_options=self._options).scalars())
            keys |= {subject: AESGCM(key) for subject, key in fresh.items() if subject in made}
            # Most are new, and then there is nothing left to read.
            if older := [subject for subject in fresh if subject not in made]:
                query = select(subject_key.c.subject, subject_key.c.wrapped).where(subject_key.c.subject.in_(older))
                for subject, wrapped in connection.execute(query, execution_options=self._options):
                    keys[subject] = self._unwrap(subject, wrapped)
        return keys

    def _ensure(self, connection: Connection, subject: str) -> AESGCM:
        cached = self._cached(subject)
        if cached:
            return cached
        if self._database.sqlite:
            with self._database.write() as own:
                return self._insert_or_read(own, subject)
        return self._insert_or_read(connection, subject)

    def _insert_or_read(self, connection: Connection, subject: str) -> AESGCM:
        fresh = os.urandom(32)
        wrapped = self._wrapped(subject, fresh)
        statement = insert_ignore(connection, subject_key).returning(subject_key.c.wrapped)
        row = {"subject": subject, "wrapped": wrapped, "created_at": self._clock.wall()}
        inserted = connection.execute(statement, row, execution_options=self._options).scalar()
        if inserted:
            # Not cached: the caller's transaction may still be rolled back, and the key with it.
            return AESGCM(fresh)
        query = select(subject_key.c.wrapped).where(subject_key.c.subject == subject)
        return self._unwrap(subject, connection.execute(query, execution_options=self._options).scalar_one())

    def _wrapped(self, subject: str, key: bytes) -> str:
        nonce = os.urandom(NONCE)
        return base64.b64encode(nonce + self._wrap.encrypt(nonce, key, subject.encode())).decode()

    # -- opening

    def reveal(self, subject: str, sealed: str) -> tuple[bytes, str]:
        """Salt and value of one sealed field. Raises `Erased`."""
        key = self._keys([subject]).get(subject)
        if key is None:
            raise Erased("个人信息已依法删除")
        return _open(key, subject, sealed)

    def open_fields(self, subject: str, sealed: Mapping[str, str]) -> dict[str, str]:
        """The values by field. Raises `Erased`."""
        return {field: self.reveal(subject, box)[1] for field, box in sealed.items()}

    def open_column(self, rows: Iterable[tuple[str, str | None]]) -> list[str | None]:
        """Values of (subject, sealed) pairs, in order; None where the person was erased or nothing was stored."""
        pairs = list(rows)
        keys = self._keys({subject for subject, sealed in pairs if sealed})
        return [_open_or_none(keys.get(subject), subject, sealed) for subject, sealed in pairs]

    def _keys(self, subjects: Iterable[str]) -> dict[str, AESGCM]:
        found: dict[str, AESGCM] = {}
        missing = []
        for subject in subjects:
            cached = self._cached(subject)
            if cached:
                found[subject] = cached
            else:
                missing.append(subject)
        for start in range(0, len(missing), 500):
            query = select(subject_key.c.subject, subject_key.c.wrapped).where(
                subject_key.c.subject.in_(missing[start : start + 500])
            )
            with self._database.read() as connection:
                rows = connection.execute(query, execution_options=self._options).all()
            for subject, wrapped in rows:
                if wrapped != GONE:
                    found[subject] = self._unwrap(subject, wrapped)
                    self._remember(subject, found[subject])
        return found

    def _cached(self, subject: str) -> AESGCM | None:
        entry = self._cache.get(subject)
        if entry is None or (self._clock.wall() - entry[0]).total_seconds() > CACHE_SECONDS:
            return None
        return entry[1]

    def _remember(self, subject: str, key: AESGCM) -> None:
        if len(self._cache) >= CACHE_SIZE:
            self._cache.clear()
        self._cache[subject] = (self._clock.wall(), key)

    def _unwrap(self, subject: str, wrapped: str) -> AESGCM:
        if wrapped == GONE:
            raise Erased("个人信息已依法删除")
        raw = base64.b64decode(wrapped)
        try:
            return AESGCM(self._wrap.decrypt(raw[:NONCE], raw[NONCE:], subject.encode()))
        except InvalidTag:
            raise XinhuoError("the master key does not open this store's keys") from None

    # -- erasing and finding

    def erase(self, subject: str) -> bool:
        """Destroys the subject's key for good: nothing more can be sealed for this person either. False if there was none.

        Other processes may use a cached one for `CACHE_SECONDS` more.
        """
        with self._database.write() as connection:
            statement = update(subject_key).where(subject_key.c.subject == subject, subject_key.c.wrapped != GONE)
            gone = connection.execute(statement.values(wrapped=GONE), execution_options=self._options).rowcount > 0
        self._cache.pop(subject, None)
        if self._database.sqlite:
            # The file's log would keep the old page until it is written over.
            with self._database.engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def blind_index(self, value: str) -> str:
        """A keyed digest to find equal values (an ID number) without storing them."""
        return hmac.digest(self._index_key, value.encode(), "sha256").hex()

    def create_table(self) -> None:
        """Makes the SQLite file's table; on PostgreSQL provisioning does."""
        if self._database.sqlite:
            with self._database.write() as connection:
                metadata.create_all(connection.execution_options(**self._options))


def _open(key: AESGCM, subject: str, sealed: str) -> tuple[bytes, str]:
    raw = base64.b64decode(sealed)
    try:
        plain = key.decrypt(raw[:NONCE], raw[NONCE:], subject.encode())
    except InvalidTag:
        # Another person's box, or one sealed before this person's first key was erased.
        raise Erased("个人信息已依法删除，或不属于此人") from None
    return plain[:SALT], plain[SALT:].decode()


def _open_or_none(key: AESGCM | None, subject: str, sealed: str | None) -> str | None:
    if key is None or sealed is None:
        return None
    try:
        return _open(key, subject, sealed)[1]
    except Erased:
        return None
