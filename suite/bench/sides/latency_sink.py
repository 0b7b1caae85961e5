"""The suite's service, which notes when the effect of each event was committed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from suite.cli import make_green

make_green()

import eventlet  # noqa: E402

from kernel.bus import amqp_consumer  # noqa: E402
from kernel.bus.consumer import Consumer  # noqa: E402
from kernel.bus.event import Message  # noqa: E402
from suite.bench import stage  # noqa: E402
from suite.bench.sides import service  # noqa: E402

committed: dict[str, int] = {}


class Noted(Consumer):
    def apply(self, messages: Sequence[Message], *, redelivered: bool = False) -> None:
        super().apply(messages, redelivered=redelivered)
        now = time.monotonic_ns()
        committed.update({f"{message.stream} {message.version}": now for message in messages})


def main() -> None:
    task = stage.task()
    amqp_consumer.Consumer = Noted  # type: ignore[misc]
    host = service.host(task)
    host.start()
    stage.ready(wait=False)
    while len(committed) < task["events"]:
        eventlet.sleep(0.05)
    host.stop()
    stage.done(committed=committed)


if __name__ == "__main__":
    main()
