"""`python -m suite.bench`: see the package."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from shutil import which

import click

from suite.bench import machine, report
from suite.bench.ground import Ground, ground
from suite.bench.rounds import Result, Scenario, measure
from suite.servers import available

#: Where each scenario is made, in the order in which they run.
SCENARIOS = {
    "relay": "relay:scenario",
    "reaction": "reaction:scenario",
    "command": "command:scenario",
    "latency": "latency:scenario",
    "memory": "memory:scenario",
    "memory embedded": "memory:embedded_scenario",
    "lifecycle": "lifecycle:scenario",
    "embedded": "lifecycle:embedded_scenario",
}


def _say(line: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')}  {line}")


def _run(name: str, on: Ground, rounds: int) -> Result:
    module, _, attribute = SCENARIOS[name].partition(":")
    scenario: Callable[[Ground], AbstractContextManager[Scenario]] = getattr(import_module(f"suite.bench.{module}"), attribute)
    with scenario(on) as ready:
        return measure(ready, rounds, _say)


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice(list(SCENARIOS)), help="Only this scenario; may be given more than once."
)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Below 5 only with --quick.")
@click.option("--quick", is_flag=True, help="A tenth of the work, for trying; the figures mean little.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("build/bench.json"), show_default=True)
def main(only: tuple[str, ...], rounds: int, quick: bool, output: Path) -> None:
    """Measures the suite beside scripts that do the same without its kernel. Exit status 1 where a required ratio is missed."""
    if rounds < 5 and not quick:
        raise click.UsageError("fewer than 5 rounds only with --quick")
    missing = [*available().why_not, *(f"{tool} is not installed" for tool in ("wrk", "pgbench") if not which(tool))]
    if missing:
        raise click.ClickException(f"{'; '.join(missing)} (deploy/local-servers.sh installs and starts what is needed)")
    results: list[Result] = []
    with ground(quick) as on:
        facts = machine.describe(on)
        try:
            for name in only or tuple(SCENARIOS):
                results.append(_run(name, on, rounds))
        finally:
            # What has been measured is not lost with what fails after it.
            report.write(output, facts, results)
    report.show(results)
    _say(f"written: {output}")
    missed = [f"{result.name} against {name}" for result in results for name in result.missed]
    if missed and not quick:
        click.echo(f"required ratios missed: {', '.join(missed)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
