"""Signatures of the Standard Webhooks scheme, in both directions.

Signed is `id.timestamp.body`, to the byte. Several secrets may be valid at once, so that either side can change its own without an
agreed moment: what goes out is signed with all of them, what comes in must match one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from standardwebhooks.webhooks import Webhook

from kernel.errors import Unauthenticated
from kernel.http.endpoint import Header

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
HEADERS: Final = (
    Header(ID, "Chosen by the sender, one for each message: the same again has no second effect", "^[!-~]{1,100}$"),
    Header(TIMESTAMP, "Seconds since 1970, within five minutes of now", "^[0-9]{1,12}$"),
    Header(
        SIGNATURE,
        "`v1,` and base64 of the signature; several are separated by blanks",
        "^v1,[A-Za-z0-9+/]+={0,2}( v1,[A-Za-z0-9+/]+={0,2})*$",
    ),
)

#: How far a sender's clock, and the way, may make a timestamp differ from ours. Older is a replay.
WINDOW: Final = timedelta(minutes=5)
PREFIX: Final = "whsec_"
LEAST_BYTES: Final = 24
_LONGEST: Final = 100
_VERSION: Final = "v1"


def headers(secrets: Sequence[str], message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a message that is sent now."""
    moment = now.astimezone(UTC)
    signatures = [Webhook(secret).sign(message_id, moment, body.decode()) for secret in secrets]
    return {
        ID: message_id,
        TIMESTAMP: str(int(moment.timestamp())),
        SIGNATURE: " ".join(signatures),
    }


def verify(secrets: Sequence[str], given: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a message that was signed with one of `secrets`, within the window. `given` has lower-case names.

    Raises `Unauthenticated`, always with the same words: who forges learns nothing from them.
    """
    refusal = Unauthenticated("签名无效或已过时效")
    message_id, timestamp, signatures = given.get(ID, ""), given.get(TIMESTAMP, ""), given.get(SIGNATURE, "")
    if not (0 < len(message_id) <= _LONGEST and message_id.isascii() and message_id.isprintable()):
        raise refusal
    # ASCII digits only: int() also reads others, blanks and underscores.
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise refusal
    # Numbers are compared first: of a year past 9999 there is no datetime.
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise refusal
    sent = datetime.fromtimestamp(int(timestamp), UTC)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise refusal from None
    expected = [_raw(Webhook(secret).sign(message_id, sent, text)) for secret in secrets]
    for signature in signatures.split(" "):
        found = _raw(signature)
        if found is None:
            continue
        # Every secret is compared, so that the time taken does not tell which one is in use.
        matches = [hmac.compare_digest(found, right) for right in expected if right is not None]
        if any(matches):
            return message_id
    raise refusal


def _raw(signature: str) -> bytes | None:
    """The bytes of one signature, or None for another version or what is none."""
    version, _, encoded = signature.partition(",")
    if version != _VERSION:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None


def secret_bytes(secret: str) -> bytes | None:
    """What a secret of the settings stands for; None where it is not base64."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None


def secret_fault(secret: str) -> str | None:
    """What is wrong with a secret of the settings, never repeating it."""
    if not secret.startswith(PREFIX):
        return f"密钥须以 {PREFIX} 开头"
    raw = secret_bytes(secret)
    if raw is None:
        return "密钥不是合法的 base64"
    return None if len(raw) >= LEAST_BYTES else f"密钥不得少于 {LEAST_BYTES} 字节"
