"""py-amqp and psycopg2 alone: each message in a transaction of its own, acknowledged after the commit."""

from __future__ import annotations

import time

import amqp
import psycopg2

from suite.bench import stage
from suite.bench.baselines.raw_batch import PREFETCH, apply
from suite.bench.baselines.raw_latency_source import event_key
from suite.bench.baselines.raw_publish import connect


def main() -> None:
    task = stage.task()
    database = psycopg2.connect(task["dsn"], options=f"-csearch_path={task['sink']}")
    connection = connect(task["amqp_url"])
    channel = connection.channel()
    channel.basic_qos(0, PREFETCH, False)
    committed: dict[str, int] = {}

    def on_message(message: amqp.Message) -> None:
        apply(database, [message])
        committed[event_key(message.headers)] = time.monotonic_ns()
        channel.basic_ack(message.delivery_tag)

    for queue in task["queues"]:
        channel.basic_consume(queue, callback=on_message)
    stage.ready(wait=False)
    while len(committed) < task["events"]:
        connection.drain_events()
    stage.done(committed=committed)
    connection.close()


if __name__ == "__main__":
    main()
