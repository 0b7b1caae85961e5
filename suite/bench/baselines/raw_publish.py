"""py-amqp alone: pipelined publishes with confirms in a window, every message in memory before it begins."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import amqp
import psycopg2

from suite.bench import stage

WINDOW = 500


def connect(url: str) -> amqp.Connection:
    parts = urlsplit(url)
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port or 5672}",
        userid=parts.username or "guest",
        password=parts.password or "guest",
        virtual_host=parts.path.removeprefix("/") or "/",
    )
    connection.connect()
    return connection


def message(headers: str, body: bytes) -> amqp.Message:
    return amqp.Message(body, application_headers=json.loads(headers), content_type="application/json", delivery_mode=2)


def publish(connection: amqp.Connection, exchange: str, messages: Iterable[tuple[str, amqp.Message]]) -> int:
    """Publishes (routing key, message) pairs and returns when all are confirmed."""
    channel = connection.channel()
    single: set[int] = set()
    lowest = sent = confirmed = 0

    def on_ack(tag: int, multiple: bool) -> None:
        nonlocal confirmed, lowest
        if multiple:
            # Tags below have been confirmed one by one or are confirmed by this.
            early = {other for other in single if other <= tag}
            single.difference_update(early)
            confirmed += tag - lowest - len(early)
            lowest = tag
        else:
            single.add(tag)
            confirmed += 1
            while lowest + 1 in single:
                lowest += 1
                single.discard(lowest)

    channel.events["basic_ack"].add(on_ack)
    channel.confirm_select()
    for key, content in messages:
        channel.basic_publish(content, exchange, key)
        sent += 1
        while sent - confirmed >= WINDOW:
            connection.drain_events()
    while confirmed < sent:
        connection.drain_events()
    channel.close()
    return confirmed


def read(task: Any) -> list[tuple[str, amqp.Message]]:
    connection = psycopg2.connect(task["dsn"], options=f"-csearch_path={task['source']}")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT type, headers, body FROM pending ORDER BY seq")
        rows = [(type, message(headers, bytes(body))) for type, headers, body in cursor.fetchall()]
    connection.close()
    return rows


def main() -> None:
    task = stage.task()
    messages = read(task)
    connection = connect(task["amqp_url"])
    stage.ready()
    began = time.perf_counter()
    confirmed = publish(connection, task["exchange"], messages)
    stage.done(events=confirmed, seconds=time.perf_counter() - began)
    connection.close()


if __name__ == "__main__":
    main()
