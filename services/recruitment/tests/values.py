"""Values of recruitment's tests: identification numbers, and bodies as the wire has them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date
from typing import Any

from kernel.id_number import check_character

_numbers = itertools.count(1)


def an_id_number(born: date = date(1990, 5, 4), county: str = "330702") -> str:
    """A valid number that nobody has got from here before."""
    first = f"{county}{born:%Y%m%d}{next(_numbers) % 1000:03d}"
    return first + check_character(first)


def plain(value: Any) -> Any:
    """Dates as the wire has them."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
