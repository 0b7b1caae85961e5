"""`command`: applications per second over HTTP, with token, rules and journal, beside pgbench with the SQL of one application.

pgbench sends what the service sends, statement by statement, from 16 clients: what PostgreSQL alone would take of it on this machine.
Only keys are made anew in each transaction.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from kernel.id_number import check_character
from kernel.ops.settings import Settings
from kernel.store.database import Database
from kernel.store.provision import role_url
from suite.assembly import migrate
from suite.bench import town
from suite.bench.ground import Ground
from suite.bench.process import SideFailed, side
from suite.bench.rounds import OURS, Goal, Scenario

CLIENTS = 16
SECONDS = 10
PROCESSES = 2
#: What a round begins without.
_EMPTIED = "candidate, living, journal, pending, idempotency"


def prepared(ground: Ground) -> Settings:
    """Schemas, roles and organisations. Returns settings with the URL of recruitment's own role."""
    settings = Settings(profile="servers", database_url=ground.database_url, amqp_url=ground.amqp_url)
    migrate(settings)
    owner = Database(ground.database_url, town.SERVICE, pool_size=1)
    town.tell_organisations(owner)
    owner.dispose()
    return replace(settings, database_url=role_url(ground.database_url, town.SERVICE, settings.master_key))


def environ(settings: Settings) -> dict[str, str]:
    return {
        "XINHUO_PROFILE": "servers",
        "XINHUO_DATABASE_URL": str(settings.database_url),
        "XINHUO_AMQP_URL": str(settings.amqp_url),
    }


def empty(ground: Ground) -> None:
    """Waits until nothing is under way any more, then empties the tables."""
    seen, found = -1, applications(ground)
    while seen != found:
        time.sleep(0.5)
        seen, found = found, applications(ground)
    with ground.cursor(town.SERVICE) as cursor:
        cursor.execute(f"TRUNCATE {_EMPTIED}, subject_keys.subject_key")


def applications(ground: Ground) -> int:
    with ground.cursor(town.SERVICE) as cursor:
        cursor.execute("SELECT count(*) FROM candidate")
        return int(cursor.fetchone()[0])


@contextmanager
def services(settings: Settings, count: int) -> Iterator[list[town.Door]]:
    with ExitStack() as stack:
        doors = []
        for _ in range(count):
            port = town.free_port()
            arguments = ["service", town.SERVICE, "--port", str(port)]
            doors.append(stack.enter_context(town.running(arguments, environ(settings), port)))
        yield doors


def record(ground: Ground, settings: Settings) -> str:
    """The script for pgbench."""
    body = {
        "branch": town.ORGANISATIONS[-1][0],
        "document": "入党申请书",
        "receives_as": "residence",
        "main": "none",
        "rural_registration": True,
        "village_committee_member": False,
        "works_and_lives_at_registered_place": True,
        "unit_and_post": "示例村村民",
        "phone": "13800000000",
        "address": "示例村 8 号",
    }
    given = []
    for first in ("33070219900504001", "33070219900504003", "33070219900504005"):
        number = first + check_character(first)
        given.append((f"record-{number}", {**body, "name": "张伟", "id_number": number}))
    task = ground.task(url=settings.database_url, token=town.token(settings), applications=given)
    with side("suite.bench.sides.recorder", task) as recorder:
        figures = recorder.figures()
    return script(figures["transactions"], figures["unique"])


def script(transactions: list[list[str]], unique: Mapping[str, str]) -> str:
    """The statements with new keys in each transaction: eight digits of the client, twelve of its count."""
    text = "".join(f"{statement.strip()};\n" for statements in transactions for statement in statements)
    fresh = {
        unique["candidate_id"]: ":bench_client-0000-7000-8000-:bench_count",
        unique["identity"]: "0" * 44 + ":bench_client:bench_count",
        unique["key"]: "bench-:bench_client-:bench_count",
    }
    for old, new in fresh.items():
        if old not in text:
            raise SideFailed(f"the recorded statements do not hold {old}")
        text = text.replace(old, new)
    head = (
        "\\set bench_step :bench_step + 1\n"
        "\\set bench_client 10000000 + :client_id\n"
        "\\set bench_count 100000000000 + :bench_step\n"
    )
    return head + text


def pgbench(url: str, text: str, seconds: int) -> float:
    """Transactions per second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(text)
        file.flush()
        command = ["pgbench", "--no-vacuum", f"--client={CLIENTS}", "--jobs=2", f"--time={seconds}", "-Dbench_step=0"]
        done = subprocess.run(
            [*command, f"--file={file.name}", url.replace("postgresql+psycopg2://", "postgresql://")],
            env={**os.environ, "PGOPTIONS": f"-csearch_path={town.SERVICE}"},
            capture_output=True,
            text=True,
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or found is None or "aborted" in done.stderr:
        raise SideFailed(f"pgbench: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return float(found.group(1))


@contextmanager
def scenario(ground: Ground) -> Iterator[Scenario]:
    settings = prepared(ground)
    text = record(ground, settings)
    key = town.token(settings)
    seconds = 3 if ground.quick else SECONDS
    notes: dict[str, Any] = {"p50_ms": [], "p99_ms": [], "round_trips_of_pgbench": text.count(";\n"), "processes": PROCESSES}
    with services(settings, PROCESSES) as doors:

        def ours(number: int) -> float:
            empty(ground)
            loads = town.apply_at(doors, key, PROCESSES * number * town.ROOM, seconds)
            if (stored := applications(ground)) < sum(load.requests for load in loads):
                raise SideFailed(f"{sum(load.requests for load in loads)} applications answered, {stored} stored")
            notes["p50_ms"].append(round(max(load.p50_ms for load in loads), 1))
            notes["p99_ms"].append(round(max(load.p99_ms for load in loads), 1))
            return sum(load.requests / load.seconds for load in loads)

        def theirs(number: int) -> float:
            empty(ground)
            return pgbench(str(settings.database_url), text, seconds)

        yield Scenario(
            name="command",
            what=f"applications per second over HTTP with token, rules and journal; {PROCESSES} processes",
            unit="commands/s",
            sides={OURS: ours, "pgbench": theirs},
            goals={"pgbench": Goal(0.15, required=False)},
            notes=notes,
        )
