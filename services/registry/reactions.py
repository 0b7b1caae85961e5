"""What the registry does when it hears of something: nothing yet. It is the others that hear of it."""

from __future__ import annotations

from kernel.bus.reaction import Reactions

REACTIONS = Reactions()
