"""Connections to RabbitMQ: py-amqp with a transport that reads ahead, and a reader of deliveries that no message can upset.

py-amqp reads each frame with three system calls and trusts every header; both cost dearly where thousands of messages arrive
per second, some of them from strangers.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp.transport import SSLTransport, TCPTransport

from kernel.bus import wire
from kernel.errors import Transient

CONNECT_TIMEOUT = 10.0
#: Seconds without which a write, or an answer, counts as lost.
IO_TIMEOUT = 15.0
HEARTBEAT = 10
READ_AHEAD = 1 << 17

#: Everything that means: this connection is of no more use.
BROKEN = (OSError, amqp.AMQPError, EOFError, struct.error)


class _ReadAhead:
    """Mixed into a transport: `read_frame` takes frames from what one `recv` brought."""

    sock: Any
    connected: bool

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ahead = bytearray()

    def read_frame(self, unpack: Any = struct.unpack_from) -> tuple[int, int, bytes]:
        ahead = self._ahead
        while True:
            if len(ahead) >= 8:
                kind, channel, size = unpack(">BHI", ahead)
                if len(ahead) >= size + 8:
                    break
            data = self.sock.recv(READ_AHEAD)
            if not data:
                self.connected = False
                raise ConnectionResetError("the broker closed the connection")
            ahead += data
        if ahead[size + 7] != 0xCE:
            raise amqp.UnexpectedFrame("a frame does not end where it should")
        payload = bytes(memoryview(ahead)[7 : size + 7])
        del ahead[: size + 8]
        return kind, channel, payload

    def has_frame(self) -> bool:
        """Whether the next frame can be read without waiting."""
        ahead = self._ahead
        return len(ahead) >= 8 and len(ahead) >= struct.unpack_from(">I", ahead, 3)[0] + 8


class _Tcp(_ReadAhead, TCPTransport):  # type: ignore[misc]
    pass


class _Tls(_ReadAhead, SSLTransport):  # type: ignore[misc]
    pass


class Connection(amqp.Connection):  # type: ignore[misc]
    def Transport(self, host: str, connect_timeout: float, ssl: Any = False, *_: Any, **options: Any) -> Any:
        options |= {"connect_timeout": connect_timeout}
        return _Tls(host, ssl=ssl, **options) if ssl else _Tcp(host, **options)

    def pump(self, seconds: float) -> None:
        """Handles what has come in, waiting at most so long for it to begin."""
        with contextlib.suppress(TimeoutError):
            self.blocking_read(seconds)
            while self.transport.has_frame():
                self.on_inbound_frame(self.transport.read_frame())


def connect(
    url: str,
    name: str,
    *,
    on_delivery: Callable[[wire.Delivery], None] | None = None,
    on_blocked: Callable[[str], None] | None = None,
    on_unblocked: Callable[[], None] | None = None,
) -> Connection:
    """A connection to `amqp[s]://user:password@host:port/vhost`, shown as `name` in the broker. Raises `Transient`.

    With `on_delivery`, deliveries go there instead of to py-amqp's consumers.
    """
    parts = urlsplit(url)
    tls = parts.scheme == "amqps"
    options: dict[str, Any] = {}
    if on_delivery is not None:
        handler = on_delivery
        options["frame_handler"] = lambda connection, callback: wire.frame_handler(connection, callback, handler)
    if tls:
        options["ssl"] = {"context": {}, "server_hostname": parts.hostname}
    connection = Connection(
        host=f"{parts.hostname or 'localhost'}:{parts.port or (5671 if tls else 5672)}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path.removeprefix("/")) or "/",
        connect_timeout=CONNECT_TIMEOUT,
        heartbeat=HEARTBEAT,
        client_properties={"connection_name": name, "product": "xinhuo"},
        socket_settings={socket.TCP_USER_TIMEOUT: int(IO_TIMEOUT * 1000)},
        on_blocked=on_blocked,
        on_unblocked=on_unblocked,
        **options,
    )
    try:
        connection.connect()
    except BROKEN as error:
        drop(connection)
        raise Transient(f"RabbitMQ at {parts.hostname}:{parts.port or ''}: {error or type(error).__name__}") from error
    # From here on, whoever waits for the broker waits so long at most, in py-amqp's own waits too.
    connection.sock.settimeout(IO_TIMEOUT)
    return connection


def drop(connection: Connection) -> None:
    """Lets go of the connection without a word to a peer that may not answer."""
    # It may be broken already, which is why it is dropped.
    with contextlib.suppress(*BROKEN):
        connection.collect()


def close(connection: Connection) -> None:
    """Closes in the order of the protocol, so that the broker has read what was sent before."""
    try:
        connection.close()
    except BROKEN:
        drop(connection)
