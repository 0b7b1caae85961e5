"""The runner of the tests counts what pytest did, and never takes silence for success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import run
from tests.run import Outcome, Part, Run

MIXED = """
import pytest

def test_passes(): pass
def test_fails(): assert False
@pytest.mark.skip(reason="no moon")
def test_skips(): pass
@pytest.fixture
def broken(): raise RuntimeError
def test_errors(broken): pass
"""


@pytest.fixture(autouse=True)
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "BUILD", tmp_path / "build")
    monkeypatch.delenv("XINHUO_REQUIRE_ALL", raising=False)
    return tmp_path / "build"


def a_part(directory: Path, text: str = "", name: str = "sample") -> Part:
    tests = directory / name
    tests.mkdir()
    (tests / "pytest.ini").write_text("[pytest]\naddopts = -p no:pytest_nameko -p no:faker -p no:schemathesis\n")
    if text:
        (tests / f"test_{name}.py").write_text(text)
    return Part(name, "a sample", (Run((str(tests),), marks=""),))


def test_every_outcome_is_counted_and_skips_keep_their_reason(tmp_path: Path) -> None:
    outcome = run.run_part(a_part(tmp_path, MIXED))
    assert (outcome.ran, outcome.passed, outcome.failed, outcome.skipped) == (True, 1, 2, 1)
    assert "no moon" in outcome.skips[0]
    assert len(outcome.slowest) == 4


def test_a_part_without_tests_has_not_run(tmp_path: Path) -> None:
    for outcome in (run.run_part(a_part(tmp_path)), run.run_part(Part("gone", "", (Run(("no/such/place",)),)))):
        assert not outcome.ran
        assert outcome.why == "there are no tests in it"


@pytest.mark.parametrize("text", ["import os; os._exit(0)", "import os; os._exit(3)", "raise KeyboardInterrupt", "syntax error"])
def test_a_pytest_that_breaks_off_counts_as_a_failure(tmp_path: Path, text: str) -> None:
    outcome = run.run_part(a_part(tmp_path, text))
    assert outcome.failed >= 1


def test_a_part_that_cannot_run_says_why(tmp_path: Path) -> None:
    part = a_part(tmp_path, MIXED)
    assert run.run_part(Part(part.name, "", part.runs, lambda: "no server")) == Outcome(why="no server")


@pytest.mark.parametrize(
    ("parts", "required", "status"),
    [
        ({"a": Outcome(ran=True, passed=2, skipped=1)}, "", 0),
        ({"a": Outcome(ran=True, passed=2, failed=1)}, "", 1),
        ({"a": Outcome(ran=True, passed=2), "b": Outcome(why="no server")}, "", 0),
        ({"a": Outcome(ran=True, passed=2), "b": Outcome(why="no server")}, "1", 1),
        ({"a": Outcome(ran=True, passed=2), "b": Outcome(why=run.NOT_ASKED)}, "1", 0),
        ({"a": Outcome(ran=True, passed=2), "b": Outcome(ran=True, passed=1)}, "1", 0),
    ],
)
def test_the_last_line_is_the_total_and_the_status_follows(
    parts: dict[str, Outcome],
    required: str,
    status: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XINHUO_REQUIRE_ALL", required)
    assert run.summary(parts) == status
    passed, failed, skipped = (sum(getattr(part, kind) for part in parts.values()) for kind in ("passed", "failed", "skipped"))
    assert capsys.readouterr().out.splitlines()[-1] == f"{passed} passed, {failed} failed, {skipped} skipped"


def test_the_record_has_every_part(build: Path) -> None:
    run.write({"a": Outcome(ran=True, passed=2, seconds=1.5), "b": Outcome(why="no server")})
    parts = json.loads((build / "test.json").read_text())["parts"]
    assert parts["a"] == {
        "ran": True,
        "why": None,
        "passed": 2,
        "failed": 0,
        "skipped": 0,
        "seconds": 1.5,
        "skips": [],
        "slowest": [],
    }
    assert parts["b"]["why"] == "no server"
