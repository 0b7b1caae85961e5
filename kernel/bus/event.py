"""Events: their types (contracts), their form on the wire, and what a reaction gets to see."""

from __future__ import annotations

import builtins
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema

from kernel.encoding import canonical
from kernel.errors import Poison

#: Streams are spread over this many slots, which shard queues share among them. Fixed for good: another number would tear
#: the order of a stream apart.
SLOTS = 16

#: CloudEvents' prefix for AMQP application properties; `stream` … `correlationid` are extension attributes.
_CE = "cloudEvents_"


@dataclass(frozen=True)
class EventType:
    """A kind of event that one service publishes: `source` is the service, `type` the name in its past tense.

    `schema` is the marshmallow class of the event's data; `version` rises with each incompatible change. `personal` names the
    fields that travel apart, encrypted under the key of the person concerned. `example` is committed beside the JSON Schema.
    """

    source: str
    type: str
    version: int
    schema: builtins.type[Schema]
    annotation: str
    example: Mapping[str, Any]
    personal: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.type)

    def check(self, data: Mapping[str, Any]) -> None:
        """Raises ValueError where the data does not fit the contract: the publisher's mistake, not the user's."""
        problems = self._instance().validate(json.loads(canonical(data)))
        if problems:
            raise ValueError(f"{self.source}.{self.type} v{self.version}: {problems}")

    def _instance(self) -> Schema:
        instance = _schemas.get(self.schema)
        if instance is None:
            instance = _schemas[self.schema] = self.schema(unknown=RAISE)
        return instance


_schemas: dict[builtins.type[Schema], Schema] = {}


@dataclass(frozen=True, slots=True)
class Message:
    """An event on the wire: headers and bytes, not yet read.

    One whose headers do not say what it is has a stream of its own, so that it is parked without holding up others.
    """

    source: str
    type: str
    stream: str
    version: int
    headers: Mapping[str, Any]
    body: bytes

    @property
    def readable(self) -> bool:
        return not self.stream.startswith(_UNREADABLE)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a reaction sees it. `data` is JSON: dates and decimals are strings."""

    id: str
    source: str
    type: str
    stream: str
    version: int
    schema_version: int
    home_county: str
    time: str
    correlation_id: str
    day: date
    data: Mapping[str, Any]
    subject: str | None
    sealed: Mapping[str, str]  # personal field -> ciphertext under the subject's key


def slot(stream: str) -> int:
    return zlib.crc32(stream.encode()) % SLOTS


def headers_of(
    *,
    event_id: str,
    source: str,
    type: str,
    schema_version: int,
    stream: str,
    version: int,
    home_county: str,
    time: str,
    correlation_id: str,
) -> dict[str, Any]:
    """The headers of an event. `BCC` sends a copy to the shard queue of the stream's slot."""
    return {
        f"{_CE}specversion": "1.0",
        f"{_CE}id": event_id,
        f"{_CE}source": source,
        f"{_CE}type": type,
        f"{_CE}time": time,
        f"{_CE}dataschema": f"{source}.{type}.v{schema_version}",
        f"{_CE}schemaversion": schema_version,
        f"{_CE}stream": stream,
        f"{_CE}streamversion": version,
        f"{_CE}homecounty": home_county,
        f"{_CE}correlationid": correlation_id,
        "BCC": [f"{slot(stream)}.{type}"],
    }


#: The widths of the columns of inbox and parked messages.
_WIDTHS = {"source": 40, "type": 80, "stream": 100}
_UNREADABLE = "unreadable/"


def message_of(headers: Mapping[str, Any], body: bytes) -> Message:
    """A message from what the wire gave. Never raises, and what it returns can be stored."""
    source = _text(headers, "source")
    type = _text(headers, "type")
    stream = _text(headers, "stream")
    version = headers.get(f"{_CE}streamversion")
    if not (source and type and stream and isinstance(version, int) and 0 < version < 2**31):
        digest = hashlib.sha256(repr(sorted(headers.items(), key=repr)).encode(errors="replace") + body).hexdigest()
        source, type, stream, version = source or "?", type or "?", f"{_UNREADABLE}{digest}", 1
    return Message(source, type, stream, version, headers, body)


def _text(headers: Mapping[str, Any], name: str) -> str:
    """A header that a text column can hold, or nothing."""
    value = headers.get(_CE + name)
    if not isinstance(value, str) or len(value) > _WIDTHS[name] or "\0" in value:
        return ""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # half a surrogate pair
            return ""
    return value


def body_of(data_text: str, day: date, subject: str | None, sealed: Mapping[str, str]) -> bytes:
    """The bytes of an event. `data_text` is canonical JSON already, and goes in to the byte."""
    personal = canonical({"subject": subject, "sealed": sealed}) if sealed else "null"
    return f'{{"data":{data_text},"day":"{day.isoformat()}","personal":{personal}}}'.encode()


def decode(message: Message) -> Event:
    """The event of a message. Raises `Poison` where it cannot be read."""
    if not message.readable:
        raise Poison("undecodable: the headers do not say which event this is")
    headers = message.headers
    try:
        body = json.loads(message.body)
        personal = body["personal"] or {"subject": None, "sealed": {}}
        return Event(
            id=headers[f"{_CE}id"],
            source=message.source,
            type=message.type,
            stream=message.stream,
            version=message.version,
            schema_version=headers[f"{_CE}schemaversion"],
            home_county=headers[f"{_CE}homecounty"],
            time=headers[f"{_CE}time"],
            correlation_id=headers[f"{_CE}correlationid"],
            day=date.fromisoformat(body["day"]),
            data=body["data"],
            subject=personal["subject"],
            sealed=personal["sealed"],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Poison(f"undecodable: {type(error).__name__}: {error}") from error
