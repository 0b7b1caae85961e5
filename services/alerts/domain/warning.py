"""Which level of warning the facts call for. Source: NN 2(2). A person decides on it; this proposes."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.policy import Decision, Faults, Policy, allow

NEAR, TRIGGERED = "near", "triggered"


@dataclass(frozen=True)
class LevelFacts:
    """`current`: the warning already issued, None without one. `overdue`: its deadline has passed without a remedy."""

    state: str
    severity: str
    current: str | None
    overdue: bool


def decide_level(facts: LevelFacts, policy: Policy) -> Decision:
    """`warning.level`: by state and severity; higher when a warning was not heeded; never lower than the current one.

    Serious: has had serious consequences when triggered, is likely to when near. Values: `level`.
    """
    levels = policy.value("warning.levels")
    tables = {NEAR: "warning.near", TRIGGERED: "warning.triggered"}
    with Faults() as faults:
        faults.one_of("state", facts.state, tables)
        faults.one_of("severity", facts.severity, policy.value("warning.near"))
        if facts.current is not None:
            faults.one_of("current", facts.current, levels)
    called_for = [policy.value(tables[facts.state])[facts.severity]]
    if facts.current is not None:
        called_for.append(facts.current)
        if facts.overdue and facts.current in policy.value("warning.overdue_after"):
            called_for.append(_unheeded(facts.state, facts.current, policy))
    return allow({"level": max(called_for, key=levels.index)})


def _unheeded(state: str, current: str, policy: Policy) -> str:
    if state == TRIGGERED:
        return str(policy.value("warning.overdue_triggered"))
    levels = policy.value("warning.levels")
    higher = levels.index(current) + policy.value("warning.overdue_near_steps")
    return str(levels[min(higher, len(levels) - 1)])
