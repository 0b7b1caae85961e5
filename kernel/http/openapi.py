"""The OpenAPI 3.1 document of a service, from the same schemas that check what comes in and shape what goes out."""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from kernel.http.endpoint import JSON, Endpoint, endpoints_of
from kernel.http.pages import DEFAULT_LIMIT, MOST
from kernel.http.problems import PROBLEM_TYPE

VERSION = "1.0.0"

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem (RFC 9457). `reasons` is given by refused rules, `errors` by invalid input.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:xinhuo:problem:refused"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people, in Chinese"},
        "instance": {"type": "string"},
        "correlation_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
    },
}

_FIELD_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["field", "message"],
    "properties": {"field": {"type": "string", "description": "Dotted path"}, "message": {"type": "string"}},
}

_REASON: dict[str, Any] = {
    "type": "object",
    "description": "A rule that said no",
    "required": ["rule", "source", "message", "fact", "remedy", "waivable"],
    "properties": {
        "rule": {"type": "string", "description": "Id in the policy packs"},
        "source": {"type": "string", "description": "The article"},
        "message": {"type": "string"},
        "fact": {"type": ["object", "null"], "description": "What was looked at"},
        "remedy": {"type": "string", "description": "What would make it pass"},
        "waivable": {"type": "boolean", "description": "Whether a written reason lets the step go on"},
    },
}

_PROBLEMS = {
    "400": "Invalid input; `errors` names the fields",
    "401": "No token, or one that does not hold",
    "403": "A known account without the right",
    "404": "There is no such thing",
    "405": "Not with this method",
    "408": "The body did not come in time",
    "409": "Somebody was quicker, or what is referred to is not yet known here",
    "413": "Too many bytes",
    "415": "Not a content type that is read here",
    "422": "A rule said no (`reasons`), or the idempotency key was used for another request",
    "500": "An internal error, found in the log by the correlation id",
    "503": "Temporarily unavailable: try again with the same idempotency key",
}

_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Chosen by the client, one for each intention: a repeat with the same key has no second effect",
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
}


def document(service: type[Any]) -> dict[str, Any]:
    """The document of a service class."""
    marshmallow = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title=f"Xinhuo: {service.name}",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": service.__doc__ or ""},
        plugins=[marshmallow],
    )
    spec.components.schema("Problem", component=_PROBLEM)
    spec.components.schema("FieldError", component=_FIELD_ERROR)
    spec.components.schema("Reason", component=_REASON)
    spec.components.security_scheme(
        "account", {"type": "http", "scheme": "bearer", "description": "Token of an account with posts"}
    )
    spec.components.security_scheme(
        "department", {"type": "http", "scheme": "bearer", "description": "Token of a department's system"}
    )
    for status, text in _PROBLEMS.items():
        content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        spec.components.response(f"Problem{status}", {"description": text, "content": content})
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints_of(service):
        path = re.sub(r"<([^>]+)>", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
    made: dict[str, Any] = _patterns_of_json_schema(spec.to_dict())
    return made


def _patterns_of_json_schema(value: Any) -> Any:
    """The document with patterns as JSON Schema knows them: marshmallow's match at the start, and may end with Python's `\\Z`."""
    if isinstance(value, dict):
        return {
            name: _anchored(inner) if name == "pattern" and isinstance(inner, str) else _patterns_of_json_schema(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_patterns_of_json_schema(inner) for inner in value]
    return value


def _anchored(pattern: str) -> str:
    pattern = pattern.replace(r"\Z", "$")
    return pattern if pattern.startswith("^") else f"^(?:{pattern})"


def _name(schema: type[Schema] | Schema) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema") or kind.__name__


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
        "security": [] if endpoint.public else [{"department" if endpoint.clients else "account": []}],
    }
    said = [endpoint.description] if endpoint.description else []
    if endpoint.roles:
        said.append(f"Roles: {', '.join(sorted(endpoint.roles))}.")
        operation["x-roles"] = sorted(endpoint.roles)
    if said:
        operation["description"] = "\n\n".join(said)
    if body := _request_body(endpoint):
        operation["requestBody"] = body
    return operation


def _parameters(endpoint: Endpoint) -> list[Any]:
    shape = {"type": "string", "minLength": 1, "maxLength": 200}
    found: list[Any] = [{"in": "path", "name": name, "required": True, "schema": shape} for name in endpoint.parameters]
    if endpoint.params is not None:
        found.append({"in": "query", "schema": endpoint.params})
    if endpoint.paged:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
        found.append({"in": "query", "name": "limit", "schema": limit})
        about = "From `next` of the page before; good for the same list only"
        found.append({"in": "query", "name": "cursor", "description": about, "schema": {"type": "string"}})
    if endpoint.kind == "upload":
        about = "Do everything, tell the answer, and take it back"
        schema = {"type": "boolean", "default": False}
        found.append({"in": "query", "name": "dry_run", "description": about, "schema": schema})
    if endpoint.repeatable:
        found.append(_IDEMPOTENCY_KEY)
    for header in endpoint.headers:
        schema = {"type": "string", "pattern": header.pattern}
        found.append({"in": "header", "name": header.name, "required": True, "description": header.about, "schema": schema})
    return found


def _request_body(endpoint: Endpoint) -> dict[str, Any] | None:
    if endpoint.kind == "upload":
        return {"required": True, "content": {kind: {"schema": {}} for kind in endpoint.content_types}}
    if endpoint.raw:
        return {"content": {JSON: {"schema": {}}}}
    if endpoint.body is None:
        return None
    return {"required": True, "content": {JSON: {"schema": endpoint.body}}}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    shown: Any = endpoint.answer or {"type": "object"}
    if endpoint.paged:
        shown = {
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": {"type": "array", "items": shown},
                "next": {"type": ["string", "null"], "description": "Address of the next page"},
            },
        }
    # Bytes have no schema in OpenAPI 3.1: the media type says it all.
    content: dict[str, Any] = {"schema": shown} if endpoint.content_type == JSON else {}
    done: dict[str, Any] = {"description": endpoint.summary, "content": {endpoint.content_type: content}}
    if endpoint.repeatable:
        about = "`true` where this is the answer of the first time"
        done["headers"] = {"Idempotent-Replay": {"description": about, "schema": {"type": "string"}}}
    responses: dict[str, Any] = {str(endpoint.status): done}
    for status in sorted(_expected(endpoint)):
        responses[status] = {"$ref": f"#/components/responses/Problem{status}"}
    return responses


def _expected(endpoint: Endpoint) -> set[str]:
    expected = {"400", "404", "405", "500", "503"}
    if not endpoint.public or endpoint.kind != "query":
        # A public command authenticates by itself, for example by a signature.
        expected |= {"401", "403"}
    if endpoint.kind != "query":
        expected |= {"408", "409", "413", "415", "422"}
    return expected
