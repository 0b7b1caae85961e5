"""The score of the double evaluation (S1)."""

from datetime import date
from decimal import Decimal

import pytest

from kernel.errors import Invalid
from kernel.policy import NotInForce, shipped_book
from services.scoring.domain.satisfaction import SatisfactionFacts, decide_score

NANNING = shipped_book().at("nanning", date(2014, 6, 1))


@pytest.mark.catalogue("S1")
@pytest.mark.parametrize(
    ("counts", "score", "below"),
    [
        ((20, 20, 0, 10), "72.00", True),
        ((0, 1, 0, 0), "80.00", False),
        ((1, 0, 1, 0), "80.00", False),
        ((1, 0, 0, 0), "100.00", False),
        ((0, 0, 0, 3), "0.00", True),
        ((1, 1, 1, 0), "80.00", False),
        ((2, 1, 0, 0), "93.33", False),
        ((1, 2, 0, 0), "86.67", False),
        ((0, 0, 1, 31), "1.88", True),
    ],
)
def test_the_score_is_the_weighted_mean(counts, score, below):
    assert decide_score(SatisfactionFacts(*counts), NANNING).values == {"score": Decimal(score), "below": below}


@pytest.mark.catalogue("S1", "S2")
def test_the_threshold_meets_the_exact_value_and_not_the_rounded_one():
    values = decide_score(SatisfactionFacts(0, 99_999, 1, 0), NANNING).values
    assert (values["score"], values["below"]) == (Decimal("80.00"), True)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (-1, 2, 0, 0), (1, 0, 0, -1)])
def test_empty_and_negative_tallies_are_invalid(counts):
    with pytest.raises(Invalid):
        decide_score(SatisfactionFacts(*counts), NANNING)


@pytest.mark.parametrize(("city", "on"), [("jinhua", date(2015, 6, 1)), ("nanning", date(2013, 9, 21))])
def test_where_and_when_there_is_no_evaluation_the_rule_is_unknown(city, on):
    with pytest.raises(NotInForce):
        decide_score(SatisfactionFacts(1, 0, 0, 0), shipped_book().at(city, on))
