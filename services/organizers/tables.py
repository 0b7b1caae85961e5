"""The tables of organizers."""

from __future__ import annotations

from kernel.store.tables import service_metadata

metadata = service_metadata()
