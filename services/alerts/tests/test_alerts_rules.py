"""Plan deviation and the level of a warning (A1, A2)."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from kernel.errors import Invalid
from kernel.policy import NotInForce, shipped_book
from services.alerts.domain.plan import DeviationFacts, decide_deviation
from services.alerts.domain.warning import LevelFacts, decide_level

NANNING = shipped_book().at("nanning", date(2014, 12, 31))
JINHUA = shipped_book().at("jinhua", date(2014, 12, 31))
LEVELS = ("oral", "letter", "yellow")


@pytest.mark.catalogue("A1")
@pytest.mark.parametrize(
    ("planned", "actual", "deviation", "beyond"),
    [
        (100, 103, "0.0300", False),
        (100, 97, "0.0300", False),
        (100, 96, "0.0400", True),
        (100, 104, "0.0400", True),
        (33, 34, "0.0303", False),
        (33, 35, "0.0606", True),
        (34, 35, "0.0294", False),
        (34, 36, "0.0588", True),
        (34, 34, "0.0000", False),
        (1, 0, "1.0000", False),
        (1, 2, "1.0000", False),
        (1, 3, "2.0000", True),
        (2, 0, "1.0000", True),
        (10_000, 10_300, "0.0300", False),
        (10_000, 10_301, "0.0301", True),
        (32, 33, "0.0313", False),
    ],
)
def test_beyond_means_more_than_three_percent_or_one_person_of_a_small_plan(planned, actual, deviation, beyond):
    values = decide_deviation(DeviationFacts(planned, actual), NANNING).values
    assert values == {"deviation": Decimal(deviation), "beyond": beyond}
    assert str(values["deviation"]) == deviation


@pytest.mark.parametrize(("planned", "actual"), [(0, 0), (-1, 0), (10, -1)])
def test_there_is_no_deviation_from_no_plan(planned, actual):
    with pytest.raises(Invalid):
        decide_deviation(DeviationFacts(planned, actual), NANNING)


@pytest.mark.catalogue("A2")
@pytest.mark.parametrize(
    ("state", "severity", "current", "overdue", "level"),
    [
        ("near", "minor", None, False, "oral"),
        ("near", "ordinary", None, False, "oral"),
        ("near", "serious", None, False, "letter"),
        ("triggered", "minor", None, False, "letter"),
        ("triggered", "ordinary", None, False, "letter"),
        ("triggered", "serious", None, False, "yellow"),
        ("triggered", "ordinary", "letter", True, "yellow"),
        ("triggered", "minor", "oral", True, "yellow"),
        ("triggered", "minor", "oral", False, "letter"),
        ("near", "ordinary", "oral", True, "letter"),
        ("near", "ordinary", "letter", True, "yellow"),
        ("near", "serious", "oral", True, "letter"),
        ("near", "serious", "letter", True, "yellow"),
        ("near", "ordinary", "letter", False, "letter"),
        ("near", "minor", "yellow", False, "yellow"),
        ("near", "minor", "yellow", True, "yellow"),
        ("near", "minor", None, True, "oral"),
    ],
)
def test_the_level_follows_state_severity_and_what_was_not_heeded(state, severity, current, overdue, level):
    assert decide_level(LevelFacts(state, severity, current, overdue), NANNING).values == {"level": level}


@pytest.mark.catalogue("A2")
def test_a_level_is_never_lowered():
    for state, severity, current, overdue in product(
        ("near", "triggered"), ("minor", "ordinary", "serious"), LEVELS, (False, True)
    ):
        level = decide_level(LevelFacts(state, severity, current, overdue), NANNING).values["level"]
        assert LEVELS.index(level) >= LEVELS.index(current)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (LevelFacts("far", "minor", None, False), "state"),
        (LevelFacts("near", "fatal", None, False), "severity"),
        (LevelFacts("near", "minor", "red", False), "current"),
    ],
)
def test_unknown_words_are_invalid(facts, field):
    with pytest.raises(Invalid) as invalid:
        decide_level(facts, NANNING)
    assert list(invalid.value.fields) == [field]


def test_jinhua_has_neither():
    with pytest.raises(NotInForce):
        decide_deviation(DeviationFacts(1, 1), JINHUA)
    with pytest.raises(NotInForce):
        decide_level(LevelFacts("near", "minor", None, False), JINHUA)
