"""Scope as a condition: which rows belong to the subtrees that an account may see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, true
from sqlalchemy.sql import false


def under(path: ColumnElement[str], tops: Sequence[str]) -> ColumnElement[bool]:
    """Whether the organisation at `path` lies at or below one of `tops`; nothing does where there is none.

    The same as `Post.covers`. Not LIKE: SQLite's takes capital letters for small ones, and would show a neighbour's rows.
    """
    if not tops:
        return false()
    return or_(*(func.substr(path, 1, len(top)) == top if top != "/" else true() for top in tops))
