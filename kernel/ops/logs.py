"""Structured logs on standard error, one JSON object a line, with service and correlation id.

Personal data has no place in a log. What is logged on purpose is chosen by hand; as a net below that, fields with the names of
personal data and anything that looks like an identification number are blotted out here, in texts of exceptions too.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from kernel.clock import Clock
from kernel.encoding import instant

#: Fields that are never written, whoever logs them.
PERSONAL = frozenset(
    {
        *("name", "full_name", "id_number", "phone", "address", "birth", "born", "family", "health"),
        *("statement", "answer", "body", "personal"),
        *("token", "authorization", "password", "secret"),
    }
)
_BLOT = "***"
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")

_clock = Clock()


def configure(service: str, *, level: str = "info", format: str = "json") -> None:
    """Sends the logs of this process, those of libraries included, to standard error. `service` stands in every line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _time,
        _Named(service),
        structlog.processors.format_exc_info,
        blot,
    ]
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    if format == "text":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Libraries talk at length below warning; nameko would log the arguments of workers.
    for noisy in ("nameko", "amqp", "kombu", "sqlalchemy", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def bind(**values: Any) -> None:
    """Binds values to every line that this greenthread writes from now on; what was bound before is gone."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**values)


def blot(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Blots out personal data: by the name of the field, and by the look of an identification number."""
    return {key: _BLOT if key in PERSONAL and value is not None else _clean(value) for key, value in line.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _ID_NUMBER.sub(_BLOT, value)
    if isinstance(value, dict):
        return {key: _BLOT if key in PERSONAL else _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inner) for inner in value]
    return value


def _time(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    line["at"] = instant(_clock.wall())
    return line


class _Named:
    def __init__(self, service: str) -> None:
        self.service = service

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        # A process that holds several services binds the one at work.
        line.setdefault("service", self.service)
        return line
