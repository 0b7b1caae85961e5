"""docs/tour.md names what is there, in the order in which the code goes."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tour.md").read_text()
#: Section of the page -> what `tour_process.py` plays there. What crosses a broker needs processes, and is not played.
STATIONS = {
    1: "apply",
    2: "apply",
    3: "apply",
    4: "overdue",
    6: "relay",
    7: "relay",
    8: "assess",
    9: "propose",
    10: "warn",
    11: "mend",
}
#: Connections and threads, which the one thread of the play has none of.
AROUND = ("kernel/http/server.py", "kernel/runtime/timers.py", "suite/embedded.py")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Stop = tuple[str, str]


def sections() -> Mapping[int, list[Stop]]:
    """The stops of each section: (file, name)."""
    parts = re.split(r"^## (\d+)\. .*$", PAGE, flags=re.MULTILINE)[1:]
    return {
        int(number): re.findall(r"^\| `([^`]+\.py)` \| `([^`]+)` \|", text, re.MULTILINE)
        for number, text in zip(parts[::2], parts[1::2], strict=True)
    }


SECTIONS = sections()
STOPS = sorted({stop for stops in SECTIONS.values() for stop in stops})


@cache
def names(file: str) -> Mapping[str, bool]:
    """What a module and its classes define, by qualified name; whether it is a function."""
    return dict(_names(ast.parse((ROOT / file).read_text()).body, ""))


def _names(body: Sequence[ast.stmt], prefix: str) -> Iterator[tuple[str, bool]]:
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield prefix + node.name, True
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name, False
            yield from _names(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((prefix + target.id, False) for target in targets if isinstance(target, ast.Name))


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Stop]]:
    """The calls by station, in their order."""
    command = [sys.executable, str(ROOT / "tests" / "contract" / "tour_process.py"), str(tmp_path_factory.mktemp("tour"))]
    played = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr
    found: dict[str, list[Stop]] = {}
    for station, file, function in json.loads(played.stdout):
        found.setdefault(station, []).append((file, function))
    return found


def test_the_page_has_stops_in_every_section() -> None:
    assert all(SECTIONS.values()) and set(STATIONS) < set(SECTIONS)


@pytest.mark.parametrize(("file", "name"), STOPS, ids=[f"{file} {name}" for file, name in STOPS])
def test_every_stop_is_there(file: str, name: str) -> None:
    assert name in names(file)


@pytest.mark.parametrize("station", list(dict.fromkeys(STATIONS.values())))
def test_the_code_goes_from_stop_to_stop(calls: Mapping[str, list[Stop]], station: str) -> None:
    """Tables, schemas, contracts and doors stand on the page beside what reads them: they are not called."""
    stops = [stop for number, of in STATIONS.items() if of == station for stop in SECTIONS[number]]
    wanted = [(file, name) for file, name in stops if names(file)[name] and file not in AROUND]
    way = iter(calls[station])
    reached = [stop for stop in wanted if stop in way]
    assert reached == wanted


def test_what_the_text_names_is_there() -> None:
    """`name` in `file`, and `file`, `name`."""
    pairs = [(file, name) for name, file in re.findall(r"`(\w+)` in\s`([a-z_/]+\.py)`", PAGE)]
    pairs += re.findall(r"`([a-z_/]+\.py)`, `(\w+)`", PAGE)
    assert len(pairs) == 4
    assert [(file, name) for file, name in pairs if name not in names(file)] == []
