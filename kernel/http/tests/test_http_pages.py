"""Lists in pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Date, MetaData, String, Table, select

from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.http.pages import Cursors
from kernel.http.reader import Reader
from kernel.http.tests.conftest import a_secretary, bearer
from kernel.store.types import UtcDateTime
from tests.kit import a_context

CURSORS = Cursors("a secret")


def pages(demo: Any, path: str) -> list[list[int]]:
    found = []
    following: str | None = path
    while following:
        page = demo.call("GET", following).json()
        found.append([item["number"] for item in page["items"]])
        following = page["next"]
    return found


def test_pages_together_are_the_whole_list_in_order(demo: Any) -> None:
    for _ in range(5):
        demo.take("in pages")
    found = pages(demo, "/notes?text=in+pages&limit=2")
    assert [len(page) for page in found] == [2, 2, 1]
    numbers = [number for page in found for number in page]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 5


def test_what_is_added_meanwhile_does_not_disturb(demo: Any) -> None:
    for _ in range(3):
        demo.take("disturbed")
    first = demo.call("GET", "/notes?text=disturbed&limit=2").json()
    demo.take("disturbed")
    second = demo.call("GET", first["next"]).json()
    assert len(second["items"]) == 1
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}


def test_a_cursor_is_good_for_its_own_list_only(demo: Any) -> None:
    for _ in range(3):
        demo.take("own list")
    following = demo.call("GET", "/notes?text=own+list&limit=1").json()["next"]
    assert demo.call("GET", following).status_code == 200
    for other in (
        following.replace("own+list", "hello"),
        following.replace("cursor=", "cursor=A"),
        "/notes?cursor=",
        "/notes?cursor=é",
    ):
        assert demo.call("GET", other).status_code == 400


@pytest.mark.parametrize("limit", ["0", "201", "-1", "a", "1.0", "", "٣", "99999999999"])
def test_a_page_size_out_of_bounds_is_invalid(demo: Any, limit: str) -> None:
    response = demo.call("GET", "/notes", params={"limit": limit})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "limit"


def test_an_empty_list_has_no_next_page(demo: Any) -> None:
    assert demo.call("GET", "/notes?text=nobody", headers=bearer(a_secretary("/4501/"))).json() == {"items": [], "next": None}


exact = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.integers(-(2**63), 2**63),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(st.lists(exact, min_size=1, max_size=3))
def test_a_cursor_brings_back_its_values(values: list[Any]) -> None:
    assert CURSORS.read("/notes?", CURSORS.make("/notes?", values)) == values


@given(st.text())
def test_a_made_up_cursor_is_invalid(cursor: str) -> None:
    with pytest.raises(Invalid):
        CURSORS.read("/notes?", cursor)


@given(st.integers(0, 10_000))
def test_a_cursor_that_was_tampered_with_is_invalid(place: int) -> None:
    cursor = CURSORS.make("/notes?", ["a", date(2020, 1, 1), Decimal("1.50")])
    place %= len(cursor) - 1
    letter = "A" if cursor[place] != "A" else "B"
    with pytest.raises(Invalid):
        CURSORS.read("/notes?", cursor[:place] + letter + cursor[place + 1 :])


def test_a_list_can_be_ordered_by_dates_and_instants(tmp_path: Any) -> None:
    events = Table(
        "happening", MetaData(), Column("id", String, primary_key=True), Column("day", Date), Column("at", UtcDateTime)
    )
    context = a_context(tmp_path)
    with context.database.write() as connection:
        events.create(connection)
        rows = [
            {"id": f"{n}", "day": date(2020, 1, 1 + n // 2), "at": datetime(2020, 1, 1, 12, 0, 0, n % 2, UTC)} for n in range(6)
        ]
        connection.execute(events.insert(), rows)
    for descending in (False, True):
        found: list[str] = []
        given: dict[str, str] = {"limit": "1"}
        while given:
            with context.database.read() as connection:
                reader = Reader(context, connection, Actor("x"), ["r"], "c", {}, "/happenings", CURSORS, given)
                page = reader.page(select(events.c.id), [events.c.day, events.c.at, events.c.id], descending=descending)
            found += [item["id"] for item in page["items"]]
            assert set(page["items"][0]) == {"id"}
            given = {"limit": "1", "cursor": page["next"].partition("cursor=")[2]} if page["next"] else {}
        assert found == sorted("012345", reverse=descending)
