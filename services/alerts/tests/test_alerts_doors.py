"""The same over HTTP, and what the queries show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from kernel.actor import Actor, Post
from kernel.clock import Clock
from kernel.encoding import plain
from kernel.http.auth import Tokens
from kernel.http.entrypoints import endpoints_of
from kernel.ids import new_id
from kernel.ops.settings import DEVELOPMENT_TOKEN_SECRET
from services.alerts.service import Alerts
from services.alerts.tests.alerts_world import COMMANDS, PARTS, World, context_of
from tests.kit import doors_of

TOKENS = Tokens(DEVELOPMENT_TOKEN_SECRET, Clock())
PATHS = {endpoint.name: endpoint for endpoint in endpoints_of(Alerts)}
DAY = date(2018, 4, 2)


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
        shown: dict[str, Any] = answer.json()
        return shown

    def headers(self, actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {TOKENS.mint(actor)}", "Idempotency-Key": new_id()}

    def look(self, path: str, actor: Actor | None = None, **params: Any) -> Any:
        headers = self.headers(actor or self.account("committee_organiser"))
        answer = requests.get(self.url + path, params=params, headers=headers, timeout=60)
        return answer.json() if answer.status_code == 200 else answer.status_code

    def items(self, path: str, actor: Actor | None = None, **params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.look(path, actor, **params)["items"]
        return items


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    world = Doors(tmp_path, DAY)
    with doors_of("alerts", context_of.__module__, tmp_path, world.city) as world.url:
        yield world


@pytest.mark.catalogue("A1", "A2", "A4", "A6")
def test_a_low_score_leads_to_a_letter_a_yellow_card_and_out_of_it_again(doors: Doors) -> None:
    doors.evaluated(2017, "72.00", DAY)
    county = doors.account("county_department")
    assert doors.do("assess", {"organisation": doors.county}, as_=county) == {"organisations": 3, "findings": 7}
    _see_the_proposal(doors)
    id = doors.do("issue", doors.issue(due=DAY + timedelta(days=20)))["warning_id"]
    assert doors.items("/proposals", trigger="satisfaction") == []
    _see_a_letter(doors, id)
    _see_it_raised(doors, id)
    _see_what_a_yellow_card_means(doors, id)
    for step in ("plan", "report", "check", "lift"):
        doors.later(1).step(step, id)
    assert doors.items("/warnings", state="lifted")[0]["proposed_level"] is None
    assert doors.items("/proposals", trigger="satisfaction") == []
    assert doors.look("/summary")["counties"][0]["levels"] == {"oral": 0, "letter": 0, "yellow": 0}


def _see_the_proposal(doors: Doors) -> None:
    (proposal,) = doors.items("/proposals", trigger="satisfaction")
    assert (proposal["level"], proposal["level_name"], proposal["issuers"]) == ("letter", "函告督办", [doors.committee])
    assert proposal["text"] == "2017 年度发展党员工作满意度 72.00 分，低于 80 分。"
    assert [(each["parameter"], each["value"], each["source"]) for each in proposal["thresholds"]] == [
        ("satisfaction.threshold", 80, "NN 3(2)")
    ]
    assert [(each["source"], each["type"]) for each in proposal["events"]] == [("scoring", "evaluation_concluded")]
    assert doors.look(f"/proposals/{proposal['finding_id']}") == proposal
    assert doors.look("/proposals", doors.secretary) == 403
    (drought,) = doors.items("/proposals", doors.account("county_department"), trigger="no_activist")
    assert (drought["state"], drought["facts"]["years"]) == ("triggered", [2015, 2016, 2017])
    assert doors.look("/proposals/x:no_plan:2018") == 404


def _see_a_letter(doors: Doors, id: str) -> None:
    notice = doors.look(f"/warnings/{id}/notice", doors.secretary)
    assert "函告督办" in notice["text"] and "2018-04-22" in notice["text"] and "72.00" in notice["text"]
    assert notice["html"].startswith("<!doctype html>") and "<h1>" in notice["html"]
    assert [item["step"] for item in doors.items("/todo", doors.secretary)] == ["receive"]
    doors.step("receive", id)
    shown = doors.look(f"/warnings/{id}", doors.secretary)
    assert shown["findings"][0]["now"] == "triggered" and shown["findings"][0]["holds"] is False
    assert [entry["title"] for entry in shown["entries"]] == ["发出预警", "签收"]
    assert shown["entries"][0]["texts"] == {"reason": None}
    assert doors.look(f"/warnings/{id}", reveal="true")["entries"][0]["texts"] == {"reason": "情形属实"}
    assert {row.action for row in doors.rows("access_log")} == {"warning.show", "warning.notice"}
    stranger = Actor("x", (Post("p", "branch_secretary", "x", "/4501/x/", DAY),))
    assert doors.look(f"/warnings/{id}", stranger) == 403
    assert doors.items("/warnings", stranger) == []


def _see_it_raised(doors: Doors, id: str) -> None:
    assert doors.items("/escalations") == []
    doors.later(21)
    (item,) = doors.items("/escalations")
    assert (item["overdue"], item["proposed_level"]) == (True, "yellow")
    assert [each["warning_id"] for each in doors.items("/warnings", overdue="true")] == [id]
    assert doors.look("/summary")["counties"][0]["overdue"] == 1
    body = {"level": "yellow", "reason": "逾期未整改", "due": date(2018, 7, 1), **doors.yellow()}
    refused = requests.post(
        f"{doors.url}/warnings/{id}/escalation",
        json=plain({**body, "circulation": " "}),
        headers=doors.headers(doors.account("committee_organiser")),
        timeout=60,
    )
    assert refused.status_code == 422
    assert [(reason["rule"], reason["source"]) for reason in refused.json()["reasons"]] == [("warning.circulation", "NN 2(2)")]
    doors.do("escalate", body, id)
    assert doors.items("/escalations") == []


def _see_what_a_yellow_card_means(doors: Doors, id: str) -> None:
    doors.step("receive", id)
    assert [item["step"] for item in doors.items("/todo", doors.secretary)] == ["self_criticism", "plan"]
    doors.do("criticise", {"parts": PARTS}, id, as_=doors.secretary)
    assert "取消 2018 年度评先评优资格" in doors.look(f"/warnings/{id}/notice")["text"]
    assert doors.look(f"/warnings/{id}")["honours_cancelled"] == [2018]
    standing = doors.look(f"/organisations/{doors.branch}/standing", doors.secretary)
    assert (standing["honours_cancelled"], standing["yellow_carded_years"], standing["running"]) == (True, [2018], [id])
    assert standing["key_object"] is True
    assert doors.look(f"/organisations/{doors.branch}/standing", year=2019)["honours_cancelled"] is False
    counties = doors.look("/summary", doors.account("city_department"))["counties"]
    assert [(each["county"], each["levels"]["yellow"]) for each in counties] == [(doors.county, 1)]


@pytest.mark.catalogue("A2", "A3")
def test_proposals_go_page_by_page_and_name_the_county_where_it_manages(doors: Doors) -> None:
    for number in range(4):
        doors.an_organisation(f"{doors.committee}{number}9", "branch", doors.committee, domain="rural")
    county = doors.account("county_department")
    doors.do("assess", {"organisation": doors.county}, as_=county)
    seen, next = [], "/proposals?trigger=no_admission&limit=2"
    while next:
        page = doors.look(next, county)
        seen += page["items"]
        next = page["next"]
    assert len(seen) == 5
    assert {(each["key_managed"], tuple(each["issuers"])) for each in seen} == {
        (True, (doors.county, doors.committee)),
        (False, (doors.committee,)),
    }
    doors.do("circumstance", {"organisation": doors.branch, "years": [2016], "reason": "搬迁", "document": "说明"})
    (recorded,) = doors.items("/circumstances", doors.secretary)
    assert (recorded["years"], recorded["state"]) == ([2016], "recorded")
    (near,) = doors.items("/proposals", organisation=doors.branch, trigger="no_admission")
    assert (near["level"], near["addressee"]) == ("oral", "该党组织主要负责人")


def test_every_role_of_the_doors_is_one_of_the_suite() -> None:
    known = {
        "branch_secretary", "branch_clerk", "committee_organiser", "county_organiser", "county_department", "city_department",
        "auditor",
    }  # fmt: skip
    assert {role for endpoint in PATHS.values() for role in endpoint.roles} == known
