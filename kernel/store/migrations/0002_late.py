"""Parked messages that a refill brought too late for their place in the stream."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0002"
down_revision = "kernel_0001"


def upgrade() -> None:
    op.add_column("parked", sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()))
