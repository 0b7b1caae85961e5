"""The case belongs to the prospect: reviews before it, the home village's opinion, the renewal of a conclusion, corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "vetting_0002"
down_revision = "vetting_0001"
branch_labels = None

#: Nullable, so that the running version goes on beside it.
CANDIDATE = (
    sa.Column("elsewhere", sa.Boolean),
    sa.Column("home_village", sa.String(40)),
    sa.Column("branch_reviewed_on", sa.Date),
    sa.Column("branch_review_passed", sa.Boolean),
    sa.Column("committee_reviewed_on", sa.Date),
    sa.Column("committee_review_passed", sa.Boolean),
    sa.Column("admitted_on", sa.Date),
    sa.Column("version", sa.Integer),
    sa.Column("name_version", sa.Integer),
    sa.Column("branch_review_version", sa.Integer),
    sa.Column("committee_review_version", sa.Integer),
)
CASE = (
    sa.Column("renews", sa.String(36)),
    sa.Column("lapse_noted_on", sa.Date),
)


def upgrade() -> None:
    for column in CANDIDATE:
        op.add_column("candidate", column)
    for column in CASE:
        op.add_column("vetting_case", column)
    op.add_column("request", sa.Column("before_correction", sa.Boolean))
    op.create_index("case_valid_until", "vetting_case", ["outcome", "valid_until"])
    op.create_table(
        "home_village",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("village", sa.String(40)),
        sa.Column("village_path", sa.String(400)),
        sa.Column("village_city", sa.String(40)),
        sa.Column("village_county", sa.String(12)),
        sa.Column("township", sa.String(40)),
        sa.Column("township_path", sa.String(400)),
        sa.Column("addressee_sealed", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("posted_on", sa.Date),
        sa.Column("announced_on", sa.Date),
        sa.Column("places", sa.Text),
        sa.Column("content_sealed", sa.Text),
        sa.Column("first_possible", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("objections", sa.Integer),
        sa.Column("objections_sealed", sa.Text),
        sa.Column("given_on", sa.Date),
        sa.Column("opinion_sealed", sa.Text),
        sa.Column("returned_on", sa.Date),
    )
    op.create_index("home_village_request", "home_village", ["request_id"])
    op.create_index("home_village_case", "home_village", ["case_id"])
    op.create_index("home_village_path", "home_village", ["village_path"])
    op.create_index("home_village_township", "home_village", ["township_path"])


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
