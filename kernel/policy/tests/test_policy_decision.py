"""What a decision says, and what passes on a written reason."""

import pytest

from kernel.errors import Invalid, Refused
from kernel.policy import Departure, Reason, allow, combine, judge, refuse


def a_reason(rule="a.rule", waivable=False):
    return Reason(rule, "JH 1", "不符合规定", {"n": 1}, "补正", waivable)


def test_a_decision_without_reasons_is_allowed():
    assert judge(None, None, values={"n": 1}).require().values == {"n": 1}


@pytest.mark.catalogue("X6")
def test_a_refusal_names_rule_source_fact_and_remedy():
    with pytest.raises(Refused) as refused:
        refuse(a_reason("a.rule"), a_reason("b.rule")).require()
    assert refused.value.rules == ("a.rule", "b.rule")
    reason = refused.value.reasons[0]
    assert (reason.source, reason.fact, reason.remedy) == ("JH 1", {"n": 1}, "补正")


def test_a_refusal_without_a_reason_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="at least one"):
        refuse()
    with pytest.raises(ValueError, match="at least one"):
        Refused(())


def test_a_waivable_reason_passes_on_a_written_reason_which_is_kept():
    decision = refuse(a_reason(waivable=True)).with_departures({"a.rule": " 人手不足 "})
    assert decision.allowed
    assert decision.departures == (Departure("a.rule", "JH 1", "人手不足"),)


def test_a_reason_that_is_not_waivable_stays_whatever_is_written():
    decision = refuse(a_reason("a.rule"), a_reason("b.rule", waivable=True))
    after = decision.with_departures({"a.rule": "理由", "b.rule": "理由"})
    assert not after.allowed
    assert [r.rule for r in after.reasons] == ["a.rule"]


def test_one_of_two_waivable_reasons_is_not_enough():
    decision = refuse(a_reason("a.rule", waivable=True), a_reason("b.rule", waivable=True))
    assert not decision.with_departures({"a.rule": "理由"}).allowed


def test_an_empty_written_reason_is_invalid():
    with pytest.raises(Invalid) as invalid:
        refuse(a_reason(waivable=True)).with_departures({"a.rule": "  "})
    assert list(invalid.value.fields) == ["departures.a.rule"]


def test_nothing_is_departed_from_where_nothing_refused():
    assert allow().with_departures({"a.rule": "理由"}).departures == ()


def test_combined_decisions_allow_only_together():
    both = combine(allow({"a": 1}), refuse(a_reason(), values={"b": 2}))
    assert not both.allowed
    assert both.values == {"a": 1, "b": 2}
    with pytest.raises(ValueError, match="same value"):
        combine(allow({"a": 1}), allow({"a": 1}))
