"""The record cannot be quietly changed."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest

from kernel.bus.event import Event
from kernel.errors import Invalid, Stale
from kernel.journal import dossier
from kernel.unit import command
from tests.kit import a_context

HOME, STREAM = "330702", "candidate/1"
DAY = date(2015, 3, 2)


def three_entries(context):
    for version, kind in enumerate(("received", "talk_held", "reviewed")):
        with command(context) as unit:
            personal = {"name": "张三", "phone": "1"} if version == 0 else None
            unit.record(
                kind, stream=STREAM, expected=version, home_county=HOME, day=DAY,
                data={"step": version}, subject="p1", personal=personal,
            )  # fmt: skip


def exported(context):
    with context.database.read() as connection:
        return json.loads(json.dumps(dossier.export(connection, context.keys, HOME, STREAM)))


@pytest.mark.catalogue("R14")
def test_an_untouched_dossier_is_sound_and_shows_its_values(tmp_path):
    context = a_context(tmp_path)
    three_entries(context)
    document = exported(context)
    verdict = dossier.verify(document)
    assert verdict.sound and verdict.entries == 3 and verdict.erased == 0
    assert document["entries"][0]["revealed"]["name"]["value"] == "张三"


TAMPERINGS = {
    "payload": lambda d: d["entries"][1].update(payload='{"step":9}'),
    "day": lambda d: d["entries"][1].update(day="2015-03-01"),
    "actor": lambda d: d["entries"][2].update(actor="somebody"),
    "entry missing": lambda d: d["entries"].pop(1),
    "entries swapped": lambda d: d["entries"].reverse(),
    "first entry cut": lambda d: d["entries"].pop(0),
    "name": lambda d: d["entries"][0]["revealed"]["name"].update(value="李四"),
    "name hidden": lambda d: d["entries"][0]["revealed"].pop("name"),
    "name added": lambda d: d["entries"][1]["revealed"].update(name={"salt": "00", "value": "x"}),
    "unhashed extra": lambda d: d["entries"][1].update(remark="fine"),
    "hash": lambda d: d["entries"][2].update(hash="0" * 64),
    "no entries": lambda d: d.update(entries=[]),
    "format": lambda d: d.update(format="other"),
    "not an entry": lambda d: d["entries"].insert(1, "x"),
    "stream": lambda d: d.update(stream="candidate/2"),
    "surname counted to the salt": lambda d: shift_surname(d["entries"][0]["revealed"]["name"]),
    "remark beside a value": lambda d: d["entries"][0]["revealed"]["name"].update(remark="fine"),
    "remark beside the entries": lambda d: d.update(remark="checked and found in order"),
    "instant without its zone": lambda d: d["entries"][1].update(entered_at=d["entries"][1]["entered_at"].rstrip("Z")),
    "day in another form": lambda d: d["entries"][1].update(day="20150302"),
    "home county": lambda d: d.update(home_county="330703"),
    "home county throughout": lambda d: [entry.update(home_county="330703") for entry in [d, *d["entries"]]],
    "subject": lambda d: d["entries"][0].update(subject="p2"),
    "salt in capitals": lambda d: respell_salt(d["entries"][0]["revealed"]["name"], str.upper),
    "salt with a blank": lambda d: respell_salt(d["entries"][0]["revealed"]["name"], lambda salt: f"{salt[:2]} {salt[2:]}"),
    "one of two values hidden": lambda d: d["entries"][0]["revealed"].update(name=None),
}


def respell_salt(shown, spell):
    """The same bytes under other letters."""
    assert bytes.fromhex(spell(shown["salt"])) == bytes.fromhex(shown["salt"]) and spell(shown["salt"]) != shown["salt"]
    shown.update(salt=spell(shown["salt"]))


def shift_surname(shown):
    shown.update(salt=shown["salt"] + shown["value"][0].encode().hex(), value=shown["value"][1:])


@pytest.mark.catalogue("R14")
@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_shows(tmp_path, name):
    context = a_context(tmp_path)
    three_entries(context)
    document = copy.deepcopy(exported(context))
    TAMPERINGS[name](document)
    assert not dossier.verify(document).sound


def test_a_name_that_stands_twice_is_not_read(tmp_path):
    """Of two actors one reader shows the first and another the last; the hash can be that of either."""
    context = a_context(tmp_path)
    three_entries(context)
    text = json.dumps(exported(context))
    assert dossier.read(text.encode()) == exported(context)
    for place in ('"format"', '"actor"', '"value"'):
        twice = text.replace(place, f'{place}: "somebody else", {place}', 1)
        assert json.loads(twice) == exported(context)
        with pytest.raises(ValueError, match="两次"):
            dossier.read(twice.encode())


def test_a_cut_end_shows_only_against_a_hash_kept_elsewhere(tmp_path):
    context = a_context(tmp_path)
    three_entries(context)
    document = exported(context)
    head = dossier.verify(document).head
    document["entries"].pop()
    assert dossier.verify(document).sound
    assert not dossier.verify(document, head=head).sound


@pytest.mark.catalogue("X5")
def test_erasing_the_key_erases_the_person_and_leaves_the_chain_whole(tmp_path):
    context = a_context(tmp_path)
    three_entries(context)
    context.keys.erase("p1")
    document = exported(context)
    verdict = dossier.verify(document)
    assert verdict.sound and verdict.erased == 2
    assert "张三" not in json.dumps(document, ensure_ascii=False)


def test_two_who_saw_the_same_version_cannot_both_write(tmp_path):
    context = a_context(tmp_path)
    three_entries(context)
    with pytest.raises(Stale), command(context) as unit:
        unit.record("late", stream=STREAM, expected=2, home_county=HOME, day=DAY, data={})
    with pytest.raises(Stale), command(context) as unit:
        unit.record("born again", stream=STREAM, expected=0, home_county=HOME, day=DAY, data={})
    assert dossier.verify(exported(context)).entries == 3


def test_the_past_may_be_entered_and_the_future_not(tmp_path):
    context = a_context(tmp_path)
    with command(context) as unit:
        unit.record("old", stream=STREAM, expected=0, home_county=HOME, day=date(2014, 1, 1), data={})
    with pytest.raises(Invalid), command(context) as unit:
        unit.record("early", stream=STREAM, expected=1, home_county=HOME, day=date(2015, 3, 3), data={})


def test_a_fact_that_was_told_may_be_ahead_of_the_own_midnight(tmp_path):
    """The publisher's clock is a second ahead: it is tomorrow there. The event must not be refused here, and parked for good."""
    context = a_context(tmp_path)
    told = Event(
        id="e", source="registry", type="t", stream="s/1", version=1, schema_version=1, home_county=HOME, time="",
        correlation_id="c", day=date(2015, 3, 3), data={}, subject=None, sealed={},
    )  # fmt: skip
    with command(context) as unit:
        unit.record("heard", stream=STREAM, expected=None, home_county=HOME, day=told.day, data={}, cause=told)
    with pytest.raises(Invalid), command(context) as unit:
        unit.record("own", stream=STREAM, expected=None, home_county=HOME, day=date(2015, 3, 4), data={}, cause=told)


@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE journal SET actor = 'x'",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE version = 1",
    ],
)
def test_the_journal_refuses_to_be_changed(tmp_path, verb):
    context = a_context(tmp_path)
    from pathlib import Path

    from kernel.store.database import Database
    from kernel.store.migrate import upgrade

    database = Database(f"sqlite:///{tmp_path}/migrated.sqlite3", "x")
    empty = tmp_path / "none"
    empty.mkdir()
    upgrade(database, Path(empty))
    fresh = context.__class__("x", database, context.keys, context.clock, context.policies)
    three_entries(fresh)
    with pytest.raises(Exception, match="append-only"), database.write() as connection:
        connection.exec_driver_sql(verb)


def test_a_document_made_to_hurt_is_found_faulty_and_nothing_more(tmp_path):
    context = a_context(tmp_path)
    three_entries(context)
    document = exported(context)
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    document["entries"][1]["payload"] = deep
    assert not dossier.verify(document).sound
