"""What a side's process says to the one that measures: it is ready, and what it has measured. Standard library only.

A side is given its task as a line of JSON. It prepares everything that is not measured, says that it is ready, waits for a line, does
its work and says its figures as one line of JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def task() -> Any:
    return json.loads(sys.stdin.readline())


def ready(*, wait: bool = True) -> None:
    """Returns when the side is to begin; at once where it is one that answers to others and has begun already."""
    print("ready", flush=True)
    if wait:
        sys.stdin.readline()


def done(**figures: Any) -> None:
    print(json.dumps(figures), flush=True)
