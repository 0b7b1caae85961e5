"""The table for people and `build/bench.json` for machines.

`python -m suite.bench.report [FILE]` prints a finished run as Markdown, for `docs/performance.md`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from suite.bench.rounds import OURS, Result


def table(results: Sequence[Result]) -> Table:
    found = Table(title="xinhuo bench", title_justify="left")
    for heading in ("scenario", "side", "median", "min – max", "unit", "xinhuo / side", "goal", ""):
        found.add_column(heading, justify="right" if heading in ("median", "min – max", "xinhuo / side") else "left")
    for result in results:
        for side, values in result.values.items():
            ours = side == OURS
            goal = result.goals.get(side)
            found.add_row(
                result.name if ours else "",
                side,
                f"{result.median(side):,.4g}",
                f"{min(values):,.4g} – {max(values):,.4g}" if len(values) > 1 else "",
                result.unit,
                "" if ours else f"{result.ratio(side):.2f}",
                str(goal) if goal else "",
                ("" if goal is None else "met" if goal.met(result.ratio(side)) else "[red]missed[/red]"),
                style="bold" if ours else "",
            )
        found.add_section()
    return found


def write(path: Path, machine: dict[str, Any], results: Sequence[Result]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine, "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def show(results: Sequence[Result]) -> None:
    Console(width=130).print(table(results))


def markdown(document: dict[str, Any]) -> str:
    """A finished run as a table in Markdown."""
    machine = document["machine"]
    lines = [
        f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB, Python {machine['python']}, "
        f"PostgreSQL {machine['postgresql']['server_version'].split()[0]}, RabbitMQ {machine['rabbitmq']}.",
        "",
        "| scenario | side | median | min – max | xinhuo / side | goal |",
        "|---|---|---:|---:|---:|---|",
    ]
    for result in document["results"]:
        for side, seen in result["sides"].items():
            ratio = result["against"].get(side)
            cells = (
                f"`{result['name']}`, {result['unit']}" if ratio is None else "",
                side,
                f"{seen['median']:,.4g}" if seen["median"] < 1000 else f"{seen['median']:,.0f}",
                f"{seen['min']:,.4g} – {seen['max']:,.4g}" if seen["max"] < 1000 else f"{seen['min']:,.0f} – {seen['max']:,.0f}",
                "" if ratio is None else f"{ratio:.2f}",
                result["goals"].get(side, ""),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench.json").read_text())))
