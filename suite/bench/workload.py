"""Events as the kernel writes them, in any number, the same for the same seed."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from psycopg2.extras import execute_values

from kernel.bus.event import body_of, headers_of
from kernel.encoding import canonical
from suite.bench.ground import SINK, SOURCE, STEP, Ground

#: Events per stream. Streams take turns at random, so some follow close upon another of their own.
PER_STREAM = 10


class Row(NamedTuple):
    """A row for the pending table."""

    stream: str
    type: str
    headers: str
    body: bytes


def events(count: int, seed: int) -> Iterator[Row]:
    """`count` events of count / 10 candidates, each with two sealed personal fields. About 1 kB with headers."""
    rng = random.Random(seed)
    candidates = [_uuid(rng) for _ in range(max(count // PER_STREAM, 1))]
    versions = dict.fromkeys(candidates, 0)
    for number in range(count):
        candidate = rng.choice(candidates)
        versions[candidate] += 1
        yield _event(rng, candidate, versions[candidate], number)


def _event(rng: random.Random, candidate: str, version: int, number: int) -> Row:
    day = date(2015, 1, 1) + timedelta(days=number % 365)
    data = {**STEP.example, "candidate_id": candidate, "since": day}
    # Nonce, salt and tag around a name and an ID number.
    sealed = {name: base64.b64encode(rng.randbytes(44 + size)).decode() for name, size in (("name", 9), ("id_number", 18))}
    headers = headers_of(
        event_id=_uuid(rng),
        source=SOURCE,
        type=STEP.type,
        schema_version=STEP.version,
        stream=f"candidate/{candidate}",
        version=version,
        home_county=str(STEP.example["county"]),
        time="2015-03-02T01:00:00.000000Z",
        correlation_id=_uuid(rng),
    )
    body = body_of(canonical(data), day, candidate, sealed)
    return Row(f"candidate/{candidate}", STEP.type, canonical(headers), body)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def fill_pending(ground: Ground, rows: Sequence[Row]) -> None:
    """Empties the publisher's pending table and writes the rows."""
    with ground.cursor(SOURCE) as cursor:
        cursor.execute("TRUNCATE pending")
        execute_values(cursor, "INSERT INTO pending (stream, type, headers, body) VALUES %s", rows, page_size=1000)


def prepare_sink(ground: Ground, rows: Sequence[Row]) -> None:
    """Empties what the consumer knows, except for the candidates whose rows it will update."""
    branch = STEP.example["branch"]
    candidates = sorted({row.stream.removeprefix("candidate/") for row in rows})
    with ground.cursor(SINK) as cursor:
        cursor.execute("TRUNCATE step, standing, inbox, inbox_head, attempt, parked, instance")
        execute_values(
            cursor,
            "INSERT INTO standing (candidate_id, branch, steps) VALUES %s",
            [(candidate, branch, 0) for candidate in candidates],
            page_size=1000,
        )


def reacted(ground: Ground) -> tuple[int, int]:
    """Rows inserted, and updates counted: both equal the number of events where each had its effect once."""
    with ground.cursor(SINK) as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM step), (SELECT coalesce(sum(steps), 0) FROM standing)")
        inserted, updated = cursor.fetchone()
        return int(inserted), int(updated)
