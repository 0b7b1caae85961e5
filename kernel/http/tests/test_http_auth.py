"""Who may come in: tokens, roles, scope, and default deny."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from kernel.actor import Actor
from kernel.clock import Clock
from kernel.errors import Unauthenticated
from kernel.http.auth import LONGEST, Tokens
from kernel.http.endpoint import Endpoint, endpoints_of
from kernel.http.entrypoints import command, query
from kernel.http.tests.conftest import TOKENS, a_secretary, a_token, bearer

SECRET = "a secret of the tests that is long enough"


class HandClock(Clock):
    """Wall time set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def wall(self) -> datetime:
        return self.at


def forged(claims: dict[str, Any], key: Any = None, algorithm: str = "HS256") -> str:
    key = key or OctKey.import_key(SECRET.encode())
    return jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])


def good_claims(now: datetime) -> dict[str, Any]:
    return {"sub": "zhang", "iat": int(now.timestamp()), "exp": int(now.timestamp()) + 600, "posts": []}


def test_a_token_brings_back_who_it_was_minted_for() -> None:
    tokens = Tokens(SECRET, HandClock())
    secretary = a_secretary()
    department = Actor("police-system", department="police")
    ended = replace(secretary, posts=(replace(secretary.posts[0], until=date(2020, 1, 1)),))
    for actor in (secretary, department, ended):
        assert tokens.verify(tokens.mint(actor)) == actor


def test_a_token_runs_out_also_when_it_was_good_a_moment_ago() -> None:
    clock = HandClock()
    tokens = Tokens(SECRET, clock)
    token = tokens.mint(a_secretary(), timedelta(seconds=60))
    tokens.verify(token)
    clock.at += timedelta(seconds=60)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="过期"):
            tokens.verify(token)


def test_nothing_lives_longer_than_a_day() -> None:
    clock = HandClock()
    tokens = Tokens(SECRET, clock)
    with pytest.raises(ValueError, match="最长 1440 分钟"):
        tokens.mint(a_secretary(), LONGEST + timedelta(seconds=1))
    long = good_claims(clock.at) | {"exp": int((clock.at + timedelta(days=2)).timestamp())}
    with pytest.raises(Unauthenticated):
        tokens.verify(forged(long))


@pytest.mark.parametrize("account", ["", "x" * 101, "zhang\0"])
def test_an_account_that_no_store_could_keep_gets_no_token_and_none_is_taken(account: str) -> None:
    clock = HandClock()
    tokens = Tokens(SECRET, clock)
    with pytest.raises(ValueError, match="账号"):
        tokens.mint(Actor(account, department="police"))
    with pytest.raises(Unauthenticated):
        tokens.verify(forged(good_claims(clock.at) | {"sub": account}))
    longest = Actor("甲" * 100, department="police")
    assert tokens.verify(tokens.mint(longest)) == longest


def test_a_token_from_the_future_is_refused() -> None:
    clock = HandClock()
    token = Tokens(SECRET, clock).mint(a_secretary())
    clock.at -= timedelta(minutes=5)
    with pytest.raises(Unauthenticated):
        Tokens(SECRET, clock).verify(token)


def test_another_secret_or_algorithm_is_refused() -> None:
    clock = HandClock()
    claims = good_claims(clock.at)
    tokens = Tokens(SECRET, clock)
    assert tokens.verify(forged(claims)).account == "zhang"
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    )
    rsa = RSAKey.generate_key(2048)
    refused = [
        forged(claims, OctKey.import_key(b"another secret that is long enough")),
        forged(claims, algorithm="HS512"),
        forged(claims, rsa, algorithm="RS256"),
        f"{unsigned}.",
        unsigned,
    ]
    for token in refused:
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


