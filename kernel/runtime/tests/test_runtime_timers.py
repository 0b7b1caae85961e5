"""A timer ticks on one instance at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from kernel.clock import Clock, SimulatedClock
from kernel.context import Context
from kernel.http.tests.conftest import DemoProcess
from kernel.runtime import timers
from kernel.runtime.runtime import CONFIG_KEY
from kernel.runtime.timers import give_back, take
from kernel.store.tables import lease
from tests.kit import TODAY, a_context


class HandClock(SimulatedClock):
    def __init__(self) -> None:
        super().__init__(TODAY)
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def wall(self) -> datetime:
        return self.at


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = a_context(tmp_path)
    object.__setattr__(made, "clock", HandClock())
    return made


def later(context: Context, seconds: float) -> None:
    clock: Any = context.clock
    clock.at += timedelta(seconds=seconds)


def test_the_first_takes_the_lease_and_the_second_does_not(context: Context) -> None:
    assert take(context, "overdue", "first", 10)
    assert not take(context, "overdue", "second", 10)


def test_the_holder_renews_and_keeps_it(context: Context) -> None:
    for _ in range(5):
        assert take(context, "overdue", "first", 10)
        assert not take(context, "overdue", "second", 10)
        later(context, 9)


def test_a_lease_that_has_run_out_goes_to_another_and_not_back(context: Context) -> None:
    take(context, "overdue", "first", 10)
    later(context, 11)
    assert take(context, "overdue", "second", 10)
    assert not take(context, "overdue", "first", 10)


def test_a_lease_given_back_is_free_at_once(context: Context) -> None:
    take(context, "overdue", "first", 10)
    give_back(context, "overdue", "second")
    assert not take(context, "overdue", "second", 10)
    give_back(context, "overdue", "first")
    assert take(context, "overdue", "second", 10)


def test_two_timers_have_two_leases(context: Context) -> None:
    assert take(context, "overdue", "first", 10)
    assert take(context, "reminders", "second", 10)


def test_a_lease_that_is_still_fresh_is_not_written_again(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr(timers, "take", lambda *arguments: taken.append(arguments[1]) or True)
    timer = timers.Timer(60, "overdue")
    timer.container = SimpleNamespace(config={CONFIG_KEY: SimpleNamespace(context=context, instance="first")})
    assert timer._hold() and timer._hold()
    assert taken == ["overdue"]
    later(context, timer.lease_seconds / timers.TICKS_MISSED)  # when it is renewed beside a long run
    assert timer._hold()
    assert taken == ["overdue", "overdue"]
    later(context, -3_600)  # a clock that was set back
    assert timer._hold()
    assert taken == ["overdue"] * 3


def a_timer(context: Context, *, follows_day: bool, day_is_moved: bool) -> tuple[timers.Timer, list[str]]:
    """A timer whose container notes what it starts: `loop` is the one that follows the wall clock."""
    started: list[str] = []

    def spawn_worker(*_: Any, handle_result: Callable[..., Any]) -> None:
        started.append("run")
        handle_result(None, None, None)

    def spawn_managed_thread(*_: Any, **__: Any) -> Any:
        started.append("loop")
        return SimpleNamespace(wait=lambda: None)

    timer = timers.Timer(60, "overdue", follows_day)
    runtime = SimpleNamespace(context=context, instance="first", day_is_moved=day_is_moved)
    timer.container = SimpleNamespace(
        config={CONFIG_KEY: runtime}, spawn_worker=spawn_worker, spawn_managed_thread=spawn_managed_thread
    )
    return timer, started


@pytest.mark.parametrize(
    ("follows_day", "day_is_moved", "loop"), [(True, False, True), (True, True, False), (False, True, True), (False, False, True)]
)
def test_who_moves_the_day_moves_what_follows_it(context: Context, follows_day: bool, day_is_moved: bool, loop: bool) -> None:
    timer, started = a_timer(context, follows_day=follows_day, day_is_moved=day_is_moved)
    timer.start()
    assert started == (["loop"] if loop else [])


def test_a_timer_that_was_only_told_to_tick_gives_its_lease_back(context: Context) -> None:
    timer, started = a_timer(context, follows_day=True, day_is_moved=True)
    timer.start()
    timer.tick()
    assert started == ["run"]
    assert not take(context, "overdue", "second", 10)
    timer.stop()
    assert take(context, "overdue", "second", 10)


@pytest.fixture
def two(tmp_path: Path) -> Any:
    """Two instances of the demo service on one store, the first with the lease."""
    url = f"sqlite:///{tmp_path}/demo.db"
    first = DemoProcess(url, tmp_path).start()
    _until(lambda: ticks(tmp_path))
    second = DemoProcess(url, tmp_path).start()
    yield first, second
    for process in (first, second):
        process.stop()


def ticks(directory: Path) -> list[int]:
    path = directory / "ticks"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_a_stopped_holder_hands_over(two: tuple[DemoProcess, DemoProcess], tmp_path: Path) -> None:
    first, second = two
    seen = len(ticks(tmp_path))
    _until(lambda: len(ticks(tmp_path)) > seen + 5)
    assert set(ticks(tmp_path)) == {first.process.pid}
    assert first.stop() == 0
    _until(lambda: second.process.pid in ticks(tmp_path))


def test_a_killed_holder_is_replaced_when_its_lease_has_run_out(two: tuple[DemoProcess, DemoProcess], tmp_path: Path) -> None:
    first, second = two
    first.kill()
    database = first.database
    with database.write() as connection:
        connection.execute(sa.update(lease).values(until=Clock().wall()))  # as if its seconds had passed
    database.dispose()
    _until(lambda: second.process.pid in ticks(tmp_path))


def test_a_timer_that_fails_goes_on(two: tuple[DemoProcess, DemoProcess], tmp_path: Path) -> None:
    first, _ = two
    (tmp_path / "fail").touch()
    _until(lambda: 'outcome="failed"' in first.call("GET", "/metrics").text)
    (tmp_path / "fail").unlink()
    seen = len(ticks(tmp_path))
    _until(lambda: len(ticks(tmp_path)) > seen + 2)
    assert first.call("GET", "/healthz").status_code == 200


def _until(holds: Callable[[], Any]) -> None:
    while not holds():
        time.sleep(0.02)
