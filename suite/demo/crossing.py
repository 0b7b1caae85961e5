"""One candidate across the day on which the revised national rules come into force: each step is judged by the packs of its day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from suite.demo.lifecycle import Lifecycle
from suite.demo.narrator import Narrator
from suite.demo.trials import national

#: The branch proposes before the revision of 2026-05-18 is in force, the superior agrees after it.
WAITS = {"propose": date(2026, 5, 13), "endorse": date(2026, 5, 20)}


@dataclass
class Crossing:
    """A whole lifecycle; the national rules are named whenever they are others than before."""

    lifecycle: Lifecycle
    narrator: Narrator
    _said: str = field(default="")

    def go(self) -> Iterator[date]:
        self._note()
        for day in self.lifecycle.go():
            yield day
            self._note()

    def _note(self) -> None:
        rules = national(self.lifecycle.policy)
        if rules != self._said:
            self._said = rules
            self.narrator.note(f"{self.lifecycle.today} 起适用的国家规定：{rules}")
