"""Runs the tests in parts, says what ran and what did not and why, and writes build/test.json.

The parts run one after the other, each in a pytest of its own whose workers (XINHUO_TEST_WORKERS, else 2) share its files. The last
line of output is the total: `N passed, N failed, N skipped`. Exit status 1 when a test failed; also, with XINHUO_REQUIRE_ALL=1, when
a part that was asked for did not run. A part that collects nothing has not run. Names of parts as arguments run only those.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests import servers
from tests.faults import private

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

BESIDE = ("kernel", "contracts", "services", "suite")
ACROSS = ("tests/journey", "tests/integration")

WORKERS = os.environ.get("XINHUO_TEST_WORKERS", "2")
#: How many of a part's tests are named because they took longest.
SLOWEST = 10
#: Where files are kept in memory, and how much room is wanted there: databases that live for one test need no disk.
MEMORY, ROOM = Path("/dev/shm"), 2 << 30

NOT_ASKED = "not asked for"
#: pytest's exit status when it has collected nothing
NOTHING = 5
#: pytest's exit statuses that mean that the tests themselves ran: all passed, some failed
RAN = (0, 1)


@dataclass(frozen=True)
class Run:
    """One call of pytest: where, which marks, on which profile. `share`: what one worker takes at a time, a file or a test."""

    paths: tuple[str, ...]
    marks: str = "not servers and not faults"
    profile: str = "embedded"
    ignore: tuple[str, ...] = ()
    share: str = "loadfile"


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    runs: tuple[Run, ...]
    why_not: Callable[[], str | None] = lambda: None
    #: Whether its files may stand in memory: those of servers that are killed stand on a disk.
    memory: bool = True


@dataclass
class Outcome:
    ran: bool = False
    why: str | None = None
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    skips: list[str] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)


def _no_servers() -> str | None:
    return "; ".join(servers.available().why_not) or None


def _no_binaries() -> str | None:
    packages = private.missing()
    return f"not installed: Debian's {' and '.join(packages)}" if packages else None


HTTP = "tests/contract/http"

PARTS = (
    Part("unit", "unit and property tests", (Run((*BESIDE, "tests/property")),)),
    Part("contract", "contracts, vectors, layers", (Run(("tests/contract",), ignore=(HTTP,)),)),
    Part("embedded", "integration and journeys on the embedded profile", (Run(ACROSS),)),
    Part(
        "servers",
        "the same on PostgreSQL and RabbitMQ, and what needs them",
        (
            Run(ACROSS, marks="not faults", profile="servers"),
            Run((*BESIDE, "tests/property", "tests/contract"), marks="servers", profile="servers", ignore=(HTTP,)),
        ),
        _no_servers,
    ),
    Part("schema", "schemathesis over every service's OpenAPI", (Run((HTTP,), share="load"),)),
    Part(
        "faults", "kills, cuts and restarts on private servers", (Run(("tests/faults",), marks=""),), _no_binaries, memory=False
    ),
)


def run_part(part: Part) -> Outcome:
    outcome = Outcome()
    why = part.why_not()
    if why:
        outcome.why = why
        return outcome
    start = time.monotonic()
    files = Path(tempfile.mkdtemp(prefix=f"xinhuo-{part.name}-", dir=_memory() if part.memory else None))
    for number, run in enumerate(part.runs):
        _run(part, number, run, outcome, files / str(number))
    if outcome.failed:
        print(f"what the tests that failed have left is in {files}", flush=True)
    else:
        shutil.rmtree(files, ignore_errors=True)
    outcome.seconds = round(time.monotonic() - start, 1)
    if not outcome.ran:
        outcome.why = "there are no tests in it"
    return outcome


def _memory() -> Path | None:
    """None where the machine keeps too little in memory: then the usual place does."""
    enough = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if enough else None


def _run(part: Part, number: int, run: Run, outcome: Outcome, files: Path) -> None:
    paths = [path for path in run.paths if (ROOT / path).is_dir()]
    if not paths:
        return
    report = BUILD / "tests" / f"{part.name}-{number}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "--tb=short", f"--junitxml={report}", *paths]
    command += [f"-m={run.marks}"] if run.marks else []
    command += [f"--ignore={path}" for path in run.ignore]
    # A worker that dies is a failure, not a reason to begin again.
    command += [f"--dist={run.share}", "--max-worker-restart=0", f"--basetemp={files}"]
    settings = {"XINHUO_TEST_PROFILE": run.profile} | ({"TMPDIR": str(files.parent)} if part.memory else {})
    status = _pytest(command, WORKERS, settings)
    if status == NOTHING:
        # So ends a pytest without tests, and one whose workers have all died: what is the case shows without workers.
        report.unlink(missing_ok=True)
        status = _pytest(command, "0", settings)
    if status == NOTHING:
        return
    outcome.ran = True
    if report.exists():
        _count(report, outcome)
    if status not in RAN or not report.exists() or (status and not outcome.failed):
        # pytest itself broke off: interrupted, killed, a bad option, an error outside any test, a test that ended the process.
        outcome.failed += 1
        outcome.why = f"pytest ended with status {status}"


def _pytest(command: list[str], workers: str, settings: dict[str, str]) -> int:
    return subprocess.run([*command, f"--numprocesses={workers}"], cwd=ROOT, env=os.environ | settings).returncode


def _count(report: Path, outcome: Outcome) -> None:
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag: child for child in case}
        outcome.slowest.append((float(case.get("time", 0)), f"{case.get('classname')}::{case.get('name')}"))
        if "failure" in kinds or "error" in kinds:
            outcome.failed += 1
        elif "skipped" in kinds:
            outcome.skipped += 1
            outcome.skips.append(f"{case.get('classname')}::{case.get('name')}: {kinds['skipped'].get('message')}")
        else:
            outcome.passed += 1
    outcome.slowest = sorted(outcome.slowest, reverse=True)[:SLOWEST]


def main(names: list[str]) -> int:
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(part.name for part in PARTS)}")
        return 2
    outcomes: dict[str, Outcome] = {}
    for part in PARTS:
        if names and part.name not in names:
            outcomes[part.name] = Outcome(why=NOT_ASKED)
            continue
        print(f"\n=== {part.name}: {part.what}", flush=True)
        outcomes[part.name] = run_part(part)
        if not outcomes[part.name].ran:
            print(f"not run: {outcomes[part.name].why}", flush=True)
    write(outcomes)
    return summary(outcomes)


def write(outcomes: dict[str, Outcome]) -> None:
    BUILD.mkdir(exist_ok=True)
    document = {"parts": {name: asdict(outcome) for name, outcome in outcomes.items()}}
    (BUILD / "test.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def summary(outcomes: dict[str, Outcome]) -> int:
    print("\n=== what ran")
    for name, outcome in outcomes.items():
        counts = f"{outcome.passed:5} passed {outcome.failed:4} failed {outcome.skipped:4} skipped {outcome.seconds:7.1f} s"
        print(f"{name:9} {counts if outcome.ran else 'NOT RUN'}{f'  ({outcome.why})' if outcome.why else ''}")
    for name, outcome in outcomes.items():
        for seconds, test in outcome.slowest:
            print(f"slow in {name}: {seconds:6.1f} s  {test}")
    for name, outcome in outcomes.items():
        for skip in outcome.skips:
            print(f"skipped in {name}: {skip}")
    missing = [name for name, outcome in outcomes.items() if not outcome.ran and outcome.why != NOT_ASKED]
    lacking = bool(missing) and os.environ.get("XINHUO_REQUIRE_ALL") == "1"
    if lacking:
        print(f"required, and did not run: {', '.join(missing)}")
    passed, failed, skipped = (sum(getattr(o, kind) for o in outcomes.values()) for kind in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or lacking else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
