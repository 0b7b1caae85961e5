"""Recruitment's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.store.types import UtcDateTime

revision = "recruitment_0001"
down_revision = None
branch_labels = ("recruitment",)


def upgrade() -> None:
    _heard()
    _candidates()
    _meetings()
    _cases()


def _heard() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("parent", sa.String(40)),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("approval_power", sa.Boolean, nullable=False),
        sa.Column("has_committee", sa.Boolean, nullable=False),
        sa.Column("employees", sa.Integer),
        sa.Column("under_rectification", sa.Boolean, nullable=False),
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
    op.create_index("ix_member_branch", "member", ["branch"])


def _candidates() -> None:
    op.create_table(
        "living",
        sa.Column("identity", sa.String(64), primary_key=True),
        sa.Column("home_county", sa.String(12), nullable=False),
        sa.Column("candidate_id", sa.String(36), nullable=False),
    )
    op.create_table(
        "candidate",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("domain", sa.String(40)),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("name_index", sa.String(64), nullable=False),
        sa.Column("name_sealed", sa.Text, nullable=False),
        sa.Column("id_number_sealed", sa.Text, nullable=False),
        sa.Column("particulars_sealed", sa.Text, nullable=False),
        sa.Column("applied_on", sa.Date, nullable=False),
        sa.Column("talk_due", sa.Date, nullable=False),
        sa.Column("talked_on", sa.Date),
        sa.Column("recommended_on", sa.Date),
        sa.Column("recommended_by", sa.String(36)),
        sa.Column("approved_on", sa.Date),
        sa.Column("balloted_on", sa.Date),
        sa.Column("balloted_by", sa.String(36)),
        sa.Column("ballot_passed", sa.Boolean),
        sa.Column("determined_on", sa.Date),
        sa.Column("since", sa.Date),
        sa.Column("filed_on", sa.Date),
        sa.Column("review_due", sa.Date),
        sa.Column("reviewed_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("vetting_case", sa.String(36)),
        sa.Column("vetting_outcome", sa.String(20)),
        sa.Column("vetting_concluded_on", sa.Date),
        sa.Column("vetting_valid_until", sa.Date),
    )
    op.create_index("candidate_id_only", "candidate", ["candidate_id"])
    op.create_index("candidate_name", "candidate", ["name_index"])
    op.create_index("candidate_path", "candidate", ["path", "state"])
    op.create_index("candidate_review_due", "candidate", ["review_due"])
    op.create_index("candidate_talk_due", "candidate", ["state", "talk_due"])
    op.create_table(
        "contact",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("member_id", sa.String(36), primary_key=True),
        sa.Column("since", sa.Date, primary_key=True),
        sa.Column("until", sa.Date),
    )
    op.create_table(
        "training",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("training_id", sa.String(36), primary_key=True),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("assessed", sa.String(20), nullable=False),
    )
    op.create_table(
        "overdue_told",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("step", sa.String(20), primary_key=True),
        sa.Column("due", sa.Date, primary_key=True),
        sa.Column("told_at", UtcDateTime, nullable=False),
    )


def _meetings() -> None:
    op.create_table(
        "meeting",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("meeting_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("members_entitled", sa.Integer, nullable=False),
        sa.Column("members_present", sa.Integer, nullable=False),
        sa.Column("members_heard", sa.Integer, nullable=False),
        sa.Column("mass_representatives", sa.Integer, nullable=False),
        sa.Column("attendance", sa.Text, nullable=False),
        sa.Column("signed_by", sa.String(100)),
        sa.Column("signed_on", sa.Date),
        sa.Column("concluded_on", sa.Date),
    )
    op.create_index("meeting_id_only", "meeting", ["meeting_id"])
    op.create_index("meeting_path", "meeting", ["path", "held_on"])
    op.create_table(
        "ballot",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("meeting_id", sa.String(36), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("voters", sa.String(20), primary_key=True),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("issued", sa.Integer),
        sa.Column("cast", sa.Integer),
        sa.Column("in_favour", sa.Integer),
        sa.Column("against", sa.Integer),
        sa.Column("abstain", sa.Integer),
        sa.Column("invalid", sa.Integer),
        sa.Column("absent_in_favour", sa.Integer),
        sa.Column("absent_against", sa.Integer),
        sa.Column("absent_abstain", sa.Integer),
        sa.Column("outcome", sa.String(20)),
    )
    op.create_table(
        "tally",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("meeting_id", sa.String(36), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("voters", sa.String(20), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("teller", sa.String(100), primary_key=True),
        sa.Column("figures", sa.Text, nullable=False),
    )


def _cases() -> None:
    op.create_table(
        "consent",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("consent_id", sa.String(36), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(80), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.Column("used_by", sa.String(36)),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("consent_id_only", "consent", ["consent_id"])
    op.create_table(
        "rectification",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_rectification_branch", "rectification", ["branch"])
    op.create_index("rectification_case_only", "rectification", ["case_id"])
    op.create_table(
        "publicity",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("publicity_id", sa.String(36), primary_key=True),
        sa.Column("candidate_id", sa.String(36), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("posted_on", sa.Date, nullable=False),
        sa.Column("announced_on", sa.Date),
        sa.Column("first_possible", sa.Date),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("content_sealed", sa.Text, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("outcome", sa.String(20)),
    )
    op.create_index("publicity_candidate", "publicity", ["candidate_id", "stage"])
    op.create_index("publicity_id_only", "publicity", ["publicity_id"])
    op.create_table(
        "objection",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("objection_id", sa.String(36), primary_key=True),
        sa.Column("publicity_id", sa.String(36), nullable=False),
        sa.Column("candidate_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        sa.Column("objector", sa.String(36)),
        sa.Column("objector_sealed", sa.Text),
        sa.Column("text_sealed", sa.Text, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("investigated_on", sa.Date),
        sa.Column("heard_on", sa.Date),
        sa.Column("concluded_on", sa.Date),
        sa.Column("outcome", sa.String(20)),
    )
    op.create_index("ix_objection_publicity_id", "objection", ["publicity_id"])
    op.create_index("objection_id_only", "objection", ["objection_id"])
    op.create_table(
        "proceeding",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("proceeding_id", sa.String(36), primary_key=True),
        sa.Column("candidate_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("reason_sealed", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("proposed_on", sa.Date, nullable=False),
        sa.Column("notified_on", sa.Date),
        sa.Column("hearing_until", sa.Date),
        sa.Column("heard_on", sa.Date),
        sa.Column("decided_on", sa.Date),
        sa.Column("outcome", sa.String(20)),
    )
    op.create_index("ix_proceeding_candidate_id", "proceeding", ["candidate_id"])
    op.create_index("proceeding_id_only", "proceeding", ["proceeding_id"])
    op.create_table(
        "correction",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("correction_id", sa.String(36), primary_key=True),
        sa.Column("candidate_id", sa.String(36), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("corrects", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("changes_sealed", sa.Text, nullable=False),
        sa.Column("requested_by", sa.String(100), nullable=False),
        sa.Column("requested_on", sa.Date, nullable=False),
        sa.Column("decided_on", sa.Date),
    )
    op.create_index("correction_id_only", "correction", ["correction_id"])
    op.create_index("ix_correction_candidate_id", "correction", ["candidate_id"])
