"""One person, one dossier: a stream exported so that a stranger can check it, and the check.

The check needs the export alone. It shows every change of what was recorded, of order, and every gap. It cannot show that the
*end* of a chain was cut off, or that somebody who may write the database has written the whole chain anew: for that, compare the
last hash with one that was kept elsewhere (`head`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from kernel.encoding import each_name_once, instant, plain
from kernel.journal import journal
from kernel.journal.entry import GENESIS, Entry
from kernel.store.keys import SALT, Erased, KeyStore, commitment

FORMAT = "xinhuo-dossier/1"


@dataclass(frozen=True)
class Finding:
    """Something that does not hold. `version` is the entry's, 0 for the export as a whole."""

    version: int
    message: str


@dataclass
class _Persons:
    """Whose fields were shown, and whose were gone: a key is destroyed as a whole."""

    shown: set[str | None] = field(default_factory=set)
    gone: set[str | None] = field(default_factory=set)


@dataclass(frozen=True)
class Verdict:
    """What the check found: `entries` checked, `erased` fields whose values are gone (their commitments stand), and `head`."""

    stream: str
    entries: int
    erased: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


def export(connection: Connection, keys: KeyStore, home_county: str, stream: str) -> dict[str, Any]:
    """The stream with salts and values of personal fields; a field is null where the person was erased."""
    entries = []
    for row in journal.read(connection, home_county, stream):
        revealed: dict[str, Any] = {}
        for name, box in json.loads(row.sealed).items():
            try:
                salt, value = keys.reveal(row.subject, box)
                revealed[name] = {"salt": salt.hex(), "value": value}
            except Erased:
                revealed[name] = None
        entries.append({**plain(journal.entry_of(row).fields()), "hash": row.hash, "revealed": revealed})
    return {"format": FORMAT, "stream": stream, "home_county": home_county, "entries": entries}


def read(content: bytes) -> Any:
    """The document of a file. Raises ValueError (or RecursionError) for what is not JSON, or gives a name twice."""
    return json.loads(content, object_pairs_hook=each_name_once)


def verify(document: Any, head: str | None = None) -> Verdict:
    """Checks an export. `head` is a hash of the last entry that was kept elsewhere. Never raises for a bad document."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        return Verdict("", 0, 0, "", (Finding(0, f"不是 {FORMAT} 格式的档案"),))
    stream, entries = str(document.get("stream")), document.get("entries")
    findings: list[Finding] = []
    if not isinstance(entries, list) or not entries:
        return Verdict(stream, 0, 0, "", (Finding(0, "档案中没有记录"),))
    if unknown := set(document) - {"format", "stream", "home_county", "entries"}:
        findings.append(Finding(0, f"档案多出不受哈希保护的内容：{_listed(unknown)}"))
    previous, erased, persons = GENESIS, 0, _Persons()
    for number, raw in enumerate(entries, start=1):
        try:
            hash, gone = _check_entry(raw, number, document, previous, persons, findings)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            findings.append(Finding(number, f"记录无法读取：{type(error).__name__} {error}"))
            break
        previous, erased = hash, erased + gone
    if persons.shown & persons.gone:
        findings.append(Finding(0, "同一人的个人信息一部分可读、一部分缺失：不是依法删除，而是被隐去"))
    if head is not None and head != previous:
        findings.append(Finding(0, "最后一条记录的哈希与另存的不同：末尾被截断或整链被改写"))
    return Verdict(stream, len(entries), erased, previous, tuple(findings))


def _check_entry(
    raw: Mapping[str, Any],
    number: int,
    document: Mapping[str, Any],
    previous: str,
    persons: _Persons,
    findings: list[Finding],
) -> tuple[str, int]:
    entry = Entry(
        **{name: raw[name] for name in Entry.__dataclass_fields__ if name not in ("day", "entered_at")},
        day=date.fromisoformat(raw["day"]),
        entered_at=datetime.fromisoformat(raw["entered_at"]),
    )
    if unknown := set(raw) - set(Entry.__dataclass_fields__) - {"hash", "revealed"}:
        findings.append(Finding(number, f"记录多出不受哈希保护的内容：{_listed(unknown)}"))
    if (raw["day"], raw["entered_at"]) != (entry.day.isoformat(), instant(entry.entered_at)):
        # Another way to write the same moment has the same hash, and may be read as another one.
        findings.append(Finding(number, "日期或时刻的写法不是规定的写法"))
    if entry.version != number:
        findings.append(Finding(number, f"序号应为 {number}，实为 {entry.version}：缺少或调换了记录"))
    if (entry.stream, entry.home_county) != (document["stream"], document.get("home_county")):
        findings.append(Finding(number, f"记录属于另一份档案 {entry.stream}"))
    if entry.previous_hash != previous:
        findings.append(Finding(number, "与上一条记录的哈希不衔接"))
    computed = entry.hash()
    if computed != raw["hash"]:
        findings.append(Finding(number, "内容与哈希不符：记录被改动"))
    return computed, _check_personal(entry, raw["revealed"], number, persons, findings)


def _check_personal(entry: Entry, revealed: Mapping[str, Any], number: int, persons: _Persons, findings: list[Finding]) -> int:
    """Compares values with commitments. Returns the number of erased fields."""
    commitments = json.loads(entry.personal)
    if set(revealed) != set(commitments):
        findings.append(Finding(number, "个人信息字段与承诺值不一一对应"))
    erased = 0
    for name, shown in revealed.items():
        (persons.gone if shown is None else persons.shown).add(entry.subject)
        if shown is None:
            erased += 1
        elif not _is_kept(shown, commitments.get(name)):
            findings.append(Finding(number, f"个人信息“{name}”与承诺值不符：被改动"))
    return erased


def _is_kept(shown: Mapping[str, Any], promised: str | None) -> bool:
    salt = bytes.fromhex(shown["salt"])
    # A salt of another length could take in the beginning of the value: their digest is that of both together. And what is
    # spelt otherwise than we write it is no longer what was exported.
    spelt = len(salt) == SALT and shown["salt"] == salt.hex()
    return spelt and set(shown) == {"salt", "value"} and commitment(salt, shown["value"]) == promised


def _listed(names: set[Any]) -> str:
    return "、".join(sorted(map(str, names)))
