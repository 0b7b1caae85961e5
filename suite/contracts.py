"""Writes the committed JSON Schema and example of each event, and refuses to change a published one incompatibly.

A file is `contracts/published/<service>.<type>.v<version>.json`: `schema` (JSON Schema of the data), `personal` (fields that
travel apart) and `example`. Adding an optional field is allowed; anything else takes a new version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from kernel.bus.event import EventType
from suite.services import INSTALLED

PUBLISHED = Path(__file__).resolve().parent.parent / "contracts" / "published"


def document(event: EventType) -> dict[str, Any]:
    """What is committed for an event."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec("contracts", "1", "3.1.0", plugins=[plugin])
    spec.components.schema("Data", schema=event.schema)
    schemas = json.loads(json.dumps(spec.to_dict()["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/"))
    root = schemas.pop("Data")
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": event.type, **root}
    root["additionalProperties"] = False
    if schemas:
        root["$defs"] = schemas
    return {
        "source": event.source,
        "type": event.type,
        "version": event.version,
        "annotation": event.annotation,
        "schema": root,
        "personal": sorted(event.personal),
        "example": json.loads(json.dumps(event.example, default=str)),
    }


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__


def path_of(event: EventType, directory: Path = PUBLISHED) -> Path:
    return directory / f"{event.source}.{event.type}.v{event.version}.json"


def incompatibilities(old: Mapping[str, Any], new: Mapping[str, Any], where: str = "") -> list[str]:
    """Why a listener of the published form would not understand the new one; empty where it would."""
    problems: list[str] = []
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name not in after:
            problems.append(f"{where}{name}: removed")
        else:
            problems += _changed(before[name], after[name], f"{where}{name}")
    gone = set(old.get("required", [])) - set(new.get("required", []))
    problems += [f"{where}{name}: was always there, is now optional" for name in sorted(gone & set(after))]
    added = set(after) - set(before)
    problems += [f"{where}{name}: added as required" for name in sorted(added & set(new.get("required", [])))]
    for name, definition in old.get("$defs", {}).items():
        problems += incompatibilities(definition, new.get("$defs", {}).get(name, {}), f"{where}{name}.")
    return problems


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], where: str) -> list[str]:
    watched = ("type", "format", "$ref", "enum", "items", "anyOf")
    return [f"{where}: {key} was {before.get(key)}, is {after.get(key)}" for key in watched if before.get(key) != after.get(key)]


def write(directory: Path = PUBLISHED, *, dry_run: bool = False) -> tuple[list[str], list[str]]:
    """Writes what is new or compatible. Returns (files that change, refusals); writes nothing where anything is refused."""
    changes: dict[Path, str] = {}
    refusals: list[str] = []
    for event in (event for service in INSTALLED for event in service.contracts):
        new, path = document(event), path_of(event, directory)
        text = json.dumps(new, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        if path.exists() and path.read_text() != text:
            old = json.loads(path.read_text())
            problems = incompatibilities(old["schema"], new["schema"])
            if set(old["personal"]) - set(new["personal"]):
                problems.append("a personal field was removed")
            refusals += [f"{path.name}: {problem}; publish v{event.version + 1} beside it" for problem in problems]
        if not path.exists() or path.read_text() != text:
            changes[path] = text
    if not refusals and not dry_run:
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in changes.items():
            path.write_text(text)
    return sorted(path.name for path in changes), refusals


@click.command("contracts")
@click.option("--check", is_flag=True, help="只检查，不写文件；有差异时退出码为 1")
def contracts(check: bool) -> None:
    """写出各事件的 JSON Schema 与示例；不兼容的改动须另立新版本。"""
    changes, refusals = write(dry_run=check)
    for name in changes:
        click.echo(f"{'有差异' if check or refusals else '已写出'} {name}")
    for refusal in refusals:
        click.echo(f"拒绝覆盖 {refusal}", err=True)
    if not changes:
        click.echo("各事件的约定与代码一致")
    if refusals or (check and changes):
        raise SystemExit(1)
