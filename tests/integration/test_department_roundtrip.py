"""A committee asks, the departments' process answers through the signed callback: two processes and real HTTP on loopback."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from kernel.actor import Actor, Post
from kernel.clock import Clock, FileClock
from kernel.http.auth import Tokens
from kernel.ids import new_id
from kernel.ops.settings import DEVELOPMENT_TOKEN_SECRET
from services.vetting import signing
from services.vetting.connections import Connection, Connections
from services.vetting.tests.vetting_world import CONTENT, ID_NUMBER, NAME, VILLAGES, World
from suite.department import Department, serving
from tests.faults.nursery import Forked
from tests.faults.processes import Process

TOKENS = Tokens(DEVELOPMENT_TOKEN_SECRET, Clock())
DEPARTMENTS = ("discipline", "police", "family_planning", "petitions", "governance", "justice")
FAR = date(2010, 1, 1)


def secret(number: int) -> str:
    return signing.PREFIX + base64.b64encode(bytes([number]) * 32).decode()


PUSH, OLD, NEW = secret(1), secret(2), secret(3)


class Suite:
    """The service as a process, the departments in this one."""

    def __init__(self, directory: Path, world: World | None = None) -> None:
        self.directory = directory
        self.world = world or World(directory, "nanning")
        self.clock = FileClock(directory / "today")
        self.clock.set(date(2016, 7, 4))
        named = {code: Connection(code, "", None, (PUSH,), (OLD, NEW)) for code in DEPARTMENTS}
        self.department = Department(Connections(named), "http://127.0.0.1:9")
        self.process: Process | None = None
        self.session = requests.Session()
        self.session.trust_env = False
        self.port = 0

    def write_connections(self, port: int) -> None:
        parts = [
            f'[departments.{code}]\nurl = "http://127.0.0.1:{port}/{code}"\npush_secrets = ["{PUSH}"]\n'
            f'callback_secrets = ["{OLD}", "{NEW}"]\n'
            for code in DEPARTMENTS
        ]
        (self.directory / "departments.toml").write_text("\n".join(parts))

    def start(self) -> None:
        self.process = Forked(
            "tests.integration.vetting_process:main",
            str(self.directory),
            log=self.directory / "log",
            name="vetting",
            green=True,
            departments=self.directory / "departments.toml",
        )
        self.port = int(self.process.wait_for_line("PORT=").partition("=")[2])
        self.department.callback = self.address

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        return (self.directory / "log").read_text()

    # -- the committee

    def call(self, method: str, path: str, actor: Actor | None = None, **body: Any) -> requests.Response:
        token = TOKENS.mint(actor or self.organiser(), timedelta(hours=1))
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            headers["Idempotency-Key"] = new_id()
        return self.session.request(
            method, self.address + path, headers=headers, json=body if method == "POST" else None, timeout=30
        )

    def organiser(self) -> Actor:
        post = Post("post-1", "committee_organiser", self.world.committee, self.world.committee_path, FAR)
        return Actor("organiser", (post,))

    def clerk(self) -> Actor:
        return Actor("clerk", (Post("post-2", "branch_clerk", self.world.branch, self.world.path, FAR),))

    def open(self) -> dict[str, Any]:
        chosen = [{"department": "governance"}, {"department": "justice"}]
        answer = self.call("POST", "/cases", candidate_id=self.world.candidate, departments=chosen)
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    def answers(self, case_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/cases/{case_id}/answers")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def settled(self, case_id: str, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The answers, when they are as wanted. The test's runner sets the limit, not this loop."""
        while not ready(shown := self.answers(case_id)):
            assert self.process is not None and self.process.running, self.log()
            time.sleep(0.05)
        return shown


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    yield from running(Suite(tmp_path))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Suite]:
    """In Jinhua, about somebody whose home village lies in another township."""
    world = World(tmp_path, "jinhua", home_village=VILLAGES["jinhua"])
    world.build_village()
    world.list_departments("discipline", "police")
    yield from running(Suite(tmp_path, world))


