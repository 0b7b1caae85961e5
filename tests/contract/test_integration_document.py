"""The example for departments in docs/integration.md does what the page says."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from standardwebhooks.webhooks import WebhookVerificationError

from kernel.policy import shipped_book
from services.vetting import signing
from services.vetting.schemas.bodies import DepartmentAnswer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "integration.md").read_text()
PUSH, CALLBACK = (signing.PREFIX + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
QUESTION = json.dumps({"request_id": "r-1", "name": "王小明", "purpose": "有无", "deadline": "2016-07-11"}).encode()


@pytest.fixture
def example() -> dict[str, Any]:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], "docs/integration.md", "exec"), names)
    return names


@pytest.mark.catalogue("V4")
def test_the_example_reads_what_the_suite_has_signed(example: dict[str, Any]) -> None:
    headers = signing.headers([PUSH], "d-1", QUESTION, datetime.now(UTC))
    assert example["question"](headers, QUESTION, PUSH)["request_id"] == "r-1"


@pytest.mark.catalogue("V4")
def test_the_example_refuses_what_was_changed_or_is_old(example: dict[str, Any]) -> None:
    headers = signing.headers([PUSH], "d-1", QUESTION, datetime.now(UTC))
    with pytest.raises(WebhookVerificationError):
        example["question"](headers, QUESTION + b" ", PUSH)
    old = signing.headers([PUSH], "d-1", QUESTION, datetime.now(UTC) - timedelta(minutes=10))
    with pytest.raises(WebhookVerificationError):
        example["question"](old, QUESTION, PUSH)


@pytest.mark.catalogue("V4")
def test_the_suite_takes_what_the_example_sends(example: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    def post(url: str, **options: Any) -> SimpleNamespace:
        sent.append({"url": url, **options})
        return SimpleNamespace(status_code=200)

    monkeypatch.setattr(requests, "post", post)
    address = "https://xinhuo.example/callbacks/police"
    status = example["send"](address, CALLBACK, "msg-1", {"request_id": "r-1", "answer": "clear"})
    assert (status, sent[0]["url"], sent[0]["allow_redirects"]) == (200, address, False)
    assert signing.verify([CALLBACK], sent[0]["headers"], sent[0]["data"], datetime.now(UTC)) == "msg-1"
    assert DepartmentAnswer().load(json.loads(sent[0]["data"])) == {"request_id": "r-1", "answer": "clear"}


def test_the_page_names_every_field_answer_and_category() -> None:
    policy = shipped_book().at("jinhua", datetime(2016, 7, 4, tzinfo=UTC).date())
    names = {*DepartmentAnswer().fields, *policy.value("vetting.answers"), *policy.labels("concern_category")}
    names |= set(policy.value("vetting.request.fields"))
    assert {name for name in names if name not in PAGE} == set()
