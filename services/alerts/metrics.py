"""Every metric of alerts: what it means, and what to do when it moves."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

#: Findings by trigger and state, as of the last assessment. A jump: look whether the packs or the year have changed.
findings = Gauge("xinhuo_alerts_findings", "Findings by trigger and state", ["trigger", "state"])

#: Steps of warnings by action and level. Many `issue` and few `lift`: warnings pile up; look at the to-do list of the issuers.
steps = Counter("xinhuo_alerts_steps_total", "Steps of warnings", ["action", "level"])