def running(made: Suite) -> Iterator[Suite]:
    with serving(made.department, 0) as port:
        made.write_connections(port)
        try:
            made.start()
            yield made
            assert made.process is not None and made.process.terminate() == 0, made.log()
        finally:
            if made.process is not None:
                made.process.kill()
            made.session.close()


def all_answered(shown: dict[str, Any]) -> bool:
    live = [r for r in shown["requests"] if r["state"] not in ("superseded", "withdrawn")]
    return all(r["state"] in ("answered", "disputed") for r in live)


def state_of(shown: dict[str, Any], department: str) -> str:
    return next(str(r["state"]) for r in reversed(shown["requests"]) if r["department"] == department)


@pytest.mark.catalogue("V3", "V4", "V5", "V7")
def test_all_departments_answer_and_the_committee_concludes(suite: Suite) -> None:
    opened = suite.open()
    shown = suite.settled(opened["case_id"], all_answered)
    assert {reply["answer"] for reply in shown["replies"]} == {"clear"}
    seen = suite.department.told()["seen"]
    assert {tuple(entry["fields"]) for entry in seen} == {("deadline", "id_number", "name", "purpose", "request_id")}
    done = suite.call("POST", f"/cases/{opened['case_id']}/conclusion", outcome="passed")
    assert done.status_code == 201, done.text
    letter = suite.call("GET", f"/cases/{opened['case_id']}/conclusion", suite.clerk())
    assert NAME in letter.json()["text"]
    assert suite.call("GET", f"/cases/{opened['case_id']}/answers", suite.clerk()).status_code == 403
    # What the departments were told and what they said is in no log, and each look is on record.
    assert NAME not in suite.log() and ID_NUMBER not in suite.log()
    with suite.world.context.database.read() as connection:
        looks = connection.exec_driver_sql("SELECT action, account FROM access_log").all()
    assert ("read answers of a vetting case", "organiser") in [tuple(look) for look in looks]
    assert ("read conclusion of a vetting case", "clerk") in [tuple(look) for look in looks]


@pytest.mark.catalogue("V3")
def test_duplicates_contradictions_and_refused_pushes(suite: Suite) -> None:
    suite.department.set_script(
        [
            {"match": {"department": "police"}, "do": {"times": 3}},
            {"match": {"department": "justice"}, "do": {"then": {"answer": "cannot_say"}}},
            {"match": {"department": "discipline"}, "do": {"refuse": 1}},
            {"match": {"department": "governance"}, "do": {"answer": "concern", "statement": "有治安处罚决定"}},
        ]
    )
    opened = suite.open()
    shown = suite.settled(
        opened["case_id"], lambda s: all_answered(s) and state_of(s, "justice") == "disputed" and len(s["replies"]) == 9
    )
    effects = [reply["effect"] for reply in shown["replies"] if reply["department"] == "police"]
    assert effects == ["counted", "duplicate", "duplicate"]
    refusal = suite.call("POST", f"/cases/{opened['case_id']}/conclusion", outcome="passed")
    assert refusal.status_code == 422
    assert {r["rule"] for r in refusal.json()["reasons"]} == {"vetting.dispute_open", "vetting.adjudication_reason"}
    pushes = [e for e in suite.department.told()["seen"] if e["department"] == "discipline"]
    assert [e["result"] for e in pushes] == ["refused", "taken"]
    assert len({e["webhook_id"] for e in pushes}) == 1


