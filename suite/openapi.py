"""Writes each service's OpenAPI document."""

from __future__ import annotations

import json
from pathlib import Path

import click

from suite.services import INSTALLED

DIRECTORY = Path(__file__).resolve().parent.parent / "docs" / "openapi"


@click.command("openapi")
@click.option("--output", type=click.Path(path_type=Path), default=DIRECTORY, show_default=True)
def openapi(output: Path) -> None:
    """写出各服务的 OpenAPI 3.1 文档。"""
    from kernel.http.openapi import document

    output.mkdir(parents=True, exist_ok=True)
    for service in INSTALLED:
        path = output / f"{service.name}.json"
        path.write_text(json.dumps(document(service.service_class), ensure_ascii=False, indent=2) + "\n")
        click.echo(f"已写出 {path.name}")
