"""psycopg2 and py-amqp alone: at a steady pace, one transaction, then its event published and confirmed."""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg2

from suite.bench import stage
from suite.bench.baselines.raw_publish import connect, message


def event_key(headers: Any) -> str:
    """What both ends know an event by."""
    return f"{headers['cloudEvents_stream']} {headers['cloudEvents_streamversion']}"


def main() -> None:
    task = stage.task()
    database = psycopg2.connect(task["dsn"], options=f"-csearch_path={task['source']}")
    connection = connect(task["amqp_url"])
    channel = connection.channel()
    confirmed: set[int] = set()
    channel.events["basic_ack"].add(lambda tag, multiple: confirmed.add(tag))
    channel.confirm_select()
    committed: list[int] = []
    stage.ready()
    began = time.monotonic()
    for number, (stream, type, headers, body) in enumerate(task["rows"]):
        time.sleep(max(0.0, began + number / task["per_second"] - time.monotonic()))
        with database, database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO pending (stream, type, headers, body) VALUES (%s, %s, %s, %s)",
                (stream, type, headers, body.encode()),
            )
        committed.append(time.monotonic_ns())
        channel.basic_publish(message(headers, body.encode()), task["exchange"], type)
        while len(confirmed) <= number:
            connection.drain_events()
    keys = [event_key(json.loads(headers)) for _, _, headers, _ in task["rows"]]
    stage.done(committed=dict(zip(keys, committed, strict=True)))


if __name__ == "__main__":
    main()
