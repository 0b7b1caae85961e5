"""The demo fails when it has not shown what it should: each way of failing is tried."""

from __future__ import annotations

import io
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kernel.clock import SimulatedClock
from kernel.errors import XinhuoError
from kernel.policy import shipped_book
from suite.client import Problem
from suite.demo import cli, left
from suite.demo.account import Account, document
from suite.demo.chapters import ALL, BY_NAME
from suite.demo.ground import Calendar, Stopped
from suite.demo.narrator import Narrator, cited_sources
from suite.demo.registering import EXPECTED, Town
from suite.demo.trials import Trials, blocking

DAY = date(2015, 3, 2)
UNDER = ("jinhua", "national-2014")


class Today:
    """A calendar that stands still."""

    today = DAY

    def to(self, day: date) -> None:
        raise AssertionError("nobody moves it here")


class Door:
    """Somebody at a door that answers with `status` and the reasons of `rules`."""

    def __init__(self, status: int, *rules: str, **more: Any) -> None:
        reason = {"source": "JH 2", "message": "不可", "fact": {"yes": False}, "remedy": "补正", "waivable": False, **more}
        self.problem = Problem(status, {"title": "refused", "detail": "", "reasons": [{"rule": r, **reason} for r in rules]})

    def post(self, *_: Any) -> None:
        if self.problem.status < 400:
            return
        raise self.problem


def trials() -> Trials:
    made = Trials(shipped_book(), Narrator(quiet=True), Today())
    made.expect("jinhua", DAY)
    return made


def all_refused() -> Trials:
    made = trials()
    made.refused[UNDER] = set(made.expected[UNDER])
    return made


def an_account(made: Trials, **changes: Any) -> Account:
    return Account(Town(counts=dict(EXPECTED)), made, **changes)


def test_an_account_without_fault_has_no_failures() -> None:
    account = an_account(all_refused())
    assert account.failures() == []
    assert document(account, {}, 1, "2015-03-02")["ok"]


@pytest.mark.catalogue("G1")
def test_a_missing_division_fails_it() -> None:
    account = an_account(all_refused())
    account.town.counts["branch"] -= 1
    assert len(account.failures()) == 1
    assert not document(account, {}, 1, "2015-03-02")["ok"]


@pytest.mark.catalogue("X6")
def test_a_blocking_rule_that_was_not_tried_fails_it() -> None:
    made = all_refused()
    made.refused[UNDER].remove("activist.contacts")
    assert any("activist.contacts" in failure for failure in an_account(made).failures())


def test_a_refused_rule_that_the_packs_do_not_call_blocking_fails_it() -> None:
    made = all_refused()
    made.refused[UNDER].add("recommendation.mass_share")
    assert any("recommendation.mass_share" in failure for failure in an_account(made).failures())


@pytest.mark.parametrize("lying", [{"parked": 1}, {"pending": 2}, {"unsound": ["candidate/1：被改动"]}])
def test_what_is_left_lying_or_does_not_verify_fails_it(lying: dict[str, Any]) -> None:
    assert len(an_account(all_refused(), **lying).failures()) == 1


def test_what_is_blocking_is_computed_from_the_packs() -> None:
    book = shipped_book()
    before, after = (blocking(book.at("nanning", day)) for day in (DAY, date(2026, 6, 1)))
    assert after - before == {"talk.topics", "prospect.superior_agreement", "admission.meeting_in_time"}
    assert "recommendation.mass_quorum" not in before  # may be departed from with a reason


def test_a_refusal_by_the_rule_is_counted() -> None:
    made = trials()
    made.refuse("recommendation.required", "试", Door(422, "order.future", "recommendation.required"), "/x", {}, city="jinhua")  # type: ignore[arg-type]
    assert (made.wrong, made.refused[UNDER], made.counts) == (
        [],
        {"recommendation.required"},
        Counter(["recommendation.required"]),
    )


@pytest.mark.parametrize(
    "door",
    [
        Door(201),
        Door(422, "order.future"),
        Door(409, "recommendation.required"),
        Door(422, "recommendation.required", remedy=""),
        Door(422, "recommendation.required", fact=None),
    ],
    ids=["taken", "another rule", "another status", "no remedy", "no fact"],
)
def test_anything_else_than_a_whole_refusal_by_the_rule_fails_it(door: Door) -> None:
    made = trials()
    made.refuse("recommendation.required", "试", door, "/x", {}, city="jinhua")  # type: ignore[arg-type]
    assert len(made.wrong) == 1
    assert any("recommendation.required" in failure for failure in an_account(made).failures())


# -- the transcript


def test_ids_do_not_come_into_the_transcript() -> None:
    out = io.StringIO()
    fact = {"candidate_id": "01890a5d-ac96-774b-bcce-b302099a8060", "applied": "2015-03-02"}
    reason = {
        "rule": "recommendation.pool",
        "source": "NN 3(1)",
        "message": "不满",
        "fact": fact,
        "remedy": "再等",
        "waivable": False,
    }
    Narrator(out).refusal(reason, shipped_book().at("nanning", DAY), tried="试")
    assert "01890a5d" not in out.getvalue()
    assert "applied = 2015-03-02" in out.getvalue()
    assert "第 3(1) 部分" in out.getvalue()


