"""docs/coverage.md lists the rows that the tests' marks name, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("kernel", "contracts", "services", "suite", "tests")
PAGE = (ROOT / "docs" / "coverage.md").read_text()


def listed(heading: str) -> list[str]:
    """The rows in the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| ([A-Z]\d+) \|", section, re.MULTILINE)


def marked() -> set[str]:
    return {row for place in PLACES for file in (ROOT / place).rglob("test_*.py") for row in rows_of(file)}


def rows_of(file: Path) -> Iterator[str]:
    """The arguments of every `….mark.catalogue(…)` in a file."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.catalogue"):
            for argument in node.args:
                assert isinstance(argument, ast.Constant), f"{file}: rows are written out, so that they can be found"
                yield str(argument.value)


def test_every_row_that_a_test_marks_is_covered_or_partly_covered_and_the_other_way_round() -> None:
    assert set(listed("Covered")) | set(listed("Partly covered")) == marked()


def test_no_row_stands_twice() -> None:
    rows = [row for heading in ("Covered", "Partly covered", "Not begun") for row in listed(heading)]
    assert len(rows) == len(set(rows))


def test_what_is_missing_of_a_partly_covered_row_is_said() -> None:
    section = PAGE.split("\n## Partly covered\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if re.match(r"\| [A-Z]\d+ \|", line):
            assert line.count("|") == 4 and line.split("|")[3].strip(), line
