"""The registry's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.store.types import UtcDateTime

revision = "registry_0001"
down_revision = None
branch_labels = ("registry",)


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("parent", sa.String(40)),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("home_county", sa.String(12), nullable=False),
        sa.Column("approval_power", sa.Boolean, nullable=False),
        sa.Column("has_committee", sa.Boolean, nullable=False),
        sa.Column("employees", sa.Integer),
        sa.Column("under_rectification", sa.Boolean, nullable=False),
        sa.Column("key_managed", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("organisation_parent", "organisation", ["parent", "code"])
    op.create_index("organisation_path", "organisation", ["path"])
    op.create_table(
        "member",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("member_id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("joined", sa.Date, nullable=False),
        sa.Column("full_since", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("name_sealed", sa.Text, nullable=False),
        sa.Column("id_number_sealed", sa.Text, nullable=False),
        sa.Column("particulars_sealed", sa.Text, nullable=False),
    )
    op.create_index("member_id_only", "member", ["member_id"])
    op.create_index("member_branch", "member", ["branch", "member_id"])
    op.create_table(
        "member_index",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("member_id", sa.String(36), nullable=False),
    )
    op.create_index("ix_member_index_subject", "member_index", ["subject"])
    op.create_table(
        "post",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("post_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("member_id", sa.String(36)),
        sa.Column("department", sa.String(40)),
    )
    op.create_index("post_id_only", "post", ["post_id"])
    op.create_index("post_account", "post", ["account", "since"])
    op.create_index("post_organisation", "post", ["organisation", "post_id"])
    op.create_table(
        "import_job",
        sa.Column("import_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("imported_at", UtcDateTime, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
    )
    op.create_index("import_job_time", "import_job", ["imported_at", "import_id"])


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
