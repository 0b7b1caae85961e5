"""The list of what waits, the same for every service: one query per step, the earliest due first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all

from kernel.http.reader import Reader


def waits(step: str, due: Any, *, dated: bool, **columns: Any) -> Select[Any]:
    """What waits for one step. `dated`: whether `due` is a term; else it is only the day since which it waits."""
    shown = [column.label(name) for name, column in columns.items()]
    return select(literal(step).label("step"), *shown, due.label("due"), literal(int(dated)).label("dated"))


def to_do(
    reader: Reader,
    steps: Sequence[Select[Any]],
    id: str,
    may_see: Callable[[Any], ColumnElement[bool]],
    hidden: Sequence[str] = (),
) -> dict[str, Any]:
    """A page of what waits. `overdue` is computed now, by today's date; the parameters `step` and `overdue` narrow it.

    `id`: the column that tells two of one step and day apart. `may_see` makes a condition of the columns; `hidden`: those that serve
    nothing else.
    """
    waiting = union_all(*steps).subquery()
    query = select(waiting).where(may_see(waiting.c))
    if reader.params.get("step"):
        query = query.where(waiting.c.step == reader.params["step"])
    if reader.params.get("overdue"):
        query = query.where(waiting.c.dated == 1, waiting.c.due < reader.today)
    page = reader.page(query, (waiting.c.due, waiting.c[id], waiting.c.step))
    for item in page["items"]:
        item["overdue"] = item.pop("dated") == 1 and item["due"] < reader.today
        for name in hidden:
            del item[name]
    return page
