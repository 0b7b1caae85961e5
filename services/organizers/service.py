"""The doors of organizers: HTTP, streams and timers. No logic here."""

from __future__ import annotations

from kernel.bus.amqp_consumer import Streams
from services.organizers.reactions import REACTIONS


class Organizers:
    name = "organizers"

    streams = Streams(REACTIONS)
