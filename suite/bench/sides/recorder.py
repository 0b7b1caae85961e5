"""Recruitment in this process, given one application: which statements PostgreSQL was sent for it, to the byte."""

from __future__ import annotations

from typing import Any

from suite.cli import make_green

make_green()

import requests  # noqa: E402
from sqlalchemy import Engine, event  # noqa: E402

from kernel.ops.logs import configure  # noqa: E402
from kernel.ops.settings import Settings  # noqa: E402
from kernel.runtime.runtime import Runtime  # noqa: E402
from kernel.runtime.service import ServiceHost  # noqa: E402
from suite.assembly import contexts  # noqa: E402
from suite.bench import stage  # noqa: E402
from suite.bench.town import SERVICE  # noqa: E402
from suite.services import BY_NAME  # noqa: E402

#: Transactions by connection, while they run, and those that have ended.
_open: dict[int, list[str]] = {}
_ended: list[list[str]] = []


def _listen() -> None:
    @event.listens_for(Engine, "begin")
    def begin(connection: Any) -> None:
        _open[id(connection.connection.dbapi_connection)] = ["BEGIN"]

    @event.listens_for(Engine, "after_cursor_execute")
    def executed(connection: Any, cursor: Any, *_: Any) -> None:
        _open[id(connection.connection.dbapi_connection)].append(cursor.query.decode())

    @event.listens_for(Engine, "commit")
    def commit(connection: Any) -> None:
        _end(connection, "COMMIT")

    @event.listens_for(Engine, "rollback")
    def rollback(connection: Any) -> None:
        _end(connection, "ROLLBACK")


def _end(connection: Any, how: str) -> None:
    _ended.append([*_open.pop(id(connection.connection.dbapi_connection)), how])


def main() -> None:
    task = stage.task()
    configure("recorder", level="warning")
    settings = Settings(profile="servers", database_url=task["url"], amqp_url=task["amqp_url"])
    runtime = Runtime.of(contexts(settings, (SERVICE,))[SERVICE], settings)
    host = ServiceHost(BY_NAME[SERVICE].service_class, runtime, 0)
    host.start()
    _listen()
    for key, body in task["applications"]:
        # All but the last fill caches: keys, policies, prepared statements of SQLAlchemy.
        _ended.clear()
        headers = {"Authorization": f"Bearer {task['token']}", "Idempotency-Key": key}
        answer = requests.post(f"http://127.0.0.1:{host.port}/applications", json=body, headers=headers, timeout=30)
        if answer.status_code != 201:
            raise SystemExit(f"{answer.status_code} {answer.text}")
    id = answer.json()["candidate_id"]
    mine = [transaction for transaction in _ended if any(id in text or key in text for text in transaction)]
    host.stop()
    stage.ready(wait=False)
    identity = runtime.context.keys.blind_index(body["id_number"])
    stage.done(transactions=mine, unique={"candidate_id": id, "identity": identity, "key": key})


if __name__ == "__main__":
    main()
