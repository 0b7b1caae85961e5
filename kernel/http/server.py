"""The web server of one service: nameko's extension, with what it lacks.

- It binds without SO_REUSEPORT: two services on one port are an error and not a lottery.
- A broken connection ends that connection. In nameko's own server it ends the service.
- A request is handled where it was read, without a worker: endpoints take what they need as arguments.
- A stop closes the door, lets running requests finish, and closes connections that are idle.
"""

from __future__ import annotations

import re
from typing import Any

import eventlet
import structlog
from eventlet import greenio
from eventlet.event import Event
from eventlet.green import socket
from eventlet.greenpool import GreenPool
from eventlet.wsgi import STATE_CLOSE, STATE_IDLE, HttpProtocol, Server
from nameko.extensions import ProviderCollector, SharedExtension

from kernel.encoding import canonical
from kernel.errors import XinhuoError
from kernel.http.app import App
from kernel.http.problems import PROBLEM_TYPE
from kernel.runtime.runtime import CONFIG_KEY, Runtime

log = structlog.get_logger(__name__)

#: The key in a container's config for the address to bind, (host, port).
ADDRESS_KEY = "xinhuo_address"

CONNECTIONS = 1_000
BACKLOG = 512
#: Seconds that a client may be silent within a request, and between two.
SILENCE = 60
#: Seconds that running requests get to finish at a stop.
GRACE = 30
#: Bytes of an unread body that are worth reading to keep the connection.
WORTH_READING = 4 << 20

_LENGTH = re.compile(r"[0-9]{1,15}")


class PortTaken(XinhuoError):
    """Somebody else listens there already."""

    code = "port taken"


class _Protocol(HttpProtocol):  # type: ignore[misc]
    """HTTP/1.1 on one connection, strict about where a body ends."""

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if fault := self._framing_fault():
            self.close_connection = True
            self.send_error(400, fault)
            return False
        return True

    def _framing_fault(self) -> str | None:
        """Two readers that disagree about the end of a body can be made to see different requests."""
        lengths = self.headers.get_all("Content-Length") or []
        codings = self.headers.get_all("Transfer-Encoding") or []
        if len(lengths) > 1 or any(not _LENGTH.fullmatch(length) for length in lengths):
            return "Content-Length 有误"
        if codings and (lengths or [coding.strip().lower() for coding in codings] != ["chunked"]):
            return "Transfer-Encoding 有误"
        return None

    def handle_one_response(self) -> None:
        if int(self.headers.get("Content-Length") or 0) > WORTH_READING:
            # What is taken of it is read by the endpoint; the rest of a refused one is not waited for.
            self.close_connection = True
        super().handle_one_response()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is wrong before there is a request to route, as a problem."""
        status = int(code)
        problem = {
            "type": "urn:xinhuo:problem:malformed-request",
            "title": "malformed request",
            "status": status,
            "detail": message or "请求格式有误",
        }
        body = canonical(problem).encode()
        head = (
            f"HTTP/1.1 {status} Malformed Request\r\nContent-Type: {PROBLEM_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.wfile.write(head.encode() + body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the application counts and logs what it answers."""


class WebServer(ProviderCollector, SharedExtension):  # type: ignore[misc]
    """Serves the HTTP entrypoints of a service, which register here, and the kernel's own pages."""

    def __init__(self) -> None:
        super().__init__()
        self._socket: Any = None
        self._accepting: Any = None
        self._server: Any = None
        self._pool = GreenPool(CONNECTIONS)
        self._connections: dict[int, list[Any]] = {}
        self._drained: Any = None

    @property
    def port(self) -> int:
        """The port in fact, also where 0 was asked for."""
        return int(self._socket.getsockname()[1])

    # -- nameko's life cycle

    def setup(self) -> None:
        # Before anything starts, so that a taken port stops the service before it has heard of an event.
        host, port = self.container.config[ADDRESS_KEY]
        try:
            self._socket = eventlet.listen((host, port), backlog=BACKLOG, reuse_port=False)
        except OSError as error:
            where = f"{self.container.service_name} 无法监听 {host}:{port}（{error.strerror}）"
            raise PortTaken(f"{where}：请停止占用该端口的进程，或改设 XINHUO_BASE_PORT") from error
        self._socket.settimeout(None)

    def start(self) -> None:
        runtime: Runtime = self.container.config[CONFIG_KEY]
        endpoints = [provider.declared() for provider in self._providers]
        app = App(runtime, self.container.service_cls, endpoints)
        self._server = Server(
            self._socket,
            self._socket.getsockname(),
            app,
            protocol=_Protocol,
            keepalive=SILENCE,
            socket_timeout=SILENCE,
            max_http_version="HTTP/1.1",
            log_output=False,
            debug=False,
        )
        # Set afterwards: the argument warns, and names of headers stand as they should already.
        self._server.capitalize_response_headers = False
        self._accepting = self.container.spawn_managed_thread(self._accept, identifier="http")

    def stop(self) -> None:
        self.drain()
        super().stop()

    def kill(self) -> None:
        self._close_door()
        for _address, connection, _state in list(self._connections.values()):
            greenio.shutdown_safe(connection)

    # -- connections

    def _accept(self) -> None:
        while self._drained is None:
            try:
                connection, address = self._socket.accept()
            except OSError as error:
                if self._drained is None:
                    # Out of file descriptors, or a client that left at once. Either passes.
                    log.warning("accept failed", error=repr(error))
                    eventlet.sleep(0.1)
                continue
            # Waits where all are taken; the kernel's backlog keeps those that come.
            self._pool.spawn_n(self._serve, connection, address)

    def _serve(self, connection: Any, address: Any) -> None:
        state = [address, connection, STATE_IDLE]
        self._connections[id(state)] = state
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(SILENCE)
            self._server.process_request(state)
        except OSError as error:
            log.debug("connection broken", error=repr(error))
        except Exception:
            log.exception("connection failed")
        finally:
            self._connections.pop(id(state), None)
            connection.close()

    # -- stopping

    def _close_door(self) -> None:
        if self._accepting is not None:
            self._accepting.kill()
        if self._socket is not None:
            self._socket.close()

    def drain(self) -> None:
        """Closes the door and returns when running requests have been answered, or after `GRACE` seconds."""
        if self._drained is not None:
            self._drained.wait()
            return
        self._drained = Event()
        self._close_door()
        if self._server is not None:
            self._server.keepalive = False
        for state in list(self._connections.values()):
            if state[2] == STATE_IDLE:
                state[2] = STATE_CLOSE
                # Only our reading ends: a request that has arrived already is still read and answered.
                _end_reading(state[1])
        with eventlet.Timeout(GRACE, False):
            self._pool.waitall()
        for _address, connection, _state in list(self._connections.values()):
            log.warning("a request was cut off at the stop")
            greenio.shutdown_safe(connection)
        self._drained.send()


def _end_reading(connection: Any) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError as error:
        log.debug("connection gone already", error=repr(error))
