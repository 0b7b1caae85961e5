"""State tables: what they answer, and what they refuse to be made of."""

from __future__ import annotations

import pytest

from kernel.errors import Stale
from kernel.states import DEPARTMENT, NEW, StateTable, rows

TABLE = StateTable(
    "征询函",
    {"asked": "待答复", "answered": "已答复"},
    rows((NEW,), "ask", ("organiser",), "order.future", "asked"),
    rows(("asked", "answered"), "reply", (DEPARTMENT, "organiser"), "order.future concern.grounds", "answered"),
    rows(("asked",), "remind", ()),
    rows(("answered",), "settle", ("organiser",), others=("asked",), at="committee"),
)


def test_a_step_is_a_row_or_told_to_be_impossible_in_peoples_words() -> None:
    assert TABLE.step("asked", "reply").next == "answered"
    assert TABLE.row("asked", "settle") is None
    with pytest.raises(Stale, match="征询函当前状态（待答复）"):
        TABLE.step("asked", "settle")


def test_without_a_next_state_it_stays_and_others_may_follow() -> None:
    assert TABLE.step("asked", "remind").ends == ("asked",)
    assert TABLE.step("answered", "settle").ends == ("answered", "asked")
    assert TABLE.states == ("asked", "answered")


def test_who_may_holds_a_post_and_what_is_nobodys_is_not_offered() -> None:
    assert TABLE.roles("reply") == ("organiser",)
    assert TABLE.actions("asked") == ("reply",)
    assert TABLE.rules("reply") == ("order.future", "concern.grounds")
    assert [row.at for row in TABLE.of("settle")] == ["committee"]


def test_an_action_that_is_in_no_row_is_an_error() -> None:
    with pytest.raises(KeyError):
        TABLE.roles("publish")


def test_an_action_stands_once_in_a_state() -> None:
    with pytest.raises(ValueError, match="twice"):
        StateTable("x", {}, rows(("a",), "go", ()), rows(("a", "b"), "go", ()))
