"""The way from activist to full member: further columns of a candidate, figures, codes, introducers, grants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "recruitment_0002"
down_revision = "recruitment_0001"
branch_labels = None


#: Nullable, so that the running version goes on beside it.
CANDIDATE = (
    sa.Column("prospect_balloted_on", sa.Date),
    sa.Column("prospect_balloted_by", sa.String(36)),
    sa.Column("prospect_ballot_passed", sa.Boolean),
    sa.Column("proposed_on", sa.Date),
    sa.Column("endorsed_on", sa.Date),
    sa.Column("listed_on", sa.Date),
    sa.Column("elsewhere", sa.Boolean),
    sa.Column("home_village", sa.String(40)),
    sa.Column("branch_reviewed_on", sa.Date),
    sa.Column("branch_review_passed", sa.Boolean),
    sa.Column("committee_reviewed_on", sa.Date),
    sa.Column("committee_review_passed", sa.Boolean),
    sa.Column("dossier_sent_on", sa.Date),
    sa.Column("consented_on", sa.Date),
    sa.Column("examined_on", sa.Date),
    sa.Column("form_code", sa.String(40)),
    sa.Column("place_year", sa.Integer),
    sa.Column("voted_on", sa.Date),
    sa.Column("voted_by", sa.String(36)),
    sa.Column("vote_passed", sa.Boolean),
    sa.Column("reported_on", sa.Date),
    sa.Column("decision_due", sa.Date),
    sa.Column("decision_extended", sa.Boolean),
    sa.Column("committee_talked_on", sa.Date),
    sa.Column("committee_voted_on", sa.Date),
    sa.Column("committee_voted_by", sa.String(36)),
    sa.Column("committee_vote_passed", sa.Boolean),
    sa.Column("admitted_on", sa.Date),
    sa.Column("probation_since", sa.Date),
    sa.Column("probation_ends", sa.Date),
    sa.Column("extensions", sa.Integer),
    sa.Column("oath_due", sa.Date),
    sa.Column("oath_on", sa.Date),
    sa.Column("probation_review_due", sa.Date),
    sa.Column("probation_reviewed_on", sa.Date),
    sa.Column("conversion_applied_on", sa.Date),
    sa.Column("converted_on", sa.Date),
    sa.Column("full_since", sa.Date),
)


def upgrade() -> None:
    for column in CANDIDATE:
        op.add_column("candidate", column)
    op.create_index("candidate_decision_due", "candidate", ["state", "decision_due"])
    op.create_index("candidate_probation_ends", "candidate", ["state", "probation_ends"])
    op.create_index("candidate_probation_review_due", "candidate", ["state", "probation_review_due"])
    op.add_column("overdue_told", sa.Column("caught_up_on", sa.Date))
    op.add_column("proceeding", sa.Column("ground", sa.String(20)))
    _prospects()
    _figures()
    _grants()


def _prospects() -> None:
    op.create_table(
        "opinion",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(20), primary_key=True),
        sa.Column("heard_on", sa.Date, nullable=False),
    )
    op.create_table(
        "introducer",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("member_id", sa.String(36), primary_key=True),
        sa.Column("since", sa.Date, primary_key=True),
        sa.Column("until", sa.Date),
    )


def _figures() -> None:
    op.create_table(
        "figure",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("figure", sa.Integer, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.Column("approved_on", sa.Date, nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("figure_path", "figure", ["path", "year"])
    op.create_table(
        "form_code",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("home_county", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("candidate_id", sa.String(36)),
        sa.Column("changed_on", sa.Date, nullable=False),
        sa.Column("note", sa.String(200)),
        sa.Column("replaces", sa.String(40)),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("form_code_holder", "form_code", ["holder", "year", "state"])
    op.create_index("form_code_path", "form_code", ["path", "year"])
    op.create_table(
        "special_category",
        sa.Column("county", sa.String(12), primary_key=True),
        sa.Column("category", sa.String(60), primary_key=True),
        sa.Column("since", sa.Date, nullable=False),
    )


def _grants() -> None:
    op.create_table(
        "dossier_grant",
        sa.Column("task_id", sa.String(36), primary_key=True),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("candidate_id", sa.String(36)),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_dossier_grant_account", "dossier_grant", ["account"])
