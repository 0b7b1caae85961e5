"""Writes the page of all state tables: in which state who may do what, under which rules, and where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import click

from kernel.policy import shipped_book
from kernel.states import DEPARTMENT, Row, StateTable
from services.registry.domain.posts import ROLE_NAMES
from suite.services import INSTALLED, Installed

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"

_ROLES = {**{str(role): name for name, role in ROLE_NAMES.items()}, DEPARTMENT: "部门的系统"}
_HEAD = """# States

What may be done in which state, by whom, under which rules, and where it leads: the tables in `services/*/domain/states.py`, from
which the guards, the doors and the tests read. Written by `make states`. A row without roles (—) follows from the calendar, or from
what another service tells. A rule that the packs of a city do not know on a day does not bind there; [the rules](#rules) stand at
the end.
"""


def tables_of(service: Installed) -> list[StateTable]:
    return [value for value in vars(service.states).values() if isinstance(value, StateTable)]


def page() -> str:
    parts = [_HEAD]
    for service in INSTALLED:
        parts.append(f"## {service.name}\n")
        parts += [_section(table) for table in tables_of(service)]
    return "\n".join([*parts, _rules()])


def _section(table: StateTable) -> str:
    lines = [f"### {table.title}\n", "| 状态 | 办理 | 由谁 | 之后 | 规则 |", "|---|---|---|---|---|"]
    lines += ["| " + " | ".join(_cells(table, rows)) + " |" for rows in _together(table)]
    return "\n".join(lines) + "\n"


def _together(table: StateTable) -> Iterator[list[Row]]:
    """Rows that say the same of several states."""

    def same(row: Row) -> tuple[object, ...]:
        return row.action, row.roles, row.rules, row.at, "" if row.next == row.state else row.next, row.others

    for _, rows in groupby(table, same):
        yield list(rows)


def _cells(table: StateTable, rows: list[Row]) -> tuple[str, ...]:
    row = rows[0]
    names = {"": "（尚无）", **table.names}
    ends = ["不变" if row.next == row.state else names[row.next], *(names[state] for state in row.others)]
    rules = " ".join(f"`{rule}`" for rule in row.rules)
    return (
        "各状态" if len(rows) == len(table.names) > 1 else "、".join(names[each.state] for each in rows),
        f"`{row.action}`",
        "、".join(_ROLES[role] for role in row.roles) + (f"（`{row.at}`）" if row.at else "") or "—",
        "或".join(ends),
        rules,
    )


def _rules() -> str:
    """The text of each rule that a row names, with the articles that it stands in."""
    used = {rule for service in INSTALLED for table in tables_of(service) for row in table for rule in row.rules}
    texts: dict[str, str] = {}
    sources: dict[str, dict[str, None]] = {}
    for entry in (entry for pack in shipped_book().packs for entry in pack.rules):
        texts.setdefault(entry.id, entry.text)
        sources.setdefault(entry.id, {})[entry.source] = None
    lines = [f"| `{rule}` | {texts[rule]} | {_listed(sources[rule])} |" for rule in sorted(used & texts.keys())]
    return "\n".join(["## Rules\n", "| 规则 | 内容 | 出处 |", "|---|---|---|", *lines]) + "\n"


def _listed(names: Iterable[str]) -> str:
    return "；".join(names)


@click.command("states")
@click.option("--output", type=click.Path(path_type=Path), default=PAGE, show_default=True)
def states(output: Path) -> None:
    """写出各服务的状态表。"""
    output.write_text(page())
    click.echo(f"已写出 {output.name}")
