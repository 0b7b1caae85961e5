"""Lists in pages. A cursor holds the key of the last item; it is signed, so that it means nothing but a place in this list."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from kernel.encoding import canonical
from kernel.errors import Invalid

DEFAULT_LIMIT = 50
MOST = 200
_SIGNATURE = 16


class Cursors:
    """Makes and reads cursors. `secret` is the suite's token secret."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"xinhuo cursors", "sha256")

    def make(self, place: str, values: Sequence[Any]) -> str:
        """A cursor after the item with these key values, for the list at `place` (path and filters)."""
        text = canonical([_tagged(value) for value in values]).encode()
        return base64.urlsafe_b64encode(self._sign(place, text) + text).decode().rstrip("=")

    def read(self, place: str, cursor: str) -> list[Any]:
        """The key values. Raises `Invalid` for a cursor that was not made here, or for another list."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        text = raw[_SIGNATURE:]
        if not hmac.compare_digest(raw[:_SIGNATURE], self._sign(place, text)):
            raise Invalid({"cursor": ["游标无效，请从第一页重新开始"]})
        return [_untagged(tag, value) for tag, value in json.loads(text)]

    def _sign(self, place: str, text: bytes) -> bytes:
        return hmac.digest(self._key, place.encode() + b"\0" + text, "sha256")[:_SIGNATURE]


def limit_of(params: Mapping[str, Any]) -> int:
    """The page size asked for. Raises `Invalid`."""
    text = params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST):
        raise Invalid({"limit": [f"须为 1 至 {MOST} 的整数"]})
    return int(text)


def _tagged(value: Any) -> list[Any]:
    match value:
        case bool() | str() | int():
            return ["=", value]
        case datetime():
            return ["instant", value.astimezone(UTC).isoformat()]
        case date():
            return ["date", value]
        case Decimal():
            return ["decimal", value]
    raise TypeError(f"{type(value).__name__} cannot order a list: null or without an exact text")


def _untagged(tag: str, value: Any) -> Any:
    match tag:
        case "instant":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "decimal":
            return Decimal(value)
    return value
