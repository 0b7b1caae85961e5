"""`xinhuo policy`: decide a rule, show what is in force, check an overlay."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from kernel.errors import Invalid
from kernel.policy import PackError, PolicyBook
from suite.policy import answer, screen

_PACK = click.option("--pack", "packs", multiple=True, type=click.Path(path_type=Path), help="另加的规定包文件，可多次给出")


def read_day(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.date | None:
    try:
        return None if value is None else answer.read_day(value)
    except Invalid as error:
        raise click.BadParameter(error.message, ctx, param) from error


@click.group()
def policy() -> None:
    """规则：判断、查看、检查。"""


@policy.command()
@click.argument("rule", required=False)
@click.option("--city", help="城市：jinhua 或 nanning")
@click.option("--on", callback=read_day, metavar="YYYY-MM-DD", help="适用哪一天的规定")
@click.option("--county", help="县（市、区）的六位代码")
@click.option("--facts", help="JSON 对象")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@click.option("--batch", is_flag=True, help="从标准输入逐行读 JSON，逐行写出答复")
@_PACK
def decide(
    rule: str | None,
    city: str | None,
    on: dt.date | None,
    county: str | None,
    facts: str | None,
    as_json: bool,
    batch: bool,
    packs: tuple[Path, ...],
) -> None:
    """判断一条规则。

    批量：每行一个 {"id", "rule", "city", "on", "facts"}；有一行不能答复，退出码即为 1。
    """
    book = load(packs)
    if batch:
        sys.exit(run_batch(book))
    missing = [name for name, given in (("RULE", rule), ("--city", city), ("--on", on), ("--facts", facts)) if given is None]
    if missing:
        raise click.UsageError(f"缺少 {'、'.join(missing)}（或用 --batch）")
    assert on is not None and facts is not None
    case: dict[str, Any] = {"rule": rule, "city": city, "on": on.isoformat(), "county": county}
    try:
        case["facts"] = answer.read_case(facts.encode("utf-8", "surrogateescape"))
        name, in_force = answer.ask(case, book)
        traced = screen.Traced(in_force)
        decision = answer.judge_case(name, case["facts"], traced.policy)
    except Invalid as error:
        fail(error)
    if as_json:
        click.echo(json.dumps({"rule": name, **answer.rendered(decision)}, ensure_ascii=False))
    else:
        screen.print_decision(name, decision, in_force, traced.used)


def run_batch(book: PolicyBook) -> int:
    """Answers as it reads, so that a pipe can go on for ever. Returns the exit status."""
    status = 0
    for answered, is_answer in answer.answers(sys.stdin.buffer, book):
        sys.stdout.buffer.write(answer.encode(answered))
        sys.stdout.buffer.flush()
        status = status if is_answer else 1
    return status


@policy.command()
@click.option("--city", required=True, help="城市：jinhua 或 nanning")
@click.option("--on", callback=read_day, metavar="YYYY-MM-DD", required=True, help="适用哪一天的规定")
@click.option("--county", help="县（市、区）的六位代码")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@_PACK
def show(city: str, on: dt.date, county: str | None, as_json: bool, packs: tuple[Path, ...]) -> None:
    """列出某地某日有效的参数、规则和部门，以及各自的出处。"""
    try:
        in_force = load(packs).at(city, on, county)
    except Invalid as error:
        fail(error)
    if as_json:
        click.echo(json.dumps(screen.policy_as_data(in_force), ensure_ascii=False, indent=1))
    else:
        screen.print_policy(in_force)


@policy.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_PACK
def lint(file: Path, packs: tuple[Path, ...]) -> None:
    """检查一个规定包：写法是否正确，是否只严不宽。"""
    before = load(packs)
    try:
        after = PolicyBook.load([*packs, file])
    except PackError as error:
        fail(error)
    (added,) = {p.name for p in after.packs} - {p.name for p in before.packs}
    pack = next(p for p in after.packs if p.name == added)
    known = {entry.name for p in before.packs for entry in p.parameters}
    for name in sorted({entry.name for entry in pack.parameters} - known):
        click.echo(f"{name}：注意，其他规定包都没有这一参数；如非本地另加的要求，请核对名称", err=True)
    click.echo(f"{added}：没有问题（参数 {len(pack.parameters)} 项，规则 {len(pack.rules)} 条）")


def load(packs: tuple[Path, ...]) -> PolicyBook:
    try:
        return PolicyBook.load(packs)
    except PackError as error:
        fail(error)


def fail(error: Invalid) -> NoReturn:
    for field, messages in error.fields.items():
        for message in messages:
            click.echo(f"{field}：{message}", err=True)
    sys.exit(1)
