"""The doors of alerts: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from kernel.bus.amqp_consumer import Streams
from services.alerts.reactions import REACTIONS


class Alerts:
    name = "alerts"

    streams = Streams(REACTIONS)
