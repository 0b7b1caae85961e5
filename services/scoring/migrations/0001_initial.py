"""Scoring's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.store.types import ExactDecimal

revision = "scoring_0001"
down_revision = None
branch_labels = ("scoring",)


def upgrade() -> None:
    _heard()
    _evaluations()
    _follow_ups()


def _heard() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("approval_power", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "newcomer",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("name_sealed", sa.Text, nullable=False),
        sa.Column("name_version", sa.Integer, nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("approved_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("end", sa.String(20)),
    )
    op.create_index("newcomer_branch", "newcomer", ["branch", "approved_on"])
    op.create_index("newcomer_id_only", "newcomer", ["candidate_id"])


def _evaluations() -> None:
    op.create_table(
        "evaluation",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("evaluation_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("meeting_id", sa.String(36)),
        sa.Column("members_entitled", sa.Integer, nullable=False),
        sa.Column("members_present", sa.Integer, nullable=False),
        sa.Column("mass_entitled", sa.Integer, nullable=False),
        sa.Column("mass_present", sa.Integer, nullable=False),
        sa.Column("guide", sa.Text, nullable=False),
        sa.Column("concluded_on", sa.Date),
        sa.Column("score", ExactDecimal),
        sa.Column("threshold", ExactDecimal),
        sa.Column("below", sa.Boolean),
    )
    op.create_index("evaluation_branch", "evaluation", ["branch", "year"])
    op.create_index("evaluation_id_only", "evaluation", ["evaluation_id"])
    op.create_table(
        "judged",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("evaluation_id", sa.String(36), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("outcome", sa.String(20)),
        sa.Column("result_sealed", sa.Text),
    )
    op.create_index("judged_candidate", "judged", ["candidate_id"])
    op.create_table(
        "count",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("evaluation_id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(36), primary_key=True),
        sa.Column("voters", sa.String(20), primary_key=True),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("figures", sa.Text),
        sa.Column("figures_sealed", sa.Text),
    )
    op.create_table(
        "entry",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("evaluation_id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(36), primary_key=True),
        sa.Column("voters", sa.String(20), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("teller", sa.String(100), primary_key=True),
        sa.Column("figures", sa.Text),
        sa.Column("figures_sealed", sa.Text),
    )


def _follow_ups() -> None:
    op.create_table(
        "self_check",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("self_check_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("evaluation_id", sa.String(36), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("ordered_on", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("reported_on", sa.Date),
        sa.Column("late", sa.Boolean),
        sa.Column("document", sa.String(200)),
        sa.Column("explanation", sa.Text),
        sa.Column("answered_on", sa.Date),
        sa.Column("reason", sa.Text),
    )
    op.create_index("self_check_evaluation", "self_check", ["evaluation_id"])
    op.create_index("self_check_id_only", "self_check", ["self_check_id"])
    op.create_index("self_check_state", "self_check", ["state", "due"])
    op.create_table(
        "reminder_talk",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("talk_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("evaluation_id", sa.String(36), nullable=False),
        sa.Column("candidate_id", sa.String(36), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("ordered_on", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("held_on", sa.Date),
        sa.Column("late", sa.Boolean),
        sa.Column("texts_sealed", sa.Text),
    )
    op.create_index("talk_candidate", "reminder_talk", ["candidate_id"])
    op.create_index("talk_evaluation", "reminder_talk", ["evaluation_id"])
    op.create_index("talk_id_only", "reminder_talk", ["talk_id"])
    op.create_index("talk_state", "reminder_talk", ["state", "due"])


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
