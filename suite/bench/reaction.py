"""`reaction`: events per second that had their effect exactly once. Each updates a row and inserts one.

The backlog stands in the queues before a side begins. Measured is from the first commit to the last, without what the first one
committed: neither start nor connecting counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from suite.bench.baselines import raw_publish
from suite.bench.ground import SINK, SOURCE, STEP, Ground
from suite.bench.process import SideFailed, measured
from suite.bench.rounds import OURS, Goal, Scenario
from suite.bench.workload import Row, events, prepare_sink, reacted

STOCK = "stock nameko"
SIDES = {
    OURS: ("suite.bench.sides.reaction", 20_000),
    STOCK: ("suite.bench.baselines.nameko_handler", 3_000),
    "raw batch": ("suite.bench.baselines.raw_batch", 20_000),
}
#: The queue of nameko's handler, as nameko names and declares it.
STOCK_QUEUE = f"evt-{SOURCE}-{STEP.type}--{SINK}.heard"


def rate(commits: list[tuple[float, int]]) -> float:
    """Events per second between the first commit and the last."""
    return sum(count for _, count in commits[1:]) / (commits[-1][0] - commits[0][0])


@contextmanager
def scenario(ground: Ground) -> Iterator[Scenario]:
    def run(name: str, number: int) -> float:
        module, size = SIDES[name]
        count = ground.size(size)
        rows = list(events(count, seed=number))
        prepare_sink(ground, rows)
        _fill_queues(ground, rows, stock=name == STOCK)
        try:
            figures = measured(module, ground.task(events=count))
        finally:
            _delete_stock_queue(ground)
        if (found := reacted(ground)) != (count, count):
            raise SideFailed(f"{name}: {count} events, {found[0]} rows inserted, {found[1]} updates")
        return rate(figures["commits"])

    yield Scenario(
        name="reaction",
        what="events per second committed exactly once by a reaction that updates a row and inserts one",
        unit="events/s",
        sides={name: lambda number, name=name: run(name, number) for name in SIDES},  # type: ignore[misc]
        goals={STOCK: Goal(5), "raw batch": Goal(0.45)},
    )


def _fill_queues(ground: Ground, rows: list[Row], *, stock: bool) -> None:
    """The shard queues, or the queue of the stock handler alone."""
    ground.purge()
    if stock:
        with ground.channel() as channel:
            channel.queue_declare(STOCK_QUEUE, durable=True, auto_delete=False)
            channel.queue_bind(STOCK_QUEUE, f"{SOURCE}.events", STEP.type)
    connection = raw_publish.connect(ground.amqp_url)
    messages = [(row.type, raw_publish.message(row.headers, row.body)) for row in rows]
    raw_publish.publish(connection, f"{SOURCE}.events", messages)
    connection.close()
    if stock:
        ground.purge()


def _delete_stock_queue(ground: Ground) -> None:
    with ground.channel() as channel:
        channel.queue_delete(STOCK_QUEUE)
