"""The doors of organizers: the whole way from a request to an answer, without a server's socket."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.actor import Actor
from kernel.http.app import App
from kernel.http.endpoint import endpoints_of
from kernel.ids import new_id
from kernel.ops.settings import Settings
from kernel.runtime.runtime import Runtime
from services.organizers.commands import expiry
from services.organizers.service import Organizers
from services.organizers.tests.organizers_world import World

ENDPOINTS = endpoints_of(Organizers)
PATHS = {endpoint.name: endpoint.path for endpoint in ENDPOINTS}


class Doors(World):
    """A world whose commands go through the doors."""

    app: App

    def ask(self, method: str, path: str, actor: Actor, body: Any = None) -> tuple[int, Any]:
        path, _, query = path.partition("?")
        sent = json.dumps(body).encode() if body is not None else b""
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(sent)),
            "headers_raw": (("Content-Type", "application/json"),),
            "HTTP_AUTHORIZATION": f"Bearer {self.app.runtime.tokens.mint(actor)}",
            "HTTP_IDEMPOTENCY_KEY": new_id(),
            "wsgi.input": io.BytesIO(sent),
        }
        status: list[int] = []
        answer = b"".join(self.app(environ, lambda line, headers: status.append(int(line[:3]))))
        return status[0], json.loads(answer)

    def post(self, path: str, role: str | Actor, **body: Any) -> Any:
        actor = role if isinstance(role, Actor) else self.actor(role)
        status, answer = self.ask("POST", path, actor, body)
        assert status == 201, answer
        return answer

    def get(self, path: str, role: str | Actor) -> Any:
        actor = role if isinstance(role, Actor) else self.actor(role)
        status, answer = self.ask("GET", path, actor)
        return answer if status == 200 else status

    def steps(self, role: str | Actor) -> list[str]:
        return [item["step"] for item in self.get("/todo", role)["items"]]


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    world = Doors(tmp_path)
    world.app = App(Runtime.of(world.context, Settings()), Organizers, ENDPOINTS)
    yield world
    world.context.database.dispose()


def appoint(doors: Doors) -> str:
    body = {"organisation": doors.branch, "member_id": doors.a_member(), "reason": "熟悉党务"}
    id = str(doors.post("/recommendations", "branch_secretary", **body)["organizer_id"])
    assert doors.steps("committee_organiser") == ["consent"]
    doors.post(f"/organizers/{id}/consent", "branch_secretary", given=True, document="意愿书")
    assert doors.steps("committee_organiser") == ["check"]
    doors.post(f"/organizers/{id}/check", "committee_organiser", **doors.findings())
    assert doors.steps("committee_organiser") == ["appointment"]
    said = doors.post(f"/organizers/{id}/appointment", "committee_organiser", account="organizer.one", document="聘书")
    assert (said["since"], said["until"]) == ("2016-01-05", "2018-01-04")
    return id


@pytest.mark.catalogue("O1", "O2", "O3", "X6")
def test_an_organizer_works_through_a_term_and_is_seen_by_those_concerned(doors: Doors) -> None:
    id, own = appoint(doors), doors.organizer()
    candidate = doors.a_candidate()
    body = {"organizer_id": id, "kind": "accompany", "branch": doors.branch, "candidate_id": candidate, "reason": "帮助培养"}
    task = doors.post("/tasks", "committee_organiser", **body)["task_id"]
    doors.post(f"/tasks/{task}/log", own, text="谈心", minutes=90)
    shown = doors.get(f"/tasks/{task}", own)
    assert (shown["reason"], [entry["text"] for entry in shown["log"]]) == ("帮助培养", ["谈心"])
    doors.post(f"/tasks/{task}/close", own, result="done", text="已列为发展对象")
    doors.later(months=11)
    doors.post(f"/organizers/{id}/assessments", "committee_organiser", year=1, passed=True, evidence="考核表")
    seen = doors.get(f"/organizers/{id}", "committee_organiser")
    assert (seen["name"], seen["priority"], seen["conditions"][0]["met"]) == ("李组织", True, True)
    assert [(year["entries"], year["minutes"], year["tasks_done"]) for year in seen["work"]] == [(1, 90, 1), (0, 0, 0)]
    assert seen["assessments"][0]["evidence"] == "考核表"
    assert doors.get(f"/organizers/{id}", "branch_secretary")["conditions"] == []
    looked = {row.object for row in doors.rows("access_log")}
    assert looked == {f"task/{task}", f"organizer/{id}"}


@pytest.mark.catalogue("O3", "O4", "G3")
def test_an_organizer_sees_his_own_and_nothing_else(doors: Doors) -> None:
    first, second = doors.appointed(), doors.appointed("organizer.two")
    tasks = [doors.a_task(first), doors.a_task(second, branch=doors.other_branch)]
    own = doors.organizer()
    assert [item["task_id"] for item in doors.get("/tasks", own)["items"]] == tasks[:1]
    assert doors.get(f"/tasks/{tasks[1]}", own) == 403
    assert [item["organizer_id"] for item in doors.get("/organizers", own)["items"]] == [first]
    assert doors.get(f"/organizers/{second}", own) == 403
    assert [item["task_id"] for item in doors.get("/tasks", "branch_secretary")["items"]] == tasks[:1]
    assert [item["task_id"] for item in doors.get("/tasks", "committee_organiser")["items"]] == tasks
    stranger = doors.actor("committee_organiser", "x", f"/{doors.city_code}/{doors.county}/{doors.county}002/")
    assert doors.get("/tasks", stranger)["items"] == doors.get("/organizers", stranger)["items"] == []


@pytest.mark.catalogue("O2")
def test_what_falls_due_is_on_the_list_and_a_lapse_leaves_the_hand_over(doors: Doors) -> None:
    id = appoint(doors)
    doors.a_task(id)
    until = doors.row("organizer").until
    expiry.keep_terms(doors.at(until - timedelta(days=60)).context)
    found = {item["step"]: item["overdue"] for item in doors.get("/todo", "committee_organiser")["items"]}
    assert found == {"assessment": True, "expiry": False, "task": False}
    assert set(doors.steps(doors.organizer())) == set(found)
    expiry.keep_terms(doors.at(until + timedelta(days=1)).context)
    assert doors.steps("committee_organiser") == ["hand_over"]
    assert doors.get("/todo?overdue=true", "committee_organiser")["items"] == []


@pytest.mark.catalogue("O2", "X5")
def test_a_proceeding_is_read_by_the_committee_and_the_person(doors: Doors) -> None:
    id = appoint(doors)
    proceeding = doors.post(f"/organizers/{id}/dismissal", "committee_organiser", reason="不履职")["proceeding_id"]
    doors.post(f"/proceedings/{proceeding}/notice", "committee_organiser", way="书面")
    doors.post(f"/proceedings/{proceeding}/hearing", "committee_organiser", appeared=True, statement="家中有事")
    shown = doors.get(f"/proceedings/{proceeding}", doors.organizer())
    assert (shown["reason"], shown["statement"]) == ("不履职", "家中有事")
    assert doors.get(f"/proceedings/{proceeding}", "branch_secretary") == 403
    answer = doors.post(f"/proceedings/{proceeding}/decision", "committee_organiser", outcome="upheld", reason="属实")
    assert (answer["state"], answer["tasks_left"]) == ("dismissed", 0)


@pytest.mark.catalogue("O1", "X6")
def test_jinhua_has_no_such_organizers_and_the_door_says_which_packs_do_not_know_them(tmp_path: Path) -> None:
    world = Doors(tmp_path, "jinhua")
    world.app = App(Runtime.of(world.context, Settings()), Organizers, ENDPOINTS)
    body = {"organisation": world.branch, "member_id": world.a_member(), "reason": "熟悉党务"}
    status, answer = world.ask("POST", "/recommendations", world.actor("branch_secretary"), body)
    assert status == 400
    assert "jinhua-2014" in json.dumps(answer, ensure_ascii=False)


@pytest.mark.catalogue("X5")
def test_an_erased_persons_name_is_gone_from_the_lists(doors: Doors) -> None:
    id = appoint(doors)
    doors.context.keys.erase(doors.row("organizer").member_id)
    assert doors.get("/organizers", "committee_organiser")["items"][0]["name"] is None
    shown = doors.get(f"/organizers/{id}", "committee_organiser")
    assert (shown["name"], shown["reason"], shown["conditions"]) == (None, None, [])
