"""The same over HTTP: the way from the meeting to the accepted self-check, and what a door answers that refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from kernel.actor import Actor
from kernel.clock import Clock
from kernel.http.auth import Tokens
from kernel.http.entrypoints import endpoints_of
from kernel.ids import new_id
from kernel.ops.settings import DEVELOPMENT_TOKEN_SECRET
from services.scoring.domain import states
from services.scoring.service import Scoring
from services.scoring.tests.scoring_world import COMMANDS, POOR, World, context_of, plain
from tests.kit import doors_of

TOKENS = Tokens(DEVELOPMENT_TOKEN_SECRET, Clock())
PATHS = {endpoint.name: endpoint for endpoint in endpoints_of(Scoring)}


class Doors(World):
    """A world whose commands go over HTTP."""

    url = ""

    def send(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> requests.Response:
        function, _, roles = COMMANDS[action]
        endpoint = PATHS[function.__name__]
        path = endpoint.path
        for name, id in zip(endpoint.parameters, ids, strict=True):
            path = path.replace(f"<{name}>", id)
        headers = self.headers(as_ or self.account(roles[0]))
        return requests.post(self.url + path, json=plain(body), headers=headers, timeout=60)

    def do(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> dict[str, Any]:
        answer = self.send(action, body, *ids, as_=as_)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def headers(self, actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {TOKENS.mint(actor)}", "Idempotency-Key": new_id()}

    def see(self, path: str, role: str = "branch_secretary", **params: Any) -> Any:
        answer = requests.get(self.url + path, params=params, headers=self.headers(self.account(role)), timeout=60)
        return answer.json() if answer.status_code == 200 else answer.status_code


@pytest.fixture(params=["nanning", "jinhua"])
def doors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Doors]:
    world = Doors(tmp_path, request.param)
    with doors_of("scoring", context_of.__module__, tmp_path, world.city) as world.url:
        yield world
    world.close()


@pytest.mark.catalogue("S1", "S2")
def test_a_branch_is_judged_over_http_and_the_committee_answers(doors: Doors) -> None:
    if doors.city == "jinhua":
        answer = doors.send("hold", doors.evaluation())
        assert answer.status_code == 400 and "不开展满意度" in answer.text
        return
    person = doors.a_newcomer()
    held = doors.an_evaluation()
    _refuses(doors, held.id)
    done = held.count_all(work=(4, 4, 0, 2), **{person: POOR}).conclude()
    assert (done["score"], done["below"], len(done["talks"])) == ("72.00", True, 1)
    _follow_up(doors, done)
    _see(doors, held.id, person)


def _refuses(doors: Doors, evaluation: str) -> None:
    again = doors.send("hold", doors.evaluation())
    assert again.status_code == 422
    assert [reason["rule"] for reason in again.json()["reasons"]] == ["satisfaction.repeated"]
    assert doors.send("hold", doors.evaluation(branch="450102009")).status_code == 409
    assert doors.send("conclude", {}, "nothing").status_code == 404
    assert doors.send("conclude", {}, evaluation).status_code == 422
    assert doors.see("/evaluations/nothing/subjects") == 404
    assert doors.see("/todo", "special_organizer") == 403


def _follow_up(doors: Doors, done: Mapping[str, Any]) -> None:
    assert {item["step"] for item in doors.see("/todo")["items"]} == {"self_check_report", "reminder_talk"}
    check, talk = done["self_check"]["self_check_id"], done["talks"][0]["talk_id"]
    texts = {"talker": "李", "record": "谈话", "statement": "接受", "measures": "帮带"}
    doors.do("talk", {**texts, "person_present": True}, talk)
    doors.do("report", {"document": "说明 1 号", "explanation": "原因"}, check)
    doors.do("answer", {"accepted": True, "reason": "可行"}, check)
    assert doors.see("/todo")["items"] == []
    assert doors.see(f"/self-checks/{check}", "auditor")["state"] == "accepted"
    assert doors.see(f"/reminder-talks/{talk}")["measures"] == "帮带"
    assert doors.see(f"/reminder-talks/{talk}", "auditor") == 403


def _see(doors: Doors, evaluation: str, person: str) -> None:
    (listed,) = doors.see("/evaluations", "city_department", year=2016, branch=doors.branch)["items"]
    assert (listed["score"], listed["threshold"], listed["below"]) == ("72.00", "80", True)
    shown = doors.see(f"/evaluations/{evaluation}", "auditor")
    assert {count["subject"] for count in shown["counts"]} == {"work", person}
    assert all(count["totals"] is None for count in shown["counts"] if count["subject"] == person)
    (subject,) = doors.see(f"/evaluations/{evaluation}/subjects")["subjects"]
    assert (subject["candidate_id"], subject["score"], subject["talk_state"]) == (person, "56.00", "talked")
    assert doors.see("/branches-without-evaluation", "county_department", year=2016)["items"] == []
    assert len(doors.see("/branches-without-evaluation", "county_department", year=2015)["items"]) == 1


def test_no_door_lists_persons_by_score() -> None:
    assert {path.path for path in PATHS.values() if path.paged} == {"/evaluations", "/todo", "/branches-without-evaluation"}
    for endpoint in PATHS.values():
        shown = set(endpoint.answer._declared_fields) if endpoint.answer else set()
        assert not ({"subjects", "record"} & shown and endpoint.kind == "query" and endpoint.roles - set(states.PERSON_READERS))
