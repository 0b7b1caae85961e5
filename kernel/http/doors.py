"""Doors as attributes of a service class, where a method would only pass on what it gets.

class Recruitment:
    hold_talk = post("/candidates/<candidate_id>/talk", application.hold_talk, BRANCH, bodies.Talk, answers.Talked, "登记派人谈话")
    show_candidate = get("/candidates/<candidate_id>", candidates.show_candidate, views.Candidate, "一人的情况", roles=READERS)
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from marshmallow import Schema

from kernel.http.entrypoints import command, query

Do = Callable[..., Any]


def post(
    path: str,
    do: Do,
    roles: Collection[str],
    body: type[Schema],
    answer: type[Schema],
    summary: str,
    *,
    method: str = "POST",
    **more: Any,
) -> Do:
    """A door to a command: the method has the command's name, parameters and description."""
    return command(method, path, roles=roles, body=body, answer=answer, summary=summary, **more)(_method(do))


def get(path: str, do: Do, answer: type[Schema] | None, summary: str, *, roles: Collection[str], **more: Any) -> Do:
    """A door to a query."""
    return query("GET", path, roles=roles, answer=answer, summary=summary, **more)(_method(do))


def _method(do: Do) -> Do:
    @wraps(do)
    def method(_self: Any, *given: Any, **ids: str) -> Any:
        return do(*given, **ids)

    return method
