"""The tables of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.store.types import Id

revision = "alerts_0001"
down_revision = None
branch_labels = ("alerts",)


def upgrade() -> None:
    _organisations()
    _candidates()
    _findings()
    _warnings()
    _warned()


def _told() -> tuple[sa.Column, ...]:
    """The event that a row of a replica rests on."""
    return (
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("stream", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _organisations() -> None:
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
        sa.Column("key_managed", sa.Boolean, nullable=False),
        sa.Column("registered_on", sa.Date, nullable=False),
        *_told(),
    )
    op.create_table(
        "roll",
        sa.Column("branch", sa.String(40), primary_key=True),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("aged", sa.Integer, nullable=False),
        sa.Column("counted_on", sa.Date, nullable=False),
        *_told(),
    )
    op.create_table(
        "figure",
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("figure", sa.Integer, nullable=False),
        *_told(),
    )


def _candidates() -> None:
    op.create_table(
        "admission",
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("young", sa.Boolean),
        *_told(),
    )
    op.create_index("admission_year", "admission", ["organisation", "year"])
    op.create_table(
        "activist",
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        *_told(),
    )
    op.create_index("activist_branch", "activist", ["branch", "year"])
    op.create_table(
        "late_step",
        sa.Column("candidate_id", sa.String(36), primary_key=True),
        sa.Column("step", sa.String(40), primary_key=True),
        sa.Column("due", sa.Date, primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        *_told(),
    )
    op.create_index("late_step_branch", "late_step", ["branch", "open"])
    op.create_table("departure", sa.Column("candidate_id", sa.String(36), primary_key=True), *_told())
    op.create_table(
        "evaluation",
        sa.Column("evaluation_id", sa.String(36), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("score", sa.String(20), nullable=False),
        sa.Column("threshold", sa.String(20), nullable=False),
        sa.Column("below", sa.Boolean, nullable=False),
        sa.Column("grades", sa.Text, nullable=False),
        *_told(),
    )
    op.create_index("evaluation_branch", "evaluation", ["branch", "held_on"])


def _findings() -> None:
    op.create_table(
        "touched",
        sa.Column("seq", Id, primary_key=True, autoincrement=True),
        sa.Column("organisation", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "assessed",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("month", sa.String(7), nullable=False),
    )
    op.create_table(
        "finding",
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("trigger", sa.String(20), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("fixed", sa.Boolean, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("thresholds", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
    )
    op.create_index("finding_county", "finding", ["county", "trigger"])
    op.create_table(
        "circumstance",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("circumstance_id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("committee", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("years", sa.Text, nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("circumstance_id_only", "circumstance", ["circumstance_id"])
    op.create_index("ix_circumstance_organisation", "circumstance", ["organisation"])


def _warnings() -> None:
    op.create_table(
        "warning",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("warning_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("city", sa.String(40), nullable=False),
        sa.Column("county", sa.String(12), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("issuer_path", sa.String(400), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("addressee", sa.String(200), nullable=False),
        sa.Column("first_issued_on", sa.Date, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("heard_on", sa.Date),
        sa.Column("yellow_on", sa.Date),
        sa.Column("circulation", sa.String(200)),
        sa.Column("received_on", sa.Date),
        sa.Column("self_criticism_due", sa.Date),
        sa.Column("self_criticism_on", sa.Date),
        sa.Column("self_criticism_late", sa.Boolean),
        sa.Column("planned_on", sa.Date),
        sa.Column("reported_on", sa.Date),
        sa.Column("checked_on", sa.Date),
        sa.Column("waived_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("reason_sealed", sa.Text, nullable=False),
    )
    op.create_index("warning_id_only", "warning", ["warning_id"])
    op.create_index("warning_organisation", "warning", ["organisation"])
    op.create_index("warning_path", "warning", ["path", "state"])


def _warned() -> None:
    op.create_table(
        "warned",
        sa.Column("home_county", sa.String(12), primary_key=True),
        sa.Column("warning_id", sa.String(36), primary_key=True),
        sa.Column("organisation", sa.String(40), primary_key=True),
        sa.Column("trigger", sa.String(20), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("fixed", sa.Boolean, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("thresholds", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
    )
    op.create_index("warned_finding", "warned", ["organisation", "trigger", "period"])
