"""py-amqp and psycopg2 alone: batches of 100 in one transaction with set-based SQL, acknowledged with one `multiple`."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import amqp
import psycopg2

from suite.bench import stage
from suite.bench.baselines.raw_publish import connect
from suite.bench.statements import INSERT, UPDATE

BATCH = 100
PREFETCH = 500


def apply(database: Any, batch: Sequence[amqp.Message]) -> None:
    events = [json.loads(message.body) for message in batch]
    rows = {
        "candidates": [event["data"]["candidate_id"] for event in events],
        "branches": [event["data"]["branch"] for event in events],
        "since": [event["data"]["since"] for event in events],
        "days": [event["day"] for event in events],
    }
    with database, database.cursor() as cursor:
        cursor.execute(UPDATE, rows)
        cursor.execute(INSERT, rows)


def main() -> None:
    task = stage.task()
    database = psycopg2.connect(task["dsn"], options=f"-csearch_path={task['sink']}")
    connection = connect(task["amqp_url"])
    channel = connection.channel()
    channel.basic_qos(0, PREFETCH, False)
    buffer: list[amqp.Message] = []
    commits: list[tuple[float, int]] = []
    left = task["events"]
    stage.ready()
    for queue in task["queues"]:
        channel.basic_consume(queue, callback=buffer.append)
    while left:
        while len(buffer) < min(BATCH, left):
            connection.drain_events()
        batch, buffer[:] = buffer[:BATCH], buffer[BATCH:]
        apply(database, batch)
        commits.append((time.perf_counter(), len(batch)))
        channel.basic_ack(batch[-1].delivery_tag, multiple=True)
        left -= len(batch)
    stage.done(commits=commits)
    connection.close()


if __name__ == "__main__":
    main()
