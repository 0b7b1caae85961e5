"""The demo as a stranger runs it, twice at once: it shows what it should, and both transcripts are the same."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from suite.demo.registering import EXPECTED
from tests.faults.processes import Process
from tests.journey.playing import played


@pytest.mark.catalogue("G1", "G2", "G3", "R1", "R14", "X6")
def test_the_demo_shows_what_it_should_and_says_the_same_in_two_runs(profile: str, tmp_path: Path) -> None:
    if profile != "embedded":
        pytest.skip("the demo is embedded")
    runs = [tmp_path / "first", tmp_path / "second"]
    with ExitStack() as stack:
        processes = [stack.enter_context(played(run)) for run in runs]
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


def _transcript(process: Process) -> str:
    """Without the last line, which tells how long it took."""
    return "\n".join(line for line in process.output().splitlines() if not line.startswith("用时 "))
