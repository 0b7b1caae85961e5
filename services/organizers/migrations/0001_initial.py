"""The tables of organizers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "organizers_0001"
down_revision = None
branch_labels = ("organizers",)


def upgrade() -> None:
    _told()
    _organizers()
    _tasks()


def _told() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("approval_power", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("member_id", sa.String(36), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("full_since", sa.Date),
        sa.Column("name_sealed", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "candidate",
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _organizers() -> None:
    op.create_table(
        "organizer",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("organizer_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("member_id", sa.String(36), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("recommended_by", sa.String(40), nullable=False),
        sa.Column("recommended_path", sa.String(400), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("recommended_on", sa.Date, nullable=False),
        sa.Column("reason_sealed", sa.Text, nullable=False),
        sa.Column("consented_on", sa.Date),
        sa.Column("checked_on", sa.Date),
        sa.Column("check_sealed", sa.Text),
        sa.Column("appointed_on", sa.Date),
        sa.Column("account", sa.String(100)),
        sa.Column("first_since", sa.Date),
        sa.Column("term", sa.Integer),
        sa.Column("since", sa.Date),
        sa.Column("until", sa.Date),
        sa.Column("assessment_due", sa.Date),
        sa.Column("remind_on", sa.Date),
        sa.Column("reminded_on", sa.Date),
        sa.Column("ended_on", sa.Date),
    )
    op.create_index("organizer_account", "organizer", ["account"])
    op.create_index("organizer_id_only", "organizer", ["organizer_id"])
    op.create_index("organizer_path", "organizer", ["path", "state"])
    op.create_index("organizer_recommended", "organizer", ["recommended_path"])
    op.create_index("organizer_remind", "organizer", ["state", "remind_on"])
    op.create_index("organizer_until", "organizer", ["state", "until"])
    op.create_table(
        "engaged",
        sa.Column("member_id", sa.String(36), primary_key=True),
        sa.Column("home_county", sa.String(12), nullable=False),
        sa.Column("organizer_id", sa.String(36), nullable=False),
    )
    op.create_table(
        "assessment",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("organizer_id", sa.String(36), primary_key=True),
        sa.Column("term", sa.Integer, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("evidence_sealed", sa.Text, nullable=False),
        sa.Column("proceeding_id", sa.String(36)),
    )
    op.create_table(
        "proceeding",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("proceeding_id", sa.String(36), primary_key=True),
        sa.Column("organizer_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("term", sa.Integer),
        sa.Column("year", sa.Integer),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("reason_sealed", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("proposed_on", sa.Date, nullable=False),
        sa.Column("notified_on", sa.Date),
        sa.Column("hearing_until", sa.Date),
        sa.Column("heard_on", sa.Date),
        sa.Column("statement_sealed", sa.Text),
        sa.Column("decided_on", sa.Date),
        sa.Column("decided_by", sa.String(100)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("review_asked_on", sa.Date),
        sa.Column("reviewed_on", sa.Date),
        sa.Column("review_outcome", sa.String(20)),
    )
    op.create_index("ix_proceeding_organizer_id", "proceeding", ["organizer_id"])
    op.create_index("proceeding_id_only", "proceeding", ["proceeding_id"])
    op.create_index("proceeding_path", "proceeding", ["path", "state"])


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("task_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("organizer_id", sa.String(36), nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("branch_path", sa.String(400), nullable=False),
        sa.Column("candidate_id", sa.String(36)),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("reason_sealed", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("result_sealed", sa.Text),
        sa.Column("predecessor", sa.String(36)),
    )
    op.create_index("task_account", "task", ["account"])
    op.create_index("task_branch", "task", ["branch_path"])
    op.create_index("task_candidate", "task", ["candidate_id", "state"])
    op.create_index("task_id_only", "task", ["task_id"])
    op.create_index("task_organizer", "task", ["organizer_id", "state"])
    op.create_index("task_path", "task", ["path", "state"])
    op.create_table(
        "work_log",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("entry_id", sa.String(36), primary_key=True),
        sa.Column("task_id", sa.String(36), nullable=False),
        sa.Column("organizer_id", sa.String(36), nullable=False),
        sa.Column("noted_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("text_sealed", sa.Text, nullable=False),
    )
    op.create_index("ix_work_log_organizer_id", "work_log", ["organizer_id"])
    op.create_index("ix_work_log_task_id", "work_log", ["task_id"])


def downgrade() -> None:
    raise NotImplementedError("a record is not taken back; restore a backup instead")
