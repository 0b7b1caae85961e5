"""The suite's service until it has applied so many events."""

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

commits: list[tuple[float, int]] = []


class Timed(Consumer):
    """Notes when each batch was committed."""

    def apply(self, messages: Sequence[Message], *, redelivered: bool = False) -> None:
        super().apply(messages, redelivered=redelivered)
        commits.append((time.perf_counter(), len(messages)))


def main() -> None:
    task = stage.task()
    amqp_consumer.Consumer = Timed  # type: ignore[misc]
    host = service.host(task)
    stage.ready()
    host.start()
    while sum(count for _, count in commits) < task["events"]:
        eventlet.sleep(0.05)
    host.stop()
    stage.done(commits=commits)


if __name__ == "__main__":
    main()
