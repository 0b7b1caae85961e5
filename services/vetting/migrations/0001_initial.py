"""Vetting's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.store.types import UtcDateTime

revision = "vetting_0001"
down_revision = None
branch_labels = ("vetting",)


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("approval_power", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "candidate",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("name_sealed", sa.Text, nullable=False),
        sa.Column("id_number_sealed", sa.Text, nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("has_left", sa.Boolean, nullable=False),
    )
    op.create_index("candidate_id_only", "candidate", ["candidate_id"])
    op.create_table(
        "county_list",
        sa.Column("county", sa.String(12), primary_key=True),
        sa.Column("since", sa.Date, primary_key=True),
        sa.Column("departments", sa.Text, nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
    )
    op.create_table(
        "vetting_case",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("candidate_id", sa.String(36), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("committee_path", sa.String(400), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("group", sa.String(20)),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("outcome", sa.String(20)),
        sa.Column("valid_until", sa.Date),
        sa.Column("conclusion_sealed", sa.Text),
    )
    op.create_index("case_branch", "vetting_case", ["path"])
    op.create_index("case_committee", "vetting_case", ["committee_path", "state"])
    op.create_index("case_id_only", "vetting_case", ["case_id"])
    op.create_index(
        "case_living",
        "vetting_case",
        ["home_county", "candidate_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "request",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(400), nullable=False),
        sa.Column("question_sealed", sa.Text),
        sa.Column("asked_on", sa.Date, nullable=False),
        sa.Column("term_from", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("standing", sa.String(36)),
        sa.Column("remind_on", sa.Date),
        sa.Column("overdue_told", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("request_case", "request", ["case_id"])
    op.create_index("request_due", "request", ["state", "due"])
    op.create_index("request_id_only", "request", ["request_id"])
    op.create_index("request_remind", "request", ["state", "remind_on"])
    op.create_table(
        "reply",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("reply_id", sa.String(36), primary_key=True),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("door", sa.String(20), nullable=False),
        sa.Column("document", sa.String(200)),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("effect", sa.String(20), nullable=False),
        sa.Column("answer_sealed", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("reply_case", "reply", ["case_id"])
    op.create_index("reply_id_only", "reply", ["reply_id"])
    op.create_table(
        "adjudication",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("reply_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("finding_sealed", sa.Text, nullable=False),
        sa.Column("reason_sealed", sa.Text, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("decided_by", sa.String(100), nullable=False),
    )
    op.create_index("ix_adjudication_case_id", "adjudication", ["case_id"])
    op.create_table(
        "hearing",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("reply_id", sa.String(36), primary_key=True),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("informed_on", sa.Date),
        sa.Column("substance_sealed", sa.Text),
        sa.Column("hearing_until", sa.Date),
        sa.Column("bar_asked_on", sa.Date),
        sa.Column("bar_reason_sealed", sa.Text),
        sa.Column("bar_confirmed_on", sa.Date),
        sa.Column("bar_document", sa.String(200)),
        sa.Column("heard_on", sa.Date),
        sa.Column("heard_how", sa.String(20)),
        sa.Column("statement_sealed", sa.Text),
        sa.Column("recheck_asked_on", sa.Date),
        sa.Column("recheck_request", sa.String(36)),
    )
    op.create_index("ix_hearing_case_id", "hearing", ["case_id"])
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.String(36), primary_key=True),
        sa.Column("home_county", sa.String(12), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try", UtcDateTime),
        sa.Column("last_error", sa.String(200)),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
    )
    op.create_index("delivery_due", "delivery", ["state", "next_try"])
    op.create_index("delivery_request", "delivery", ["request_id"])
    op.create_table(
        "callback",
        sa.Column("department", sa.String(40), primary_key=True),
        sa.Column("webhook_id", sa.String(100), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reply_id", sa.String(36), nullable=False),
        sa.Column("heard_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
