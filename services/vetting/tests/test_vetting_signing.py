"""Signatures: what the library of the standard makes we take, and the other way round; whatever else comes is refused alike."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from standardwebhooks.webhooks import Webhook

from kernel.errors import Unauthenticated
from services.vetting import signing
from services.vetting.connections import development_secret

pytestmark = pytest.mark.catalogue("V4")

OLD, NEW, OTHER = (signing.PREFIX + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
BODY = '{"answer":"clear","说明":"无"}'.encode()


def signed(secret: str = NEW, when: datetime = NOW, body: bytes = BODY, id: str = "msg_1") -> dict[str, str]:
    return signing.headers([secret], id, body, when)


def test_what_we_send_the_library_verifies() -> None:
    headers = signing.headers([OLD, NEW], "msg_1", BODY, datetime.now(UTC))
    for secret in (OLD, NEW):
        Webhook(secret).verify(BODY, headers, json_parse=False)


def test_what_the_library_signs_we_verify() -> None:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(NEW).sign("msg_1", NOW, BODY.decode()),
    }
    assert signing.verify([NEW], headers, BODY, NOW) == "msg_1"


def test_several_secrets_are_valid_at_once() -> None:
    assert signing.verify([OLD, NEW], signed(OLD), BODY, NOW) == "msg_1"
    assert signing.verify([OLD, NEW], signed(NEW), BODY, NOW) == "msg_1"
    with pytest.raises(Unauthenticated):
        signing.verify([OLD], signed(NEW), BODY, NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_outside_the_window_it_is_a_replay(seconds: int) -> None:
    with pytest.raises(Unauthenticated):
        signing.verify([NEW], signed(when=NOW + timedelta(seconds=seconds)), BODY, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_inside_the_window_it_is_not(seconds: int) -> None:
    assert signing.verify([NEW], signed(when=NOW + timedelta(seconds=seconds)), BODY, NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-id", "m" * 101),
        ("webhook-id", "msg_2"),
        ("webhook-id", "编号"),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "now"),
        ("webhook-timestamp", "１７３２"),
        ("webhook-timestamp", "9" * 12),
        ("webhook-timestamp", "9" * 13),
        ("webhook-timestamp", "-1"),
        ("webhook-timestamp", "1e9"),
        ("webhook-signature", ""),
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,not base64!"),
        ("webhook-signature", "v1a,AAAA"),
        ("webhook-signature", "a,b,c d"),
    ],
)
def test_malformed_headers_are_refused_like_wrong_ones(name: str, value: str) -> None:
    with pytest.raises(Unauthenticated, match="签名无效或已过时效"):
        signing.verify([NEW], signed() | {name: value}, BODY, NOW)


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed()
    headers["webhook-signature"] = f"v1,x v2,AAAA {headers['webhook-signature']}"
    assert signing.verify([NEW], headers, BODY, NOW)


def test_the_body_is_signed_to_the_byte() -> None:
    with pytest.raises(Unauthenticated):
        signing.verify([NEW], signed(), BODY + b" ", NOW)
    with pytest.raises(Unauthenticated):
        signing.verify([NEW], signed(), b"\xff\xfe", NOW)


@given(some.text(), some.text() | some.from_regex("[0-9]{1,12}", fullmatch=True), some.text(), some.binary())
def test_nothing_that_comes_raises_anything_else(id: str, timestamp: str, signature: str, body: bytes) -> None:
    given = {"webhook-id": id or "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature}
    with pytest.raises(Unauthenticated):
        signing.verify([NEW], given, body, NOW)


def test_what_was_pushed_cannot_be_played_back_as_an_answer() -> None:
    headers = signing.headers([development_secret("police", "push")], "msg_1", BODY, NOW)
    with pytest.raises(Unauthenticated):
        signing.verify([development_secret("police", "callback")], headers, BODY, NOW)


@pytest.mark.parametrize("secret", ["secret", "whsec_", "whsec_AAAA", "whsec_not base64!"])
def test_a_weak_secret_is_named_and_not_repeated(secret: str) -> None:
    fault = signing.secret_fault(secret)
    assert fault and (secret == "whsec_" or secret not in fault)
