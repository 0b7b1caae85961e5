"""The suite's relay as it runs: `relay_process.run` with the AMQP publisher, for a number of events or until it is terminated."""

from __future__ import annotations

import threading
import time

from kernel.bus.amqp_publisher import AmqpPublisher
from kernel.bus.relay import Relay
from kernel.bus.relay_process import Exclusive, run, run_process
from kernel.ops.logs import configure
from kernel.store.database import Database
from suite.bench import stage
from suite.bench.ground import SUBSCRIPTIONS


class Counted(Relay):
    """Stops after so many events."""

    left = 0
    ended = 0.0

    def __init__(self, store: Exclusive, publisher: AmqpPublisher, left: int) -> None:
        super().__init__(store, publisher)
        self.left = left
        self.stop = threading.Event()

    def round(self) -> int:
        sent = super().round()
        self.left -= sent
        if self.left <= 0:
            self.ended = time.perf_counter()
            self.stop.set()
        return sent


def main() -> None:
    task = stage.task()
    configure(task["source"], level="warning")
    store = Exclusive(Database(task["database_url"], task["source"], pool_size=1))
    publisher = AmqpPublisher(task["amqp_url"], task["source"], SUBSCRIPTIONS)
    if task.get("forever"):
        stage.ready(wait=False)
        run_process(Relay(store, publisher))
        return
    relay = Counted(store, publisher, task["events"])
    store.acquire()
    publisher.idle()
    stage.ready()
    began = time.perf_counter()
    run(relay, relay.stop)
    stage.done(events=task["events"] - relay.left, seconds=relay.ended - began)


if __name__ == "__main__":
    main()
