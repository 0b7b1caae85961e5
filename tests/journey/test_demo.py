"""The demo as a stranger runs it, twice at once: it shows what it should, and both transcripts are the same."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from suite.demo.chapters import BY_NAME
from suite.demo.registering import EXPECTED
from tests.faults.processes import Process, free_base, xinhuo


@pytest.mark.catalogue("G1", "G2", "G3", "R1", "R14", "X6")
def test_the_demo_shows_what_it_should_and_says_the_same_in_two_runs(profile: str, tmp_path: Path) -> None:
    if profile != "embedded":
        pytest.skip("the demo is embedded")
    runs = [tmp_path / "first", tmp_path / "second"]
    with ExitStack() as stack:
        processes = [stack.enter_context(_started(run)) for run in runs]
        for process in processes:
            assert process.join(patience=600) == 0, process.tail()

    transcripts = [_transcript(process) for process in processes]
    assert transcripts[0] == transcripts[1]
    report = json.loads((runs[0] / "demo.json").read_text())
    assert report["ok"]
    assert report["divisions"] == {**EXPECTED, "total": 5461}
    assert all(rules["blocking"] == rules["refused"] for rules in report["rules"].values())
    assert len(report["rules"]) == 4
    assert (report["events"]["pending"], report["events"]["parked"], report["dossiers"]["unsound"]) == (0, 0, [])


@pytest.mark.parametrize("chapter", BY_NAME)
def test_a_chapter_shows_what_it_should(profile: str, tmp_path: Path, chapter: str) -> None:
    if profile != "embedded":
        pytest.skip("the demo is embedded")
    with _started(tmp_path / "run", "--chapters", chapter) as process:
        assert process.join(patience=600) == 0, process.tail()
    report = json.loads((tmp_path / "run" / f"demo-{chapter}.json").read_text())
    assert report["ok"]
    assert all(rules["blocking"] == rules["refused"] for rules in report["rules"].values())
    assert any(rules["blocking"] for rules in report["rules"].values())
    assert report["dossiers"]["unsound"] == []


def _started(run: Path, *more: str) -> Process:
    """Each process orders its sets in its own way."""
    run.mkdir()
    arguments = ("demo", "--data-dir", str(run / "data"), "--report", str(run / "demo.json"), *more)
    return xinhuo(*arguments, log=run / "transcript", base_port=free_base())


def _transcript(process: Process) -> str:
    """Without the last line, which tells how long it took."""
    return "\n".join(line for line in process.output().splitlines() if not line.startswith("用时 "))
