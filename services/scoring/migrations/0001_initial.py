"""The tables of scoring."""

from __future__ import annotations

revision = "scoring_0001"
down_revision = None
branch_labels = ("scoring",)


def upgrade() -> None:
    pass
