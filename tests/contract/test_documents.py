"""What the documents point at is there: files, headings, commands, targets, settings, metrics."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click
import pytest
from prometheus_client.metrics import MetricWrapperBase

from kernel.ops import metrics
from kernel.ops.settings import PREFIX, Settings
from services.vetting.connections import VARIABLE
from suite.cli import COMMANDS, GREEN
from suite.services import INSTALLED

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "services").glob("*/README.md"),
        *(ROOT / "suite").rglob("*.md"),
        *(ROOT / "tests").rglob("*.md"),
    ]
)
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()

each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def code_of(text: str) -> str:
    """What stands in code: between backquotes, and in indented lines."""
    return "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^    (.*)$", text, re.MULTILINE)])


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, part = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), target
        if part:
            assert part in map(anchor, re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)), target


@each_page
def test_commands_are_there(page: Path) -> None:
    for name, second in re.findall(r"(?:^|[\s/`])xinhuo ([a-z]+)(?: ([a-z]+))?", code_of(page.read_text())):
        assert name in COMMANDS, name
        if name in GREEN:
            continue  # its module patches the process when it is loaded
        module, _, attribute = COMMANDS[name][0].partition(":")
        group = getattr(import_module(module), attribute)
        if second and isinstance(group, click.Group):
            assert second in group.commands, f"{name} {second}"


@each_page
def test_targets_of_make_are_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in re.findall(r"^(?:.*[;&] )?make((?: [a-z]+)+)", code_of(page.read_text()), re.MULTILINE):
        assert set(words.split()) <= targets, words


@each_page
def test_settings_that_are_named_are_there(page: Path) -> None:
    sources = [*(ROOT / "kernel").rglob("*.py"), *(ROOT / "tests").glob("*.py"), *(ROOT / "tests" / "faults").glob("*.py")]
    known = {PREFIX + field.name.upper() for field in fields(Settings)} | {VARIABLE, f"{PREFIX}SETTINGS"}
    for name in set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", page.read_text())) - known:
        assert any(name in source.read_text() for source in sources), name


def test_the_operators_page_names_every_setting_and_every_metric() -> None:
    names = {PREFIX + field.name.upper() for field in fields(Settings)} | {VARIABLE, f"{PREFIX}SETTINGS"}
    modules = [metrics]
    for service in INSTALLED:
        if (ROOT / "services" / service.name / "metrics.py").exists():
            modules.append(import_module(f"services.{service.name}.metrics"))
    for module in modules:
        for metric in vars(module).values():
            if isinstance(metric, MetricWrapperBase):
                # A counter's name is told with the ending that it is exposed with.
                names.add(metric._name + ("_total" if metric._type == "counter" else ""))
    assert {name for name in names if f"`{name}`" not in OPERATIONS} == set()


def test_the_two_readmes_have_the_same_parts() -> None:
    shapes = []
    for page in READMES:
        text = page.read_text()
        shapes.append(
            (
                re.findall(r"^#+", text, re.MULTILINE),
                re.findall(r"^    .*$", text, re.MULTILINE),
                re.findall(r"^\d\.", text, re.MULTILINE),
                {target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not target.startswith("README")},
            )
        )
    assert shapes[0] == shapes[1]


def test_every_installed_service_has_a_page_of_its_own() -> None:
    assert [service.name for service in INSTALLED if not (ROOT / "services" / service.name / "README.md").exists()] == []
