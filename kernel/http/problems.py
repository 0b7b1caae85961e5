"""Problems as RFC 9457 says them, for every error that may leave a service.

What HTTP adds to the tree of `kernel.errors`:

    XinhuoError
    ├── NoRoute            404
    ├── WrongMethod        405, with `Allow`
    ├── TooSlow            408
    ├── TooLarge           413
    ├── WrongMediaType     415
    └── KeyReused          422, an idempotency key that came with another request
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy.exc

from kernel.errors import Invalid, NotYetKnown, Refused, Stale, Transient, Unauthenticated, XinhuoError

PROBLEM_TYPE = "application/problem+json"
#: Seconds after which a client may try again when something passes.
RETRY_AFTER = 2

_TITLES = {
    400: "invalid request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not found",
    405: "method not allowed",
    408: "request timeout",
    409: "stale",
    410: "erased",
    413: "content too large",
    415: "unsupported media type",
    422: "refused",
    500: "internal error",
    503: "temporarily unavailable",
}


class NoRoute(XinhuoError):
    """Nothing stands at this path."""

    code = "no such route"
    status = 404


class WrongMethod(XinhuoError):
    """The path is there, for other methods."""

    code = "method not allowed"
    status = 405

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = sorted(set(allowed) - {"OPTIONS"})
        super().__init__(f"此地址只接受 {'、'.join(self.allowed)}")


class TooSlow(XinhuoError):
    """The body did not come in time or not whole."""

    code = "request timeout"
    status = 408


class TooLarge(XinhuoError):
    """More bytes than the endpoint takes."""

    code = "too large"
    status = 413


class WrongMediaType(XinhuoError):
    """Not what the endpoint reads."""

    code = "unsupported media type"
    status = 415


class KeyReused(XinhuoError):
    """The idempotency key was used for another request before."""

    code = "idempotency key reused"
    status = 422


def translated(error: Exception) -> Exception:
    """An error of the database as one of ours where it has a meaning for the caller."""
    if isinstance(error, sqlalchemy.exc.IntegrityError) and _unique(error):
        fresh: XinhuoError = Stale("此记录刚刚被他人更新，请刷新后重试")
    elif isinstance(error, sqlalchemy.exc.TimeoutError):
        fresh = Transient("no database connection was free in time")
    else:
        return error
    fresh.__cause__ = error
    return fresh


def _unique(error: sqlalchemy.exc.IntegrityError) -> bool:
    return getattr(error.orig, "pgcode", None) == "23505" or "UNIQUE constraint failed" in str(error.orig)


def problem_of(error: Exception, instance: str, correlation_id: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, problem and headers for an error. Of an unexpected one nothing is told but the correlation id."""
    known = (isinstance(error, XinhuoError) and error.status < 500) or isinstance(error, Transient)
    status = error.status if known and isinstance(error, XinhuoError) else 500
    code = error.code if known and isinstance(error, XinhuoError) else "internal error"
    problem: dict[str, Any] = {
        "type": f"urn:xinhuo:problem:{code.replace(' ', '-')}",
        "title": _TITLES.get(status, code),
        "status": status,
        "detail": _detail(error) if known else "系统内部错误，已记录；请凭编号联系管理员",
        "instance": instance,
        "correlation_id": correlation_id,
    }
    headers: dict[str, str] = {}
    match error:
        case Refused():
            problem["reasons"] = [_reason(reason) for reason in error.reasons]
        case Invalid():
            problem["errors"] = [{"field": name, "message": fault} for name, faults in error.fields.items() for fault in faults]
        case NotYetKnown() | KeyReused():
            problem["title"] = error.code
        case Transient():
            headers["Retry-After"] = str(RETRY_AFTER)
        case WrongMethod():
            headers["Allow"] = ", ".join(error.allowed)
        case Unauthenticated():
            headers["WWW-Authenticate"] = 'Bearer realm="xinhuo"'
    return status, problem, headers


def _detail(error: Exception) -> str:
    if isinstance(error, Transient):
        # What exactly is away is for the log, not for the caller.
        return "服务暂时不可用，请稍后用同一幂等键重试"
    return str(error) or "没有说明"


def _reason(reason: Any) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "source": reason.source,
        "message": reason.message,
        "fact": reason.fact,
        "remedy": reason.remedy,
        "waivable": reason.waivable,
    }
