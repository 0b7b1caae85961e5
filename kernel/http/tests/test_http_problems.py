"""What comes back when something is wrong: always a problem, never more than the caller may know."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests

from kernel.errors import Forbidden, Invalid, NotFound, NotYetKnown, Stale, Transient, Unauthenticated, XinhuoError
from kernel.http.problems import problem_of


def the_problem(response: requests.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["type"] == f"urn:xinhuo:problem:{code}"
    assert problem["status"] == status
    assert problem["correlation_id"] == response.headers["X-Correlation-Id"]
    return problem


def test_a_refusal_names_rule_source_fact_and_remedy(demo: Any) -> None:
    problem = the_problem(demo.take("refused"), 422, "refused")
    assert problem["detail"] == "不可以（JH 1）"
    assert problem["reasons"] == [
        {
            "rule": "R0",
            "source": "JH 1",
            "message": "不可以",
            "fact": {"age": 17},
            "remedy": "年满十八周岁",
            "waivable": False,
        }
    ]
    assert 'xinhuo_rules_refused_total{rule="R0",service="demo"}' in demo.call("GET", "/metrics").text


def test_a_reference_not_heard_of_yet_says_so(demo: Any) -> None:
    problem = the_problem(demo.take("not yet"), 409, "not-yet-known-here")
    assert problem["title"] == "not yet known here"


def test_a_stale_command_is_a_conflict(demo: Any) -> None:
    assert the_problem(demo.take("stale"), 409, "stale")["title"] == "stale"


def test_what_passes_says_when_to_try_again_and_not_what_it_is(demo: Any) -> None:
    response = demo.take("transient")
    problem = the_problem(response, 503, "transient")
    assert response.headers["Retry-After"] == "2"
    assert "10.0.0.1" not in str(problem)


def test_an_unexpected_error_tells_nothing_and_is_logged_without_the_identification_number(demo: Any) -> None:
    response = demo.take("crash", headers={"X-Correlation-Id": "crash-test-1"})
    problem = the_problem(response, 500, "internal-error")
    assert "secret" not in str(problem)
    line = next(line for line in demo.log.read_text().splitlines() if "crash-test-1" in line)
    assert "RuntimeError" in line
    assert "330702199003071234" not in line


def test_a_unique_key_that_is_taken_is_a_conflict(demo: Any) -> None:
    demo.call("POST", "/collisions")
    the_problem(demo.call("POST", "/collisions"), 409, "stale")


def test_invalid_fields_are_named_all_at_once_and_in_chinese(demo: Any) -> None:
    response = demo.call("POST", "/notes", json={"path": "3307", "text": "", "colour": "red"})
    problem = the_problem(response, 400, "invalid")
    assert {fault["field"]: fault["message"] for fault in problem["errors"]} == {
        "path": "格式不对",
        "text": "长度须在 1 与 200 之间",
        "colour": "未知的字段",
    }


BROKEN = {
    "no JSON": b"{",
    "no UTF-8": b'{"path":"\xff"}',
    "not a number": b'{"path":"/3307/","text":"a","weight":NaN}',
    "a number to choke on": b'{"path":"/3307/","text":"a","weight":1e999999999}',
    "an integer to choke on": b'{"path":"/3307/","text":"a","weight":' + b"9" * 5000 + b"}",
    "a name that stands twice": b'{"path":"/3307/","path":"/","text":"a"}',
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "null": b"null",
    "NUL": b'{"path":"/3307/","text":"a\\u0000"}',
    "half a surrogate pair": b'{"path":"/3307/","text":"\\ud800"}',
    "half a surrogate pair in a name": b'{"\\ud800":1}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_body_is_the_callers_mistake(demo: Any, body: bytes) -> None:
    the_problem(demo.call("POST", "/notes", data=body, headers={"Content-Type": "application/json"}), 400, "invalid")


def test_text_outside_the_basic_plane_is_fine(demo: Any) -> None:
    answer = demo.call(
        "POST", "/notes", data=b'{"path":"/3307/","text":"\\ud83d\\ude00"}', headers={"Content-Type": "application/json"}
    )
    assert answer.json()["text"] == "\U0001f600"


def test_other_content_types_are_not_read(demo: Any) -> None:
    the_problem(demo.call("POST", "/notes", data="a=b", headers={"Content-Type": "text/plain"}), 415, "unsupported-media-type")
    the_problem(demo.call("POST", "/notes", data=b"a=b"), 415, "unsupported-media-type")
    the_problem(
        demo.call("POST", "/imports/notes", data="a", headers={"Content-Type": "text/html"}), 415, "unsupported-media-type"
    )


@pytest.mark.parametrize("size", [(1 << 20) + 1, (5 << 20)])
def test_more_than_a_megabyte_is_too_much_for_a_command(demo: Any, size: int) -> None:
    head = (
        f"POST /notes HTTP/1.1\r\nHost: x\r\nAuthorization: {_bearer()}\r\nIdempotency-Key: k\r\n"
        f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    )
    assert b" 413 " in _raw(demo, head.encode())


def test_an_import_may_have_more(demo: Any) -> None:
    rows = (b"a" * 1023 + b"\n") * (2 << 10)
    response = demo.call("POST", "/imports/notes?dry_run=true", data=rows, headers={"Content-Type": "text/csv"})
    assert response.json() == {"rows": 2 << 10}


@pytest.mark.parametrize("path", ["/nowhere", "/notes/", "/notes/a/b", "/notes/%00", "/%ff%fe", "/notes/" + "x" * 201])
def test_an_unknown_address_is_a_problem_too(demo: Any, path: str) -> None:
    the_problem(demo.call("GET", path), 404, "no-such-route")


def test_a_wrong_method_names_the_right_ones(demo: Any) -> None:
    response = demo.call("DELETE", "/notes")
    the_problem(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "query", ["?text=%00", "?text=%ff", "?text=a&text=b", "?colour=red", "?text=" + "x" * 201, "?limit=0&limit=1"]
)
def test_broken_query_parameters_are_the_callers_mistake(demo: Any, query: str) -> None:
    the_problem(demo.call("GET", "/notes" + query), 400, "invalid")


FRAMES = {
    "a length that is none": "Content-Length: abc",
    "a negative length": "Content-Length: -1",
    "a length with a sign": "Content-Length: +5",
    "a length as Python writes it": "Content-Length: 1_0",
    "two lengths": "Content-Length: 2\r\nContent-Length: 3",
    "a length and chunks": "Content-Length: 2\r\nTransfer-Encoding: chunked",
    "a coding that is not read": "Transfer-Encoding: gzip, chunked",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_a_body_whose_end_is_unclear_is_refused_and_the_connection_closed(demo: Any, frame: str) -> None:
    answer = _raw(demo, f"POST /callbacks HTTP/1.1\r\nHost: x\r\n{frame}\r\n\r\n{{}}GET /healthz HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert b"alive" not in answer


def test_broken_chunks_are_the_callers_mistake(demo: Any) -> None:
    head = "POST /callbacks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    assert b" 400 " in _raw(demo, head.encode())


def test_a_body_that_breaks_off_does_not_count(demo: Any) -> None:
    head = "POST /callbacks HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    assert b" 408 " in _raw(demo, head.encode())


def test_nonsense_instead_of_http_is_a_problem(demo: Any) -> None:
    assert b" 400 " in _raw(demo, b"what is this\r\n\r\n")
    assert demo.call("GET", "/healthz").status_code == 200


def test_a_head_request_has_no_body(demo: Any) -> None:
    response = demo.call("HEAD", "/healthz")
    assert response.status_code == 200
    assert response.content == b""
    assert demo.call("GET", "/healthz").json()["alive"]


@pytest.mark.parametrize("given", ["abc", "x" * 65, "with blank in it", 'quote"quote'])
def test_a_strange_correlation_id_is_replaced(demo: Any, given: str) -> None:
    assert demo.call("GET", "/healthz", headers={"X-Correlation-Id": given}).headers["X-Correlation-Id"] != given


def test_a_sane_correlation_id_is_echoed_and_goes_on_record(demo: Any) -> None:
    response = demo.take(headers={"X-Correlation-Id": "journey-0001"})
    assert response.headers["X-Correlation-Id"] == "journey-0001"
    stream = f"note/{response.json()['id']}"
    assert demo.rows(f"SELECT correlation_id FROM journal WHERE stream = '{stream}'")[0][0] == "journey-0001"  # noqa: S608


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid({"a": ["b"]}), 400),
        (Unauthenticated("x"), 401),
        (Forbidden("x"), 403),
        (NotFound("x"), 404),
        (Stale("x"), 409),
        (NotYetKnown("x"), 409),
        (Transient("x"), 503),
        (XinhuoError("x"), 500),
        (ValueError("x"), 500),
    ],
)
def test_every_error_of_the_tree_has_its_status(error: Exception, status: int) -> None:
    found, problem, _ = problem_of(error, "/somewhere", "cid")
    assert (found, problem["status"], problem["instance"]) == (status, status, "/somewhere")


def _bearer() -> str:
    from kernel.http.tests.conftest import a_token

    return f"Bearer {a_token()}"


def _raw(demo: Any, sent: bytes) -> bytes:
    """What comes back until the server closes or we have said all."""
    with socket.create_connection(("127.0.0.1", demo.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received
