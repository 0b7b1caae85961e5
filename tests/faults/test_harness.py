"""The harness itself: an account that errs would make every fault test worthless, a process left behind would spoil the next."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.store.database import Database
from tests.faults.accounting import Account, Result, Unsound, record
from tests.faults.processes import ROOT, Died, GivenUp, Process, environment, free_port, http_status, wait_until
from tests.faults.town import Town

# --- the account --------------------------------------------------------------------------------------------------------------


def two_streams() -> Account:
    account = Account("two streams")
    for key in ("a1", "a2", "a3"):
        account.ok("a", key)
    account.ok("b", "b1")
    account.begin("b", "b2")  # never answered
    with account.attempt("b", "b3", failed=(ValueError,)):
        raise ValueError
    return account


ALL = [("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a3")]


def test_what_was_accepted_and_happened_once_in_order_is_sound() -> None:
    result = two_streams().compare(ALL)
    result.require_sound()
    assert result.counts() == {
        "accepted": 4,
        "unknown": 1,
        "lost": 0,
        "doubled": 0,
        "out_of_order": 0,
        "unexpected": 0,
    }


def test_the_unknown_may_have_happened_too_but_not_twice() -> None:
    two_streams().compare([*ALL, ("b", "b2")]).require_sound()
    assert two_streams().compare([*ALL, ("b", "b2"), ("b", "b2")]).doubled == ("b2",)


@pytest.mark.parametrize(
    ("observed", "field", "keys"),
    [
        (ALL[1:], "lost", ("a1",)),
        ([*ALL, ("a", "a1")], "doubled", ("a1",)),
        ([ALL[0], ALL[3], ALL[2], ALL[1]], "out_of_order", ("a2",)),
        ([*ALL, ("b", "b3")], "unexpected", ("b3",)),
        ([*ALL, ("c", "c1")], "unexpected", ("c1",)),
        ([*ALL[:3], ("b", "a3")], "unexpected", ("a3",)),
    ],
)
def test_each_way_to_go_wrong_is_found_and_named(observed: list[tuple[str, str]], field: str, keys: tuple[str, ...]) -> None:
    result = two_streams().compare(observed)
    assert getattr(result, field) == keys
    with pytest.raises(Unsound, match=keys[0]):
        result.require_sound()


def test_an_attempt_that_times_out_is_unknown_and_may_be_made_again() -> None:
    account = Account("again")
    with account.attempt("a", "a1"):
        raise TimeoutError
    assert account.keys("unknown") == ["a1"]
    with account.attempt("a", "a1"):
        pass
    assert account.keys("ok") == ["a1"]


def test_an_error_of_the_test_itself_is_not_taken_for_an_outcome() -> None:
    with pytest.raises(KeyError), Account("bug").attempt("a", "a1"):
        raise KeyError


def test_cases_are_merged_into_one_file_by_name(tmp_path: Path) -> None:
    path = tmp_path / "build" / "faults.json"

    def write(case: str, accepted: int) -> None:
        bad = Result(case, accepted, 0, ("x",), (), (), ())
        record(Result(case, accepted, 0, (), (), (), ()), control=bad, safeguard="inbox off", path=path)

    write("b", 1)
    write("a", 2)
    write("b", 3)
    cases = json.loads(path.read_text())
    assert [(case["case"], case["accepted"], case["lost"]) for case in cases] == [("a", 2, 0), ("b", 3, 0)]
    assert cases[0]["control"] == {
        "without": "inbox off",
        "accepted": 2,
        "unknown": 0,
        "lost": 1,
        "doubled": 0,
        "out_of_order": 0,
        "unexpected": 0,
    }


def test_a_control_that_finds_nothing_fails_the_case(tmp_path: Path) -> None:
    fine = Result("tests nothing", 1, 0, (), (), (), ())
    with pytest.raises(Unsound, match="tests nothing"):
        record(fine, control=fine, safeguard="inbox off", path=tmp_path / "faults.json")


# --- processes ----------------------------------------------------------------------------------------------------------------

SLEEPER = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(3600)"]


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_process_is_waited_for_paused_resumed_and_killed(tmp_path: Path) -> None:
    with Process(SLEEPER, name="sleeper", log=tmp_path / "log") as process:
        assert process.wait_for_line("ready") == "ready"
        process.pause()
        wait_until(lambda: state(process.pid) == "T", "the pause")
        process.resume()
        wait_until(lambda: state(process.pid) != "T", "the end of the pause")
        assert process.kill() == -signal.SIGKILL
        assert not process.running


def test_waiting_for_a_process_that_died_says_so_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such setting')"]
    process = Process(command, name="early", log=tmp_path / "log")
    with pytest.raises(Died, match="no such setting"):
        process.wait_for_line("ready")
    assert process.join() == 1


def test_readiness_is_asked_over_http(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    assert http_status(url) is None
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", tmp_path, str(port)]
    with Process(command, name="files", log=tmp_path / "log") as process:
        process.wait_ready(url)
        assert http_status(f"{url}missing") == 404
        assert process.terminate() == -signal.SIGTERM


def test_a_started_process_sees_only_the_settings_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINHUO_MASTER_KEY", "somebody's")
    given = environment(http_port=8000)
    assert {key: value for key, value in given.items() if key.startswith("XINHUO_")} == {"XINHUO_HTTP_PORT": "8000"}


def test_nothing_survives_a_run_that_is_killed(tmp_path: Path) -> None:
    # The grandchild has a session of its own, as the servers' children have.
    grandchild = f"import subprocess, sys; print(subprocess.Popen({SLEEPER!r}, start_new_session=True).pid, flush=True)"
    code = (
        "import os, signal, sys, tempfile; from pathlib import Path\n"
        "from tests.faults.processes import Process; from tests.faults.undertaker import undertaker\n"
        "directory = Path(tempfile.mkdtemp()); undertaker.remove(directory)\n"
        f"child = Process({[sys.executable, '-c', grandchild]!r}, name='child', log=directory / 'log')\n"
        "child.join(); print(child.output().split()[0], directory, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    pid, directory = run.stdout.split()
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or state(int(pid)) == "Z", "the end of the grandchild")
    wait_until(lambda: not Path(directory).exists(), "the removal of the directory")


def test_a_load_that_nobody_answers_ends_with_what_went_wrong(tmp_path: Path) -> None:
    """A command is sent again until it is answered: without an end to that, a failure elsewhere would hang the run."""
    stores = {name: Database(f"sqlite:///{tmp_path}/{name}.sqlite3", name) for name in ("registry", "recruitment")}
    with stores["recruitment"].write() as connection:
        connection.exec_driver_sql("CREATE TABLE organisation (code TEXT, name TEXT)")
    with contextlib.closing(Town("nobody at the door", free_port(), stores, "")) as town:
        with pytest.raises(ZeroDivisionError), town.load():
            wait_until(town.account.asked, "the first command")
            raise ZeroDivisionError
        with pytest.raises(GivenUp):
            town.found()
