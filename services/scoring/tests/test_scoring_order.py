"""The score whatever the figures, and whatever the order in which they are entered."""

from __future__ import annotations

import json
import shutil
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kernel.errors import Refused, Stale
from kernel.journal import dossier
from kernel.policy import shipped_book
from services.scoring import queries
from services.scoring.domain.satisfaction import decide_score
from services.scoring.domain.tally import Figures, together
from services.scoring.tests.scoring_world import DAY, World, tally

NANNING = shipped_book().at("nanning", DAY)
grades = st.tuples(*[st.integers(0, 400)] * 4)


def by_hand(*groups: tuple[int, ...]) -> tuple[Decimal, bool]:
    """Score and `below` in another way: in whole hundredths, by repeated addition of single ballots' points."""
    points = [worth for group in groups for worth, n in zip((100, 80, 60, 0), group, strict=True) for _ in range(n)]
    average = Fraction(sum(points), len(points))
    score = (Decimal(average.numerator) / Decimal(average.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return score, sum(points) < 80 * len(points)


@pytest.mark.catalogue("S1", "S2")
@given(st.lists(grades, min_size=1, max_size=3).filter(lambda groups: any(map(sum, groups))), st.integers(0, 9))
def test_the_score_is_that_of_all_ballots_together(groups: list[tuple[int, ...]], invalid: int) -> None:
    counts = [Figures.of(tally(group, invalid=invalid, cast=sum(group) + invalid)) for group in groups]
    values = decide_score(together(counts), NANNING).values
    assert (values["score"], values["below"]) == by_hand(*groups)


@pytest.mark.catalogue("S1")
@given(st.lists(grades, min_size=2, max_size=4).filter(lambda groups: any(map(sum, groups))), st.randoms())
def test_the_order_of_the_groups_changes_nothing(groups: list[tuple[int, ...]], random: object) -> None:
    counts = [Figures.of(tally(group)) for group in groups]
    mixed = counts[:]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert together(counts) == together(mixed)


TRUTH = {("work", "members"): (3, 4, 2, 1), ("work", "masses"): (10, 11, 5, 4), ("person", "members"): (1, 2, 3, 4)}
TRUTH["person", "masses"] = (9, 9, 9, 3)
MISCOUNTED = (5, 5, 0, 0)
TELLERS = ("teller-1", "teller-2", "teller-3")
counts = st.sampled_from(sorted(TRUTH))


class Counting(RuleBasedStateMachine):
    """Three tellers enter in any order, some wrongly, and somebody tries to conclude; once all agree, the result is the same."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.world = World(Path(self.folder))
        self.person = self.world.a_newcomer()
        self.held = self.world.an_evaluation()
        self.waiting: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {key: {} for key in TRUTH}
        self.agreed: dict[tuple[str, str], tuple[int, ...]] = {}
        self.concluded = False

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for key in TRUTH:
            for teller in (*TELLERS, *TELLERS):
                if key not in self.agreed and teller not in self.waiting[key]:
                    self._enter(key, teller, TRUTH[key])
        if not self.concluded:
            self.conclude()
        self._check_the_result()
        self.world.close()
        shutil.rmtree(self.folder)

    def _check_the_result(self) -> None:
        (work,) = self.world.look(queries.list_evaluations)["items"]
        (person,) = self.world.look(queries.list_subjects, self.held.id)["subjects"]
        for name, shown in (("work", work), ("person", person)):
            expected = by_hand(*(self.agreed[name, voters] for voters in ("members", "masses")))
            assert (Decimal(shown["score"]), shown["below"]) == expected
        with self.world.context.database.read() as connection:
            stream = f"evaluation/{self.held.id}"
            export = dossier.export(connection, self.world.context.keys, self.world.county, stream)
        assert dossier.verify(export).sound

    @rule(key=counts, teller=st.sampled_from(TELLERS), wrong=st.sampled_from([False, False, False, True]))
    @precondition(lambda self: not self.concluded)
    def enter(self, key: tuple[str, str], teller: str, wrong: bool) -> None:
        figures = MISCOUNTED if wrong else TRUTH[key]
        if key in self.agreed:
            with pytest.raises(Stale):
                self._send(key, teller, figures)
        elif teller in self.waiting[key]:
            with pytest.raises(Refused, match="另一名计票人"):
                self._send(key, teller, figures)
        else:
            self._enter(key, teller, figures)

    def _send(self, key: tuple[str, str], teller: str, figures: tuple[int, ...]) -> str:
        subject = "work" if key[0] == "work" else self.person
        return self.held.enter(teller, subject, key[1], figures)

    def _enter(self, key: tuple[str, str], teller: str, figures: tuple[int, ...]) -> None:
        answer, entered = self._send(key, teller, figures), self.waiting[key]
        entered[teller] = figures
        if len(entered) < 2:
            assert answer == "waiting"
            return
        same = len(set(entered.values())) == 1
        assert answer == ("agreed" if same else "disputed")
        entered.clear()
        if same:
            self.agreed[key] = figures

    @rule()
    @precondition(lambda self: not self.concluded)
    def conclude(self) -> None:
        if len(self.agreed) < len(TRUTH):
            with pytest.raises(Refused):
                self.held.conclude()
            return
        self.held.conclude()
        self.concluded = True

    @invariant()
    def what_one_teller_has_entered_stands_nowhere_to_be_read(self) -> None:
        if not hasattr(self, "world"):
            return
        shown = self.world.look(queries.show_evaluation, self.held.id)["counts"]
        assert {(c["subject"], c["voters"]) for c in shown if c["totals"]} == {key for key in self.agreed if key[0] == "work"}
        entries = [json.loads(row.payload) for row in self.world.rows("journal", type="tally_entered")]
        assert all(("figures" in e) == (e["result"] == "agreed" and e["subject"] == "work") for e in entries)


TestCounting = pytest.mark.catalogue("S1")(Counting.TestCase)
TestCounting.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
