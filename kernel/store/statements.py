"""Statements that every command runs, made once: to build one costs as much as to run it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Table, Update, bindparam, insert, select, update


@cache
def row_by(table: Table, column: str, *, lock: bool = False) -> Select[Any]:
    """The rows whose `column` is the parameter `value`. `lock`: nobody else changes them until the transaction ends."""
    query = select(table).where(table.c[column] == bindparam("value"))
    return query.with_for_update() if lock else query


@cache
def insert_into(table: Table) -> Insert:
    return insert(table)


@cache
def change_of(table: Table, columns: tuple[str, ...]) -> Update:
    """Sets `columns` of one row to the parameters `to_<column>`, by its primary key in the parameters `of_<column>`."""
    mine = [column == bindparam(f"of_{column.name}") for column in table.primary_key.columns]
    return update(table).where(*mine).values({name: bindparam(f"to_{name}") for name in columns})
