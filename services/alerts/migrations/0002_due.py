"""When an organisation is to be looked at next, and by which packs everything was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "alerts_0002"
down_revision = "alerts_0001"
branch_labels = None


def upgrade() -> None:
    op.create_table(
        "due",
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
    )
    op.create_index("due_day", "due", ["day"])
    # Empty: at the next tick everything is looked at, and says its day.
    op.add_column("assessed", sa.Column("packs", sa.String(64)))


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
