"""Every metric of vetting: what it means, and what to do when it moves."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

#: Tries to deliver to departments' systems. `failed` rising for one department: its system is away or refuses; look at the to-do list.
deliveries = Counter("xinhuo_vetting_deliveries_total", "Tries to deliver, by outcome", ["department", "outcome"])

#: Callbacks by what became of them. `unauthenticated` rising: a secret was changed on one side only, or somebody tries.
callbacks = Counter("xinhuo_vetting_callbacks_total", "Callbacks heard, by outcome", ["department", "outcome"])

#: Questions past their due day, by department. High for one: talk to it; high for all: look at deliveries first.
overdue = Gauge("xinhuo_vetting_overdue_requests", "Questions past their due day", ["department"])

#: Cases by state. Open ones that only grow: nobody concludes.
cases = Gauge("xinhuo_vetting_cases", "Cases by state", ["state"])
