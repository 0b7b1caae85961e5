"""`make soak`: many lifecycles in parallel on servers while processes are killed at random, and an account of what became of them.

Every command that was answered with success must stand in a dossier, once, in the order in which it was given; everybody
becomes a full member, once, in recruitment and in the registry; nothing is left pending or put aside. Written to build/soak.json.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import click

from suite.demo.cohort import Cohort, towns
from suite.demo.lifecycle import Lifecycle
from tests import servers
from tests.faults.undertaker import undertaker
from tests.journey.running import RunningSuite, running_suite

REPORT = Path("build/soak.json")


@dataclass
class Chaos:
    """Kills one of the suite's processes every few seconds, as long as it is told to."""

    suite: RunningSuite
    random: Random
    pauses: tuple[float, float]
    kills: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def raging(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._rage, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _rage(self, over: threading.Event) -> None:
        while not over.wait(self.random.uniform(*self.pauses)):
            children = sorted(self.suite.children().items())
            if children:
                name, pid = self.random.choice(children)
                os.kill(pid, signal.SIGKILL)
                self.kills[name] += 1


@dataclass
class Record:
    """The commands that were answered with success, by the person whose dossier they go into, in their order."""

    commands: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    others: int = 0

    def answered(self, key: str, path: str) -> None:
        parts = path.split("/")
        if parts[1] == "candidates":
            self.commands[parts[2]].append(key)
        else:
            self.others += 1


def account(lifecycles: list[Lifecycle], record: Record, suite: RunningSuite) -> dict[str, Any]:
    """Compares what was answered with what is there."""
    lost, doubled, out_of_order, unfinished = [], [], [], []
    for lifecycle in lifecycles:
        walk = lifecycle.walk
        entries = walk.dossier()["entries"]
        first = {}
        for entry in entries:
            first.setdefault(entry["correlation_id"], entry["version"])
        doubled += [f"{walk.id} {type}" for (_, type), times in _times(entries).items() if times > 1]
        keys = record.commands[walk.id]
        lost += [f"{walk.id} {key}" for key in keys if key not in first]
        versions = [first[key] for key in keys if key in first]
        out_of_order += [walk.id] if versions != sorted(versions) else []
        member = walk.desk.secretary.get("registry", f"/members/{walk.id}")
        if walk.now()["state"] != "full" or member["status"] != "full":
            unfinished.append(walk.id)
    return {
        "lifecycles": len(lifecycles),
        "commands": sum(map(len, record.commands.values())),
        "other_commands": record.others,
        "lost": lost,
        "doubled": doubled,
        "out_of_order": out_of_order,
        "unfinished": unfinished,
        "parked": {service: suite.settled(service) for service in suite.doors.addresses},
    }


def _times(entries: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """How often a command has left an entry of a type."""
    return Counter((entry["correlation_id"], entry["type"]) for entry in entries)


@click.command()
@click.option("--seconds", default=600, show_default=True, help="No new lifecycles are begun after so long.")
@click.option("--parallel", default=20, show_default=True, help="Lifecycles side by side.")
@click.option("--seed", default=None, type=int, help="Of the kills; drawn and told if left out.")
@click.option(
    "--every", nargs=2, type=float, default=(2.0, 8.0), show_default=True, help="Seconds between kills, least and most."
)
def main(seconds: int, parallel: int, seed: int | None, every: tuple[float, float]) -> None:
    """Lifecycles under random kills on the given servers, and the account of them."""
    if why := servers.available().why_not:
        raise click.ClickException("; ".join(why))
    seed = seed if seed is not None else int.from_bytes(os.urandom(4))
    click.echo(f"seed {seed}")
    with tempfile.TemporaryDirectory() as directory, running_suite("servers", Path(directory)) as suite:
        record, lifecycles, started = Record(), list[Lifecycle](), time.monotonic()
        cohort = Cohort(suite.doors, suite.departments, suite.calendar, towns(suite.doors, suite.calendar))
        suite.doors.answered = record.answered
        chaos = Chaos(suite, Random(seed), every)
        with chaos.raging():
            while not lifecycles or time.monotonic() - started < seconds:
                wave = cohort.lifecycles(parallel)
                cohort.live(wave, parallel)
                lifecycles += wave
                click.echo(f"{time.monotonic() - started:5.0f} s  {len(lifecycles)} lifecycles, {chaos.kills.total()} kills")
        found = account(lifecycles, record, suite)
        spent = round(time.monotonic() - started)
    document = {"seed": seed, "seconds": spent, "parallel": parallel, "kills": dict(sorted(chaos.kills.items())), **found}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    faults = {name: found[name] for name in ("lost", "doubled", "out_of_order", "unfinished") if found[name]}
    parked = sum(found["parked"].values())
    click.echo(f"{found['commands']} commands of {found['lifecycles']} lifecycles, {chaos.kills.total()} kills; parked {parked}")
    click.echo(f"✗ {faults}" if faults or parked else "✓ nothing lost, nothing twice, everybody arrived")
    undertaker.bury()
    sys.exit(1 if faults or parked else 0)


if __name__ == "__main__":
    main()
