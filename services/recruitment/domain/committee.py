"""Until when the committee decides on a branch's report. Source: NT 27, NT' 25."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, allow
from kernel.workdays import add_months


@dataclass(frozen=True)
class DecisionDueFacts:
    """`extended`: a special case, with a stated reason."""

    reported: date
    extended: bool


def decide_decision_due(facts: DecisionDueFacts, policy: Policy) -> Decision:
    """`committee.decision_due`. Values: `due`."""
    name = "committee.decision_months_extended" if facts.extended else "committee.decision_months"
    return allow({"due": add_months(facts.reported, policy.value(name))})
