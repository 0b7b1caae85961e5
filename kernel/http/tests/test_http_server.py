"""The server around the requests: its port, its stop, its own pages."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import requests

from kernel.http.tests.conftest import demo_service


def test_a_taken_port_is_a_clear_error(a_demo: Any, tmp_path: Any) -> None:
    demo = a_demo()
    other = demo_service(demo.url, demo.port, tmp_path, tmp_path / "other")
    assert other.join() != 0
    assert f"demo 无法监听 127.0.0.1:{demo.port}" in other.output()
    assert "XINHUO_BASE_PORT" in other.output()
    assert demo.call("GET", "/healthz").status_code == 200


def test_a_stop_lets_a_running_request_finish(a_demo: Any) -> None:
    demo = a_demo()
    answers: list[requests.Response] = []
    thread = threading.Thread(target=lambda: answers.append(demo.take("slow")))
    thread.start()
    _until(lambda: 'xinhuo_http_running{service="demo"} 1.0' in requests.get(demo.address + "/metrics", timeout=5).text)
    assert demo.stop() == 0
    thread.join()
    assert answers[0].status_code == 201
    assert answers[0].headers["Connection"] == "close"
    assert demo.rows("SELECT count(*) FROM note WHERE text = 'slow'")[0][0] == 1


def test_a_stop_does_not_wait_for_idle_connections(a_demo: Any) -> None:
    demo = a_demo()
    with socket.create_connection(("127.0.0.1", demo.port)) as silent, socket.create_connection(("127.0.0.1", demo.port)) as used:
        used.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert used.recv(4096).startswith(b"HTTP/1.1 200")
        assert demo.stop() == 0
        assert silent.recv(1) == b""
        assert used.recv(4096) == b""


def test_a_broken_connection_does_not_end_the_service(demo: Any) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", demo.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.sendall(b"GET /notes HTTP/1.1\r\nHost: x\r\n\r\nPOST")
    assert demo.call("GET", "/healthz").status_code == 200


def test_one_connection_serves_many_requests(demo: Any) -> None:
    with socket.create_connection(("127.0.0.1", demo.port)) as connection:
        for _ in range(3):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_readiness_is_the_own_database(demo: Any) -> None:
    response = demo.call("GET", "/readyz", headers={"Authorization": None})
    assert response.status_code == 200
    ready = response.json()
    assert (ready["service"], ready["ready"]) == ("demo", True)
    assert {"pending", "parked", "degraded"} <= ready.keys()


def test_the_metrics_tell_routes_and_not_addresses(demo: Any) -> None:
    demo.call("GET", "/notes/some-note-of-mine")
    demo.call("GET", "/somewhere-else")
    text = demo.call("GET", "/metrics").text
    assert 'xinhuo_http_requests_total{method="GET",route="/notes/<id>",service="demo",status="404"}' in text
    assert 'xinhuo_http_requests_total{method="-",route="-",service="demo",status="404"}' in text
    assert "some-note-of-mine" not in text
    assert "somewhere-else" not in text
    assert 'xinhuo_pending_depth{service="demo"}' in text


def _until(holds: Any) -> None:
    """Waits for what must come; the test runner's own limit is the only one."""
    while not holds():
        time.sleep(0.02)
