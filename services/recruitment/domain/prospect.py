"""How long an activist is cultivated before becoming a prospect. Source: NT 13, NT' 13."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, allow
from kernel.workdays import add_months


@dataclass(frozen=True)
class EarliestFacts:
    activist_since: date


def decide_earliest(facts: EarliestFacts, policy: Policy) -> Decision:
    """`prospect.earliest`. Values: `earliest`, the first day on which the activist may be listed."""
    return allow({"earliest": add_months(facts.activist_since, policy.value("prospect.activist_months"))})
