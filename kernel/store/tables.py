"""The tables that every service has beside its own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint, false

from kernel.store.types import Id, UtcDateTime

metadata = MetaData()

#: The append-only record. `home_county` leads the key: a store may be cut along it.
journal = Table(
    "journal",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("stream", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("entry_id", String(36), nullable=False),
    Column("type", String(80), nullable=False),
    Column("schema_version", Integer, nullable=False, default=0),  # 0: not public
    Column("payload", Text, nullable=False),  # canonical JSON; of a public entry, the event's data
    Column("private", Text, nullable=False),  # canonical JSON; what stays in this service
    Column("personal", Text, nullable=False),  # canonical JSON: field -> commitment
    Column("subject", String(36)),
    Column("sealed", Text, nullable=False),  # canonical JSON: field -> ciphertext; not covered by the hash
    Column("actor", String(100), nullable=False),
    Column("post", String(36)),
    Column("packs", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("correlation_id", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

#: Events ready to send. The relay reads, publishes and deletes; nothing else does.
pending = Table(
    "pending",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=True),
    Column("stream", String(100), nullable=False),
    Column("type", String(80), nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

#: What has been handled: the arbiter of exactly once.
inbox = Table(
    "inbox",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("stream", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("event_id", String(36), nullable=False),
)

#: The last version handled of each stream.
inbox_head = Table(
    "inbox_head",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("stream", String(100), primary_key=True),
    Column("version", Integer, nullable=False),
)

#: Tries of a message that was delivered before without being acknowledged.
attempt = Table(
    "attempt",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("stream", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("tries", Integer, nullable=False),
)

#: Messages that could not be applied; later ones of their stream wait behind them.
parked = Table(
    "parked",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("source", String(40), nullable=False),
    Column("stream", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", String(80), nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", UtcDateTime),  # NULL: only a person sends it on
    Column("waiting_for", String(100)),
    Column("reason", Text, nullable=False),
    Column("parked_at", UtcDateTime, nullable=False),
    # From a refill, at or below the head of its stream: only what is late too waits behind it.
    Column("late", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("source", "stream", "version"),
    Index("parked_waiting_for", "waiting_for"),
)

#: Answers given to commands, so that a repeated command has one effect and one answer.
idempotency = Table(
    "idempotency",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
)

#: Who may do a thing that only one instance does at a time; and which instances are alive.
lease = Table(
    "lease",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

instance = Table(
    "instance",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)

#: Every look at personal data: who, at what, why.
access_log = Table(
    "access_log",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("account", String(100), nullable=False),
    Column("post", String(36)),
    Column("action", String(80), nullable=False),
    Column("object", String(100), nullable=False),
    Column("fields", Text, nullable=False),
    Column("correlation_id", String(64), nullable=False),
)

#: Tables in which a service's role may only INSERT and SELECT.
APPEND_ONLY = ("journal", "access_log")


def service_metadata() -> MetaData:
    """Fresh metadata for a service's tables, with the kernel's tables in it."""
    fresh = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(fresh)
    return fresh