@pytest.mark.catalogue("V3")
def test_a_missing_answer_is_reminded_of_and_asked_again_and_the_late_one_is_kept(suite: Suite) -> None:
    hold = {"hold": "release", "ignore_withdrawal": True, "answer": "cannot_say"}
    suite.department.set_script([{"match": {"department": "police"}, "do": hold}])
    opened = suite.open()
    first = next(r["request_id"] for r in opened["requests"] if r["department"] == "police")
    suite.settled(opened["case_id"], lambda s: sum(r["state"] == "answered" for r in s["requests"]) == 5)
    suite.clock.set(date(2016, 7, 20))
    overdue = suite.call("GET", "/overdue").json()["items"]
    assert [item["request_id"] for item in overdue] == [first]
    counts = suite.call("GET", "/overdue/departments").json()["departments"]
    assert [(c["department"], c["overdue"]) for c in counts] == [("police", 1)]
    todo = suite.call("GET", "/todo").json()
    assert [(item["kind"], item["department"]) for item in todo["items"]] == [("overdue", "police")]
    while suite.department.told()["held"] != 1:
        time.sleep(0.05)
    suite.department.set_script([])
    assert suite.call("POST", f"/requests/{first}/reask", reason="逾期未复").status_code == 201
    suite.settled(opened["case_id"], all_answered)
    suite.department.release()
    shown = suite.settled(opened["case_id"], lambda s: len(s["replies"]) == 7)
    late = next(reply for reply in shown["replies"] if reply["request_id"] == first)
    # It came to the question that had been asked anew and disagrees with the answer to the new one: a person decides.
    assert (late["effect"], late["late"], late["standing"]) == ("past", True, False)
    assert state_of(shown, "police") == "disputed"


@pytest.mark.catalogue("V4")
def test_what_is_forged_malformed_or_foreign_is_refused_and_never_breaks_anything(suite: Suite) -> None:
    suite.department.set_script([{"match": {}, "do": {"silent": True}}])
    opened = suite.open()
    request = next(r["request_id"] for r in opened["requests"] if r["department"] == "police")
    good = json.dumps({"request_id": request, "answer": "clear"}).encode()

    def send(body: bytes, department: str = "police", key: str = NEW, when: timedelta = timedelta(), **other: str) -> int:
        headers = signing.headers([key], "msg_" + new_id(), body, datetime.now(UTC) + when) | other
        answer = suite.session.post(f"{suite.address}/callbacks/{department}", data=body, headers=headers, timeout=30)
        assert NAME not in answer.text
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"].startswith("application/problem+json")
        return answer.status_code

    assert send(good, key=PUSH) == 401
    assert send(good, when=-timedelta(minutes=6)) == 401
    assert send(good, department="nobody") == 401
    assert send(good, **{"webhook-signature": "v1"}) == 401
    assert send(good, **{"webhook-signature": "garbage, ,,"}) == 401
    for malformed in (b"", b"[]", b"{", b"null", b'{"request_id": 1}', b'{"request_id": "x", "answer": "clear", "more": 1}'):
        assert send(malformed) == 400
    assert send(b'{"request_id": "\\u0000", "answer": "clear"}') == 400
    assert send(good, department="justice") == 404
    assert send(json.dumps({"request_id": new_id(), "answer": "clear"}).encode()) == 404
    petition = {"request_id": request, "answer": "concern", "category": "administrative", "statement": "有人信访"}
    assert send(json.dumps(petition).encode()) == 422
    assert suite.answers(opened["case_id"])["replies"] == []
    # Both secrets hold while one replaces the other.
    assert send(good, key=OLD) == 200
    assert send(good, key=NEW) == 200
    assert [r["effect"] for r in suite.answers(opened["case_id"])["replies"]] == ["counted", "duplicate"]
    assert "Traceback" not in suite.log()


