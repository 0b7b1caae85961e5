"""One way to write values as JSON: canonical, without floats; and one to read what others wrote.

Decimals, dates, instants and UUIDs become strings. The text is canonical (keys sorted, no blanks, UTF-8), so that equal
values have equal bytes and hashes. Keys are ASCII, for which this is the order of RFC 8785.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


def plain(value: Any) -> Any:
    """The value as JSON knows it. Raises TypeError for floats and anything else that has no exact text."""
    kind = type(value)
    # Nearly all are of these kinds, exactly; the rest is looked at more closely.
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        return {key if type(key) is str else str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, (date, UUID)):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no exact JSON text")


def instant(value: datetime) -> str:
    """An instant as RFC 3339 in UTC with microseconds. Raises ValueError for one without a zone: it would be another elsewhere."""
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The `object_pairs_hook` for JSON from outside: of two values under one name, one reader takes the first and another the last.

    Raises ValueError.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("同一个名称出现两次")
    return made


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> str:
    return _ENCODER.encode(plain(value))
