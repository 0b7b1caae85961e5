"""Numbered places where a test makes the process die.

`XINHUO_FAILPOINTS="relay.after_publish=3"` ends the process at the third pass; several are separated by commas. Without the
variable a failpoint costs one look into an empty dict. Settings refuse the variable in production.
"""

from __future__ import annotations

import os

#: exit status of a process that died at a failpoint
STATUS = 86

_armed: dict[str, int] = {}


def arm(spec: str) -> None:
    """Arms the failpoints of `spec`, for example `command.before_commit=1,relay.after_publish=3`."""
    _armed.clear()
    for part in filter(None, spec.split(",")):
        name, _, count = part.partition("=")
        _armed[name.strip()] = int(count or 1)


def hit(name: str) -> None:
    if name in _armed:
        _armed[name] -= 1
        if _armed[name] <= 0:
            os._exit(STATUS)


arm(os.environ.get("XINHUO_FAILPOINTS", ""))
