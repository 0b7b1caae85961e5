"""The published rule vectors, answered through the command as anybody would run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

VECTORS = Path(__file__).parent / "vectors" / "open.jsonl"
CASES = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def run():
    return subprocess.run(
        [sys.executable, "-m", "suite.cli", "policy", "decide", "--batch"],
        input=VECTORS.read_bytes(),
        capture_output=True,
        check=False,
    )


@pytest.fixture(scope="module")
def answers(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_one_answer_per_line_in_order(answers):
    assert [a["id"] for a in answers] == [c["id"] for c in CASES]


def test_a_line_without_an_answer_makes_the_exit_status_one(run):
    assert run.returncode == 1
    assert run.stderr == b""


@pytest.mark.catalogue("R1", "R2", "R3", "R6", "R7", "R10", "R11", "R12", "R13", "S1", "A1", "A2", "A4", "O2", "V1")
@pytest.mark.parametrize("number", range(len(CASES)), ids=[c["id"] for c in CASES])
def test_the_answer_is_the_expected_one(number, answers):
    expected, answer = CASES[number]["expect"], answers[number]
    if expected.get("error"):
        assert answer["error"]["code"] and answer["error"]["message"]
        return
    assert answer["allowed"] is expected["allowed"]
    if "values" in expected:
        assert answer["values"] == expected["values"]
    if "reasons" in expected:
        assert {reason["rule"] for reason in answer["reasons"]} == set(expected["reasons"])
    assert bool(answer["reasons"]) is not answer["allowed"]
