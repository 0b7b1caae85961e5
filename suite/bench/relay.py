"""`relay`: confirmed events per second, from rows in the pending table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from suite.bench.ground import Ground
from suite.bench.process import SideFailed, measured
from suite.bench.rounds import OURS, Goal, Scenario
from suite.bench.workload import events, fill_pending

SIDES = {
    OURS: ("suite.bench.sides.relay", 30_000),
    "stock nameko": ("suite.bench.baselines.nameko_dispatch", 2_000),
    "raw pipelined": ("suite.bench.baselines.raw_publish", 30_000),
}


@contextmanager
def scenario(ground: Ground) -> Iterator[Scenario]:
    def run(name: str, number: int) -> float:
        module, size = SIDES[name]
        count = ground.size(size)
        ground.purge()
        fill_pending(ground, list(events(count, seed=number)))
        figures = measured(module, ground.task(events=count))
        if not figures["events"] == ground.depth() == count:
            raise SideFailed(f"{name}: {count} events, {figures['events']} confirmed, {ground.depth()} in the queues")
        return float(figures["events"] / figures["seconds"])

    yield Scenario(
        name="relay",
        what="confirmed events per second, from pending rows",
        unit="events/s",
        sides={name: lambda number, name=name: run(name, number) for name in SIDES},  # type: ignore[misc]
        goals={"stock nameko": Goal(7), "raw pipelined": Goal(0.5)},
    )