@pytest.mark.parametrize(
    "change",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"iat": "now"},
        {"exp": True},
        {"exp": 1e300},
        {"posts": None},
        {"posts": [{}]},
        {"posts": ["x"]},
        {"posts": {"id": 1}},
        {"department": 5},
        {"posts": [{"id": "1" * 37, "role": "r", "organisation": "o", "path": "/33/", "since": "2010-01-01", "until": None}]},
        {"posts": [{"id": "1", "role": "r", "organisation": "o", "path": "/33", "since": "2010-01-01", "until": None}]},
        {"posts": [{"id": "1", "role": "r", "organisation": "o", "path": "/33/", "since": "yesterday", "until": None}]},
    ],
)
def test_claims_that_do_not_hold_are_refused(change: dict[str, Any]) -> None:
    clock = HandClock()
    with pytest.raises(Unauthenticated):
        Tokens(SECRET, clock).verify(forged(good_claims(clock.at) | change))


@given(st.data())
def test_a_token_that_was_tampered_with_is_refused(data: Any) -> None:
    tokens = Tokens(SECRET, HandClock())
    token = tokens.mint(a_secretary())
    # The last character of a part may carry bits that mean nothing.
    place = data.draw(st.sampled_from([n for n in range(len(token) - 1) if token[n] != "." and token[n + 1] != "."]))
    letter = data.draw(st.sampled_from("abcXYZ019-_.~\n é"))
    tampered = token[:place] + letter + token[place + 1 :]
    if tampered == token:
        return
    with pytest.raises(Unauthenticated):
        tokens.verify(tampered)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b c", "Bearer x.y.z"])
def test_without_a_good_token_nobody_comes_in(demo: Any, header: str | None) -> None:
    for method, path in (("GET", "/notes"), ("POST", "/notes"), ("POST", "/replies/police")):
        response = demo.call(method, path, headers={"Authorization": header})
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_one_of_the_roles_nobody_comes_in(demo: Any) -> None:
    for actor in (a_secretary(role="auditor"), Actor("nobody"), Actor("police-system", department="police")):
        assert demo.take(headers=bearer(actor)).status_code == 403
        assert demo.call("GET", "/notes", headers=bearer(actor)).status_code == 403


def test_a_post_that_has_ended_or_not_begun_opens_nothing(demo: Any) -> None:
    post = a_secretary().posts[0]
    for other in (replace(post, until=date(2020, 1, 1)), replace(post, since=date(2999, 1, 1))):
        assert demo.take(headers=bearer(Actor("zhang", (other,)))).status_code == 403


def test_a_post_opens_its_own_subtree_and_no_other(demo: Any) -> None:
    here = bearer(a_secretary("/3307/330702/"))
    assert demo.take(path="/3307/330702/330702001/", headers=here).status_code == 201
    for path in ("/3307/330703/", "/3307/", "/3307/3307021/"):
        assert demo.take(path=path, headers=here).status_code == 403


def test_a_list_shows_only_what_is_in_the_own_subtrees(demo: Any) -> None:
    demo.take("subtree", path="/3307/330781/")
    demo.take("subtree", path="/3307/330782/")
    seen = demo.call("GET", "/notes?text=subtree", headers=bearer(a_secretary("/3307/330782/"))).json()["items"]
    assert [item["path"] for item in seen] == ["/3307/330782/"]


def test_a_department_answers_for_itself_only(demo: Any) -> None:
    police = bearer(Actor("police-system", department="police"))
    assert demo.call("POST", "/replies/police", json={"said": "clear"}, headers=police).status_code == 201
    assert demo.call("POST", "/replies/court", json={"said": "clear"}, headers=police).status_code == 403
    assert demo.call("POST", "/replies/police", json={"said": "clear"}).status_code == 403


def test_a_command_that_forgets_the_scope_is_not_committed(demo: Any) -> None:
    before = demo.rows("SELECT count(*) FROM note WHERE path = '/'")
    assert demo.call("POST", "/forgetful").status_code == 500
    assert demo.rows("SELECT count(*) FROM note WHERE path = '/'") == before
    assert "without a check of scope" in demo.log.read_text()


