"""`latency`: from a commit in one service to the commit of its effect in another, at 50 events per second."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from suite.bench.ground import Ground
from suite.bench.process import side
from suite.bench.rounds import OURS, Goal, Scenario
from suite.bench.workload import events, fill_pending, prepare_sink

PER_SECOND = 50
#: The first two seconds are not counted: connections are opened and caches filled.
WARM_UP = 2 * PER_SECOND
COUNT = WARM_UP + 14 * PER_SECOND
#: Who commits first, and who listens.
SIDES = {
    OURS: ("suite.bench.sides.latency_source", ["suite.bench.sides.relay", "suite.bench.sides.latency_sink"]),
    "raw": ("suite.bench.baselines.raw_latency_source", ["suite.bench.baselines.raw_latency_sink"]),
}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by so large a share of them."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@contextmanager
def scenario(ground: Ground) -> Iterator[Scenario]:
    notes: dict[str, list[float]] = {f"p50 of {name}, ms": [] for name in SIDES}

    def run(name: str, number: int) -> float:
        source, others = SIDES[name]
        count = COUNT if not ground.quick else WARM_UP + 3 * PER_SECOND
        rows = list(events(count, seed=len(SIDES) * number + list(SIDES).index(name)))
        prepare_sink(ground, rows)
        fill_pending(ground, [])
        ground.purge()
        written = [(row.stream, row.type, row.headers, row.body.decode()) for row in rows]
        task = ground.task(events=count, per_second=PER_SECOND, forever=True)
        with ExitStack() as stack:
            listeners = [stack.enter_context(side(module, task)) for module in others]
            writer = stack.enter_context(side(source, ground.task(events=count, per_second=PER_SECOND, rows=written)))
            writer.go()
            began = writer.figures()["committed"]
            ended = listeners[-1].figures()["committed"]
        taken = [(ended[key] - at) / 1e6 for key, at in list(began.items())[WARM_UP:]]
        notes[f"p50 of {name}, ms"].append(round(percentile(taken, 0.5), 2))
        return percentile(taken, 0.99)

    yield Scenario(
        name="latency",
        what=f"p99 from a commit in one service to the commit of its effect in another, at {PER_SECOND}/s",
        unit="ms",
        sides={name: lambda number, name=name: run(name, number) for name in SIDES},  # type: ignore[misc]
        goals={"raw": Goal(10, required=False, at_most=True)},
        notes=notes,
    )
