"""Stock nameko: an `event_handler` with reliable delivery, ten workers, one SQLAlchemy transaction each.

psycopg2 is made green, as the documents of eventlet advise: without it the ten workers would wait for each other's commits.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import time  # noqa: E402
from datetime import date  # noqa: E402
from typing import Any  # noqa: E402

import sqlalchemy as sa  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import event_handler  # noqa: E402
from psycogreen.eventlet import patch_psycopg  # noqa: E402

from suite.bench import stage  # noqa: E402

metadata = sa.MetaData()
standing = sa.Table(
    "standing",
    metadata,
    sa.Column("candidate_id", sa.String(36), primary_key=True),
    sa.Column("branch", sa.String(40)),
    sa.Column("steps", sa.Integer),
    sa.Column("since", sa.Date),
)
step = sa.Table(
    "step",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
    sa.Column("candidate_id", sa.String(36)),
    sa.Column("branch", sa.String(40)),
    sa.Column("day", sa.Date),
)


def service(task: Any, engine: sa.Engine, commits: list[tuple[float, int]], finished: Any) -> type:
    class Watcher:
        name = task["sink"]

        @event_handler(task["source"], task["type"], reliable_delivery=True)
        def heard(self, payload: Any) -> None:
            data = payload["data"]
            with engine.begin() as connection:
                connection.execute(
                    sa.update(standing)
                    .where(standing.c.candidate_id == data["candidate_id"])
                    .values(steps=standing.c.steps + 1, branch=data["branch"], since=date.fromisoformat(data["since"]))
                )
                row = {
                    "candidate_id": data["candidate_id"],
                    "branch": data["branch"],
                    "day": date.fromisoformat(payload["day"]),
                }
                connection.execute(sa.insert(step), row)
            commits.append((time.perf_counter(), 1))
            if len(commits) == task["events"]:
                finished.send()

    return Watcher


def main() -> None:
    patch_psycopg()
    task = stage.task()
    url = sa.make_url(task["dsn"]).set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url, connect_args={"options": f"-csearch_path={task['sink']}"})
    commits: list[tuple[float, int]] = []
    finished = eventlet.Event()
    container = ServiceContainer(service(task, engine, commits, finished), {"AMQP_URI": task["amqp_url"]})
    stage.ready()
    container.start()
    finished.wait()
    container.stop()
    stage.done(commits=commits)


if __name__ == "__main__":
    main()
