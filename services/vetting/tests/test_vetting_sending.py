"""What goes out to a department: exactly its question, when it is due, until it is taken."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kernel.ops.settings import SettingsError
from services.vetting import connections, deliveries, sending
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
    message = json.loads(sending.compose(nanning.context, row_for(nanning, request)))
    assert set(message) == {"request_id", "name", "id_number", "purpose", "deadline"}
    assert (message["name"], message["id_number"]) == (NAME, ID_NUMBER)
    assert message["deadline"] == "2016-07-11"
    assert "刑事、治安" in message["purpose"] and "信访" in message["purpose"]
    pack = nanning.context.policies.at("nanning", nanning.clock.today())
    assert set(pack.value("vetting.request.fields")) == set(message) - {"request_id", "deadline"}


@pytest.mark.catalogue("V5")
def test_each_department_reads_its_own_question(nanning: World) -> None:
    opened = nanning.opened()
    purposes = {
        json.loads(sending.compose(nanning.context, row_for(nanning, r["request_id"])))["purpose"] for r in opened["requests"]
    }
    assert len(purposes) == len(opened["requests"])


@pytest.mark.catalogue("V5")
def test_reminders_and_withdrawals_name_nobody(nanning: World) -> None:
    opened = nanning.opened()
    request = id_of(opened, "police")
    nanning.clock.set(nanning.clock.today() + timedelta(days=3))
    with command(nanning.context) as unit:
        reminding.remind(unit)
    reminder = json.loads(sending.compose(nanning.context, row_for(nanning, request, "reminder")))
    assert set(reminder) == {"request_id", "deadline"}
    with nanning.context.database.write() as connection:
        deliveries.take_due(connection, datetime.now(UTC), 100)
    nanning.do(questions.withdraw_request, request_id=request, reason="撤回")
    withdrawal = json.loads(sending.compose(nanning.context, row_for(nanning, request, "withdrawal")))
    assert set(withdrawal) == {"request_id"}


@pytest.mark.catalogue("V3")
def test_a_question_that_is_answered_meanwhile_is_not_sent_any_more(nanning: World) -> None:
    request = id_of(nanning.opened(), "police")
    row = row_for(nanning, request)
    nanning.answer(request)
    assert row_for(nanning, request).state == "cancelled"
    with pytest.raises(sending.Pointless):
        sending.compose(nanning.context, row)


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


def test_pauses_grow_to_an_hour() -> None:
    pauses = [deliveries.pause(tries).total_seconds() for tries in range(40)]
    assert pauses[0] <= 2 and all(p <= 3600 for p in pauses)
    assert all(p >= 1800 for p in pauses[15:])


# -- settings


def file(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "departments.toml"
    path.write_text(text)
    return {connections.VARIABLE: str(path)}


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
    secrets = {"XINHUO_ENVIRONMENT": "production", "XINHUO_TOKEN_SECRET": "x" * 40, "XINHUO_MASTER_KEY": "A" * 43 + "="}
    assert connections.load(secrets).get("police") is None
