"""Identifiers: UUID version 7, whose order is roughly the order of time."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    return str(uuid_utils.uuid7())
