"""Whatever is sent to a door, the answer is one that the service's OpenAPI document names, and never a 500.

Requests are made from the documents themselves, the same in every run. The suite runs as a process of its own, with a few organisations
in it, so that requests get past "not found" as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kernel.actor import Actor, Post
from kernel.clock import Clock
from kernel.http.auth import Tokens
from kernel.ids import new_id
from kernel.ops.settings import Settings
from services.registry.domain.posts import Role
from suite.services import INSTALLED
from tests.faults.nursery import xinhuo
from tests.faults.processes import free_base

#: Requests per operation: with some seventy operations, about a minute in all.
EXAMPLES = 30
CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DIVISIONS = """code,name,level,parent
330702,婺城区,county,3307
330702001,城东街道,township,330702
330702001001,将军路社区,village,330702001
330702001002,旌孝街社区,village,330702001
"""


@dataclass
class Running:
    addresses: dict[str, str]
    token: str
    session: requests.Session = field(default_factory=requests.Session)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory: Path = tmp_path_factory.mktemp("suite")
    base = free_base()
    settings = {"data_dir": directory / "data", "base_port": base, "log_level": "error"}
    addresses = {service.name: f"http://127.0.0.1:{service.port(base)}" for service in INSTALLED}
    with xinhuo("up", "--no-department", log=directory / "up.log", **settings) as process:
        for address in addresses.values():
            process.wait_ready(f"{address}/readyz")
        running = Running(addresses, _token())
        _fill(running)
        with running.session:
            yield running


def _token() -> str:
    """Every role over a whole city: what a request is refused for should not be the first thing that comes."""
    posts = tuple(Post(f"post-{role.value}", role.value, "3307", "/3307/", Clock().today()) for role in Role)
    return Tokens(Settings().token_secret, Clock()).mint(Actor("fuzz", posts), timedelta(hours=2))


def _fill(running: Running) -> None:
    headers = {
        "Authorization": f"Bearer {running.token}",
        "Idempotency-Key": new_id(),
        "Content-Type": "text/csv",
    }
    url = running.addresses["registry"] + "/imports/divisions"
    answer = requests.post(url, data=DIVISIONS.encode(), headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text


#: Identifiers that exist, for path parameters of that name: every other request is about something that is there.
KNOWN = {"code": "330702001001"}


@pytest.mark.catalogue("X6")
@pytest.mark.parametrize("service", [service.name for service in INSTALLED])
def test_no_request_breaks_a_service(suite: Running, service: str) -> None:
    schema = schemathesis.openapi.from_url(f"{suite.addresses[service]}/openapi.json")
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        _try_operation(operation, suite, EXAMPLES)
        tried += 1
    assert tried


def _try_operation(operation: Any, suite: Running, examples: int) -> None:
    @hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), known=hypothesis.strategies.booleans())
    def send(case: Any, known: bool) -> None:
        if known:
            present = {name: value for name, value in KNOWN.items() if name in (case.path_parameters or {})}
            case.path_parameters = {**(case.path_parameters or {}), **present}
        headers = {"Authorization": f"Bearer {suite.token}"}
        if operation.method.upper() not in ("GET", "HEAD"):
            headers["Idempotency-Key"] = new_id()
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=60, session=suite.session)

    send()


@pytest.mark.catalogue("X5")
@pytest.mark.parametrize("service", [service.name for service in INSTALLED])
def test_no_door_opens_without_a_token(suite: Running, service: str) -> None:
    document = requests.get(f"{suite.addresses[service]}/openapi.json", timeout=60).json()
    closed = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation.get("security") == []:
                continue  # signed callbacks authenticate by themselves; health and metrics tell nothing personal
            url = suite.addresses[service] + path.replace("{", "").replace("}", "")
            answer = requests.request(method, url, json={}, timeout=60)
            assert answer.status_code == 401, (method, path, answer.status_code)
            closed += 1
    assert closed
