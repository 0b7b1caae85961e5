"""An entry of the journal and its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kernel.encoding import canonical

#: The hash before the first entry of a stream.
GENESIS = "0" * 64
_DOMAIN = b"xinhuo journal 1\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on record. `payload`, `private`, `personal` and `packs` are canonical JSON text, kept to the byte.

    `personal` maps fields to commitments. The hash covers everything here and the hash of the stream's previous entry;
    ciphertexts are left out, so that erasing a person leaves the chain whole.
    """

    home_county: str
    stream: str
    version: int
    entry_id: str
    type: str
    schema_version: int
    payload: str
    private: str
    personal: str
    subject: str | None
    actor: str
    post: str | None
    packs: str
    day: date
    entered_at: datetime
    correlation_id: str
    previous_hash: str

    def fields(self) -> dict[str, Any]:
        """The values by name. Flat, so there is nothing to copy deeply, which is what `asdict` would spend its time on."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def hash(self) -> str:
        return hashlib.sha256(_DOMAIN + canonical(self.fields()).encode()).hexdigest()
