"""A TCP proxy that places blows: latency, cuts, half-open and slow close, refusal; at once, after N bytes, or at a pattern.

    with Proxy(("127.0.0.1", rabbit.port)) as proxy:
        proxy.strike_at(FROM_SERVER, BASIC_ACK, nth=3)      # the third confirm never arrives, the connection is reset
        ...
        assert proxy.struck.wait(PATIENCE)

"Client" is who connects to the proxy, "server" is who the proxy connects to. One thread per direction of a connection.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

TO_SERVER, FROM_SERVER = "to server", "from server"
DIRECTIONS = (TO_SERVER, FROM_SERVER)

# Method frames of AMQP 0-9-1: type 1, channel, size, class 60 (basic), method. JSON bodies hold no zero bytes, so they cannot match.
BASIC_PUBLISH = re.compile(rb"\x01..\x00\x00..\x00\x3c\x00\x28", re.DOTALL)
BASIC_DELIVER = re.compile(rb"\x01..\x00\x00..\x00\x3c\x00\x3c", re.DOTALL)
BASIC_ACK = re.compile(rb"\x01..\x00\x00\x00\x0d\x00\x3c\x00\x50", re.DOTALL)
BASIC_NACK = re.compile(rb"\x01..\x00\x00\x00\x0d\x00\x3c\x00\x78", re.DOTALL)
# PostgreSQL's simple query from the client, and the server's word that the transaction is committed.
PG_COMMIT = re.compile(rb"Q\x00\x00\x00\x0bCOMMIT\x00")
PG_COMMITTED = re.compile(rb"C\x00\x00\x00\x0bCOMMIT\x00")

#: A pattern may be split over two reads: this much of what went before is looked at again.
OVERLAP = 64


class Blow(Enum):
    RESET = "reset"  # both ends get a reset at once
    FREEZE = "freeze"  # half-open: nothing more is forwarded either way, nothing is closed
    CLOSE = "close"  # an orderly end of stream to both
    NONE = "none"  # the action of the strike alone: what comes waits until it is done, and then passes whole


@dataclass(eq=False)
class _Strike:
    """A blow that waits for its moment. Counts over all connections and falls once."""

    direction: str
    blow: Blow
    pattern: re.Pattern[bytes] | None
    left: int  # matches, or bytes where there is no pattern
    after: bool
    action: Callable[[], object] | None

    def cut(self, chunk: bytes, seen: bytes) -> int | None:
        """How much of `chunk` still passes when the moment is in it, else None. `seen` is what passed just before."""
        if self.pattern is None:
            self.left -= len(chunk)
            return len(chunk) + self.left if self.left <= 0 else None
        for match in self.pattern.finditer(seen + chunk):
            if match.end() > len(seen):  # else it was counted with the chunk before
                self.left -= 1
                if self.left == 0:
                    return max(0, (match.end() if self.after else match.start()) - len(seen))
        return None


class _Link:
    """One connection: the client's socket and the server's."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.ends = {TO_SERVER: (client, server), FROM_SERVER: (server, client)}
        self.frozen = threading.Event()
        self.dead = threading.Event()
        self.passed = dict.fromkeys(DIRECTIONS, b"")

    def finish(self, blow: Blow) -> None:
        if blow is Blow.FREEZE:
            self.frozen.set()
            return
        self.dead.set()
        for end, _ in self.ends.values():
            with contextlib.suppress(OSError):  # already gone at this end
                if blow is Blow.RESET:
                    _reset_on_close(end)
                    # The reset goes out when the last user lets go: wake the thread that reads here, without an end of stream.
                    end.shutdown(socket.SHUT_RD)
                else:
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def receive(self, end: socket.socket) -> bytes:
        while not self.dead.is_set():
            with contextlib.suppress(TimeoutError):
                return end.recv(65536)
        return b""

    def send(self, end: socket.socket, data: bytes) -> None:
        while data and not self.dead.is_set():
            with contextlib.suppress(TimeoutError):
                data = data[end.send(data) :]


