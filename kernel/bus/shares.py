"""Who consumes which shards: instances announce themselves in a table, and everyone computes the same shares from it.

A single active consumer gives order and fail-over, but no sharing: the first instance would keep all queues. While instances disagree
for a moment, two may ask for the same queue; the broker serves one of them, and the inbox holds in any case.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from kernel.bus.topology import SHARDS
from kernel.store.database import Database, upsert
from kernel.store.tables import instance

#: Seconds between announcements, until an instance counts as dead, and until its row is removed.
ANNOUNCE, DEAD, FORGET = 1.5, 6.0, 3600.0


def share_of(name: str, live: Iterable[str], shards: int = SHARDS) -> frozenset[int]:
    """The shards of instance `name` among the `live` ones: rendezvous hashing, balanced to within one shard.

    Each shard goes, in turn, to the instance with the highest score among those with the fewest shards so far.
    """
    load: Counter[str] = Counter()
    mine: set[int] = set()
    names = set(live) | {name}
    for shard in range(shards):
        owner = min(names, key=lambda other: (load[other], _score(other, shard)))
        load[owner] += 1
        if owner == name:
            mine.add(shard)
    return frozenset(mine)


def _score(name: str, shard: int) -> bytes:
    return hashlib.blake2b(f"{shard} {name}".encode(), digest_size=8).digest()


def announce(database: Database, name: str, now: datetime) -> set[str]:
    """Says that `name` is alive, and returns all that are. `now` is wall time. Raises `Transient`."""
    with database.write() as connection:
        statement = upsert(connection, instance).values(name=name, seen_at=now)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))
        connection.execute(delete(instance).where(instance.c.seen_at < now - timedelta(seconds=FORGET)))
        query = select(instance.c.name).where(instance.c.seen_at > now - timedelta(seconds=DEAD))
        return set(connection.execute(query).scalars())


def leave(database: Database, name: str) -> None:
    """Takes the instance out at its clean stop, so that others need not wait for it to count as dead. Raises `Transient`."""
    with database.write() as connection:
        connection.execute(delete(instance).where(instance.c.name == name))
