"""A dossier in a zip: the same bytes for the same record, and every part checked."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.encoding import canonical
from kernel.journal import archive
from kernel.journal.tests.test_journal_dossier import exported, three_entries
from tests.kit import a_context

Parts = dict[str, bytes]


@pytest.fixture
def packed(tmp_path: Path) -> bytes:
    context = a_context(tmp_path)
    three_entries(context)
    return archive.pack(exported(context), {"received": "接收"})


def parts_of(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(parts: Parts) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return made.getvalue()


@pytest.mark.catalogue("R14")
def test_an_untouched_archive_is_sound_and_readable(packed: bytes) -> None:
    verdict = archive.verify(packed)
    assert verdict.sound and verdict.entries == 3
    manifest = json.loads(parts_of(packed)["manifest.json"])
    assert (manifest["head"], manifest["entries"]) == (verdict.head, 3)
    text = parts_of(packed)["timeline.txt"].decode()
    assert "接收" in text and "张三" in text and verdict.head in text
    assert archive.verify(packed, head=verdict.head).sound
    assert not archive.verify(packed, head="0" * 64).sound


def test_the_same_dossier_makes_the_same_bytes(tmp_path: Path) -> None:
    context = a_context(tmp_path)
    three_entries(context)
    assert archive.pack(exported(context), {}) == archive.pack(exported(context), {})


def _edit(name: str, change: Callable[[Any], Any]) -> Callable[[Parts], None]:
    def edit(parts: Parts) -> None:
        value = json.loads(parts[name])
        change(value)
        parts[name] = canonical(value).encode()

    return edit


TAMPERINGS: dict[str, Callable[[Parts], Any]] = {
    "dossier": _edit("dossier.json", lambda d: d["entries"][1].update(actor="somebody")),
    "timeline": lambda parts: parts.update({"timeline.txt": b"nothing happened"}),
    "more than there was": lambda parts: parts.update({"remarks.txt": b"fine"}),
    "a folder outside": lambda parts: parts.update({"../dossier.json": b"{}"}),
    "no timeline": lambda parts: parts.pop("timeline.txt"),
    "no manifest": lambda parts: parts.pop("manifest.json"),
    "no dossier": lambda parts: parts.pop("dossier.json"),
    "manifest of another stream": _edit("manifest.json", lambda m: m.update(stream="candidate/2")),
    "manifest of another end": _edit("manifest.json", lambda m: m.update(head="0" * 64)),
    "manifest with other packs": _edit("manifest.json", lambda m: m.update(packs=["mine"])),
    "manifest with a remark": _edit("manifest.json", lambda m: m.update(remark="fine")),
    "manifest that is none": lambda parts: parts.update({"manifest.json": b"[]"}),
    "manifest without files": _edit("manifest.json", lambda m: m.pop("files")),
    "dossier that is none": lambda parts: parts.update({"dossier.json": b"x"}),
    "dossier that is a list": lambda parts: parts.update({"dossier.json": b"[]"}),
    "dossier without entries": _edit("dossier.json", lambda d: d.pop("entries")),
}


@pytest.mark.catalogue("R14")
@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_what_was_changed_shows(packed: bytes, tamper: Callable[[Parts], Any]) -> None:
    parts = parts_of(packed)
    tamper(parts)
    assert not archive.verify(zipped(parts)).sound


@pytest.mark.parametrize("name", ["dossier.json", "manifest.json"])
def test_a_name_that_stands_twice_in_a_part_shows(packed: bytes, name: str) -> None:
    """Though the manifest be written to fit."""
    parts = parts_of(packed)
    parts[name] = parts[name].replace(b'"stream":', b'"stream":"candidate/2","stream":', 1)
    manifest = json.loads(parts["manifest.json"])
    described = {"sha256": hashlib.sha256(parts["dossier.json"]).hexdigest(), "size": len(parts["dossier.json"])}
    if name == "dossier.json":
        parts["manifest.json"] = canonical({**manifest, "files": {**manifest["files"], name: described}}).encode()
    assert json.loads(parts[name])["stream"] == "candidate/1"
    assert not archive.verify(zipped(parts)).sound


def test_a_part_that_stands_twice_shows(packed: bytes) -> None:
    made = io.BytesIO(packed)
    with zipfile.ZipFile(made, "a") as written, pytest.warns(UserWarning, match="Duplicate"):
        written.writestr("timeline.txt", b"another")
    assert not archive.verify(made.getvalue()).sound


def test_a_bad_file_is_a_finding_and_never_an_error(packed: bytes) -> None:
    for content in (b"", b"PK", packed[: len(packed) // 2], packed[40:], b"PK" + bytes(200)):
        assert not archive.verify(content).sound
    for place in range(0, len(packed), 7):
        bent = bytearray(packed)
        bent[place] ^= 0xFF
        archive.verify(bytes(bent))


def test_a_part_past_all_measure_is_not_read(packed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST", 10)
    assert "过大" in archive.verify(packed).findings[0].message
