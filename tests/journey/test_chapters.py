"""Each chapter of the demo, beside the main story. In a file of its own: another worker plays it meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suite.demo.chapters import BY_NAME
from tests.journey.playing import played


@pytest.mark.parametrize("chapter", BY_NAME)
def test_a_chapter_shows_what_it_should(profile: str, tmp_path: Path, chapter: str) -> None:
    if profile != "embedded":
        pytest.skip("the demo is embedded")
    with played(tmp_path / "run", "--chapters", chapter) as process:
        assert process.join(patience=600) == 0, process.tail()
    report = json.loads((tmp_path / "run" / f"demo-{chapter}.json").read_text())
    assert report["ok"]
    assert all(rules["blocking"] == rules["refused"] for rules in report["rules"].values())
    assert any(rules["blocking"] for rules in report["rules"].values())
    assert report["dossiers"]["unsound"] == []