def test_a_query_that_forgets_the_scope_is_not_answered(demo: Any) -> None:
    assert demo.call("GET", "/forgetful").status_code == 500


def test_an_answer_of_bytes_has_the_same_door_and_leaves_the_same_trace(demo: Any) -> None:
    made = demo.take().json()["id"]
    answer = demo.call("GET", f"/notes/{made}/file", headers={"X-Correlation-Id": "file-0001"})
    assert (answer.status_code, answer.headers["Content-Type"], answer.content[:3]) == (200, "application/zip", b"PK ")
    looks = demo.rows("SELECT action FROM access_log WHERE correlation_id = 'file-0001'")
    assert [look.action for look in looks] == ["read note"]
    stranger = bearer(a_secretary("/3307/330782/"))
    assert demo.call("GET", f"/notes/{made}/file", headers=stranger).status_code == 403
    assert demo.call("GET", f"/notes/{made}/file", headers={"Authorization": None}).status_code == 401


def test_an_answer_with_more_than_its_schema_is_not_given(demo: Any) -> None:
    assert demo.call("GET", "/chatty").status_code == 500


def test_a_public_callback_needs_no_token_and_sees_the_request_as_it_came(demo: Any) -> None:
    response = demo.call("POST", "/callbacks", data=b"abc", headers={"Authorization": None, "Webhook-Id": "w1"})
    assert response.json() == {"said": "w1 3"}


def test_a_look_at_personal_data_leaves_a_trace_before_it_is_answered(demo: Any) -> None:
    made = demo.take("looked at").json()["id"]
    demo.call("GET", f"/notes/{made}", headers={"X-Correlation-Id": "look-0001"})
    looks = demo.rows("SELECT account, post, action, object, fields FROM access_log WHERE correlation_id = 'look-0001'")
    assert [tuple(look) for look in looks] == [("zhang", "p1", "read note", f"note/{made}", '["text"]')]


def test_a_refused_look_leaves_none(demo: Any) -> None:
    made = demo.take("not looked at").json()["id"]
    other = {**bearer(a_secretary("/3307/330799/")), "X-Correlation-Id": "look-0002"}
    assert demo.call("GET", f"/notes/{made}", headers=other).status_code == 403
    assert not demo.rows("SELECT 1 FROM access_log WHERE correlation_id = 'look-0002'")


def test_an_endpoint_without_a_say_who_may_come_in_cannot_be_made() -> None:
    for doors in ({}, {"roles": ()}, {"roles": ("a",), "public": True}, {"roles": ("a",), "clients": "department"}):
        with pytest.raises(TypeError, match="who may come in"):
            command("POST", "/things", summary="x", **doors)


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "GET"},
        {"path": "things"},
        {"path": "/things/"},
        {"path": "/Things"},
        {"raw": True},
        {"summary": ""},
        {"roles": (), "clients": "anybody"},
        {"content_type": "application/zip"},
    ],
)
def test_an_endpoint_that_makes_no_sense_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Endpoint(**{"kind": "command", "method": "POST", "path": "/things", "summary": "x", "roles": frozenset("a")} | wrong)


def test_a_method_has_to_take_the_parameters_of_its_path() -> None:
    with pytest.raises(TypeError, match="does not take"):

        @query("GET", "/things/<id>", roles="a", summary="x")
        def thing(self: Any, reader: Any) -> None: ...


def test_the_endpoints_of_a_class_can_be_listed() -> None:
    class Service:
        name = "service"

        @query("GET", "/things", roles="a", summary="x")
        def things(self, reader: Any) -> dict[str, Any]:
            return {}

    assert [(e.method, e.path, e.name, e.roles) for e in endpoints_of(Service)] == [("GET", "/things", "things", {"a"})]


def test_the_tests_own_tokens_are_good(demo: Any) -> None:
    assert TOKENS.verify(a_token()).account == "zhang"
