"""The entries of a stream as people read them: who, when, under which packs and articles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kernel.clock import SHANGHAI
from kernel.http.reader import Reader
from kernel.journal import journal


def timeline(reader: Reader, home_county: str, stream: str, titles: Mapping[str, str], look: str) -> list[dict[str, Any]]:
    """Every entry in order. Personal texts only with the parameter `reveal`, which is noted as `look`.

    `titles`: what the types are called for people.
    """
    reveal = bool(reader.params.get("reveal"))
    entries = [_entry(reader, entry, titles, reveal) for entry in journal.read(reader.connection, home_county, stream)]
    if reveal:
        reader.log_access(look, stream, sorted({name for entry in entries for name in entry["personal"]}))
    return entries


def _entry(reader: Reader, entry: Any, titles: Mapping[str, str], reveal: bool) -> dict[str, Any]:
    private = json.loads(entry.private)
    private.pop("action", None)
    boxes = json.loads(entry.sealed)
    texts: dict[str, str | None] = dict.fromkeys(boxes)
    if reveal and boxes:
        opened = reader.context.keys.open_column((entry.subject, box) for box in boxes.values())
        texts = dict(zip(boxes, opened, strict=True))
    return {
        **{name: getattr(entry, name) for name in ("version", "type", "day", "entered_at", "actor", "post", "hash")},
        "title": titles.get(entry.type, entry.type),
        "back_dated": entry.day < entry.entered_at.astimezone(SHANGHAI).date(),
        "packs": json.loads(entry.packs),
        "data": json.loads(entry.payload),
        "articles": private.pop("articles", []),
        "departures": private.pop("departures", []),
        "notes": private,
        "personal": texts,
    }
