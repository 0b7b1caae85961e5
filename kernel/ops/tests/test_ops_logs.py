"""Logs carry what is needed to find a fault, and no person."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from kernel.ops.logs import blot

SCRIPT = """
import logging, structlog
from kernel.ops import logs
logs.configure("demo", format="FORMAT")
logs.bind(correlation_id="journey-1")
structlog.get_logger("here").info("said", stream="note/1", id_number="x", detail="number 330702199003071234 is wrong")
try:
    raise ValueError("330702199003071234")
except ValueError:
    logging.getLogger("library").exception("failed with %s", "330702199003071234")
logging.getLogger("nameko.containers").info("chatter")
"""


def printed(format: str) -> str:
    result = subprocess.run([sys.executable, "-c", SCRIPT.replace("FORMAT", format)], capture_output=True, text=True, check=True)
    assert result.stdout == ""
    return result.stderr


def test_a_line_is_json_with_service_and_correlation_id() -> None:
    first, second = [json.loads(line) for line in printed("json").splitlines()]
    assert first["event"] == "said"
    assert (first["service"], first["correlation_id"], first["level"], first["logger"]) == ("demo", "journey-1", "info", "here")
    assert first["at"].endswith("Z")
    assert (second["correlation_id"], second["level"]) == ("journey-1", "error")
    assert "ValueError" in second["exception"]


@pytest.mark.parametrize("format", ["json", "text"])
def test_no_identification_number_gets_through(format: str) -> None:
    text = printed(format)
    assert "said" in text
    assert "330702199003071234" not in text
    assert "chatter" not in text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ({"name": "张三"}, {"name": "***"}),
        ({"name": None}, {"name": None}),
        ({"inner": {"phone": "1", "stream": "a"}}, {"inner": {"phone": "***", "stream": "a"}}),
        ({"list": ["11010119900307123X"]}, {"list": ["***"]}),
        ({"hash": "a" + "1" * 18}, {"hash": "a" + "1" * 18}),
        ({"count": 5}, {"count": 5}),
    ],
)
def test_what_is_blotted_out(line: dict[str, Any], shown: dict[str, Any]) -> None:
    assert blot(None, "info", line) == shown
