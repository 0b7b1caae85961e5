"""What goes out to a department: exactly its question, when it is due, until it is taken."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kernel.ops.settings import SettingsError
from services.vetting import connections, deliveries, outgoing, sending
from services.vetting.commands import questions, reminding
from services.vetting.connections import Connections
from services.vetting.tests.vetting_world import ID_NUMBER, NAME, World, id_of

from kernel.unit import command  # isort: skip


def row_for(world: World, request: str, kind: str = "question"):
    return next(d for d in world.deliveries() if d.request_id == request and d.kind == kind)


@pytest.mark.catalogue("V5")
def test_a_department_gets_name_number_purpose_and_deadline_of_its_question_and_nothing_else(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    message = json.loads(sending.compose(nanning.context, row_for(nanning, request), nanning.clock.today()))
    assert set(message) == {"request_id", "name", "id_number", "purpose", "deadline"}
    assert (message["name"], message["id_number"]) == (NAME, ID_NUMBER)
    assert message["deadline"] == "2016-07-11"
    assert "刑事、治安" in message["purpose"] and "信访" in message["purpose"]
    pack = nanning.context.policies.at("nanning", nanning.clock.today())
    assert set(pack.value("vetting.request.fields")) == set(message) - {"request_id", "deadline"}


@pytest.mark.catalogue("V5")
def test_each_department_reads_its_own_question(nanning: World) -> None:
    opened = nanning.opened()
    today = nanning.clock.today()
    rows = [row_for(nanning, r["request_id"]) for r in opened["requests"]]
    purposes = {json.loads(sending.compose(nanning.context, row, today))["purpose"] for row in rows}
    assert len(purposes) == len(opened["requests"])


@pytest.mark.catalogue("V5")
def test_reminders_and_withdrawals_name_nobody(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    nanning.deliver()
    nanning.clock.set(nanning.clock.today() + timedelta(days=3))
    with command(nanning.context) as unit:
        reminding.remind(unit)
    reminder = json.loads(sending.compose(nanning.context, row_for(nanning, request, "reminder"), nanning.clock.today()))
    assert set(reminder) == {"request_id", "deadline"}
    nanning.do(questions.withdraw_request, request_id=request, reason="撤回")
    withdrawal = json.loads(sending.compose(nanning.context, row_for(nanning, request, "withdrawal"), nanning.clock.today()))
    assert set(withdrawal) == {"request_id"}


@pytest.mark.catalogue("V3")
def test_a_question_that_is_answered_meanwhile_is_not_sent_any_more(nanning: World) -> None:
    request = id_of(nanning.opened(), "police")
    row = row_for(nanning, request)
    nanning.answer(request)
    assert row_for(nanning, request).state == "cancelled"
    with pytest.raises(sending.Pointless):
        sending.compose(nanning.context, row, nanning.clock.today())


@pytest.mark.catalogue("V4")
def test_a_department_without_a_connection_waits_for_a_letter(nanning: World) -> None:
    nanning.opened()
    assert sending.send_due(nanning.context, Connections({})) == 6
    assert {(d.state, d.tries, d.last_error) for d in nanning.deliveries()} == {("waiting", 1, "该部门没有接入，请以信函征询")}
    assert sending.send_due(nanning.context, Connections({})) == 0


@pytest.mark.catalogue("V4")
def test_what_is_erased_is_not_sent(nanning: World) -> None:
    nanning.opened()
    nanning.context.keys.erase(nanning.candidate)
    sending.send_due(nanning.context, Connections({}, "http://127.0.0.1:9"))
    assert {d.state for d in nanning.deliveries()} == {"cancelled"}


@pytest.mark.catalogue("V4")
def test_taken_deliveries_are_held_and_come_again_with_the_same_id(nanning: World) -> None:
    nanning.opened()
    now = datetime.now(UTC)
    with nanning.context.database.write() as connection:
        first = deliveries.take_due(connection, now, 100)
        assert deliveries.take_due(connection, now, 100) == []
        again = deliveries.take_due(connection, now + timedelta(seconds=deliveries.HOLD), 100)
    assert sorted(r.delivery_id for r in first) == sorted(r.delivery_id for r in again)


class Away:
    """Departments' systems that are away until somebody says otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
        self.up = False
        self.taken: list[tuple[str, dict[str, str]]] = []
        self.world, self.wait = world, timedelta()
        monkeypatch.setattr(outgoing.Line, "post", self.post)
        wall = world.context.clock.wall
        monkeypatch.setattr(world.context.clock, "wall", lambda: wall() + self.wait)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        if not self.up:
            raise outgoing.NotDelivered("away")
        self.taken.append((path, json.loads(body)))

    def send(self) -> None:
        """A round, when every pause is over."""
        self.wait += timedelta(hours=1)
        sending.send_due(self.world.context, Connections({}, "http://127.0.0.1:9"))


@pytest.mark.catalogue("V3")
def test_nobody_is_reminded_of_what_has_not_reached_him(nanning: World, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, nanning)
    request = id_of(nanning.opened(), "police")
    for day in (4, 7, 12):
        nanning.clock.set(date(2016, 7, day))
        away.send()
        reminding.run_page_by_page(nanning.context, reminding.remind)
    assert {d.kind for d in nanning.deliveries()} == {"question"}
    away.up = True
    away.send()
    reminding.run_page_by_page(nanning.context, reminding.remind)
    assert {path for path, _ in away.taken} == {"/questions"}
    nanning.clock.set(date(2016, 7, 15))
    reminding.run_page_by_page(nanning.context, reminding.remind)
    assert row_for(nanning, request, "reminder").state == "waiting"


