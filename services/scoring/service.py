"""The doors of scoring: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from kernel.bus.amqp_consumer import Streams
from services.scoring.reactions import REACTIONS


class Scoring:
    name = "scoring"

    streams = Streams(REACTIONS)
