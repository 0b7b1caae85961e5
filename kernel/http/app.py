"""The WSGI application of one service: routes, the kernel's own pages, and problems for everything that goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from time import perf_counter
from typing import Any

import eventlet
import structlog
from eventlet.semaphore import Semaphore
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from kernel.encoding import canonical
from kernel.errors import Refused, Transient
from kernel.http.call import Answer, Call, json_answer, usable
from kernel.http.endpoint import Endpoint
from kernel.http.handlers import handler_of
from kernel.http.openapi import document
from kernel.http.problems import PROBLEM_TYPE, NoRoute, WrongMethod, problem_of, translated
from kernel.ops import logs, metrics
from kernel.runtime.runtime import Runtime

log = structlog.get_logger(__name__)

#: Requests at work at the same time. Fewer than the database's pool keeps open, so that consumer, timers and readiness have theirs
#: and none is opened only to be closed again.
AT_WORK = 8
#: Requests that may wait for their turn; past that a quick "later" is kinder than a slow time-out.
WAITING = 400

_PHRASES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

Target = Callable[[Call, Mapping[str, str]], Answer]


class App:
    """One service's endpoints, `/healthz`, `/readyz`, `/metrics` and `/openapi.json`."""

    def __init__(self, runtime: Runtime, service: type[Any], endpoints: Sequence[Endpoint]) -> None:
        self.runtime = runtime
        self.name = runtime.context.service
        self._places = Semaphore(AT_WORK)
        self._running = 0
        self._gauge = metrics.http_running.labels(self.name)
        self._document = canonical(document(service)).encode()
        pages: dict[str, Target] = {
            "/healthz": self._alive,
            "/readyz": self._ready,
            "/metrics": self._metrics,
            "/openapi.json": self._openapi,
        }
        rules = [Rule(path, methods=["GET"], endpoint=(path, page)) for path, page in pages.items()]
        for endpoint in endpoints:
            handler = handler_of(endpoint, runtime, service, self._turn)
            rules.append(Rule(endpoint.path, methods=[endpoint.method], endpoint=(endpoint.path, handler.handle)))
        # Bound once: nothing here depends on the host's name or makes addresses.
        self._routes = Map(rules, strict_slashes=True, merge_slashes=False).bind("")

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started = perf_counter()
        call = Call(environ)
        logs.bind(service=self.name, correlation_id=call.correlation_id)
        route = "-"
        try:
            route, target, values = self._route(call)
            answer = target(call, values)
        except (Exception, eventlet.Timeout) as error:
            answer = self._problem(call, route, error)
        method = call.method if route != "-" else "-"
        metrics.http_requests.labels(self.name, method, route, str(answer.status)).inc()
        metrics.http_seconds.labels(self.name, method, route).observe(perf_counter() - started)
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("X-Correlation-Id", call.correlation_id),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *answer.headers.items(),
        ]
        start_response(_PHRASES[answer.status], headers)
        return [] if call.method == "HEAD" else [answer.body]

    def _route(self, call: Call) -> tuple[str, Target, Mapping[str, str]]:
        try:
            (route, target), values = self._routes.match(call.path, call.method)
        except MethodNotAllowed as error:
            raise WrongMethod(error.valid_methods or ()) from None
        except HTTPException:
            raise NoRoute("没有这个地址") from None
        if not all(usable(value) and len(value) <= 200 for value in values.values()):
            raise NoRoute("没有这个地址")
        return route, target, values

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._running >= AT_WORK + WAITING:
            raise Transient("too many requests wait already")
        self._running += 1
        self._gauge.set(self._running)
        try:
            with self._places:
                yield
        finally:
            self._running -= 1
            self._gauge.set(self._running)

    def _problem(self, call: Call, route: str, error: BaseException) -> Answer:
        known = translated(error) if isinstance(error, Exception) else RuntimeError(repr(error))
        status, problem, headers = problem_of(known, call.path, call.correlation_id)
        if isinstance(known, Refused):
            for rule in known.rules:
                metrics.rules_refused.labels(self.name, rule).inc()
        if isinstance(known, Transient):
            log.warning("held back", method=call.method, route=route, reason=str(known))
        elif status >= 500:
            log.error("request failed", method=call.method, route=route, exc_info=error)
        try:
            body = canonical(problem).encode()
        except TypeError as unwritable:
            # A fact without an exact JSON text: the service's mistake, which must not take the answer with it.
            return self._problem(call, route, RuntimeError(f"a problem that cannot be written: {unwritable}"))
        return Answer(status, body, headers, PROBLEM_TYPE)

    # -- the kernel's own pages

    def _alive(self, _call: Call, _values: Mapping[str, str]) -> Answer:
        return json_answer(200, {"service": self.name, "alive": True})

    def _ready(self, _call: Call, _values: Mapping[str, str]) -> Answer:
        ready, said = self.runtime.health.ready()
        return json_answer(200 if ready else 503, said)

    def _metrics(self, _call: Call, _values: Mapping[str, str]) -> Answer:
        return Answer(200, self.runtime.health.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")

    def _openapi(self, _call: Call, _values: Mapping[str, str]) -> Answer:
        return Answer(200, self._document)
