"""Warm processes from which those under test are forked: to import the stack takes two seconds of a processor, to fork it takes none.

What is forked is a process of its own, in a session of its own, with its own environment and output. It has done nothing before: no
connection, thread or greenthread is handed down. Two things it shares with its brothers: what was imported, and the order of sets.

Run as a program this is such a warm process: `nursery.py green|plain SOCKET`.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and sys.argv[1] == "green":
    from suite.cli import make_green

    make_green()

import contextlib
import gc
import json
import os
import select
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from kernel import failpoints
from suite.cli import COMMANDS, GREEN
from tests.faults.processes import Process, environment, script, wait_until
from tests.faults.undertaker import undertaker

#: The entry of what `tests.faults.sides` can be.
SIDES = "tests.faults.sides:main"
#: Seconds between looks for children that have ended.
LOOK = 0.02


class Child:
    """What `Process` needs of a `subprocess.Popen`."""

    def __init__(self, connection: socket.socket) -> None:
        self._answers = connection.makefile("r")
        self._connection = connection
        self.pid = int(self._answers.readline())
        self._status: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        return self._status if self._look(0) else None

    def wait(self, timeout: float) -> int:
        if not self._look(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        assert self._status is not None
        return self._status

    def _look(self, seconds: float) -> bool:
        # Several threads may look at once: one that waits, and one that kills.
        if self._status is None and select.select([self._connection], [], [], seconds)[0]:
            with self._lock:
                if self._status is None:
                    self._status = int(self._answers.readline())
                    self._answers.close()
        return self._status is not None


class Forked(Process):
    """`ENTRY ARGUMENTS` with exactly these settings, forked from the warm process of its kind.

    `entry` is `module:function`; the function finds ENTRY and ARGUMENTS in `sys.argv`. `green`: the process is patched for eventlet.
    `warm` names modules that the warm process is to import too, because the function would do so each time.
    """

    def __init__(
        self, entry: str, *arguments: str, log: Path, green: bool, name: str = "", warm: Sequence[str] = (), **settings: object
    ) -> None:
        self.name, self.log = name or " ".join([entry, *arguments]), log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
        self._offset = log.stat().st_size
        env = environment(**settings) | undertaker.mark()
        self._system = _fork(green, {"argv": [entry, *arguments], "warm": [*warm], "env": env, "log": str(log)})


def xinhuo(*arguments: str, log: Path, **settings: object) -> Process:
    """As `processes.xinhuo`, but forked."""
    module = COMMANDS[arguments[0]][0].partition(":")[0]
    return Forked("suite.cli:run", *arguments, log=log, green=arguments[0] in GREEN, warm=[module], **settings)


def _fork(green: bool, request: Mapping[str, object]) -> Child:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(_nursery("green" if green else "plain")))
    connection.sendall(json.dumps(request).encode() + b"\n")
    return Child(connection)


@lru_cache
def _nursery(kind: str) -> Path:
    """The socket of the warm process, which lives until the run ends."""
    directory = Path(tempfile.mkdtemp(prefix="xinhuo-nursery-"))
    undertaker.remove(directory)
    path = directory / "socket"
    process = script(Path(__file__), kind, str(path), log=directory / "log", name=f"{kind} nursery")
    wait_until(path.exists, "the nursery", alive=[process])
    return path


def main() -> None:
    kind, path = sys.argv[1:]
    if kind == "green":
        from suite.services import INSTALLED

        for service in INSTALLED:
            assert service.service_class and service.reactions
    module, _, function = serve(Path(path)).partition(":")
    getattr(import_module(module), function)()


def serve(path: Path) -> str:
    """Forks on demand, for ever. Returns in the children, with the entry of each."""
    # In a process that is patched for eventlet: the hub must not be used before the fork, or it would be handed down.
    from eventlet.patcher import original

    plain_socket, plain_select, plain_os = original("socket"), original("select"), original("os")
    listener = plain_socket.socket(plain_socket.AF_UNIX)
    unfinished = path.with_suffix(".new")
    listener.bind(str(unfinished))
    listener.listen(64)
    unfinished.rename(path)
    connections: dict[int, socket.socket] = {}
    while True:
        if plain_select.select([listener], [], [], LOOK)[0]:
            connection = listener.accept()[0]
            with connection.makefile("r") as lines:
                request = json.loads(lines.readline())
            _warm([request["argv"][0].partition(":")[0], *request["warm"]])
            pid = plain_os.fork()
            if pid == 0:
                for other in (listener, connection, *connections.values()):
                    other.close()
                return _begin(request["argv"], request["env"], request["log"])
            connection.sendall(f"{pid}\n".encode())
            connections[pid] = connection
        with contextlib.suppress(ChildProcessError):  # none at all
            while (ended := plain_os.waitpid(-1, plain_os.WNOHANG))[0]:
                with connections.pop(ended[0]) as connection, contextlib.suppress(OSError):  # nobody wants to know any more
                    connection.sendall(f"{plain_os.waitstatus_to_exitcode(ended[1])}\n".encode())


def _warm(modules: Sequence[str]) -> None:
    if any(module not in sys.modules for module in modules):
        for module in modules:
            import_module(module)
        gc.collect()
        gc.freeze()  # a collection in a child would touch, and so copy, all of it


def _begin(argv: Sequence[str], env: Mapping[str, str], log: str) -> str:
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(env)
    failpoints.arm(env.get("XINHUO_FAILPOINTS", ""))  # read at the import, when there were none
    sys.argv[:] = argv
    return argv[0]


if __name__ == "__main__":
    main()
