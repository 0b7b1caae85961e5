"""AMQP 0-9-1 by hand at its two hot spots: a message as the bytes of its frames, and deliveries out of frames.

A message from a stranger may hold any bytes in its headers. Nothing here raises because of them: what cannot be read is handed on as
it came, and ends among the parked messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct, pack, unpack_from
from typing import Any, NamedTuple

from amqp import method_framing
from amqp.serialization import loads

_METHOD, _HEADER, _BODY, _END = 1, 2, 3, b"\xce"
_BASIC, _PUBLISH, _DELIVER = 60, 40, 60
_DELIVER_SIGNATURE = pack(">HH", _BASIC, _DELIVER)
_frame = Struct(">BHI")

# Flags of the properties, in the order in which their values follow.
_CONTENT_TYPE, _CONTENT_ENCODING, _HEADERS, _DELIVERY_MODE = 0x8000, 0x4000, 0x2000, 0x1000
_MESSAGE_ID, _TYPE = 0x0080, 0x0020

#: Under this name a header table that cannot be read is handed on, as hexadecimal digits.
UNREADABLE = "unreadable"


class Delivery(NamedTuple):
    channel: int
    tag: int
    redelivered: bool
    headers: Mapping[str, Any]
    body: bytes


# -- out


def publication(
    channel: int, exchange: str, type: str, message_id: str, headers: Mapping[str, Any], body: bytes, frame_max: int
) -> bytes:
    """The frames of a persistent, mandatory JSON message with `type` as routing key."""
    table = _table(headers)
    properties = b"".join((_content_type, pack(">I", len(table)), table, b"\2", _short(message_id), _short(type)))
    flags = _CONTENT_TYPE | _HEADERS | _DELIVERY_MODE | _MESSAGE_ID | _TYPE
    header = pack(">HHQH", _BASIC, 0, len(body), flags) + properties
    parts = [
        _method(channel, exchange, type),
        _frame.pack(_HEADER, channel, len(header)),
        header,
        _END,
    ]
    room = frame_max - 8
    for start in range(0, len(body), room):
        part = body[start : start + room]
        parts += (_frame.pack(_BODY, channel, len(part)), part, _END)
    return b"".join(parts)


@lru_cache(maxsize=1024)
def _short(text: str) -> bytes:
    data = text.encode()
    return pack("B", len(data)) + data


_content_type = _short("application/json")


@lru_cache(maxsize=1024)
def _method(channel: int, exchange: str, type: str) -> bytes:
    mandatory = b"\1"
    method = pack(">HHH", _BASIC, _PUBLISH, 0) + _short(exchange) + _short(type) + mandatory
    return _frame.pack(_METHOD, channel, len(method)) + method + _END


def _table(headers: Mapping[str, Any]) -> bytes:
    return b"".join([_short(name) + _item(value) for name, value in headers.items()])


def _item(value: Any) -> bytes:
    if isinstance(value, str):
        data = value.encode()
        return b"S" + pack(">I", len(data)) + data
    if isinstance(value, bool):
        return b"t" + pack("B", value)
    if isinstance(value, int):
        return b"I" + pack(">i", value) if -(2**31) <= value < 2**31 else b"l" + pack(">q", value)
    if isinstance(value, list):
        data = b"".join(map(_item, value))
        return b"A" + pack(">I", len(data)) + data
    if value is None:
        return b"V"
    raise TypeError(f"a header cannot be a {type(value).__name__}")


# -- in


def frame_handler(connection: Any, callback: Any, on_delivery: Callable[[Delivery], None]) -> Callable[[Any], bool]:
    """py-amqp's frame handler, except that deliveries are read here and go to `on_delivery`."""
    others = method_framing.frame_handler(connection, callback)
    partial: dict[int, _Partial] = {}

    def on_frame(frame: tuple[int, int, bytes]) -> bool:
        kind, channel, payload = frame
        if kind == _METHOD and payload.startswith(_DELIVER_SIGNATURE):
            partial[channel] = _Partial(payload)
        elif channel in partial and kind in (_HEADER, _BODY):
            message = partial[channel]
            message.add(kind, payload)
            if message.missing <= 0:
                del partial[channel]
                on_delivery(message.delivery(channel))
                connection.bytes_recv += 1
                return True
        else:
            return bool(others(frame))
        connection.bytes_recv += 1
        return False

    return on_frame


class _Partial:
    """A delivery whose frames are still coming in."""

    __slots__ = ("chunks", "headers", "missing", "redelivered", "tag")

    def __init__(self, method: bytes) -> None:
        # After class and method: consumer tag, delivery tag, redelivered, exchange, routing key.
        self.tag, self.redelivered = unpack_from(">QB", method, 5 + method[4])
        self.headers: Mapping[str, Any] = {}
        self.missing = 0
        self.chunks: list[bytes] = []

    def add(self, kind: int, payload: bytes) -> None:
        if kind == _HEADER:
            self.missing, flags = unpack_from(">QH", payload, 4)
            self.headers = headers_in(payload, flags)
        else:
            self.missing -= len(payload)
            self.chunks.append(payload)

    def delivery(self, channel: int) -> Delivery:
        body = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        return Delivery(channel, self.tag, bool(self.redelivered), self.headers, body)


def headers_in(payload: bytes, flags: int) -> Mapping[str, Any]:
    """The table of headers in the payload of a header frame. Never raises."""
    try:
        offset = 14
        for flag in (_CONTENT_TYPE, _CONTENT_ENCODING):
            if flags & flag:
                offset += 1 + payload[offset]
        if not flags & _HEADERS:
            return {}
        end = offset + 4 + unpack_from(">I", payload, offset)[0]
        headers = _strings_and_numbers(payload, offset + 4, end)
        if headers is None:
            headers = {str(name): value for name, value in loads("F", payload, offset)[0][0].items()}
        return headers
    except Exception:
        # Whatever a stranger has put there, it is kept for people to look at.
        return {UNREADABLE: payload.hex()}


def _strings_and_numbers(payload: bytes, offset: int, end: int) -> dict[str, Any] | None:
    """The table, where it holds only what our own headers hold; None otherwise."""
    found: dict[str, Any] = {}
    while offset < end:
        start = offset + 1
        offset = start + payload[offset]
        name = payload[start:offset].decode()
        kind = payload[offset]
        if kind == 0x53:  # S: text
            start = offset + 5
            offset = start + int.from_bytes(payload[offset + 1 : start], "big")
            found[name] = payload[start:offset].decode()
        elif kind == 0x49:  # I: 32 bits
            offset += 5
            found[name] = int.from_bytes(payload[offset - 4 : offset], "big", signed=True)
        elif kind == 0x6C:  # l: 64 bits
            offset += 9
            found[name] = int.from_bytes(payload[offset - 8 : offset], "big", signed=True)
        else:
            return None
    return found
