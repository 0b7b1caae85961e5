"""A repeated command has one effect and one answer, whoever repeats it when."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import select

from kernel.clock import Clock
from kernel.http import idempotency
from kernel.http.tests.conftest import a_secretary, bearer
from kernel.store.tables import idempotency as table
from tests.kit import a_context


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def notes_with(demo: Any, text: str) -> int:
    return int(demo.rows(f"SELECT count(*) FROM note WHERE text = '{text}'")[0][0])  # noqa: S608


def test_the_same_command_again_has_the_same_answer_and_no_second_effect(each_demo: Any) -> None:
    first = each_demo.take("repeated", headers=key("repeat"))
    again = each_demo.take("repeated", headers=key("repeat"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert notes_with(each_demo, "repeated") == 1


def test_the_same_key_with_another_body_is_refused(each_demo: Any) -> None:
    each_demo.take("one", headers=key("other-body"))
    other = each_demo.take("two", headers=key("other-body"))
    assert other.status_code == 422
    assert other.json()["type"] == "urn:xinhuo:problem:idempotency-key-reused"
    assert notes_with(each_demo, "two") == 0


def test_the_same_key_for_another_command_is_refused(each_demo: Any) -> None:
    body = {"path": "/3307/", "text": "x"}
    assert each_demo.call("POST", "/notes", json=body, headers=key("route")).status_code == 201
    assert each_demo.call("POST", "/collisions", headers=key("route")).status_code == 422


def test_the_keys_of_two_accounts_do_not_meet(each_demo: Any) -> None:
    first = each_demo.take("mine", headers=key("shared"))
    other = each_demo.take("mine", headers={**key("shared"), **bearer(a_secretary(account="li"))})
    assert first.json()["id"] != other.json()["id"]


def test_what_failed_may_succeed_under_the_same_key(each_demo: Any) -> None:
    assert each_demo.take("fails once", headers=key("later")).status_code == 409
    assert each_demo.take("fails once", headers=key("later")).status_code == 201
    assert notes_with(each_demo, "fails once") == 1


def test_the_same_command_at_the_same_time_has_one_effect(each_demo: Any) -> None:
    answers: list[requests.Response] = []
    # Each waits inside its transaction, so that on PostgreSQL all have looked for the key before one has stored it.
    threads = [
        threading.Thread(target=lambda: answers.append(each_demo.take("wait inside", headers=key("same-time")))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replay" not in answer.headers for answer in answers) == 1
    assert notes_with(each_demo, "wait inside") == 1


def test_a_command_without_a_sane_key_is_invalid(each_demo: Any) -> None:
    for given in (None, "", "x" * 101, "with blank"):
        response = each_demo.take(headers={"Idempotency-Key": given})
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "Idempotency-Key"


def test_a_dry_run_tells_the_answer_and_takes_it_back(each_demo: Any) -> None:
    csv = {"data": "dry\ndry", "headers": {"Content-Type": "text/csv", **key("dry")}}
    assert each_demo.call("POST", "/imports/notes?dry_run=true", **csv).json() == {"rows": 2}
    assert notes_with(each_demo, "dry") == 0
    csv = {"data": "dry\ndry", "headers": {"Content-Type": "text/csv", **key("dry")}}
    real = each_demo.call("POST", "/imports/notes", **csv)
    assert real.json() == {"rows": 2}
    assert "Idempotent-Replay" not in real.headers
    assert notes_with(each_demo, "dry") == 2


def test_an_upload_is_told_from_another_by_its_bytes(each_demo: Any) -> None:
    headers = {"Content-Type": "text/csv", **key("bytes")}
    assert each_demo.call("POST", "/imports/notes", data="first", headers=headers).status_code == 200
    assert each_demo.call("POST", "/imports/notes", data="first", headers=headers).headers["Idempotent-Replay"] == "true"
    assert each_demo.call("POST", "/imports/notes", data="other", headers=headers).status_code == 422


def test_an_answer_is_there_after_a_crash(a_demo: Any) -> None:
    demo = a_demo()
    first = demo.take("before the crash", headers=key("crash"))
    demo.kill()
    again = a_demo().take("before the crash", headers=key("crash"))
    assert again.content == first.content
    assert again.headers["Idempotent-Replay"] == "true"


def test_the_digest_of_a_request_is_no_plain_hash(demo: Any) -> None:
    body = b'{"path":"/3307/","text":"guess"}'
    demo.call("POST", "/notes", data=body, headers={"Content-Type": "application/json", **key("guess")})
    [row] = demo.rows("SELECT request_hash FROM idempotency WHERE key = 'guess'")
    assert row[0] not in (hashlib.sha256(body).hexdigest(), hashlib.sha256(b"POST /notes?\n" + body).hexdigest())


def test_old_answers_are_forgotten(tmp_path: Any) -> None:
    context = a_context(tmp_path)
    now = Clock().wall()
    row = {"account": "a", "request_hash": "h", "status": 201, "answer": "{}"}
    with context.database.write() as connection:
        old = now - idempotency.KEPT - timedelta(seconds=1)
        connection.execute(table.insert(), [{**row, "key": "old", "answered_at": old}, {**row, "key": "new", "answered_at": now}])
        assert idempotency.forget_old(connection, context.clock) == 1
        assert list(connection.execute(select(table.c.key)).scalars()) == ["new"]
