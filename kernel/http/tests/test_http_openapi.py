"""The document of a service says what the service does."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from kernel.http.endpoint import Endpoint, Header
from kernel.http.tests.conftest import a_token

#: Operations of the demo service that fail on purpose.
MEANT_TO_FAIL = {"forgetful", "forgets", "chatty"}


@pytest.fixture(scope="module")
def document(demo: Any) -> dict[str, Any]:
    made: dict[str, Any] = demo.call("GET", "/openapi.json", headers={"Authorization": None}).json()
    return made


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_endpoint_stands_in_it_with_its_door(document: dict[str, Any]) -> None:
    doors = {
        f"{method.upper()} {path}": operation["security"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert doors == {
        "POST /notes": [{"account": []}],
        "GET /notes": [{"account": []}],
        "GET /notes/{id}": [{"account": []}],
        "GET /notes/{id}/file": [{"account": []}],
        "POST /forgetful": [{"account": []}],
        "GET /forgetful": [{"account": []}],
        "GET /chatty": [{"account": []}],
        "POST /replies/{department}": [{"department": []}],
        "POST /callbacks": [],
        "POST /imports/notes": [{"account": []}],
        "POST /collisions": [{"account": []}],
    }


def test_an_answer_of_bytes_stands_in_it_by_its_media_type(document: dict[str, Any]) -> None:
    responses = document["paths"]["/notes/{id}/file"]["get"]["responses"]
    assert responses["200"]["content"] == {"application/zip": {}}
    assert {"401", "403", "404"} <= responses.keys()


def test_commands_ask_for_a_key_and_lists_for_pages(document: dict[str, Any]) -> None:
    def names(method: str, path: str) -> set[str]:
        return {parameter["name"] for parameter in document["paths"][path][method]["parameters"]}

    assert names("post", "/notes") == {"Idempotency-Key"}
    assert names("get", "/notes") == {"text", "limit", "cursor"}
    assert names("post", "/imports/notes") == {"Idempotency-Key", "dry_run"}
    assert names("post", "/replies/{department}") == {"department", "Idempotency-Key"}
    assert names("post", "/callbacks") == {"webhook-id"}


def test_a_raw_door_names_the_headers_that_it_reads(document: dict[str, Any]) -> None:
    (header,) = document["paths"]["/callbacks"]["post"]["parameters"]
    assert header == {
        "in": "header",
        "name": "webhook-id",
        "required": True,
        "description": "The sender's number",
        "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
    }
    with pytest.raises(TypeError, match="only a raw endpoint"):
        Endpoint(kind="query", method="GET", path="/x", summary="x", public=True, headers=(Header("a", "b", "c"),))


def test_unknown_fields_are_forbidden_and_patterns_are_those_of_json_schema(document: dict[str, Any]) -> None:
    taken = document["components"]["schemas"]["Taken"]
    assert taken["additionalProperties"] is False
    assert taken["properties"]["path"]["pattern"] == "^(?:/([0-9]{4,20}/)+$)"


def test_problems_stand_at_every_operation(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["responses"]["400"] == {"$ref": "#/components/responses/Problem400"}
    assert "application/problem+json" in document["components"]["responses"]["Problem422"]["content"]


def test_whatever_is_sent_the_service_does_not_break(demo: Any, document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] in MEANT_TO_FAIL:
            continue
        tried.add(operation.label)
        for case in _cases(operation):
            response = case.call(base_url=demo.address, headers={"Authorization": f"Bearer {a_token()}"})
            case.validate_response(response, checks=[not_a_server_error])
    assert len(tried) == 8


def _cases(operation: Any) -> list[Any]:
    """Twenty cases of each kind, the same in every run."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    found: list[Any] = []
    for mode in schemathesis.GenerationMode:

        @seed(1)
        @settings(max_examples=20, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def collect(case: Any) -> None:
            found.append(case)

        try:
            collect()
        except Exception as error:
            # Nothing can be sent wrongly to an operation without parameters and body.
            if "Unsatisfiable" not in type(error).__name__:
                raise
    return found
