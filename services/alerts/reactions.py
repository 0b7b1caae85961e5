"""What alerts hears."""

from __future__ import annotations

from kernel.bus.reaction import Reactions

REACTIONS = Reactions()
