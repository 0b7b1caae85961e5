"""Frames: what is sent reads back, and no stranger's message upsets the reader."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from struct import pack
from types import SimpleNamespace
from typing import Any

from amqp.basic_message import Message as AmqpMessage
from amqp.serialization import dumps
from hypothesis import given
from hypothesis import strategies as st

from kernel.bus import wire
from kernel.bus.event import headers_of, message_of
from kernel.bus.parking import _headers_text, printable

HEADERS = headers_of(
    event_id="0190-1",
    source="stage",
    type="line_said",
    schema_version=1,
    stream="成员/1",
    version=2**40,
    home_county="330702",
    time="2024-03-01T08:00:00.000000Z",
    correlation_id="c",
)


def frames_of(data: bytes) -> list[tuple[int, int, bytes]]:
    found = []
    while data:
        kind, channel, size = data[0], int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:7], "big")
        found.append((kind, channel, data[7 : 7 + size]))
        assert data[7 + size] == 0xCE
        data = data[8 + size :]
    return found


def read(frames: list[tuple[int, int, bytes]], others: list[Any] | None = None) -> list[wire.Delivery]:
    """Hands frames to the reader; a publication's method is made a delivery's first."""
    found: list[wire.Delivery] = []
    connection = SimpleNamespace(bytes_recv=0)
    handler = wire.frame_handler(connection, lambda *call: (others if others is not None else []).append(call), found.append)
    deliver = pack(">HH", 60, 60) + b"\4ctag" + pack(">QB", 7, 1) + b"\1x\1k"
    for kind, channel, payload in frames:
        handler((kind, channel, deliver if kind == 1 and payload[:4] == pack(">HH", 60, 40) else payload))
    assert connection.bytes_recv == len(frames)
    return found


@given(body=st.binary(max_size=300), frame_max=st.integers(9, 120))
def test_a_publication_reads_back_whatever_its_size(body: bytes, frame_max: int) -> None:
    data = wire.publication(3, "stage.events", "line_said", "0190-1", HEADERS, body, frame_max)
    frames = frames_of(data)
    assert all(len(payload) <= frame_max - 8 for kind, _, payload in frames if kind == 3)
    (delivery,) = read(frames)
    assert delivery == wire.Delivery(3, 7, True, HEADERS | {"BCC": HEADERS["BCC"]}, body)


def test_a_publication_is_what_the_protocol_wants() -> None:
    data = wire.publication(3, "stage.events", "line_said", "0190-1", HEADERS, b"{}", 4096)
    method, header, _ = frames_of(data)
    assert method[2] == pack(">HHH", 60, 40, 0) + b"\x0cstage.events" + b"\x09line_said" + b"\1"
    message = AmqpMessage()
    message.inbound_header(header[2])
    assert message.properties == {
        "content_type": "application/json",
        "delivery_mode": 2,
        "message_id": "0190-1",
        "type": "line_said",
        "application_headers": HEADERS,
    }


def test_deliveries_of_several_channels_may_be_interleaved() -> None:
    one = frames_of(wire.publication(1, "x", "a", "1", {"n": 1}, b"one", 4096))
    two = frames_of(wire.publication(2, "x", "b", "2", {"n": 2}, b"two", 4096))
    mixed = [frame for pair in zip(one, two, strict=True) for frame in pair]
    assert [(d.channel, d.headers["n"], d.body) for d in read(mixed)] == [(1, 1, b"one"), (2, 2, b"two")]


def test_other_methods_go_to_the_library() -> None:
    others: list[Any] = []
    ack = pack(">HH", 60, 80) + pack(">QB", 1, 0)
    assert read([(1, 1, ack), (8, 0, b"")], others) == []
    assert [call[1] for call in others] == [(60, 80)]


tables = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.text(),
        st.binary(),
        st.just(Decimal("1.5")),
        st.just(datetime(2020, 1, 1, tzinfo=UTC)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(headers=st.dictionaries(st.text(max_size=20) | st.sampled_from(sorted(HEADERS)), tables, max_size=6))
def test_any_header_table_becomes_a_message_that_can_be_parked(headers: dict[str, Any]) -> None:
    table = dumps("F", [headers])
    payload = pack(">HHQH", 60, 0, 0, 0x2000) + table
    (delivery,) = read([(1, 1, pack(">HHH", 60, 40, 0)), (2, 1, payload)])
    check_storable(delivery)


@given(flags=st.integers(0, 0xFFFF), rubbish=st.binary(max_size=80))
def test_any_bytes_become_a_message_that_can_be_parked(flags: int, rubbish: bytes) -> None:
    payload = pack(">HHQH", 60, 0, 0, flags) + rubbish
    (delivery,) = read([(1, 1, pack(">HHH", 60, 40, 0)), (2, 1, payload)])
    check_storable(delivery)


def check_storable(delivery: wire.Delivery) -> None:
    message = message_of(delivery.headers, delivery.body)
    for text, width in ((message.source, 40), (message.type, 80), (message.stream, 100)):
        assert 0 < len(text) <= width
        assert "\0" not in text
        text.encode()
    assert 0 < message.version < 2**31
    text = _headers_text(message.headers)
    json.loads(text)
    assert text.isascii()


@given(reason=st.text(st.characters()))
def test_any_reason_can_be_stored(reason: str) -> None:
    assert "\0" not in printable(reason + "\0\ud800")
    printable(reason).encode()
