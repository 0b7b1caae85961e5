"""What is said between services is committed, and changes only in ways that listeners survive."""

from __future__ import annotations

import json

import jsonschema
import pytest

from suite import contracts
from suite.services import INSTALLED, subscriptions

EVENTS = [event for service in INSTALLED for event in service.contracts]
NAMES = [f"{event.source}.{event.type}.v{event.version}" for event in EVENTS]


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_the_committed_contract_is_what_the_code_says(event):
    assert json.loads(contracts.path_of(event).read_text()) == contracts.document(event)


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_the_example_fits_schema_and_code(event):
    published = json.loads(contracts.path_of(event).read_text())
    jsonschema.validate(published["example"], published["schema"])
    event.check(event.example)


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_personal_fields_are_not_in_the_data(event):
    assert not set(event.personal) & set(contracts.document(event)["schema"]["properties"])


def test_every_committed_contract_is_still_published():
    assert {path.name for path in contracts.PUBLISHED.glob("*.json")} >= {contracts.path_of(event).name for event in EVENTS}


@pytest.mark.catalogue("X1")
def test_nobody_hears_what_nobody_says():
    said = {event.key for event in EVENTS}
    heard = {(source, type) for sources in subscriptions().values() for source, types in sources.items() for type in types}
    assert heard <= said


OLD = {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("new", "fits"),
    [
        ({"properties": {**OLD["properties"], "c": {"type": "string"}}, "required": ["a"]}, True),
        ({"properties": OLD["properties"], "required": ["a", "b"]}, True),
        ({"properties": {"a": {"type": "string"}}, "required": ["a"]}, False),
        ({"properties": {**OLD["properties"], "a": {"type": "integer"}}, "required": ["a"]}, False),
        ({"properties": OLD["properties"], "required": []}, False),
        ({"properties": {**OLD["properties"], "c": {"type": "string"}}, "required": ["a", "c"]}, False),
    ],
)
def test_only_compatible_changes_overwrite(new, fits):
    assert (contracts.incompatibilities(OLD, new) == []) is fits


def test_a_published_contract_is_not_overwritten_incompatibly(tmp_path):
    contracts.write(tmp_path)
    path = contracts.path_of(EVENTS[0], tmp_path)
    published = json.loads(path.read_text())
    published["schema"]["properties"]["once_there"] = {"type": "string"}
    path.write_text(json.dumps(published))
    changes, refusals = contracts.write(tmp_path)
    assert changes and "once_there" in refusals[0]
    assert "once_there" in path.read_text()
