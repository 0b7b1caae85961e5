"""Commands for operators: parked messages, dossiers, erasing a person, tokens."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from kernel.actor import Actor, Post
from kernel.bus import parking
from kernel.bus.consumer import Consumer
from kernel.context import Context
from kernel.errors import NotFound
from kernel.journal import archive, dossier, journal
from kernel.ops.settings import Settings
from suite.assembly import contexts, known
from suite.services import BY_NAME, INSTALLED


def load_settings() -> Settings:
    return Settings.load(os.environ)


def context_of(service: str) -> Context:
    return contexts(load_settings(), (known(service),))[service]


def consumer_of(service: str) -> Consumer:
    return Consumer(context_of(service), BY_NAME[service].reactions)


def operator() -> Actor:
    return Actor(f"operator:{os.environ.get('USER', 'unknown')}")


# -- parked messages


@click.group("parked")
def parked_group() -> None:
    """暂存的消息：查看、重放、丢弃。"""


@parked_group.command("list")
@click.option("--limit", default=100, show_default=True)
def parked_list(limit: int) -> None:
    """列出各服务暂存的消息，最早的在前。"""
    table = Table("服务", "来源", "流", "版本", "类型", "次数", "原因", "暂存于")
    total = 0
    for service in INSTALLED:
        with context_of(service.name).database.read() as connection:
            for row in parking.listed(connection, limit):
                total += 1
                cells = (service.name, row.source, row.stream, str(row.version), row.type, str(row.tries), _reason(row))
                table.add_row(*cells, row.parked_at.isoformat(timespec="seconds"))
    console = Console()
    console.print(table if total else "没有暂存的消息。")


def _reason(row: Any) -> str:
    """Why it is parked; behind what came late in a refill nothing newer waits."""
    return f"{row.reason}（回灌补来的，不挡其后的新消息）" if row.late else str(row.reason)


@parked_group.command("show")
@click.argument("service")
@click.argument("source")
@click.argument("stream")
def parked_show(service: str, source: str, stream: str) -> None:
    """显示一个流中暂存消息的头与正文（个人信息仍为密文）。"""
    with context_of(service).database.read() as connection:
        rows = parking.of_stream(connection, (source, stream))
    if not rows:
        raise NotFound(f"{service} 没有 {source} {stream} 的暂存消息")
    for row in rows:
        click.echo(f"v{row.version} {row.type}：{_reason(row)}")
        click.echo(json.dumps(json.loads(row.headers), ensure_ascii=False, indent=2))
        click.echo(row.body.decode(errors="backslashreplace"))


@parked_group.command("replay")
@click.argument("service")
@click.argument("source")
@click.argument("stream")
@click.option("--force", is_flag=True, help="顺序不对的也予以处理（由人决定）")
def parked_replay(service: str, source: str, stream: str, force: bool) -> None:
    """按顺序重放一个流的暂存消息，遇到仍不能处理的即停。"""
    done = consumer_of(service).replay(source, stream, force=force)
    click.echo(f"已处理 {done} 条")
    with context_of(service).database.read() as connection:
        rows = parking.of_stream(connection, (source, stream))
    if rows:
        click.echo(f"仍暂存 {len(rows)} 条：{rows[0].reason}")
        raise SystemExit(1)


@parked_group.command("drop")
@click.argument("service")
@click.argument("source")
@click.argument("stream")
@click.argument("version", type=int)
@click.option("--reason", required=True, help="丢弃的理由，记入该服务的日志")
def parked_drop(service: str, source: str, stream: str, version: int, reason: str) -> None:
    """丢弃一条暂存消息，并继续处理其后的消息。"""
    consumer_of(service).drop(source, stream, version, reason=reason, actor=operator())
    click.echo("已丢弃，理由已记录。")


# -- dossiers


@click.group("dossier")
def dossier_group() -> None:
    """档案：导出与核验。"""


@dossier_group.command("export")
@click.argument("service")
@click.argument("stream")
@click.option("--county", help="档案所属县的代码；不知道时会查找，较慢")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="写入文件；缺省为标准输出")
@click.option("--zip", "archive_file", type=click.Path(path_type=Path), help="写入压缩包：档案、清单、可读的全程记实")
@click.option("--reason", required=True, help="查阅的理由，记入访问日志")
def dossier_export(
    service: str, stream: str, county: str | None, output: Path | None, archive_file: Path | None, reason: str
) -> None:
    """导出一份档案（含个人信息，查阅留痕）。"""
    from kernel.unit import log_access
    from services.recruitment.queries.dossiers import TITLES

    if output and archive_file:
        raise click.UsageError("--output 与 --zip 只能给出一个")

    context = context_of(service)
    with context.database.read() as connection:
        home = county or journal.home_of(connection, stream)
        document = dossier.export(connection, context.keys, home or "", stream)
    if not document["entries"]:
        raise NotFound(f"{service} 没有档案 {stream}")
    with context.database.write() as connection:
        log_access(connection, context, operator(), None, f"dossier export: {reason}"[:80], stream, ["*"], "cli")
    if archive_file:
        archive_file.write_bytes(archive.pack(document, TITLES))
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if output:
        output.write_text(text + "\n")
    if output or archive_file:
        click.echo(f"已导出 {len(document['entries'])} 条记录到 {output or archive_file}")
    else:
        click.echo(text)


@dossier_group.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option("--head", help="另处保存的最后一条记录的哈希，用以发现末尾被截断或整链被改写")
def dossier_verify(file: Any, head: str | None) -> None:
    """仅凭导出文件（JSON 或压缩包）核验档案；有问题时退出码为 1。"""
    content = file.read()
    verdict = archive.verify(content, head) if archive.is_archive(content) else dossier.verify(_document(content), head)
    for finding in verdict.findings:
        click.echo(f"✗ 第 {finding.version} 条：{finding.message}" if finding.version else f"✗ {finding.message}")
    if not verdict.sound:
        raise SystemExit(1)
    erased = f"，其中 {verdict.erased} 项个人信息已删除" if verdict.erased else ""
    click.echo(f"✓ {verdict.stream}：{verdict.entries} 条记录完整无改动{erased}")
    click.echo(f"  最后一条的哈希 {verdict.head}")
    if head is None:
        click.echo("  末尾是否被截断，须与另处保存的哈希比对（--head）")


def _document(content: bytes) -> Any:
    try:
        return dossier.read(content)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"不是可读的 JSON 文件，也不是压缩包：{error}") from None


# -- persons


@click.command("erase")
@click.argument("subject")
@click.option("--reason", required=True, help="删除的依据，记入各服务的访问日志")
@click.option("--all", "whole", is_flag=True, help="同一身份证号的其他档案（党员、申请人、书面同意各有一份）一并销毁")
@click.option("--yes", is_flag=True, help="不再询问")
def erase(subject: str, reason: str, whole: bool, yes: bool) -> None:
    """销毁一个人的密钥：各服务的记录、待发与暂存消息中的个人信息从此不可读，哈希链不受影响。可重复执行。"""
    from kernel.store.erasing import forget
    from kernel.unit import log_access

    found = contexts(load_settings(), tuple(BY_NAME))
    others = _same_person(found, subject)
    subjects = [subject, *others] if whole else [subject]
    click.echo(f"将销毁 {len(subjects)} 份档案的密钥：{'、'.join(subjects)}")
    if others and not whole:
        click.echo(f"同一身份证号另有 {len(others)} 份，不在其内（--all 一并销毁）：{'、'.join(others)}")
    if not yes:
        click.confirm("删除后不可恢复，确定吗？", abort=True)
    keys = next(iter(found.values())).keys
    gone = [each for each in subjects if keys.erase(each)]
    for service in INSTALLED:
        context = found[service.name]
        with context.database.write() as connection:
            forget(connection, service.metadata, subjects)
            for each in subjects:
                log_access(connection, context, operator(), None, f"erase: {reason}"[:80], f"subject/{each}", ["*"], "cli")
    click.echo(f"已销毁 {len(gone)} 个密钥。" if gone else "没有此人的密钥（或已销毁）。")


def _same_person(found: Mapping[str, Context], subject: str) -> list[str]:
    """The other subjects with the same identification number, in any service."""
    from kernel.store.erasing import same_person

    known: tuple[set[str], set[str]] = set(), {subject}
    while True:
        before = len(known[0]), len(known[1])
        for service in INSTALLED:
            with found[service.name].database.read() as connection:
                known = same_person(connection, service.metadata, *known)
        if (len(known[0]), len(known[1])) == before:
            return sorted(known[1] - {subject})


# -- tokens


@click.command("token")
@click.option("--account", required=True, help="账号")
@click.option("--role", help="职务角色；不给出则为该账号在登记服务中现有的全部职务")
@click.option("--organisation", help="组织代码，与 --role 同时给出")
@click.option("--path", help="组织路径，如 /3307/330702/；缺省由登记服务查得")
@click.option("--department", help="部门系统的令牌：部门代码")
@click.option("--minutes", default=60, show_default=True, help="有效分钟数")
def token(
    account: str, role: str | None, organisation: str | None, path: str | None, department: str | None, minutes: int
) -> None:
    """签发短期令牌（控制台登录之前的入口）。"""
    from kernel.http.auth import Tokens
    from suite.assembly import clock_of

    if bool(role) != bool(organisation) or (path and not role) or (department and role):
        raise click.UsageError("--role 与 --organisation 须同时给出，--path 只能随它们给出，三者都不能与 --department 同用")
    settings = load_settings()
    if department:
        actor = Actor(account, department=department)
    elif role and organisation:
        post = Post(f"cli:{account}"[:36], role, organisation, path or _path_of(organisation), date(1949, 10, 1))
        actor = Actor(account, (post,))
    else:
        actor = _registered(account)
    tokens = Tokens(settings.token_secret, clock_of(settings))
    try:
        click.echo(tokens.mint(actor, timedelta(minutes=minutes)))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _registered(account: str) -> Actor:
    """The account with the posts that the registry knows of today."""
    from services.registry.queries import actor_for

    actor = actor_for(context_of("registry"), account)
    if not actor.posts:
        raise NotFound(f"账号 {account} 在登记服务中没有现任职务；试用可给出 --role 与 --organisation")
    return actor


def _path_of(organisation: str) -> str:
    from sqlalchemy import select

    table = BY_NAME["registry"].metadata.tables["organisation"]
    with context_of("registry").database.read() as connection:
        path = connection.execute(select(table.c.path).where(table.c.code == organisation)).scalar()
    if path is None:
        raise NotFound(f"没有代码为 {organisation} 的组织")
    return str(path)
