"""A dossier as one file to hand over: the export, the same for people to read, and a manifest over both.

The chain in `dossier.json` is what proves the record; the manifest only tells that the parts belong together and arrived whole.
Whoever can write a file can write another manifest: what counts is the chain, and a hash of its end that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from kernel.encoding import canonical
from kernel.journal import dossier
from kernel.journal.dossier import Finding, Verdict

FORMAT = "xinhuo-dossier-archive/1"
MEDIA_TYPE = "application/zip"

DOSSIER, MANIFEST, TIMELINE = "dossier.json", "manifest.json", "timeline.txt"
_NAMES = (DOSSIER, MANIFEST, TIMELINE)
#: The same dossier makes the same bytes, whenever it is packed: the least time that the format knows.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
#: Bytes that a part may have when unpacked. A dossier has some hundred kilobytes.
MOST = 64 << 20
#: What a file that is no archive, or a broken or locked one, is answered with by the libraries that unpack.
_BAD = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def pack(document: Mapping[str, Any], titles: Mapping[str, str]) -> bytes:
    """The archive of an export. `titles` are the Chinese names of the entries' types."""
    entries = document["entries"]
    files = {
        DOSSIER: canonical(document).encode(),
        TIMELINE: timeline_text(document, titles).encode(),
    }
    manifest = {
        "format": FORMAT,
        "stream": document["stream"],
        "home_county": document["home_county"],
        "head": entries[-1]["hash"] if entries else "",
        "entries": len(entries),
        "packs": _packs(entries),
        "files": {name: _described(content) for name, content in files.items()},
    }
    files[MANIFEST] = canonical(manifest).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, files[name])
    return made.getvalue()


def _packs(entries: Any) -> list[str]:
    return sorted({pack for entry in entries for pack in json.loads(entry["packs"])})


def _described(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def timeline_text(document: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The dossier for people: every entry with day, who entered it when, articles, departures and what was said."""
    lines = [f"档案 {document['stream']}", ""]
    for entry in document["entries"]:
        private = json.loads(entry["private"])
        lines.append(f"{entry['version']}. {entry['day']} {titles.get(entry['type'], entry['type'])}")
        lines.append(f"   登记：{entry['actor']}，{entry['entered_at']}；规定：{'、'.join(json.loads(entry['packs'])) or '无'}")
        if articles := private.get("articles"):
            lines.append(f"   依据：{'；'.join(sorted({article['source'] for article in articles}))}")
        lines += [
            f"   偏离 {each['rule']}（{each['source']}）：{each['written_reason']}" for each in private.get("departures", ())
        ]
        lines += [
            f"   {name}：{'（已删除）' if shown is None else shown['value']}" for name, shown in sorted(entry["revealed"].items())
        ]
        lines += [f"   哈希 {entry['hash']}", ""]
    return "\n".join(lines)


# -- checking


def is_archive(content: bytes) -> bool:
    return content[:2] == b"PK"


def verify(content: bytes, head: str | None = None) -> Verdict:
    """Checks an archive: its parts, the manifest, the dossier. `head` as in `dossier.verify`. Never raises for a bad file."""
    try:
        files, findings = _unpacked(content)
    except _BAD as error:
        return _unreadable(f"不是可读的压缩档案：{error}")
    if DOSSIER not in files:
        return _unreadable(f"缺少文件：{DOSSIER}", *findings)
    try:
        document = dossier.read(files[DOSSIER])
    except (ValueError, RecursionError) as error:
        return _unreadable(f"{DOSSIER} 不可读：{error}", *findings)
    verdict = dossier.verify(document, head)
    findings += _check_manifest(files, document, verdict)
    found = (*findings, *verdict.findings)
    return Verdict(verdict.stream, verdict.entries, verdict.erased, verdict.head, found)


def _unreadable(message: str, *findings: Finding) -> Verdict:
    return Verdict("", 0, 0, "", (*findings, Finding(0, message)))


def _unpacked(content: bytes) -> tuple[dict[str, bytes], list[Finding]]:
    """The parts by name. A part that is no part of an archive, stands twice, or is past all measure is not read."""
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.filename not in _NAMES:
                findings.append(Finding(0, f"多出文件：{info.filename}"))
            elif info.filename in files:
                findings.append(Finding(0, f"文件出现两次：{info.filename}"))
            else:
                with archive.open(info) as part:
                    files[info.filename] = part.read(MOST + 1)
                if len(files[info.filename]) > MOST:
                    raise ValueError(f"{info.filename} 过大")
    findings += [Finding(0, f"缺少文件：{name}") for name in _NAMES if name not in files and name != DOSSIER]
    return files, findings


def _check_manifest(files: Mapping[str, bytes], document: Any, verdict: Verdict) -> list[Finding]:
    if MANIFEST not in files:
        return []
    try:
        manifest = dossier.read(files[MANIFEST])
        promised = manifest["files"]
        parts = {name: _described(content) for name, content in files.items() if name != MANIFEST}
        found = [f"文件与清单不符：{name}" for name in sorted({*parts, *promised}) if parts.get(name) != promised.get(name)]
        said = {name: manifest.get(name) for name in ("format", "stream", "home_county", "head", "entries", "packs")}
        true = {
            "format": FORMAT,
            "stream": verdict.stream,
            "home_county": document.get("home_county"),
            "head": verdict.head,
            "entries": verdict.entries,
            "packs": _packs(document["entries"]),
        }
        found += [f"清单的 {name} 与档案不符" for name, value in true.items() if said[name] != value]
        if unknown := sorted(set(manifest) - set(said) - {"files"}):
            found.append(f"清单多出内容：{'、'.join(unknown)}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return [Finding(0, f"清单无法读取：{type(error).__name__}")]
    return [Finding(0, message) for message in found]
