"""The same way over HTTP, and what the queries show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from kernel.actor import Actor
from kernel.clock import Clock
from kernel.http.auth import Tokens
from kernel.http.entrypoints import endpoints_of
from kernel.ids import new_id
from kernel.journal import archive, dossier
from kernel.ops.settings import DEVELOPMENT_TOKEN_SECRET
from services.recruitment.service import Recruitment
from services.recruitment.tests.world import COMMANDS, World, context_of, plain
from tests.kit import doors_of

TOKENS = Tokens(DEVELOPMENT_TOKEN_SECRET, Clock())
PATHS = {endpoint.name: endpoint for endpoint in endpoints_of(Recruitment)}


class Doors(World):
    """A world whose commands go over HTTP."""

    url = ""

    def do(self, action: str, body: Mapping[str, Any], *ids: str, as_: Actor | None = None) -> dict[str, Any]:
        function, _, roles = COMMANDS[action]
        endpoint = PATHS[function.__name__]
        path = endpoint.path
        for name, id in zip(endpoint.parameters, ids, strict=True):
            path = path.replace(f"<{name}>", id)
        answer = requests.post(self.url + path, json=plain(body), headers=self.headers(as_ or self.account(roles[0])), timeout=60)
        assert answer.status_code == 201, answer.text
        shown = answer.json()
        return {**shown, **{n: date.fromisoformat(v) for n, v in shown.items() if n == "first_possible" and v}}

    def headers(self, actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {TOKENS.mint(actor)}", "Idempotency-Key": new_id()}

    def look(self, path: str, role: str = "branch_secretary", actor: Actor | None = None, **params: Any) -> Any:
        headers = self.headers(actor or self.account(role))
        answer = requests.get(self.url + path, params=params, headers=headers, timeout=60)
        return answer.json() if answer.status_code == 200 else answer.status_code


@pytest.fixture(params=["jinhua", "nanning"])
def doors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Doors]:
    world = Doors(tmp_path, request.param, date(2026, 6, 1))
    with doors_of("recruitment", context_of.__module__, tmp_path, world.city) as world.url:
        yield world


@pytest.mark.catalogue("R1", "R2", "R3", "R4", "R5", "R11", "R14", "R18")
def test_a_candidate_walks_over_http_and_is_seen_by_those_concerned(doors: Doors) -> None:
    candidate = doors.a_candidate().at("activist")
    doors.do("file", {"document": "备案 1 号"}, candidate.id)
    doors.later(months=7)
    assert {item["step"]: item["overdue"] for item in doors.look("/todo")["items"]} == {"review": True}
    doors.do("review", {"findings": "表现良好", "conclusion": "continue"}, candidate.id)
    _see_one(doors, candidate.id)
    _see_many(doors, candidate.id)
    _see_the_dossier(doors, candidate.id)


def _see_one(doors: Doors, id: str) -> None:
    shown = doors.look(f"/candidates/{id}")
    assert (shown["name"], shown["state"], shown["phone"]) == ("王小明", "activist", "13800000000")
    assert shown["id_number"].count("*") == 13
    assert len(shown["contacts"]) == 2
    posted = shown["publicities"][-1]["publicity_id"]
    notice = doors.look(f"/publicities/{posted}/notice")["text"]
    assert "王小明" in notice and "1990年5月" in notice
    assert "13800000000" not in notice and "示例村 8 号" not in notice and "19900504" not in notice
    assert doors.look("/branches-without-meeting", year=2026)["items"] == []
    late = {"jinhua": [doors.branch], "nanning": []}[doors.city]
    assert [item["code"] for item in doors.look("/branches-without-meeting", year=2029)["items"]] == late
    meeting = doors.look("/meetings")["items"][-1]["meeting_id"]
    assert {count["agreed"] for count in doors.look(f"/meetings/{meeting}")["counts"]} == {True}
    assert {row.fields for row in doors.rows("access_log", action="candidate.show")} != set()


def _see_many(doors: Doors, id: str) -> None:
    for path in ("/candidates", "/pool"):
        assert [item["candidate_id"] for item in doors.look(path, name="王小明")["items"]] == [id]
        assert doors.look(path, name="王小")["items"] == []
    stranger = doors.account("branch_secretary", path=doors.path.replace("001/", "002/"))
    assert doors.look("/candidates", actor=stranger)["items"] == []
    assert doors.look(f"/candidates/{id}", actor=stranger) == 403
    counties = doors.look("/funnel", "county_department")["counties"]
    assert [(c["county"], c["states"]["activist"], c["states"]["total"]) for c in counties] == [(doors.county, 1, 1)]


def _see_the_dossier(doors: Doors, id: str) -> None:
    timeline = doors.look(f"/candidates/{id}/timeline")["entries"]
    assert [entry["version"] for entry in timeline] == list(range(1, len(timeline) + 1))
    assert all(entry["title"] != entry["type"] for entry in timeline)
    assert timeline[0]["personal"]["name"] is None
    assert doors.look(f"/candidates/{id}/timeline", reveal="true")["entries"][0]["personal"]["name"] == "王小明"
    assert {entry["rule"] for entry in timeline[0]["articles"]} >= {"application.age", "application.written"}
    check = doors.look(f"/candidates/{id}/completeness", stage="prospect")
    missing = ["training", "opinions", *(["prospect_ballot"] if doors.city == "nanning" else [])]
    assert [item["code"] for item in check["items"] if not item["present"]] == missing
    verdict = dossier.verify(doors.look(f"/candidates/{id}/dossier"))
    assert verdict.sound and verdict.entries == len(timeline)


@pytest.mark.catalogue("R6", "R7", "R8", "R9", "R15")
def test_a_candidate_walks_to_the_form_over_http_and_the_plan_is_seen(doors: Doors) -> None:
    doors.do("categories", {"county": doors.county, "categories": ["第一类"]})
    candidate = doors.a_candidate().at("examined")
    shown = doors.look(f"/candidates/{candidate.id}")
    code = shown["form_code"]
    assert (shown["state"], shown["stage"]) == ("examined", "prospect")
    assert len(shown["introducers"]) == 2 and len(shown["opinions"]) == 4
    year = shown["place_year"]
    assert [(f["organisation"], f["taken"]) for f in doors.look("/figures", "committee_organiser", year=year)["items"]] == [
        (doors.committee, 1)
    ]
    forms = doors.look("/form-codes", "committee_organiser", state="used")["items"]
    assert [(form["code"], form["candidate_id"]) for form in forms] == [(code, candidate.id)]
    half = 1 if candidate.row.examined_on.month <= 6 else 2
    report = doors.look("/form-code-report", "county_department", year=year, half=half)
    assert {line["holder"]: line["used"] for line in report["holders"]}[doors.committee] == 1
    categories = doors.look("/special-categories", "committee_organiser")["items"]
    assert [item["category"] for item in categories] == ["第一类"]
    timeline = doors.look(f"/candidates/{candidate.id}/timeline")["entries"]
    assert all(entry["title"] != entry["type"] for entry in timeline)
    check = doors.look(f"/candidates/{candidate.id}/completeness", stage="pre_examination")
    assert check["complete"], check
    for path in ("/figures", "/form-codes", "/special-categories"):
        assert doors.look(path, "branch_clerk") == 403
    done = doors.do("end_code", {"kind": "lost", "reason": "遗失", "replacement": None}, code)
    assert done["state"] == "lost"


@pytest.mark.catalogue("R6", "R8", "R10", "R12", "R13", "R14", "R18")
def test_a_candidate_walks_over_http_to_full_membership(doors: Doors) -> None:
    candidate = doors.a_candidate().at("reported")
    id = candidate.id
    assert {item["step"] for item in doors.look("/todo")["items"]} >= {"committee_talk", "committee_decision"}
    assert doors.look(f"/candidates/{id}/admission-notice") == 404
    candidate.at("probationary")
    assert "王小明" in doors.look(f"/candidates/{id}/admission-notice")["text"]
    steps = {item["step"]: item["overdue"] for item in doors.look("/todo")["items"]}
    assert steps == {"oath": False, "probation_review": False, "conversion": False}
    candidate.at("full")
    assert "党龄自" in doors.look(f"/candidates/{id}/conversion-notice")["text"]
    shown = doors.look(f"/candidates/{id}")
    assert (shown["state"], shown["full_since"], shown["actions"][-1]) == ("full", shown["probation_ends"], "correct")
    check = doors.look(f"/candidates/{id}/completeness", stage="conversion")
    assert check["complete"], [item for item in check["items"] if not item["present"]]
    timeline = doors.look(f"/candidates/{id}/timeline")["entries"]
    assert all(entry["title"] != entry["type"] for entry in timeline)
    _take_the_archive(doors, id, len(timeline))


def _take_the_archive(doors: Doors, id: str, entries: int) -> None:
    url = f"{doors.url}/candidates/{id}/dossier-archive"
    answer = requests.get(url, headers=doors.headers(doors.account("committee_organiser")), timeout=60)
    assert answer.headers["Content-Type"] == "application/zip"
    verdict = archive.verify(answer.content)
    assert verdict.sound and verdict.entries == entries
    assert requests.get(url, headers=doors.headers(doors.account("auditor")), timeout=60).status_code == 403
    organizer = doors.headers(doors.account("special_organizer"))
    assert requests.get(url, headers=organizer, timeout=60).status_code == 403
