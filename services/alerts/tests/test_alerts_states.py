"""A warning's life under arbitrary attempts: what is done follows the table of states, what is refused changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.errors import Forbidden, Invalid, Refused, Stale
from kernel.journal import dossier
from services.alerts.domain import states
from services.alerts.tests.alerts_world import PARTS, World

DAY = date(2018, 4, 2)
DUE = DAY - timedelta(days=9)


class Life(RuleBasedStateMachine):
    """One branch with a late step and a low score. Days go by between the attempts, never back."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.world = World(Path(self.folder), DAY)
        self.world.evaluated(2017, "72.00", DAY)
        self.candidates: list[str] = []
        self.ids: list[str] = []
        self.before: dict[str, str] = {}

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for id in self.ids:
            if self.world.warning(id).state in states.LIVING:
                self.world.do("withdraw", {"reason": "结束"}, id)
            with self.world.context.database.read() as connection:
                export = dossier.export(connection, self.world.context.keys, self.world.county, f"warning/{id}")
            assert dossier.verify(export).sound
        self.world.close()
        shutil.rmtree(self.folder)

    def attempt(self, action: str, body: dict[str, Any], *ids: str, as_: Any = None) -> dict[str, Any] | None:
        """Done as the table says, or refused without a trace."""
        world = self.world
        before = [world.rows("warning"), len(world.rows("journal")), len(world.rows("pending"))]
        states_before = {row.warning_id: row.state for row in before[0]}
        try:
            answer = world.do(action, body, *ids, as_=as_)
        except (Refused, Stale, Invalid, Forbidden):
            assert [world.rows("warning"), len(world.rows("journal")), len(world.rows("pending"))] == before
            return None
        came_from = states_before.get(answer["warning_id"], "")
        assert any(row.state == came_from and row.next == answer["state"] for row in states.WARNING)
        return answer

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        self.world.later(days)

    @rule()
    def a_step_is_late(self) -> None:
        self.candidates.append(self.world.late(DUE))

    @precondition(lambda self: self.candidates)
    @rule()
    def it_is_caught_up_with(self) -> None:
        self.world.caught_up(self.candidates.pop(), DUE)

    @rule(
        about=st.sampled_from([("satisfaction", "2017"), ("step_late", "open")]),
        level=st.sampled_from(["oral", "letter", "yellow"]),
        reasons=st.booleans(),
    )
    def a_warning_is_issued(self, about: tuple[str, str], level: str, reasons: bool) -> None:
        more = {**self.world.yellow(), "departures": {"warning.level": "酌情"}} if reasons else {}
        answer = self.attempt("issue", self.world.issue(*about, level=level, **more))
        if answer:
            self.ids.append(answer["warning_id"])

    def one(self, number: int) -> str:
        return self.ids[number % len(self.ids)]

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 9), step=st.sampled_from(["receive", "plan", "report", "criticise"]), own=st.integers(0, 9))
    def the_branch_acts(self, number: int, step: str, own: int) -> None:
        body = {"receive": {}, "plan": {"plan": "方案"}, "report": {"report": "完成"}, "criticise": {"parts": PARTS}}[step]
        actor = self.world.secretary if own else self.world.account("committee_organiser")
        self.attempt(step, body, self.one(number), as_=actor)

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 9), outcome=st.sampled_from(["accepted", "sent_back"]))
    def the_issuer_checks(self, number: int, outcome: str) -> None:
        self.attempt("check", {"outcome": outcome, "findings": "已查"}, self.one(number))

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 9), role=st.sampled_from(["county_department", "city_department"]))
    def somebody_waives(self, number: int, role: str) -> None:
        self.attempt("waive", {"reason": "另有考虑"}, self.one(number), as_=self.world.account(role))

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 9))
    def it_is_lifted(self, number: int) -> None:
        id = self.one(number)
        row, held = self.world.warning(id), bool(self.candidates)
        about = {each.trigger for each in self.world.rows("warned", warning_id=id)}
        if self.attempt("lift", {}, id):
            assert row.state == states.CHECKED
            assert row.waived_on or not (held and "step_late" in about)
            assert row.level != "yellow" or row.self_criticism_on

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 9), level=st.sampled_from(["letter", "yellow"]), reasons=st.booleans())
    def its_level_is_raised(self, number: int, level: str, reasons: bool) -> None:
        body = {"level": level, "reason": "未整改", "due": self.world.today + timedelta(days=30)}
        more = {**self.world.yellow(), "departures": {"warning.level": "酌情"}} if reasons else {}
        self.attempt("escalate", {**body, **more}, self.one(number))

    @precondition(lambda self: self.ids)
    @rule(number=st.integers(0, 60))
    def it_is_taken_back(self, number: int) -> None:
        if number < 4:
            self.attempt("withdraw", {"reason": "有误"}, self.one(number))

    @invariant()
    def rows_follow_their_streams(self) -> None:
        if not hasattr(self, "world"):
            return
        versions: dict[str, int] = {}
        for entry in self.world.rows("journal"):
            versions[entry.stream] = max(entry.version, versions.get(entry.stream, 0))
        for row in self.world.rows("warning"):
            assert row.version == versions[f"warning/{row.warning_id}"]
            assert (row.ended_on is not None) == (row.state in states.ENDS)
            assert row.level != "yellow" or (row.heard_on and row.circulation and row.yellow_on)
            days = [row.issued_on, row.received_on, row.planned_on, row.reported_on, row.checked_on]
            given = [day for day in days if day]
            assert given == sorted(given)

    @invariant()
    def nothing_is_warned_of_twice_at_a_time(self) -> None:
        if not hasattr(self, "world"):
            return
        running = [row.warning_id for row in self.world.rows("warning") if row.state in states.LIVING]
        about = [(each.trigger, each.period) for id in running for each in self.world.rows("warned", warning_id=id)]
        assert len(about) == len(set(about))


TestLife = pytest.mark.catalogue("A4")(Life.TestCase)
TestLife.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize(
    ("state", "due", "reported_on", "overdue"),
    [
        ("issued", DAY, None, False),
        ("planned", DAY - timedelta(days=1), None, True),
        ("reported", DAY - timedelta(days=1), DAY - timedelta(days=1), False),  # the issuer's time to check
        ("reported", DAY - timedelta(days=1), DAY, True),
        ("lifted", DAY - timedelta(days=1), DAY, False),
    ],
)
def test_late_is_who_has_not_reported_by_the_deadline(state: str, due: date, reported_on: date | None, overdue: bool) -> None:
    assert states.is_overdue(state, due, reported_on, DAY) is overdue
