"""The tables of alerts."""

from __future__ import annotations

revision = "alerts_0001"
down_revision = None
branch_labels = ("alerts",)


def upgrade() -> None:
    pass
