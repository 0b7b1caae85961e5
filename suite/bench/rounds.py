"""Scenarios, their sides, and the rounds in which the sides take turns."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Our own side's name.
OURS = "xinhuo"


@dataclass(frozen=True)
class Goal:
    """Ours compared with a baseline: `ratio` is ours divided by theirs. An aim is reported; what is required decides the exit."""

    ratio: float
    required: bool = True
    at_most: bool = False

    def met(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.ratio:g}{'' if self.required else ' (aim)'}"


@dataclass(frozen=True)
class Scenario:
    """`sides`: name -> measurement of one round, given its number. Ours is among them; `goals` are by baseline.

    `notes`: what else was seen, filled while it runs.
    """

    name: str
    what: str
    unit: str
    sides: Mapping[str, Callable[[int], float]]
    goals: Mapping[str, Goal] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """`values`: by side, one per round."""

    name: str
    what: str
    unit: str
    values: Mapping[str, list[float]]
    goals: Mapping[str, Goal]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def median(self, side: str = OURS) -> float:
        return statistics.median(self.values[side])

    def ratio(self, baseline: str) -> float:
        """Ours by theirs, of the medians."""
        return self.median() / self.median(baseline)

    @property
    def baselines(self) -> list[str]:
        return [side for side in self.values if side != OURS]

    @property
    def missed(self) -> list[str]:
        """Baselines whose required goal was not met."""
        return [name for name, goal in self.goals.items() if goal.required and not goal.met(self.ratio(name))]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": _short(self.median()),
            "unit": self.unit,
            "against": {name: _short(self.ratio(name)) for name in self.baselines},
            "what": self.what,
            "goals": {name: str(goal) for name, goal in self.goals.items()},
            "sides": {
                name: {
                    "median": _short(self.median(name)),
                    "min": _short(min(values)),
                    "max": _short(max(values)),
                    "rounds": [_short(value) for value in values],
                }
                for name, values in self.values.items()
            },
            **({"notes": dict(self.notes)} if self.notes else {}),
        }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def measure(scenario: Scenario, rounds: int, say: Callable[[str], None]) -> Result:
    """All sides in turn, round by round; each round begins with another side."""
    names = list(scenario.sides)
    values: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            value = scenario.sides[name](number)
            values[name].append(value)
            say(f"{scenario.name} {number + 1}/{rounds}  {name:16} {value:,.4g} {scenario.unit}")
    return Result(scenario.name, scenario.what, scenario.unit, values, scenario.goals, scenario.notes)
