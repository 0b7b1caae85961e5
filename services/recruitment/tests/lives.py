"""What the stateful tests of candidates' lives share: a world, attempts that are done or leave no trace, what always holds."""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kernel.errors import Invalid, Refused, Stale
from kernel.journal import dossier
from services.recruitment.domain import states
from services.recruitment.tests.world import Candidate, World

DAY = date(2026, 6, 1)
SETTINGS = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)

some = st.integers(min_value=0, max_value=9)


class Lives(RuleBasedStateMachine):
    """Up to three candidates of one branch. Days go by between the attempts, never back."""

    city = ""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.world = World(Path(self.folder), self.city, DAY)
        self.candidates: list[Candidate] = []
        self.open: dict[str, deque[str]] = {name: deque() for name in ("publicity", "objection", "proceeding", "meeting")}

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for candidate in self.candidates:
            self._reach_an_end(candidate)
            self._check_the_chain(candidate)
        assert self.world.rows("living") == []
        self.world.close()
        shutil.rmtree(self.folder)

    def _reach_an_end(self, candidate: Candidate) -> None:
        if candidate.state in states.LIVING:
            self.world.do("withdraw", {"document": "撤回书"}, candidate.id)
        assert candidate.state in states.ENDS

    def _check_the_chain(self, candidate: Candidate) -> None:
        world, stream = self.world, f"candidate/{candidate.id}"
        with world.context.database.read() as connection:
            assert dossier.verify(dossier.export(connection, world.context.keys, world.county, stream)).sound

    # -- attempts

    def attempt(self, action: str, body: dict[str, Any], *ids: str) -> dict[str, Any] | None:
        """Done, or refused without a trace."""
        before = self._picture()
        try:
            return self.world.do(action, body, *ids)
        except (Refused, Stale, Invalid):
            assert self._picture() == before
            return None

    def _picture(self) -> list[Any]:
        world = self.world
        return [world.rows("candidate"), world.rows("ballot"), world.rows("publicity"), world.versions()]

    def one(self, number: int) -> Candidate:
        return self.candidates[number % len(self.candidates)]

    @rule(months=st.integers(0, 7), days=st.integers(0, 9))
    def time_goes_by(self, months: int, days: int) -> None:
        self.world.later(months=months, days=days)

    # -- what always holds

    @invariant()
    def rows_follow_their_streams(self) -> None:
        if not hasattr(self, "world"):
            return
        versions = self.world.versions()
        for row in self.world.rows("candidate"):
            assert row.version == versions[f"candidate/{row.candidate_id}"]
        for row in self.world.rows("meeting"):
            assert row.version == versions[f"meeting/{row.meeting_id}"]

    @invariant()
    def the_living_are_those_who_have_not_left(self) -> None:
        if not hasattr(self, "world"):
            return
        alive = {row.candidate_id for row in self.world.rows("candidate") if row.state in states.LIVING}
        assert {row.candidate_id for row in self.world.rows("living")} == alive