def test_articles_are_cited_once_and_own_safeguards_only_where_there_is_no_article() -> None:
    assert cited_sources(["NT 6；JH 1", "Xinhuo", "JH 1"]) == "NT 6、JH 1"
    assert cited_sources(["Xinhuo", "practice"]) == "本系统自设"
    assert cited_sources([]) == ""


# -- the command


def test_a_directory_of_somebody_else_is_not_wiped(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(XinhuoError, match="不是演示的数据目录"):
        cli._make_room(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_its_own_directory_is_emptied(tmp_path: Path) -> None:
    cli._make_room(tmp_path / "demo")
    (tmp_path / "demo" / "old").touch()
    cli._make_room(tmp_path / "demo")
    assert [path.name for path in (tmp_path / "demo").iterdir()] == [cli.MARK]


def test_a_dry_run_names_the_rules_and_makes_nothing(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli.demo, ["--dry-run", "--data-dir", str(tmp_path / "demo")])
    assert said.exit_code == 0
    assert "talk.topics" in said.output
    assert not (tmp_path / "demo").exists()


def test_what_is_left_is_found_and_the_day_stands_still_until_the_real_one_is_past_it(tmp_path: Path) -> None:
    assert left.found(tmp_path) is None
    things = left.Left(date(2999, 1, 1), {"clerk": "clerk.1", "organiser": "o", "county": "c", "candidate": "id"})
    left.leave(tmp_path, things)
    environ = {"XINHUO_DATA_DIR": str(tmp_path)}
    assert left.made_ready(environ) == things
    assert Path(environ["XINHUO_CLOCK_FILE"]).read_text() == "2999-01-01"
    left.leave(tmp_path, left.Left(DAY, things.shown))
    environ = {"XINHUO_DATA_DIR": str(tmp_path)}
    left.made_ready(environ)
    assert "XINHUO_CLOCK_FILE" not in environ


def test_where_the_demo_was_stopped_the_day_stands_still_and_is_told(tmp_path: Path) -> None:
    left.leave(tmp_path, left.Left(DAY, {}, whole=False))
    environ = {"XINHUO_DATA_DIR": str(tmp_path)}
    there = left.made_ready(environ)
    assert not there.whole
    assert Path(environ["XINHUO_CLOCK_FILE"]).read_text() == DAY.isoformat()
    lines = left.hints(there, dict.fromkeys(("recruitment", "alerts"), "http://here"), environ)
    assert f"演示停在 {DAY}" in lines[0]
    assert not any("candidate" in line for line in lines)  # nobody has applied yet


@contextmanager
def on_interruption(handler: Any) -> Iterator[None]:
    """Whoever runs the tests may have started them with interruptions ignored."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def a_calendar() -> Calendar:
    class Suite:
        settle = tick = staticmethod(lambda: None)

    return Calendar(SimulatedClock(DAY), Suite())  # type: ignore[arg-type]


def test_the_first_interruption_stops_before_the_next_day_and_the_second_at_once() -> None:
    calendar = a_calendar()
    with on_interruption(signal.default_int_handler), cli._stopped_by_hand(calendar):
        signal.raise_signal(signal.SIGINT)
        calendar.to(DAY)  # the day itself is done
        with pytest.raises(Stopped):
            calendar.to(DAY + timedelta(days=1))
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert calendar.today == DAY


def test_where_interruptions_are_ignored_the_demo_ignores_them_too() -> None:
    calendar = a_calendar()
    with on_interruption(signal.SIG_IGN), cli._stopped_by_hand(calendar):
        signal.raise_signal(signal.SIGINT)
        calendar.to(DAY + timedelta(days=1))
    assert not calendar.stopping


def test_chapters_are_played_in_their_order_and_an_unknown_one_is_named() -> None:
    assert cli.chosen("main") == ["main"]
    assert cli.chosen("all") == ["main", *BY_NAME]
    assert cli.chosen("departures, main") == ["main", "departures"]
    said = CliRunner().invoke(cli.demo, ["--chapters", "moon", "--dry-run"])
    assert said.exit_code == 2
    assert "没有 moon" in said.output and "departures" in said.output


def test_a_dry_run_of_a_chapter_says_where_it_would_write(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli.demo, ["--chapters", "departures", "--dry-run", "--data-dir", str(tmp_path / "demo")])
    assert said.exit_code == 0
    assert f"{tmp_path}/demo-departures" in said.output
    assert not list(tmp_path.iterdir())


def test_every_chapter_has_rules_of_its_own_under_both_national_texts() -> None:
    book = shipped_book()
    for chapter in ALL:
        for day in (DAY, date(2026, 5, 20)):
            found = set().union(*(chapter.wanted(book.at(city, day)) for city in ("jinhua", "nanning")))
            assert found and not found & set().union(*(blocking(book.at(city, day)) for city in ("jinhua", "nanning"))), (
                chapter.name
            )
