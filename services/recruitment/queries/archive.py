"""The dossier as one file: export, timeline and manifest in a zip. Source: JH 6, catalogue R14."""

from __future__ import annotations

from kernel.http.reader import Reader
from kernel.journal import archive
from services.recruitment.queries.dossiers import TITLES, export_dossier


def archive_dossier(reader: Reader, candidate_id: str) -> bytes:
    """`dossier.json`, `timeline.txt` and `manifest.json`, the same bytes for the same dossier. `xinhuo dossier verify` reads it."""
    return archive.pack(export_dossier(reader, candidate_id), TITLES)
