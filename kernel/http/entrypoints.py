"""The decorators of a service class: commands, queries and uploads over HTTP.

    class Recruitment:
        name = "recruitment"

        @command("POST", "/applications", roles=("branch_clerk",), body=Application, answer=Applied, summary="...")
        def apply(self, unit: Unit, body: dict[str, Any]) -> dict[str, Any]: ...

        @query("GET", "/candidates/<id>", roles=("branch_clerk",), answer=Candidate, summary="...")
        def candidate(self, reader: Reader, id: str) -> dict[str, Any]: ...

        @upload("POST", "/imports/members", roles=("county_organiser",), content_types=["text/csv"], summary="...")
        def import_members(self, unit: Unit, upload: Upload) -> dict[str, Any]: ...

Who may come in has to be said, or the class cannot be made; over which organisation, the method has to ask with
`unit.authorise(path)`, or what it did is rolled back. Answers of commands are stored for repeats: no personal data in them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from marshmallow import Schema
from nameko.extensions import Entrypoint, register_entrypoint

from kernel.http.endpoint import BODY_LIMIT, JSON, UPLOAD_LIMIT, Endpoint, Header, declare, endpoints_of, strings
from kernel.http.handlers import Upload
from kernel.http.reader import Reader
from kernel.http.server import WebServer

__all__ = ["Endpoint", "Reader", "Upload", "command", "endpoints_of", "query", "upload"]

Method = TypeVar("Method", bound=Callable[..., Any])


class HttpEntrypoint(Entrypoint):  # type: ignore[misc]
    """Ties a method of a service class to the web server."""

    server = WebServer()

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.endpoint = endpoint

    def declared(self) -> Endpoint:
        return replace(self.endpoint, name=self.method_name)

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.drain()
        self.server.unregister_provider(self)


def command(
    method: str,
    path: str,
    *,
    summary: str,
    roles: Collection[str] | str = (),
    clients: str | None = None,
    public: bool = False,
    raw: bool = False,
    body: type[Schema] | None = None,
    answer: type[Schema] | None = None,
    status: int = 201,
    limit: int = BODY_LIMIT,
    headers: Sequence[Header] = (),
) -> Callable[[Method], Method]:
    """method(self, unit, body, **path parameters) -> dict. With `raw`, `body` is the werkzeug request, of which it reads `headers`.

    `unit` is the transaction (`kernel.unit.Unit`); at a public door nobody is its actor until the method sets one.
    """
    return _register(
        Endpoint(
            kind="command",
            method=method,
            path=path,
            summary=summary,
            roles=strings(roles),
            clients=clients,
            public=public,
            raw=raw,
            body=body,
            answer=answer,
            status=status,
            limit=limit,
            headers=tuple(headers),
        )
    )


def query(
    method: str,
    path: str,
    *,
    summary: str,
    roles: Collection[str] | str = (),
    clients: str | None = None,
    public: bool = False,
    params: type[Schema] | None = None,
    answer: type[Schema] | None = None,
    paged: bool = False,
    content_type: str = JSON,
) -> Callable[[Method], Method]:
    """method(self, reader, **path parameters) -> dict. `paged`: it returns `reader.page(...)`, and `answer` is an item.

    With another `content_type` it returns bytes.
    """
    return _register(
        Endpoint(
            kind="query",
            method=method,
            path=path,
            summary=summary,
            roles=strings(roles),
            clients=clients,
            public=public,
            params=params,
            answer=answer,
            paged=paged,
            content_type=content_type,
        )
    )


def upload(
    method: str,
    path: str,
    *,
    summary: str,
    content_types: Sequence[str],
    roles: Collection[str] | str = (),
    clients: str | None = None,
    params: type[Schema] | None = None,
    answer: type[Schema] | None = None,
    parse: Callable[[bytes, str], Any] | None = None,
    status: int = 200,
    limit: int = UPLOAD_LIMIT,
) -> Callable[[Method], Method]:
    """method(self, unit, upload, **path parameters) -> dict, where `upload` is an `Upload`.

    `parse(content, content_type)` is pure and runs in a thread before the transaction; what it returns is `upload.rows`.
    """
    return _register(
        Endpoint(
            kind="upload",
            method=method,
            path=path,
            summary=summary,
            roles=strings(roles),
            clients=clients,
            params=params,
            answer=answer,
            content_types=tuple(content_types),
            parse=parse,
            status=status,
            limit=limit,
        )
    )


def _register(endpoint: Endpoint) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        described = replace(endpoint, name=function.__name__, description=inspect.getdoc(function) or "")
        expected = inspect.signature(function).parameters
        if missing := [name for name in endpoint.parameters if name not in expected]:
            raise TypeError(f"{endpoint.method} {endpoint.path}: {function.__name__} does not take {missing}")
        register_entrypoint(function, HttpEntrypoint(described))
        declare(function, described)
        return function

    return register
