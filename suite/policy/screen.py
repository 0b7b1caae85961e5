"""Decisions and packs as people read them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from kernel.policy import Decision, Parameter, Policy
from kernel.policy.book import DEPARTMENT_CODES
from suite.policy.answer import plain
from suite.policy.rules import RULES

_WIDE = 200
_DIRECTIONS = {
    "min": "下限",
    "max": "上限",
    "superset": "至少含",
    "true": "必须",
    "all_of": "同时满足",
    "fixed": "不得更改",
}
_MODES = {"block": "禁止", "warn": "可写明理由偏离", "notice": "提醒"}


class Traced:
    """A policy that remembers which parameters a decision looked at, so that the articles can be shown."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.used: dict[str, Parameter] = {}

    @property
    def policy(self) -> Policy:
        return cast(Policy, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    def __getitem__(self, name: str) -> Parameter:
        return self.used.setdefault(name, self._policy[name])

    def value(self, name: str) -> Any:
        return self[name].value

    def asks(self, name: str) -> bool:
        return self._policy.has(name) and self[name].value is True


def print_decision(rule: str, decision: Decision, policy: Policy, used: Mapping[str, Parameter]) -> None:
    console = _console()
    console.print(f"[bold]{RULES[rule].title}[/]（{rule}）", highlight=False)
    console.print(_heading(policy), highlight=False)
    if not RULES[rule].computes:
        console.print("结论：[green]允许[/]" if decision.allowed else "结论：[red]不允许[/]")
    if decision.provisional:
        console.print("[yellow]暂定：所涉年份的放假安排尚未公布，按周一至周五推算[/]")
    if decision.values:
        console.print(_table("结果", ("项目", "值"), list(_results(decision, policy))))
    for reason in decision.reasons:
        console.print(f"[red]✗[/] {reason.message}", highlight=False)
        console.print(f"    规则：{reason.rule}；依据：{policy.cite(reason.source)}", highlight=False)
        console.print(f"    如何通过：{reason.remedy}", highlight=False)
        if reason.waivable:
            console.print("    可写明理由后偏离，理由记入档案")
    if used:
        rows = [(n, _value(p, policy), p.source, _mark(p)) for n, p in sorted(used.items())]
        console.print(_table("适用的规定", ("参数", "值", "依据", ""), rows))
        for source in dict.fromkeys(part for p in used.values() for part in p.source.split("；")):
            console.print(f"{source}：{policy.cite(source)}", highlight=False)


def print_policy(policy: Policy) -> None:
    console = _console()
    console.print(_heading(policy), highlight=False)
    parameters = [policy[name] for name in policy.names()]
    rows = [
        (p.name, _value(p, policy), _DIRECTIONS[p.direction], _MODES[p.mode], p.source, p.pack, _others(p), _mark(p))
        for p in parameters
    ]
    console.print(_table("参数", ("参数", "值", "方向", "方式", "出处", "规定包", "其他规定包", ""), rows))
    rules = [
        (r.id, "、".join(policy.label("stretch", s) for s in r.stages), _MODES[r.mode], r.source, r.text, _unconfirmed(r))
        for r in policy.rules()
    ]
    console.print(_table("规则", ("规则", "环节", "方式", "出处", "内容", ""), rules))
    departments = [(d.code, d.name, "征求" if d.asked else "不再征求", _unconfirmed(d)) for d in policy.departments()]
    console.print(_table("部门", ("代码", "名称", "", ""), departments))
    stated = [p.source for p in parameters] + [r.source for r in policy.rules()]
    for document in sorted({part.partition(" ")[0] for source in stated for part in source.split("；")}):
        console.print(f"{document}：{policy.cite(document)}", highlight=False)


def policy_as_data(policy: Policy) -> dict[str, Any]:
    """The same for programs."""
    return {
        "city": policy.city,
        "county": policy.county,
        "on": policy.on.isoformat(),
        "packs": list(policy.packs),
        "parameters": {name: _parameter_as_data(policy[name]) for name in policy.names()},
        "rules": {
            r.id: {"source": r.source, "mode": r.mode, "stages": list(r.stages), "text": r.text, "remedy": r.remedy}
            for r in policy.rules()
        },
        "departments": {d.code: {"name": d.name, "asked": d.asked} for d in policy.departments()},
    }


def _parameter_as_data(p: Parameter) -> dict[str, Any]:
    return {
        "value": plain(p.value),
        "unit": p.unit,
        "source": p.source,
        "pack": p.pack,
        "direction": p.direction,
        "mode": p.mode,
        "unconfirmed": p.unconfirmed,
        "note": p.note,
        "contributions": [
            {"pack": c.pack, "value": plain(c.value), "source": c.source, "prevails": c.prevails} for c in p.contributions
        ],
    }


def _heading(policy: Policy) -> str:
    place = f"{policy.label('city', policy.city)}{' ' + policy.county if policy.county else ''}"
    return f"{place} {policy.on}，规定包：{'、'.join(policy.packs)}"


def _results(decision: Decision, policy: Policy) -> Iterator[tuple[str, str]]:
    """What was computed, with the Chinese names that the packs have for items and codes; the machine's words in brackets."""
    codes = {**policy.labels("organisation"), **policy.labels("warning_level"), **{d.code: d.name for d in policy.departments()}}
    names = policy.labels("result")
    for item, value in decision.values.items():
        several = value if isinstance(value, list | tuple) else [value]
        yield _named(item, names), "、".join(_named(v, codes) if isinstance(v, str) else _shown(v) for v in several)


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]}（{code}）" if code in names else code


def _value(p: Parameter, policy: Policy) -> str:
    """With its unit, where the packs have a Chinese name for it; a period has a unit in each of its parts."""
    if p.unit == "period":
        return "且".join(f"{_shown(n)} {policy.label('unit', unit)}" for unit, n in p.value.items())
    if p.unit == DEPARTMENT_CODES:
        return "、".join(code if policy.department(code).asked else f"{code}（不再征求）" for code in p.value)
    return f"{_shown(p.value)} {policy.labels('unit').get(p.unit, '')}".strip()


def _others(p: Parameter) -> str:
    """What packs say that do not prevail."""
    return "；".join(f"{c.pack}：{_shown(c.value)}（{c.source}）" for c in p.contributions if not c.prevails)


def _mark(p: Parameter) -> str:
    return "未证实" if p.unconfirmed else ""


def _unconfirmed(thing: Any) -> str:
    return "未证实" if thing.unconfirmed else ""


def _shown(value: Any) -> str:
    if value is None:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "、".join(f"{key} {_shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "、".join(_shown(item) for item in value)
    return str(plain(value))


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _console() -> Console:
    """In a pipe there is no width to fit into."""
    return Console(width=None if sys.stdout.isatty() else _WIDE)
