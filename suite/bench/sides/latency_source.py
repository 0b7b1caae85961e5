"""Commands of the suite at a steady pace: each records an entry and makes it public. The relay does the rest."""

from __future__ import annotations

import json
import time

from kernel.unit import command
from suite.bench import stage
from suite.bench.ground import SOURCE, STEP
from suite.bench.sides.service import context


def main() -> None:
    task = stage.task()
    own = context(task, SOURCE)
    committed: dict[str, int] = {}
    stage.ready()
    began = time.monotonic()
    for number in range(task["events"]):
        time.sleep(max(0.0, began + number / task["per_second"] - time.monotonic()))
        stream, _, _, body = task["rows"][number]
        with command(own) as unit:
            version = unit.record(
                STEP,
                stream=stream,
                expected=None,
                home_county="330702",
                day=unit.today,
                data=json.loads(body)["data"],
                subject=stream.removeprefix("candidate/"),
                personal={"name": "张三", "id_number": "330702199001010011"},
            )
        committed[f"{stream} {version}"] = time.monotonic_ns()
    stage.done(committed=committed)


if __name__ == "__main__":
    main()
