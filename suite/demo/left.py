"""What the demo leaves for `xinhuo up --demo`: the last day of its facts, and somebody to look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from kernel.clock import Clock, FileClock

DATA = Path("build/demo")
_FILE = "left.json"
_CLOCK = "today"


@dataclass(frozen=True)
class Left:
    """`shown`: accounts `clerk`, `organiser`, `county`, and the id of a `candidate`; empty where nobody has applied yet.

    `whole`: the demo has come to its end; otherwise somebody has stopped it.
    """

    last_day: date
    shown: Mapping[str, str]
    whole: bool = True


def leave(data_dir: Path, left: Left) -> None:
    text = json.dumps({"last_day": left.last_day.isoformat(), "shown": dict(left.shown), "whole": left.whole}, indent=1)
    (data_dir / _FILE).write_text(text + "\n", encoding="utf-8")


def found(data_dir: Path) -> Left | None:
    """None where no demo has come to its end, or to where it was to stop."""
    try:
        content = json.loads((data_dir / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Left(date.fromisoformat(content["last_day"]), content["shown"], content["whole"])


def made_ready(environ: MutableMapping[str, str]) -> Left:
    """Makes the demo's data where there are none, and points `environ` at them. Raises SystemExit where the demo fails.

    The services run with the real day; as long as that lies before the last day of the facts, and where the demo was stopped, with the
    last day instead.
    """
    data_dir = Path(environ.setdefault("XINHUO_DATA_DIR", str(DATA)))
    if found(data_dir) is None:
        click.echo(f"{data_dir} 还没有演示数据，先运行一次演示。", err=True)
        command = [sys.executable, "-m", "suite.cli", "demo", "--data-dir", str(data_dir)]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            raise SystemExit(1)
    left = found(data_dir)
    assert left is not None  # the demo has just ended well
    if not left.whole or left.last_day > Clock().today():
        FileClock(data_dir / _CLOCK).set(left.last_day)
        environ["XINHUO_CLOCK_FILE"] = str(data_dir / _CLOCK)
    return left


def hints(left: Left, addresses: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """Lines to paste into another terminal."""
    data_dir, shown, address = environ["XINHUO_DATA_DIR"], left.shown, addresses["recruitment"]
    xinhuo = f"XINHUO_DATA_DIR={data_dir} .venv/bin/xinhuo"
    simulated = "XINHUO_CLOCK_FILE" in environ
    day = f"业务日期停在演示的最后一天 {left.last_day}" if simulated else "业务日期为今天"
    dossier = "build/dossier.json"
    lines = [f"演示停在 {left.last_day}，没有演完（make demo 从头再演）。"] if not left.whole else []
    lines.append(f"{day}。在另一个终端可以试：")
    if shown:
        lines += [
            f"  TOKEN=$({xinhuo} token --account {shown['clerk']})",
            f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{address}/candidates'",
            f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{address}/candidates/{shown['candidate']}/timeline'",
            f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{address}/todo'",
            f"  {xinhuo} dossier export recruitment candidate/{shown['candidate']} --reason 查看 -o {dossier}",
            f"  {xinhuo} dossier verify {dossier}",
        ]
    lines += [
        f"  TOKEN=$({xinhuo} token --account look --role city_department --organisation 3307)",
        f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{address}/funnel'",
        f"  TOKEN=$({xinhuo} token --account look --role city_department --organisation 4501)",
        f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{addresses['alerts']}/warnings'",
    ]
    return lines