def _reset_on_close(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Proxy:
    """Listens on 127.0.0.1:`port` as long as the `with` block lasts."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._links: list[_Link] = []
        self._strikes: list[_Strike] = []
        self._refusing = self._closed = False
        self._frozen = dict.fromkeys(DIRECTIONS, False)
        self._latency = dict.fromkeys(DIRECTIONS, 0.0)
        self._close_delay = 0.0
        self.accepted = 0
        self.struck = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            self._closed = True
        self.cut()

    # --- blows that fall now and last -------------------------------------------------------------------------------------

    def cut(self, blow: Blow = Blow.RESET) -> None:
        """Ends every open connection; new ones are accepted."""
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            link.finish(blow)

    def refuse(self, on: bool = True) -> None:
        """New connections are reset as soon as they are made."""
        self._refusing = on

    def freeze(self, *directions: str) -> None:
        """Half-open: what is sent in these directions (default: both) stays where it is, and nobody is told."""
        self._frozen.update(dict.fromkeys(directions or DIRECTIONS, True))

    def thaw(self) -> None:
        """Lets pass what `freeze` held back. Connections frozen by a strike stay as they are."""
        self._frozen = dict.fromkeys(DIRECTIONS, False)

    def delay(self, seconds: float, *directions: str) -> None:
        """Latency added to each chunk in these directions (default: both)."""
        self._latency.update(dict.fromkeys(directions or DIRECTIONS, seconds))

    def close_slowly(self, seconds: float) -> None:
        """When one side closes, the other hears of it only after so long."""
        self._close_delay = seconds

    # --- blows that wait for their moment ---------------------------------------------------------------------------------

    def strike_after(self, direction: str, count: int, blow: Blow = Blow.RESET) -> None:
        """After `count` more bytes in this direction, over all connections."""
        self._add(_Strike(direction, blow, None, count, True, None))

    def strike_at(
        self,
        direction: str,
        pattern: re.Pattern[bytes],
        nth: int = 1,
        blow: Blow = Blow.RESET,
        *,
        after: bool = False,
        action: Callable[[], object] | None = None,
    ) -> None:
        """At the `nth` match from now on in this direction, over all connections.

        The match itself passes only with `after`; nothing behind it does. `action` runs before the blow, for example to kill
        the process at the other end.
        """
        self._add(_Strike(direction, blow, pattern, nth, after, action))

    def _add(self, strike: _Strike) -> None:
        with self._lock:
            self.struck.clear()
            self._strikes.append(strike)

    # --- at work ----------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            self.accepted += 1
            try:
                if self._refusing:
                    raise ConnectionRefusedError
                server = socket.create_connection(self._target)
            except OSError:
                _reset_on_close(client)
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.settimeout(0.2)  # how soon a thread sees that its link is dead
            link = _Link(client, server)
            with self._lock:
                # From here on a cut may close both ends at any moment; once the proxy is closed nobody would.
                closed = self._closed
                if not closed:
                    self._links.append(link)
            if closed:
                link.finish(Blow.RESET)
                return
            for direction in DIRECTIONS:
                threading.Thread(target=self._pump, args=(link, direction), daemon=True).start()

    def _pump(self, link: _Link, direction: str) -> None:
        source, sink = link.ends[direction]
        try:
            while chunk := link.receive(source):
                time.sleep(self._latency[direction])
                strike, chunk = self._measure(link, direction, chunk)
                if strike is not None and strike.blow is Blow.NONE:
                    self._act(strike)
                    strike = None
                self._hold(link, direction)
                if strike is not None and strike.blow is Blow.FREEZE:
                    # Before the last of it passes: the answer to that could be back first.
                    link.frozen.set()
                link.send(sink, chunk)
                if strike is not None:
                    if strike.action is not None:
                        strike.action()
                    link.finish(strike.blow)
                    self.struck.set()
            time.sleep(self._close_delay)
            self._hold(link, direction)
            if not link.dead.is_set():
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            # One end is gone; a reset on this side is a reset on the other.
            if not link.dead.is_set():
                time.sleep(self._close_delay)
                link.finish(Blow.RESET)

    def _act(self, strike: _Strike) -> None:
        if strike.action is not None:
            strike.action()
        self.struck.set()

    def _measure(self, link: _Link, direction: str, chunk: bytes) -> tuple[_Strike | None, bytes]:
        """The strike that falls within this chunk, if any, and what of the chunk may pass."""
        found = None
        with self._lock:
            for strike in self._strikes:
                if strike.direction == direction:
                    cut = strike.cut(chunk, link.passed[direction])
                    if cut is not None:
                        self._strikes.remove(strike)
                        if strike.blow is not Blow.NONE:
                            return strike, chunk[:cut]
                        found = strike
                        break
            link.passed[direction] = (link.passed[direction] + chunk)[-OVERLAP:]
        return found, chunk

    def _hold(self, link: _Link, direction: str) -> None:
        while (self._frozen[direction] or link.frozen.is_set()) and not link.dead.is_set():
            time.sleep(0.01)
