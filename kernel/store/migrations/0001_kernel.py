"""The kernel's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.store.types import Id, UtcDateTime

revision = "kernel_0001"
down_revision = None
branch_labels = ("kernel",)


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("stream", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("private", sa.Text, nullable=False),
        sa.Column("personal", sa.Text, nullable=False),
        sa.Column("subject", sa.String(36)),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("post", sa.String(36)),
        sa.Column("packs", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("entered_at", UtcDateTime, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "pending",
        sa.Column("seq", Id, primary_key=True, autoincrement=True),
        sa.Column("stream", sa.String(100), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox",
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("stream", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.String(36), nullable=False),
    )
    op.create_table(
        "inbox_head",
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("stream", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("stream", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_table(
        "parked",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("stream", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try", UtcDateTime),
        sa.Column("waiting_for", sa.String(100)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("parked_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("source", "stream", "version"),
    )
    op.create_index("parked_waiting_for", "parked", ["waiting_for"])
    op.create_table(
        "idempotency",
        sa.Column("account", sa.String(100), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
    op.create_table(
        "instance",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("seen_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "access_log",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("post", sa.String(36)),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
    )
    # On PostgreSQL the service's role has no right to change these; SQLite has no roles, so the file itself refuses.
    if op.get_bind().dialect.name == "sqlite":
        for table in ("journal", "access_log"):
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
