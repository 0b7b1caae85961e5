"""What one service runs with: its database, keys, clock, policies. Made once, by the suite."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.clock import Clock
from kernel.policy import PolicyBook
from kernel.store.database import Database
from kernel.store.keys import KeyStore


@dataclass(frozen=True)
class Context:
    service: str
    database: Database
    keys: KeyStore
    clock: Clock
    policies: PolicyBook
