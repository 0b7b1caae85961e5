"""One request as the kernel sees it, and one answer. Straight from the WSGI environment: a command is too short for more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from marshmallow import Schema, fields

from kernel.encoding import canonical, each_name_once
from kernel.errors import Invalid
from kernel.http.endpoint import JSON
from kernel.http.problems import TooLarge, TooSlow, WrongMediaType
from kernel.ids import new_id

_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_KEY = re.compile(r"[!-~]{1,100}")
#: Characters that no database and no encoding takes: NUL and halves of surrogate pairs.
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
#: Numbers of JSON that every reader understands alike (RFC 7493); longer ones are made to hurt.
_GREATEST = 2**53
_DIGITS = 40

_NOT_JSON = "不是合法的 JSON"


@dataclass(slots=True)
class Answer:
    """What goes back. `body` is bytes ready to send."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON


def json_answer(status: int, value: Any) -> Answer:
    return Answer(status, canonical(value).encode())


class Call:
    """A request. Reads lazily: who may not come in has no body read."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        # WSGI hands bytes over as Latin-1. What is not UTF-8 is kept as it came, and is no path of ours.
        raw = environ.get("PATH_INFO", "")
        try:
            self.path: str = raw.encode("latin-1").decode()
        except UnicodeDecodeError:
            self.path = raw
        given = environ.get("HTTP_X_CORRELATION_ID", "")
        self.correlation_id: str = given if _CORRELATION.fullmatch(given) else new_id()

    def header(self, name: str) -> str | None:
        value: str | None = self.environ.get("HTTP_" + name.upper().replace("-", "_"))
        return value

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty where none was sent."""
        if "content-type" not in {name.lower() for name, _ in self.environ.get("headers_raw", ())}:
            # eventlet makes up text/plain.
            return ""
        return str(self.environ.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()

    def idempotency_key(self) -> str:
        """The key that makes a command repeatable. Raises `Invalid`."""
        key = self.header("Idempotency-Key") or ""
        if not _KEY.fullmatch(key):
            raise Invalid({"Idempotency-Key": ["须提供 1 至 100 个可见字符的幂等键"]})
        return key

    def content(self, limit: int) -> bytes:
        """The body's bytes. Raises `TooLarge`, `TooSlow`, `Invalid`."""
        too_large = f"请求内容超过 {limit >> 20} MiB"
        declared = int(self.environ.get("CONTENT_LENGTH") or 0)
        if declared > limit:
            raise TooLarge(too_large)
        try:
            content: bytes = self.environ["wsgi.input"].read(limit + 1)
        except ValueError as error:
            raise Invalid({"body": ["分块传输的内容有误"]}) from error
        except OSError as error:
            raise TooSlow("请求内容没有按时传完") from error
        if len(content) > limit:
            raise TooLarge(too_large)
        if len(content) < declared:
            raise TooSlow("请求内容没有传完")
        return content

    def json(self, content: bytes) -> Any:
        """The body as JSON without floats; an empty body is an empty object. Raises `WrongMediaType`, `Invalid`."""
        if not content:
            return {}
        if self.content_type != JSON:
            raise WrongMediaType(f"请求内容须为 {JSON}")
        return read_json(content)

    def query(self, schema: Schema | None) -> dict[str, Any]:
        """The query string by name; lists only where the schema has one. Raises `Invalid`."""
        text = self.environ.get("QUERY_STRING", "")
        if not text:
            return {}
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200, errors="strict")
        except (ValueError, UnicodeDecodeError) as error:
            raise Invalid({"query": ["查询参数有误"]}) from error
        values: dict[str, Any] = {}
        faults: dict[str, list[str]] = {}
        for name, value in pairs:
            if _UNUSABLE.search(name) or _UNUSABLE.search(value):
                faults["query"] = ["含有不可用的字符"]
            elif schema is not None and isinstance(schema.fields.get(name), fields.List):
                values.setdefault(name, []).append(value)
            elif name in values:
                faults[name] = ["只能出现一次"]
            else:
                values[name] = value
        if faults:
            raise Invalid(faults)
        return values


def usable(text: str) -> bool:
    """Whether a text can be stored and sent."""
    return not _UNUSABLE.search(text)


def read_json(content: bytes) -> Any:
    """JSON with numbers as int and Decimal. Raises `Invalid` for anything that could not be stored or sent on."""
    try:
        value = json.loads(
            content.decode(), parse_float=_decimal, parse_int=_integer, parse_constant=_refuse, object_pairs_hook=each_name_once
        )
    except (ValueError, RecursionError) as error:
        raise Invalid({"body": [_NOT_JSON]}) from error
    if b"\\u" in content or b"\x00" in content:
        # Only an escape can bring in what the bytes of UTF-8 cannot hold.
        _check(value, "")
    return value


def _integer(text: str) -> int:
    if len(text) > _DIGITS or abs(number := int(text)) > _GREATEST:
        raise ValueError("a number past what every reader understands")
    return number


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if len(text) > _DIGITS or abs(number.adjusted()) > _DIGITS:
        raise ValueError("a number past what every reader understands")
    return number


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _check(value: Any, path: str) -> None:
    if isinstance(value, str):
        if not usable(value):
            raise Invalid({path or "body": ["含有不可用的字符"]})
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name, path)
            _check(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check(inner, f"{path}.{number}" if path else str(number))
