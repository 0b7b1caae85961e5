"""Exchanges, queues and bindings: who hears what, as plain data, and how the broker is told.

Each service publishes to the topic exchange `<service>.events`, declared as nameko does it, so that a stock listener works. Each
consuming service has `SHARDS` quorum queues; a stream belongs to one slot, a slot to one shard queue, so the order of a
stream is the order of its queue. The broker must never take a message out of its order: no delivery limit, no TTL, no
dead-letter exchange, no maximum length.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from amqp import NotFound

from kernel.bus.event import SLOTS

#: Shard queues per consuming service. More could share the work among more instances, at the price of more queues.
SHARDS = 4

#: consuming service -> publishing service -> event types heard
Subscriptions = Mapping[str, Mapping[str, Collection[str]]]


class Channel(Protocol):
    """What of py-amqp's channel is used here."""

    connection: Any

    def exchange_declare(self, exchange: str, type: str, **options: Any) -> Any: ...
    def queue_declare(self, queue: str, **options: Any) -> Any: ...
    def queue_bind(self, queue: str, exchange: str, routing_key: str, **options: Any) -> Any: ...


def exchange_of(service: str) -> str:
    return f"{service}.events"


def queue_of(consumer: str, shard: int) -> str:
    return f"{consumer}.shard.{shard}"


def bindings(types: Collection[str]) -> Iterator[tuple[int, str]]:
    """(shard, routing key) of every slot and type heard. The keys match the header `BCC`, see `event.headers_of`."""
    for slot in range(SLOTS):
        for type in sorted(types):
            yield slot % SHARDS, f"{slot}.{type}"


def heard(subscriptions: Subscriptions, source: str) -> frozenset[str]:
    """The types of `source` that some installed service hears."""
    return frozenset(type for sources in subscriptions.values() for type in sources.get(source, ()))


def queue_arguments(server_version: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {"x-queue-type": "quorum", "x-single-active-consumer": True}
    if int(server_version.split(".")[0]) >= 4:
        # From 4.0 on quorum queues have a limit of their own, after which a message would be dropped.
        arguments["x-delivery-limit"] = -1
    return arguments


def declare_exchange(channel: Channel, service: str) -> None:
    channel.exchange_declare(exchange_of(service), "topic", durable=True, auto_delete=False)


def declare_consumer(channel: Channel, consumer: str, sources: Mapping[str, Collection[str]]) -> None:
    """The consumer's queues, and their bindings to the exchanges of `sources`. Bindings of types no longer heard stay: harmless."""
    arguments = queue_arguments(str(channel.connection.server_properties["version"]))
    for shard in range(SHARDS):
        channel.queue_declare(queue_of(consumer, shard), durable=True, auto_delete=False, arguments=arguments)
    for source, types in sorted(sources.items()):
        declare_exchange(channel, source)
        for shard, key in bindings(types):
            channel.queue_bind(queue_of(consumer, shard), exchange_of(source), key, nowait=True)
    # An answer to a last question means that the bindings before it stand.
    channel.queue_declare(queue_of(consumer, 0), passive=True)


def declare_source(channel: Channel, source: str, subscriptions: Subscriptions) -> bool:
    """What `source` publishes to: its exchange, and the queues of all who hear it, whether they have ever run or not.

    Returns whether a queue was missing before.
    """
    declare_exchange(channel, source)
    consumers = sorted(consumer for consumer, sources in subscriptions.items() if source in sources)
    missing = not all(_has_queues(channel.connection, consumer) for consumer in consumers)
    for consumer in consumers:
        declare_consumer(channel, consumer, {source: subscriptions[consumer][source]})
    return missing


def _has_queues(connection: Any, consumer: str) -> bool:
    # On a channel of its own, which the broker closes where a queue is missing.
    with connection.channel() as channel:
        try:
            for shard in range(SHARDS):
                channel.queue_declare(queue_of(consumer, shard), passive=True)
        except NotFound:
            return False
    return True