@pytest.mark.catalogue("V3")
def test_the_term_of_a_question_that_was_held_up_begins_when_it_goes_out(nanning: World, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, nanning)
    opened = nanning.opened()
    request = id_of(opened, "police")
    away.send()
    nanning.clock.set(date(2016, 7, 12))
    reminding.run_page_by_page(nanning.context, reminding.tell_overdue)
    away.up = True
    away.send()
    assert {message["deadline"] for _, message in away.taken} == {"2016-07-19"}
    row = nanning.request(request)
    assert (row.asked_on, row.term_from, row.due) == (date(2016, 7, 4), date(2016, 7, 12), date(2016, 7, 19))
    (entry,) = [e for e in nanning.entries(opened["case_id"]) if e.type == "question_delivered_late" and request in e.payload]
    assert json.loads(entry.payload)["due"] == "2016-07-19"
    assert row_for(nanning, request).state == "sent"
    nanning.clock.set(date(2016, 7, 20))
    reminding.run_page_by_page(nanning.context, reminding.tell_overdue)
    told = [json.loads(e.body)["data"] for e in nanning.published() if e.type == "request_overdue"]
    assert [e["due"] for e in told if e["request_id"] == request] == ["2016-07-11", "2016-07-19"]


@pytest.mark.catalogue("V3")
def test_a_question_that_goes_out_on_its_day_keeps_its_term(nanning: World, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, nanning)
    opened = nanning.opened(day=date(2016, 6, 30))  # entered later than it was decided
    away.send()
    away.up = True
    away.send()
    assert {message["deadline"] for _, message in away.taken} == {"2016-07-11"}
    assert "question_delivered_late" not in {entry.type for entry in nanning.entries(opened["case_id"])}


def test_pauses_grow_to_an_hour() -> None:
    pauses = [deliveries.pause(tries).total_seconds() for tries in range(40)]
    assert pauses[0] <= 2 and all(p <= 3600 for p in pauses)
    assert all(p >= 1800 for p in pauses[15:])


# -- settings


def file(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "departments.toml"
    path.write_text(text)
    return {connections.VARIABLE: str(path)}


PRODUCTION = {"XINHUO_ENVIRONMENT": "production", "XINHUO_TOKEN_SECRET": "x" * 40, "XINHUO_MASTER_KEY": "A" * 43 + "="}
GOOD = "whsec_" + "A" * 43 + "="
BETTER = "whsec_" + "B" * 43 + "="


def test_the_file_of_connections_is_read(tmp_path: Path) -> None:
    text = f"""
    [departments.police]
    url = "https://police.example/xinhuo"
    push_secrets = ["{GOOD}"]
    callback_secrets = ["{BETTER}"]
    """
    loaded = connections.load(file(tmp_path, text))
    police = loaded.get("police")
    assert police is not None and police.url == "https://police.example/xinhuo"
    assert GOOD not in repr(police) and BETTER not in repr(police)
    assert loaded.get("court") is None


def test_all_faults_of_the_file_are_reported_and_no_secret_is_repeated(tmp_path: Path) -> None:
    text = f"""
    [departments.police]
    url = "http://police.example/xinhuo"
    color = "blue"
    ca = "/nowhere/ca.pem"
    push_secrets = ["hunter2hunter2"]
    [departments.court]
    url = "https://court.example"
    push_secrets = ["{GOOD}"]
    callback_secrets = ["{GOOD}"]
    """
    with pytest.raises(SettingsError) as caught:
        connections.load(file(tmp_path, text))
    faults = caught.value.fields
    assert len(faults["XINHUO_DEPARTMENTS departments.police"]) == 5
    assert len(faults["XINHUO_DEPARTMENTS departments.court"]) == 1
    assert "hunter2" not in str(caught.value)


def test_development_reaches_one_process_on_loopback_and_production_nobody() -> None:
    police = connections.load({"XINHUO_BASE_PORT": "9000"}).get("police")
    assert police is not None and police.url == "http://127.0.0.1:9050/police"
    assert connections.load({}).get("../police") is None
    assert connections.load(PRODUCTION).get("police") is None


@pytest.mark.parametrize("direction", ["push", "callback"])
def test_production_takes_no_published_secret_from_a_file(tmp_path: Path, direction: str) -> None:
    named = {"push": GOOD, "callback": BETTER, direction: connections.development_secret("police", direction)}
    text = f"""
    [departments.police]
    url = "https://police.example/xinhuo"
    push_secrets = ["{named["push"]}"]
    callback_secrets = ["{named["callback"]}"]
    [departments.court]
    url = "https://court.example/xinhuo"
    push_secrets = ["{BETTER}"]
    callback_secrets = ["{GOOD}", "{connections.development_secret("police", "push")}"]
    """
    with pytest.raises(SettingsError) as caught:
        connections.load(PRODUCTION | file(tmp_path, text))
    assert caught.value.fields == {
        "XINHUO_DEPARTMENTS departments.police": [f"{direction}_secrets 含有随源代码公开的开发密钥，生产环境不得使用"],
        "XINHUO_DEPARTMENTS departments.court": ["callback_secrets 含有随源代码公开的开发密钥，生产环境不得使用"],
    }
    assert named[direction] not in str(caught.value)
    assert connections.load(file(tmp_path, text)).get("police") is not None
