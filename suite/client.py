"""A client of the suite's doors, for the demo, the journey tests and whoever wants to see how one talks to it.

people = Doors(addresses, tokens)
clerk = people.acting("clerk.330702001001", "branch_clerk", "330702001001", "/3307/330702/330702001/330702001001/")
answer = clerk.post("recruitment", "/applications", {...})
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import NewConnectionError, ProtocolError

from kernel.actor import Actor, Post
from kernel.http.auth import Tokens
from kernel.ids import new_id

#: Seconds for which an answer is waited for.
PATIENCE = 120
JSON: Final = "application/json"
NONE: Final[Mapping[str, str]] = {}
#: A service that does not run, or that died over the request.
AWAY = (NewConnectionError, ProtocolError)
#: What the problem of a reference not heard of yet is called.
NOT_YET = "not yet known here"


class Problem(Exception):
    """An answer that is none: `status`, and the problem document of RFC 9457."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = document
        faults = "".join(f"\n  {fault['field']}：{fault['message']}" for fault in document.get("errors", ()))
        super().__init__(f"{status} {document.get('title')}: {document.get('detail')}{faults}")

    @property
    def rules(self) -> list[str]:
        """The rules that refused."""
        return [reason["rule"] for reason in self.document.get("reasons", ())]


@dataclass
class Doors:
    """Where the services answer, and what makes tokens for them.

    `wait` is called between tries while events travel (in a process with eventlet it has to yield), `patience` times at most. With
    `outages` a service that does not answer is waited for too: a command comes again with the same key, and is done once.
    """

    addresses: Mapping[str, str]
    tokens: Tokens
    wait: Callable[[], object] = lambda: time.sleep(0.02)
    patience: int = 500
    outages: bool = False
    #: Told of every command that was answered with success: its key, its path.
    answered: Callable[[str, str], object] = lambda _key, _path: None

    def acting(self, account: str, role: str, organisation: str, path: str) -> Acting:
        post = Post(f"post:{account}", role, organisation, path, date(1949, 10, 1))
        return Acting(self, Actor(account, (post,)))

    def as_actor(self, actor: Actor) -> Acting:
        return Acting(self, actor)

    def account(self, account: str, seen_by: Acting) -> Acting:
        """The account with all its posts, as the registry shows them to `seen_by`."""
        found = seen_by.every("registry", "/posts", account=account)
        if not found:
            raise LookupError(f"{account} holds no post")
        return Acting(self, Actor(account, tuple(_post_of(item) for item in found)))


def _post_of(item: Mapping[str, Any]) -> Post:
    since, until = (date.fromisoformat(item[name]) for name in ("since", "until"))
    return Post(item["post_id"], item["role"], item["organisation"], item["path"], since, until)


class Acting:
    """One account at the doors."""

    def __init__(self, doors: Doors, actor: Actor) -> None:
        self.doors = doors
        self.actor = actor
        self._http = urllib3.PoolManager(retries=False, timeout=PATIENCE)
        self._headers = {"Authorization": f"Bearer {doors.tokens.mint(actor, timedelta(hours=12))}"}

    def post(self, service: str, path: str, body: Any, *, key: str | None = None) -> dict[str, Any]:
        """A command. Comes again with the same key while what it refers to has not been heard of there."""
        return self._command("POST", service, path, key, _json(body), JSON)

    def patch(self, service: str, path: str, body: Any, *, key: str | None = None) -> dict[str, Any]:
        """A command that changes what `path` names; as `post`."""
        return self._command("PATCH", service, path, key, _json(body), JSON)

    def upload(self, service: str, path: str, content: bytes, content_type: str, **params: Any) -> dict[str, Any]:
        """A file."""
        return self._command("POST", service, _with(path, params), None, content, content_type)

    def get(self, service: str, path: str, **params: Any) -> dict[str, Any]:
        for _ in range(self.doors.patience):
            try:
                return self._send("GET", service, _with(path, params))
            except AWAY:
                if not self.doors.outages:
                    raise
            self.doors.wait()
        raise TimeoutError(f"{service} never answered")

    def every(self, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
        """All items of a list, page after page."""
        page = self.get(service, path, **{"limit": 200, **params})
        items: list[dict[str, Any]] = list(page["items"])
        while page["next"]:
            page = self.get(service, page["next"])
            items += page["items"]
        return items

    def until(self, service: str, path: str, ready: Callable[[dict[str, Any]], bool], **params: Any) -> dict[str, Any]:
        """Asks until the answer is as wanted: what one service does is heard in the next a moment later."""
        for _ in range(self.doors.patience):
            try:
                answer = self.get(service, path, **params)
                if ready(answer):
                    return answer
            except Problem as problem:
                if problem.status != 404:
                    raise
            self.doors.wait()
        raise TimeoutError(f"{service}{path} never became as expected")

    def _command(self, method: str, service: str, path: str, key: str | None, body: bytes, content_type: str) -> dict[str, Any]:
        key = key or new_id()
        # The journal keeps the correlation id: whoever knows the key finds what the command has written.
        headers = {"Idempotency-Key": key, "X-Correlation-Id": key, "Content-Type": content_type}
        for _ in range(self.doors.patience):
            try:
                answer = self._send(method, service, path, body, headers)
                self.doors.answered(key, path)
                return answer
            except Problem as problem:
                passes = problem.document.get("title") == NOT_YET or (self.doors.outages and problem.status == 503)
                if not passes:
                    raise
            except AWAY:
                if not self.doors.outages:
                    raise
            self.doors.wait()
        raise TimeoutError(f"{service}{path}: never taken, or what it refers to was never heard of there")

    def _send(
        self, method: str, service: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NONE
    ) -> dict[str, Any]:
        url = self.doors.addresses[service] + path
        answer = self._http.request(method, url, body=body, headers={**self._headers, **headers})
        document = json.loads(answer.data)
        if answer.status >= 400:
            raise Problem(answer.status, document)
        result: dict[str, Any] = document
        return result


def _with(path: str, params: Mapping[str, Any]) -> str:
    """The path with a query string; what is None is left out."""
    given = {name: value for name, value in params.items() if value is not None}
    return f"{path}?{urlencode(_plain(given), doseq=True)}" if given else path


def _json(body: Any) -> bytes:
    return json.dumps(_plain(body)).encode()


def _plain(value: Any) -> Any:
    """Dates as the wire has them."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
