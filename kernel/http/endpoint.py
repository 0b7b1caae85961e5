"""What an endpoint of a service is: data that the server, the API document and the tests read alike."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Literal

from marshmallow import Schema

#: Bytes that a request may have; imports have more room.
BODY_LIMIT = 1 << 20
UPLOAD_LIMIT = 32 << 20

JSON = "application/json"

_MARK = "xinhuo_endpoints"

_PATH = re.compile(r"(/([a-z0-9][a-z0-9-]*|<[a-z_][a-z0-9_]*>))+")


@dataclass(frozen=True)
class Header:
    """A header that a raw endpoint reads by itself. `pattern`: of those values that it may take; for the document only."""

    name: str
    about: str
    pattern: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One method and path. Exactly one of `roles`, `clients` and `public` says who may come in.

    `roles`: accounts that hold one of these posts; the organisation is checked inside. `clients="department"`: a department's
    system. `public`: anybody, the method checks by itself (a signature).
    `body` checks what comes in; None takes none. `answer` is what goes out, of a `paged` query that of one item.
    `parse` reads an upload's bytes before the transaction, off the hub; None hands the bytes through.
    `headers`: those that a raw endpoint reads.
    """

    kind: Literal["command", "query", "upload"]
    method: str
    path: str
    summary: str
    name: str = ""  # the service class's method
    roles: frozenset[str] = frozenset()
    clients: str | None = None
    public: bool = False
    raw: bool = False
    body: type[Schema] | None = None
    params: type[Schema] | None = None
    answer: type[Schema] | None = None
    paged: bool = False
    status: int = 200
    content_type: str = JSON  # of the answer; any other is bytes, from a query without `answer`
    content_types: tuple[str, ...] = ()
    parse: Callable[[bytes, str], Any] | None = None
    limit: int = BODY_LIMIT
    headers: tuple[Header, ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        at = f"{self.method} {self.path}"
        if [bool(self.roles), bool(self.clients), self.public].count(True) != 1:
            raise TypeError(f"{at}: say who may come in, by exactly one of roles, clients and public")
        if self.clients not in (None, "department"):
            raise TypeError(f"{at}: clients are departments, not {self.clients!r}")
        if not _PATH.fullmatch(self.path):
            raise TypeError(f"{at}: a path is made of /words and /<parameters>, without a slash at its end")
        if self.raw and not self.public:
            raise TypeError(f"{at}: raw requests are for public endpoints, which check by themselves")
        if self.headers and not self.raw:
            raise TypeError(f"{at}: only a raw endpoint reads headers of its own")
        if self.kind == "query" and self.method != "GET":
            raise TypeError(f"{at}: a query is a GET")
        if self.kind != "query" and self.method not in ("POST", "PUT", "PATCH", "DELETE"):
            raise TypeError(f"{at}: a command is a POST, PUT, PATCH or DELETE")
        if self.content_type != JSON and (self.kind != "query" or self.answer or self.paged):
            raise TypeError(f"{at}: only a query without a schema answers with bytes")
        if self.kind == "upload" and not self.content_types:
            raise TypeError(f"{at}: say which content types are taken")
        if not self.summary:
            raise TypeError(f"{at}: an endpoint needs a summary")

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"<([^>]+)>", self.path)

    @property
    def repeatable(self) -> bool:
        """Whether it takes an idempotency key. Signed callbacks bring an id of their own, which the method looks at."""
        return self.kind != "query" and not self.public


def strings(names: Collection[str] | str) -> frozenset[str]:
    """A set of names; a single one may stand by itself."""
    return frozenset((names,) if isinstance(names, str) else names)


def declare(function: Callable[..., Any], endpoint: Endpoint) -> None:
    """Notes on a method that it serves an endpoint."""
    function.__dict__.setdefault(_MARK, []).append(endpoint)


def endpoints_of(service: type[Any]) -> list[Endpoint]:
    """All endpoints of a service class, by path and method, each under the name of its attribute."""
    found = [
        replace(endpoint, name=name)
        for name, function in inspect.getmembers(service, inspect.isfunction)
        for endpoint in getattr(function, _MARK, ())
    ]
    return sorted(found, key=lambda endpoint: (endpoint.path, endpoint.method))
