"""From a request to an answer: who may come in, what they bring, one transaction, what goes out.

A command is answered once for all: see `kernel.http.idempotency`. Answers are kept for repeats and hold no personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

from eventlet import tpool
from marshmallow import RAISE, Schema, ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Request

from kernel.actor import Actor
from kernel.errors import Forbidden, Invalid, Transient, XinhuoError
from kernel.http import idempotency
from kernel.http.call import Answer, Call, json_answer
from kernel.http.endpoint import JSON, Endpoint
from kernel.http.problems import KeyReused, WrongMediaType, translated
from kernel.http.reader import Reader
from kernel.ops import metrics
from kernel.runtime.runtime import Runtime
from kernel.unit import Unit, command
from kernel.wording import faults_by_field


@dataclass(frozen=True)
class Upload:
    """The body of an upload. `rows` is what the endpoint's `parse` made of `content`, or `content` itself."""

    content: bytes
    content_type: str
    rows: Any
    dry_run: bool
    params: Mapping[str, Any]


class _Settled(Exception):
    """The transaction is not needed: the answer is there, and whatever was done is taken back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


#: A place among those at work, for as long as the block lasts. Taken when the request has been read: a slow sender takes none.
Turn = Callable[[], AbstractContextManager[None]]


class Handler(Protocol):
    def handle(self, call: Call, values: Mapping[str, str]) -> Answer: ...


class _Handler:
    """What commands and queries have in common."""

    def __init__(self, endpoint: Endpoint, runtime: Runtime, service: type[Any], turn: Turn) -> None:
        self.endpoint = endpoint
        self.turn = turn
        self.runtime = runtime
        self.context = runtime.context
        self.service = service
        # None lets anybody in; an empty set lets in nobody whose scope has not been checked as a client's.
        self.roles = None if endpoint.public else endpoint.roles
        self.body = endpoint.body(unknown=RAISE) if endpoint.body else None
        self.params = endpoint.params(unknown=RAISE) if endpoint.params else None
        self.answer = endpoint.answer() if endpoint.answer else None

    def admit(self, call: Call) -> Actor | None:
        """Who comes; None at a public door. Raises `Unauthenticated`, `Forbidden`."""
        if self.endpoint.public:
            return None
        actor = self.runtime.tokens.from_header(call.header("Authorization"))
        if self.endpoint.clients:
            if actor.department is None:
                raise Forbidden("此接口只供部门系统使用")
        elif not actor.paths(self.endpoint.roles, self.context.clock.today()):
            raise Forbidden("您现任的职务不能办理此事项")
        return actor

    def read_params(self, call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
        """The query string, as it came and as checked."""
        given = call.query(self.params)
        own = {name: value for name, value in given.items() if name not in self._reserved()}
        return given, _load(self.params, own)

    def _reserved(self) -> tuple[str, ...]:
        return ("limit", "cursor") if self.endpoint.paged else ()

    def method(self) -> Any:
        """The method, of a fresh instance: what one request leaves on `self` is no business of the next one."""
        return getattr(self.service(), self.endpoint.name)

    def shown(self, result: Any) -> Any:
        """What goes out: what the schema names, and nothing else. A promised field that is missing is a mistake."""
        if self.answer is None:
            return result if result is not None else {}
        if not self.endpoint.paged:
            return self._shown_item(self.answer, result)
        return {"items": [self._shown_item(self.answer, item) for item in result["items"]], "next": result["next"]}

    def _shown_item(self, schema: Schema, item: Any) -> Any:
        shown = schema.dump(item)
        if isinstance(item, Mapping) and not item.keys() <= schema.dump_fields.keys():
            raise RuntimeError(f"{self.endpoint.name} answers with fields that are not in its schema")
        if any(field.required and (field.data_key or name) not in shown for name, field in schema.dump_fields.items()):
            raise RuntimeError(f"{self.endpoint.name} answers without a field that its schema promises")
        return shown


class QueryHandler(_Handler):
    def handle(self, call: Call, values: Mapping[str, str]) -> Answer:
        actor = self.admit(call)
        given, params = self.read_params(call)
        with self.turn(), self.context.database.read() as connection:
            reader = Reader(
                context=self.context,
                connection=connection,
                actor=actor or Actor(account="anybody"),
                roles=self.roles,
                correlation_id=call.correlation_id,
                params=params,
                path=call.path,
                cursors=self.runtime.cursors,
                given=given,
            )
            result = self.method()(reader, **values)
            reader.finish(self.endpoint.paged)
        answer = self._answered(result)
        reader.write_looks()
        return answer

    def _answered(self, result: Any) -> Answer:
        if self.endpoint.content_type == JSON:
            return json_answer(self.endpoint.status, self.shown(result))
        if not isinstance(result, bytes):
            raise RuntimeError(f"{self.endpoint.name} answers with {self.endpoint.content_type}, which has to be bytes")
        return Answer(self.endpoint.status, result, content_type=self.endpoint.content_type)


class CommandHandler(_Handler):
    def handle(self, call: Call, values: Mapping[str, str]) -> Answer:
        actor = self.admit(call)
        key = call.idempotency_key() if self.endpoint.repeatable else None
        _given, params = self.read_params(call)
        content = call.content(self.endpoint.limit)
        body = self.read_body(call, content, params)
        with self.turn():
            if key is None or actor is None:
                return self._once(call, actor, body, values)
            request_hash = idempotency.fingerprint(self.context.keys, call, content)
            answer = self._repeatable(call, actor, body, values, key, request_hash)
        if "Idempotent-Replay" in answer.headers:
            metrics.idempotent_replays.labels(self.context.service).inc()
        return answer

    def read_body(self, call: Call, content: bytes, params: Mapping[str, Any]) -> Any:
        """What the method gets as its body. Raises `Invalid`, `WrongMediaType`."""
        if self.endpoint.raw:
            return Request({**call.environ, "wsgi.input": BytesIO(content), "CONTENT_LENGTH": str(len(content))})
        return _load(self.body, call.json(content))

    def dry_run(self, body: Any) -> bool:
        return False

    def _once(self, call: Call, actor: Actor | None, body: Any, values: Mapping[str, str]) -> Answer:
        try:
            with command(self.context, actor, self.roles, call.correlation_id) as unit:
                return self._do(unit, body, values)
        except IntegrityError as error:
            raise translated(error) from error

    def _repeatable(self, call: Call, actor: Actor, body: Any, values: Mapping[str, str], key: str, request_hash: str) -> Answer:
        try:
            with command(self.context, actor, self.roles, call.correlation_id) as unit:
                before = idempotency.stored(unit.connection, actor.account, key, request_hash)
                if before is not None:
                    raise _Settled(before)
                answer = self._do(unit, body, values)
                if self.dry_run(body):
                    unit.finish()
                    raise _Settled(answer)
                now = self.context.clock.wall()
                idempotency.store(unit.connection, actor.account, key, request_hash, answer, now)
                return answer
        except _Settled as settled:
            return settled.answer
        except (Transient, KeyReused):
            raise
        except (XinhuoError, IntegrityError) as error:
            # The same command may have been done beside us, and be the very reason why this one could not be.
            with self.context.database.read() as connection:
                before = idempotency.stored(connection, actor.account, key, request_hash)
            if before is None:
                raise translated(error) from error
            return before

    def _do(self, unit: Unit, body: Any, values: Mapping[str, str]) -> Answer:
        return json_answer(self.endpoint.status, self.shown(self.method()(unit, body, **values)))


class UploadHandler(CommandHandler):
    """A command whose body is a file. `?dry_run=true` does everything, tells the answer, and takes it back."""

    def _reserved(self) -> tuple[str, ...]:
        return ("dry_run",)

    def read_params(self, call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
        given, params = super().read_params(call)
        wish = given.get("dry_run", "false")
        if wish not in ("true", "false"):
            raise Invalid({"dry_run": ["应为 true 或 false"]})
        return given, {**params, "dry_run": wish == "true"}

    def read_body(self, call: Call, content: bytes, params: Mapping[str, Any]) -> Upload:
        kind = call.content_type
        if kind not in self.endpoint.content_types:
            raise WrongMediaType(f"只接受 {'、'.join(self.endpoint.content_types)}")
        if not content:
            raise Invalid({"body": ["文件是空的"]})
        # Reading a sheet takes seconds and would hold up everybody: a thread of the operating system does it.
        rows = tpool.execute(self.endpoint.parse, content, kind) if self.endpoint.parse else content
        own = {name: value for name, value in params.items() if name != "dry_run"}
        return Upload(content, kind, rows, bool(params["dry_run"]), own)

    def dry_run(self, body: Any) -> bool:
        return bool(body.dry_run)


def handler_of(endpoint: Endpoint, runtime: Runtime, service: type[Any], turn: Turn) -> Handler:
    kinds: dict[str, type[QueryHandler] | type[CommandHandler]] = {
        "command": CommandHandler,
        "query": QueryHandler,
        "upload": UploadHandler,
    }
    return kinds[endpoint.kind](endpoint, runtime, service, turn)


def _load(schema: Schema | None, value: Any) -> Any:
    if schema is None:
        if value:
            raise Invalid({name: ["未知的字段"] for name in value} if isinstance(value, Mapping) else {"body": ["应为空"]})
        return {}
    try:
        return schema.load(value)
    except ValidationError as error:
        raise Invalid(faults_by_field(error.messages)) from None
