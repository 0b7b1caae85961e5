"""The tables of organizers."""

from __future__ import annotations

revision = "organizers_0001"
down_revision = None
branch_labels = ("organizers",)


def upgrade() -> None:
    pass
