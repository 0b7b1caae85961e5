"""The oath after admission. Source: NT 28–35, NT' 29."""

from __future__ import annotations

from datetime import date

from kernel.policy import Policy
from kernel.workdays import add_months


def oath_due(approved_on: date, policy: Policy) -> date | None:
    """The last day of the normal term after the approval; None where the packs name none. A later oath is recorded as late."""
    name = "oath.within_months"
    return add_months(approved_on, policy.value(name)) if policy.has(name) else None
