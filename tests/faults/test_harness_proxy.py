"""The proxy itself, in front of a server that repeats what it hears."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.processes import PATIENCE, free_port
from tests.faults.proxy import BASIC_ACK, FROM_SERVER, TO_SERVER, Blow, Proxy, _Link


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))

    def repeat(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(data)
            except ConnectionError:
                return

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=repeat, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def proxy(echo: tuple[str, int]) -> Iterator[Proxy]:
    with Proxy(echo) as proxy:
        yield proxy


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE)


def read(connection: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes, or fewer when the stream ends."""
    data = b""
    while len(data) < count and (chunk := connection.recv(count - len(data))):
        data += chunk
    return data


def silent(connection: socket.socket) -> bool:
    """Nothing arrives for a moment, neither data nor an end."""
    connection.settimeout(0.3)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(PATIENCE)
    return False


def test_a_quiet_proxy_changes_nothing(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        payload = os.urandom(1_000_000)
        threading.Thread(target=connection.sendall, args=(payload,)).start()
        assert read(connection, len(payload)) == payload
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def test_a_cut_resets_what_is_open_and_lets_new_connections_in(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"before")
        assert read(connection, 6) == b"before"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    with connect(proxy) as connection:
        connection.sendall(b"after")
        assert read(connection, 5) == b"after"


def test_an_orderly_close_is_an_end_of_stream(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"before")
        assert read(connection, 6) == b"before"
        proxy.cut(Blow.CLOSE)
        assert connection.recv(1) == b""


@pytest.mark.parametrize("count", [1, 9, 10, 11, 25])
def test_a_cut_after_n_bytes_lets_exactly_n_through(proxy: Proxy, count: int) -> None:
    proxy.strike_after(FROM_SERVER, count, Blow.CLOSE)
    with connect(proxy) as connection:
        passed = b""
        while len(passed) < count:
            connection.sendall(b"0123456789")
            passed += read(connection, min(10, count - len(passed)))
        assert proxy.struck.wait(PATIENCE)
        assert passed == (b"0123456789" * 3)[:count]
        assert connection.recv(1) == b""


def test_a_frozen_direction_holds_back_and_tells_nobody(proxy: Proxy) -> None:
    with connect(proxy) as connection:
        proxy.freeze(FROM_SERVER)
        connection.sendall(b"kept")
        assert silent(connection)
        proxy.thaw()
        assert read(connection, 4) == b"kept"


def test_a_strike_can_leave_one_connection_half_open_and_the_others_alone(proxy: Proxy) -> None:
    proxy.strike_after(TO_SERVER, 4, Blow.FREEZE)
    with connect(proxy) as first, connect(proxy) as second:
        first.sendall(b"1234lost")
        assert proxy.struck.wait(PATIENCE)
        first.sendall(b"lost too")
        assert silent(first)
        second.sendall(b"fine")
        assert read(second, 4) == b"fine"


def test_the_answer_to_the_last_that_passes_does_not_come_through_a_half_open_connection(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, quiet = _Link.send, []

    def answered_at_once(link: _Link, end: socket.socket, data: bytes) -> None:
        send(link, end, data)
        if data == b"1234" and not quiet:
            quiet.append(silent(first))  # whatever comes back has time to come before anything else happens

    monkeypatch.setattr(_Link, "send", answered_at_once)
    proxy.strike_after(TO_SERVER, 4, Blow.FREEZE)
    with connect(proxy) as first:
        first.sendall(b"1234lost")
        assert proxy.struck.wait(PATIENCE)
    assert quiet == [True]


def test_refused_connections_are_reset_until_allowed_again(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionResetError), connect(proxy) as connection:  # the reset may come before connect returns
        connection.recv(1)
    proxy.refuse(False)
    with connect(proxy) as connection:
        connection.sendall(b"back")
        assert read(connection, 4) == b"back"


def test_a_server_that_is_away_looks_like_a_refusal() -> None:
    with Proxy(("127.0.0.1", free_port())) as proxy, pytest.raises(ConnectionResetError), connect(proxy) as connection:
        connection.recv(1)


def test_a_slow_close_reaches_the_other_side_later(proxy: Proxy) -> None:
    proxy.close_slowly(1.0)
    with connect(proxy) as connection:
        connection.sendall(b"x")
        assert read(connection, 1) == b"x"
        connection.shutdown(socket.SHUT_WR)
        assert silent(connection)
        assert connection.recv(1) == b""


def test_latency_delays_every_chunk(proxy: Proxy) -> None:
    proxy.delay(0.6, FROM_SERVER)
    with connect(proxy) as connection:
        connection.sendall(b"late")
        assert silent(connection)
        assert read(connection, 4) == b"late"


ACK = b"\x01\x00\x01\x00\x00\x00\x0d\x00\x3c\x00\x50" + bytes(8) + b"\x00\xce"


@pytest.mark.parametrize(("after", "passed"), [(False, 2), (True, 3)])
@pytest.mark.parametrize("piece", [1, 7, len(ACK), 3 * len(ACK), 10 * len(ACK)])
def test_a_strike_at_the_third_match_falls_there_however_the_stream_is_cut_up(
    proxy: Proxy, piece: int, after: bool, passed: int
) -> None:
    proxy.strike_at(FROM_SERVER, BASIC_ACK, nth=3, blow=Blow.FREEZE, after=after)
    stream = ACK * 10
    received = b""
    with connect(proxy) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(stream), piece):
            connection.sendall(stream[start : start + piece])
            if not proxy.struck.is_set() and start + piece <= 2 * len(ACK):
                received += read(connection, min(piece, len(stream) - start))
        assert proxy.struck.wait(PATIENCE)
        connection.settimeout(0.3)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass  # half-open: no end of stream follows
    assert len(BASIC_ACK.findall(received)) == passed


def test_an_action_runs_before_the_blow(proxy: Proxy) -> None:
    seen: list[str] = []
    proxy.strike_at(TO_SERVER, BASIC_ACK, blow=Blow.CLOSE, action=lambda: seen.append("acted"))
    with connect(proxy) as connection:
        connection.sendall(ACK)
        assert connection.recv(1) == b""
    assert seen == ["acted"]


def test_a_strike_can_do_something_and_let_everything_pass(proxy: Proxy) -> None:
    done: list[str] = []
    proxy.strike_at(TO_SERVER, re.compile(b"now"), blow=Blow.NONE, action=lambda: done.append("before it passed"))
    with connect(proxy) as connection:
        connection.sendall(b"one now two")
        assert read(connection, 11) == b"one now two"
        assert done == ["before it passed"] and proxy.struck.is_set()
        connection.sendall(b" now three")
        assert read(connection, 10) == b" now three"
    assert len(done) == 1


def test_a_cut_at_any_moment_leaves_the_proxy_accepting(proxy: Proxy) -> None:
    stopped = threading.Event()

    def cut() -> None:
        while not stopped.is_set():
            proxy.cut()

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        for _ in range(300):
            connect(proxy).close()
    finally:
        stopped.set()
        cutter.join()
    with connect(proxy) as connection:
        connection.sendall(b"still here")
        assert read(connection, 10) == b"still here"