@pytest.mark.catalogue("V4")
def test_a_repeated_callback_has_one_effect_and_one_answer(suite: Suite) -> None:
    suite.department.set_script([{"match": {}, "do": {"silent": True}}])
    opened = suite.open()
    body = json.dumps({"request_id": opened["requests"][0]["request_id"], "answer": "clear"}).encode()
    department = opened["requests"][0]["department"]
    headers = signing.headers([NEW], "msg_once", body, datetime.now(UTC))
    url = f"{suite.address}/callbacks/{department}"
    first, second = (suite.session.post(url, data=body, headers=headers, timeout=30) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(suite.answers(opened["case_id"])["replies"]) == 1
    other = json.dumps({"request_id": opened["requests"][0]["request_id"], "answer": "cannot_say"}).encode()
    headers = signing.headers([NEW], "msg_once", other, datetime.now(UTC))
    assert suite.session.post(url, data=other, headers=headers, timeout=30).status_code == 400


@pytest.mark.catalogue("V4")
def test_a_killed_service_goes_on_asking_and_hearing(suite: Suite) -> None:
    suite.department.set_script([{"match": {}, "do": {"delay_ms": 300}}])
    opened = suite.open()
    assert suite.process is not None
    suite.process.kill()
    suite.start()
    shown = suite.settled(opened["case_id"], all_answered)
    assert sorted(r["department"] for r in shown["replies"] if r["effect"] == "counted") == sorted(DEPARTMENTS)


@pytest.mark.catalogue("V4")
def test_a_stranger_to_the_secret_is_not_heard_and_is_asked_until_a_right_answer_comes(suite: Suite) -> None:
    suite.department.set_script([{"match": {"department": "police"}, "do": {"wrong_signature": True}}])
    opened = suite.open()
    suite.settled(opened["case_id"], lambda s: sum(r["state"] == "answered" for r in s["requests"]) == 5)
    while not any(sent["status"] == 401 for sent in suite.department.told()["sent"]):
        time.sleep(0.05)
    assert state_of(suite.answers(opened["case_id"]), "police") == "asked"


@pytest.mark.catalogue("V2", "V5", "V7")
def test_the_home_village_is_heard_and_a_lapsed_conclusion_is_renewed_over_http(elsewhere: Suite) -> None:
    world, village, township = elsewhere.world, elsewhere.world.villager(), elsewhere.world.township()

    def post(path: str, actor: Actor | None = None, status: int = 201, **body: Any) -> dict[str, Any]:
        answer = elsewhere.call("POST", path, actor, **body)
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    case = post("/cases", candidate_id=world.candidate)["case_id"]
    elsewhere.settled(case, all_answered)
    refused = post(f"/cases/{case}/conclusion", status=422, outcome="passed")
    assert [reason["rule"] for reason in refused["reasons"]] == ["vetting.home_village"]
    request = post(f"/cases/{case}/home-village")["request_id"]
    (item,) = elsewhere.call("GET", "/home-village", village).json()["items"]
    assert item["request_id"] == request and "post_notice" in item["actions"]
    assert elsewhere.call("GET", f"/home-village/{request}", village).json()["name"] == NAME
    assert elsewhere.call("GET", f"/home-village/{request}", elsewhere.clerk()).status_code == 403
    at = f"/home-village/{request}"
    given = {"content": CONTENT, "places": ["村务公开栏"], "announced_on": "2016-07-04"}
    assert post(f"{at}/notice", village, **given)["first_possible"] == "2016-07-12"
    post(f"{at}/notice-end", village, status=422)
    elsewhere.clock.set(date(2016, 7, 12))
    raised = [{"text": "欠债不还", "finding": "经查已还清"}]
    assert post(f"{at}/notice-end", village, objections=raised)["objections"] == 1
    post(f"{at}/opinion", village, answer="clear")
    post(f"{at}/return", elsewhere.organiser(), status=403)
    assert post(f"{at}/return", township)["state"] == "returned"
    assert post(f"/cases/{case}/conclusion", outcome="passed")["valid_until"] == "2017-07-12"
    post(f"/cases/{case}/renewal", status=422)
    elsewhere.clock.set(date(2017, 7, 13))
    assert [i["kind"] for i in elsewhere.call("GET", "/todo").json()["items"]] == ["lapsed"]
    renewed = post(f"/cases/{case}/renewal")
    assert {r["department"] for r in renewed["requests"]} == {"discipline", "police", "home_village"}
    shown = elsewhere.call("GET", f"/cases/{renewed['case_id']}").json()
    assert (shown["renews"], shown["home_village"], shown["home_village_required"]) == (case, "asked", True)
    assert NAME not in elsewhere.log() and "Traceback" not in elsewhere.log()
