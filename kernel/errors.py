"""The whole tree of errors. Nothing else is raised on purpose, and nothing is caught to be ignored.

XinhuoError
├── Refused(reasons)        a rule said no                                  422
├── Stale                   the ground has moved since the caller looked    409
│   └── NotYetKnown         what is referred to has not been heard of here  409 `not yet known here`
├── Unauthenticated         no token, or one that does not hold             401
├── Forbidden               a known account without the right               403
├── NotFound                                                                404
├── Invalid(fields)         ill-typed or impossible input                   400
├── Transient               hold and retry (a database away)                503
└── Poison(reason)          a message that cannot be applied: park it
    └── Waiting(stream)     it refers to a stream not heard of yet: park until then
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol


class ReasonLike(Protocol):
    """What a refusal must say; `kernel.policy.Reason` is the one implementation."""

    @property
    def rule(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def fact(self) -> Mapping[str, Any] | None: ...
    @property
    def remedy(self) -> str: ...
    @property
    def waivable(self) -> bool: ...


class XinhuoError(Exception):
    """Base of all. `code` is stable and for machines, `status` is the HTTP status that answers it."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    @property
    def message(self) -> str:
        """The text for people (Chinese where people see it)."""
        return str(self)


class Refused(XinhuoError):
    """A rule said no. `reasons` names each rule with source, fact and remedy; it is never empty."""

    code = "refused"
    status = 422

    def __init__(self, reasons: Iterable[ReasonLike]) -> None:
        self.reasons: tuple[ReasonLike, ...] = tuple(reasons)
        if not self.reasons:
            raise ValueError("a refusal must name at least one reason")
        super().__init__("；".join(f"{r.message}（{r.source}）" for r in self.reasons))

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that refused, in the order of the reasons."""
        return tuple(reason.rule for reason in self.reasons)

    def __reduce__(self) -> tuple[type[Refused], tuple[tuple[ReasonLike, ...]]]:
        return type(self), (self.reasons,)


class Stale(XinhuoError):
    """Somebody else was quicker, or the action is no longer possible in this state."""

    code = "stale"
    status = 409


class NotYetKnown(Stale):
    """The reference may well be right, but its event has not arrived here yet: try again."""

    code = "not yet known here"


class Unauthenticated(XinhuoError):
    """No token, or one that is malformed, expired or wrongly signed."""

    code = "unauthenticated"
    status = 401


class Forbidden(XinhuoError):
    """The account is known and has no right to do this here."""

    code = "forbidden"
    status = 403


class NotFound(XinhuoError):
    """There is no such thing, or none that the caller may know of."""

    code = "not found"
    status = 404


class Invalid(XinhuoError):
    """Ill-typed or impossible input. `fields` maps a field (dotted path) to what is wrong with it."""

    code = "invalid"
    status = 400

    def __init__(self, fields: Mapping[str, Sequence[str]], message: str | None = None) -> None:
        self.fields: dict[str, list[str]] = {name: list(faults) for name, faults in fields.items()}
        super().__init__(message or "；".join(f"{name}：{'、'.join(f)}" for name, f in self.fields.items()))

    def __reduce__(self) -> tuple[type[Invalid], tuple[dict[str, list[str]], str]]:
        return type(self), (self.fields, str(self))


class Transient(XinhuoError):
    """A fault that passes (a database away, a broker restarting): hold, back off, try again. Parks nothing."""

    code = "transient"
    status = 503


class Poison(XinhuoError):
    """A message that cannot be applied now and goes to the parked ones; `reason` is kept with it."""

    code = "poison"
    status = 500

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Waiting(Poison):
    """The message refers to `stream`, which has not been heard of yet; it is retried when it has."""

    code = "waiting"

    def __init__(self, stream: str) -> None:
        self.stream = stream
        super().__init__(f"waiting for {stream}")

    def __reduce__(self) -> tuple[type[Waiting], tuple[str]]:
        return type(self), (self.stream,)
