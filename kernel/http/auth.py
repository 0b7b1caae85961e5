"""Tokens: who comes, signed by the suite, good for a short time. Wall time, never business time.

Claims: `sub` account, `iat`, `exp`, and either `posts` ([{id, role, organisation, path, since, until}]) or `department`.
Only HS256 is taken, whatever the token's own header says.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from kernel.actor import Actor, Post
from kernel.clock import Clock
from kernel.errors import Unauthenticated
from kernel.http.call import usable

ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=15)
#: Longer ones are neither minted nor taken.
LONGEST = timedelta(hours=24)
#: How far the clocks of two machines may be apart.
SKEW = timedelta(seconds=60)
CACHE_SIZE = 4_096
#: The widths of the columns that keep who acted, and in which post.
ACCOUNT, POST = 100, 36


class Tokens:
    """Mints and verifies tokens. `secret` is the text that all services of a suite share."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = OctKey.import_key(secret.encode())
        self._clock = clock
        # Verified tokens by their whole text, with expiry: a client uses one for many requests.
        self._cache: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    def mint(self, actor: Actor, lifetime: timedelta = LIFETIME) -> str:
        """A token for the actor. Raises ValueError, in words for people, for one that would not be taken."""
        if lifetime > LONGEST:
            raise ValueError(f"令牌最长 {LONGEST // timedelta(minutes=1)} 分钟")
        if not _fits(actor.account, ACCOUNT):
            raise ValueError(f"账号须为 1 至 {ACCOUNT} 个可用的字符")
        now = self._clock.wall()
        claims: dict[str, Any] = {
            "sub": actor.account,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        if actor.department is not None:
            claims["department"] = actor.department
        else:
            claims["posts"] = [_claim(post) for post in actor.posts]
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])

    def verify(self, token: str) -> Actor:
        """The actor of a token. Raises `Unauthenticated`."""
        now = self._clock.wall().timestamp()
        known = self._cache.get(token)
        if known is None:
            known = self._read(token, now)
            if len(self._cache) >= CACHE_SIZE:
                self._cache.popitem(last=False)
            self._cache[token] = known
        expiry, actor = known
        if now >= expiry:
            self._cache.pop(token, None)
            raise Unauthenticated("登录凭证已过期，请重新登录")
        return actor

    def from_header(self, header: str | None) -> Actor:
        """The actor of an `Authorization` header."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("请求没有携带登录凭证")
        return self.verify(token.strip())

    def _read(self, token: str, now: float) -> tuple[float, Actor]:
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated("登录凭证无效") from error
        try:
            issued, expiry = _seconds(claims["iat"]), _seconds(claims["exp"])
            actor = _actor(claims)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthenticated("登录凭证内容不完整") from error
        if issued > now + SKEW.total_seconds() or expiry - issued > LONGEST.total_seconds():
            raise Unauthenticated("登录凭证的有效期不合规定")
        return expiry, actor


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a time")
    if not 0 < value < 1e11:
        raise ValueError("a time past what a clock can show")
    return float(value)


def _claim(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "role": post.role,
        "organisation": post.organisation,
        "path": post.path,
        "since": post.since.isoformat(),
        "until": post.until.isoformat() if post.until else None,
    }


def _actor(claims: dict[str, Any]) -> Actor:
    account = _text(claims["sub"], ACCOUNT)
    if "department" in claims:
        return Actor(account=account, department=_text(claims["department"]))
    return Actor(account=account, posts=tuple(_post(post) for post in claims["posts"]))


def _post(claim: dict[str, Any]) -> Post:
    path = _text(claim["path"])
    if not (path.startswith("/") and path.endswith("/")):
        raise ValueError("a path without its slashes would cover its neighbours")
    until = claim["until"]
    return Post(
        id=_text(claim["id"], POST),
        role=_text(claim["role"]),
        organisation=_text(claim["organisation"]),
        path=path,
        since=date.fromisoformat(claim["since"]),
        until=None if until is None else date.fromisoformat(until),
    )


def _text(value: Any, most: int | None = None) -> str:
    if not isinstance(value, str) or not _fits(value, most):
        raise ValueError("not a text that can be stored")
    return value


def _fits(text: str, most: int | None) -> bool:
    return bool(text) and usable(text) and (most is None or len(text) <= most)
