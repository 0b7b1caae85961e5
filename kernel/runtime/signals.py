"""Waiting for the word to stop, in a process that runs on eventlet."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

import eventlet
from eventlet.green import socket

_STOPPING = (signal.SIGTERM, signal.SIGINT)
_DIED = 0


class Host(Protocol):
    def wait(self) -> None: ...


def wait_for_stop(*hosts: Host) -> signal.Signals:
    """Lets the other greenthreads run until SIGTERM or SIGINT comes, and returns which. For the main greenthread, once.

    Where one of `hosts` ends before, raises what it died of: a process without its service must not live on.

    A handler alone would not do: it runs while the hub sleeps, and what it schedules waits until the hub wakes up for
    some other reason. The signal's number arrives on a socket instead, which wakes the hub.
    """
    heard, wakeup = socket.socketpair()
    wakeup.setblocking(False)
    watchers = [eventlet.spawn(_watch, host, lambda: wakeup.send(bytes([_DIED]))) for host in hosts]
    for number in _STOPPING:
        signal.signal(number, _nothing)
    signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
    try:
        while True:
            number = heard.recv(1)[0]
            if number == _DIED:
                _raise_first(watchers)
            elif number in _STOPPING:
                return signal.Signals(number)
    finally:
        signal.set_wakeup_fd(-1)
        for watcher in watchers:
            watcher.kill()
        heard.close()
        wakeup.close()


def _watch(host: Host, tell: Callable[[], Any]) -> BaseException:
    try:
        host.wait()
    except Exception as error:
        return error
    else:
        return RuntimeError("a service has ended without being told to")
    finally:
        tell()


def _raise_first(watchers: list[Any]) -> None:
    for watcher in watchers:
        if watcher.dead:
            raise watcher.wait()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Without a handler of Python's the number would not be written to the socket."""
