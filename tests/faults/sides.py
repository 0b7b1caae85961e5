"""Processes under ill-treatment: the stage, its relay and its audience (see `tests.stage`), and the suite's own.

    speaker  --database URL --lines FILE      says the lines of FILE, and prints `ok KEY` for each that is answered
    relay    --database URL --broker URL      the stage's relay
    audience --database URL --broker URL      the audience as a nameko service
    xinhuo ARGUMENTS                          the command `xinhuo`

`--without SAFEGUARD` takes one away, see `tests.faults.broken`. `--blow POINT=N:SIGNAL` makes the process send itself a signal at the
N-th pass of a failpoint, where XINHUO_FAILPOINTS would end it; with `--armed` the count begins when SIGUSR1 comes.

They are forked from warm processes, see `tests.faults.nursery`.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kernel import failpoints
from kernel.bus import amqp_consumer, amqp_publisher, connection, relay, relay_process, shares
from kernel.context import Context
from kernel.http import idempotency
from kernel.http.call import Answer
from kernel.store import database as databases
from kernel.unit import command
from tests import stage
from tests.faults import broken

CLERK = "clerk"


def hurry(heartbeat: int) -> None:
    """Shorter waits: what takes seconds to be noticed takes a fraction here."""
    shares.ANNOUNCE, shares.DEAD = 0.3, 2.0
    amqp_consumer.MAX_BACKOFF = relay_process.MAX_BACKOFF = 0.5
    relay_process.STANDBY = 0.2
    connection.HEARTBEAT = heartbeat
    databases.LOCK_TIMEOUT_MS, databases.IDLE_IN_TRANSACTION_MS = 500, 5_000


def strike(spec: str, armed: bool) -> None:
    """Sends this process a signal at the n-th pass of a failpoint; the other failpoints stay as they are."""
    point, _, rest = spec.partition("=")
    count, _, name = rest.partition(":")
    left = [0 if armed else int(count)]
    others = failpoints.hit

    def hit(passed: str) -> None:
        if passed == point and left[0]:
            left[0] -= 1
            if left[0] == 0:
                broken.struck.set()
                os.kill(os.getpid(), signal.Signals[name])
        others(passed)

    failpoints.hit = hit  # type: ignore[assignment]
    signal.signal(signal.SIGUSR1, lambda *_: left.__setitem__(0, int(count)))


def say_once(context: Context, stream: str, key: str, *, text: str | None = None, answer: Callable[[], None]) -> None:
    """A command with an idempotency key, as the doors do it. `answer` is called when it is answered with success."""
    with command(context) as unit:
        if idempotency.stored(unit.connection, CLERK, key, key) is None:
            line = {"text": text or key}
            unit.record(stage.SAID, stream=stream, expected=None, home_county="330702", day=stage.DAY, data=line)
            idempotency.store(unit.connection, CLERK, key, key, Answer(201, b"{}"), context.clock.wall())
    answer()


def speak(options: argparse.Namespace) -> None:
    context = stage.context(databases.Database(options.database, "stage"))
    for line in Path(options.lines).read_text().splitlines():
        stream, key = json.loads(line)
        tell = _printer(f"ok {key}")
        if broken.ANSWER_LAST in options.without:
            tell()
            tell = _printer("")
        say_once(context, stream, key, answer=tell)
    print("all said", flush=True)


def _printer(text: str) -> Callable[[], None]:
    return lambda: print(text, flush=True)


def run_relay(options: argparse.Namespace) -> None:
    publisher = amqp_publisher.AmqpPublisher(options.broker, "stage", stage.SUBSCRIPTIONS)
    store = relay_process.Exclusive(databases.Database(options.database, "stage"))
    print("up", flush=True)
    relay_process.run_process(relay.Relay(store, publisher, batch=options.batch))


def run_audience(options: argparse.Namespace) -> None:
    from nameko.containers import ServiceContainer

    from kernel.runtime.signals import wait_for_stop

    amqp_consumer.StreamConsumer = partial(amqp_consumer.StreamConsumer, batch=options.batch)  # type: ignore[misc, assignment]

    class Audience:
        name = "audience"
        streams = amqp_consumer.Streams(stage.audience())

    runtime = SimpleNamespace(
        context=stage.context(databases.Database(options.database, "audience")),
        settings=SimpleNamespace(profile="servers", amqp_url=options.broker),
        health=SimpleNamespace(checks={}),
    )
    container = ServiceContainer(Audience, config={"xinhuo": runtime})
    container.start()
    print("up", flush=True)
    wait_for_stop()
    container.stop()


def tell() -> None:
    """Makes the consumer say how many messages it has handled."""

    class Telling(amqp_consumer.Consumer):  # type: ignore[name-defined, misc]
        handled = 0

        def apply(self, messages: Any, *, redelivered: bool = False) -> None:
            super().apply(messages, redelivered=redelivered)
            self.handled += len(messages)
            print(f"handled {self.handled}", flush=True)

    amqp_consumer.Consumer = Telling  # type: ignore[misc]


def main() -> None:
    faulthandler.register(signal.SIGUSR2)  # where it is, for whoever wonders why it hangs
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--blow", default="")
    parser.add_argument("--armed", action="store_true")
    parser.add_argument("--tell", action="store_true")
    parser.add_argument("--poison", default="")
    parser.add_argument("--database")
    parser.add_argument("--broker")
    parser.add_argument("--lines")
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--heartbeat", type=int, default=2)
    options, rest = parser.parse_known_args(sys.argv[1:])
    hurry(options.heartbeat)
    for safeguard in options.without:
        broken.take_away(safeguard)
    stage.Upset.poison = frozenset(filter(None, [options.poison]))
    if options.tell:
        tell()
    if options.blow:
        strike(options.blow, options.armed)
    if options.kind == "xinhuo":
        from suite.cli import main as xinhuo

        xinhuo(rest)
    else:
        {"speaker": speak, "relay": run_relay, "audience": run_audience}[options.kind](options)
