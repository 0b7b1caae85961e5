"""Repeated commands: one effect, one answer.

The answer is stored in the transaction of the command itself, so an answer that is there tells that the effect is, too. Only
successes are stored; a command that was refused may succeed tomorrow under the same key.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from kernel.clock import Clock
from kernel.http.call import Answer, Call
from kernel.http.problems import KeyReused
from kernel.store.keys import KeyStore
from kernel.store.tables import idempotency

#: How long an answer can be had again.
KEPT = timedelta(days=7)

#: Made once: every command asks this.
_STORED = select(idempotency.c.request_hash, idempotency.c.status, idempotency.c.answer).where(
    idempotency.c.account == bindparam("of"), idempotency.c.key == bindparam("by")
)
_STORE = idempotency.insert()


def fingerprint(keys: KeyStore, call: Call, content: bytes) -> str:
    """What makes a request the same as an earlier one: method, path, query and the bytes of the body.

    The digest is keyed: a body may hold personal data, and nobody shall find them by guessing.
    """
    digest = hashlib.sha256(f"{call.method} {call.path}?{call.environ.get('QUERY_STRING', '')}\n".encode())
    digest.update(content)
    return keys.blind_index(digest.hexdigest())


def stored(connection: Connection, account: str, key: str, request_hash: str) -> Answer | None:
    """The answer given before, if any. Raises `KeyReused` where the key belongs to another request."""
    row = connection.execute(_STORED, {"of": account, "by": key}).first()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise KeyReused("此幂等键已用于另一个请求")
    return Answer(row.status, row.answer.encode(), {"Idempotent-Replay": "true"})


def store(connection: Connection, account: str, key: str, request_hash: str, answer: Answer, at: datetime) -> None:
    """Keeps the answer. Raises IntegrityError where the same command is just being done beside us."""
    row = {
        "account": account,
        "key": key,
        "request_hash": request_hash,
        "status": answer.status,
        "answer": answer.body.decode(),
        "answered_at": at,
    }
    connection.execute(_STORE, row)


def forget_old(connection: Connection, clock: Clock) -> int:
    """Deletes answers past `KEPT`. Returns how many."""
    return connection.execute(delete(idempotency).where(idempotency.c.answered_at < clock.wall() - KEPT)).rowcount
