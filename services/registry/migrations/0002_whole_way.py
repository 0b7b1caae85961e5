"""Posts that follow from an appointment as organizer, how each branch was counted last, corrections told by recruitment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "registry_0002"
down_revision = "registry_0001"
branch_labels = None


def upgrade() -> None:
    op.add_column("member", sa.Column("corrected_version", sa.Integer))
    op.add_column("post", sa.Column("organizer_id", sa.String(36)))
    op.create_index("post_organizer", "post", ["organizer_id", "since"])
    op.create_table(
        "appointment_end",
        sa.Column("organizer_id", sa.String(36), primary_key=True),
        sa.Column("ended_on", sa.Date, nullable=False),
        sa.Column("told_on", sa.Date, nullable=False),
        sa.Column("end", sa.String(20), nullable=False),
    )
    op.create_table(
        "roll_count",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("branch", sa.String(40), primary_key=True),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("members", sa.Integer),
        sa.Column("young", sa.Integer),
        sa.Column("aged", sa.Integer),
    )
    op.create_index("roll_count_due", "roll_count", ["changed", "year"])
    # Members entered before are counted at the next tick.
    op.execute(
        "INSERT INTO roll_count (home_county, branch, changed) "
        "SELECT DISTINCT o.home_county, o.code, true FROM member m JOIN organisation o ON o.code = m.branch"
    )


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
