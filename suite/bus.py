"""`xinhuo bus`: refilling a new or damaged consumer from a publisher's journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import Row, select

from kernel.bus import parking
from kernel.bus.consumer import Consumer
from kernel.bus.event import EventType, Message, message_of
from kernel.bus.refill import Refill
from kernel.context import Context
from kernel.errors import Stale
from kernel.journal import journal
from kernel.store.tables import instance
from kernel.unit import pending_row
from suite.assembly import contexts, known, only_process
from suite.operate import load_settings
from suite.services import BY_NAME

#: An instance seen within this time is alive.
ALIVE = timedelta(seconds=30)


def messages(context: Context, contracts: tuple[EventType, ...]) -> Iterator[list[Message]]:
    """Every public event of a service, stream by stream in order, with the bytes that were sent at the time."""
    types = {(event.type, event.version): event for event in contracts}
    for rows in journal.public_rows(context.database):
        yield [_message(context.service, types[(row.type, row.schema_version)], row) for row in rows]


def _message(service: str, event: EventType, row: Row[Any]) -> Message:
    pending = pending_row(service, event, journal.entry_of(row), json.loads(row.sealed))
    return message_of(json.loads(pending["headers"]), pending["body"])


def republish(publisher: Context, contracts: tuple[EventType, ...], consumer: Consumer, *, dry_run: bool = False) -> int:
    """Applies what the consumer hears of the publisher's journal, and has not had. Returns how many events were offered.

    Nothing happens twice: the consumer's inbox knows what it has had. It must not run: what reached it in the meantime would go ahead
    of what it still lacks.
    """
    types = consumer.reactions.subscriptions.get(publisher.service, frozenset())
    wanted = ([message for message in page if message.type in types] for page in messages(publisher, contracts))
    if dry_run:
        return sum(map(len, wanted))
    return Refill(consumer.context, consumer.reactions).fill(wanted)


def require_stopped(context: Context) -> None:
    """Raises `Stale` while an instance of the service is alive."""
    since = context.clock.wall() - ALIVE
    with context.database.read() as connection:
        names = connection.execute(select(instance.c.name).where(instance.c.seen_at > since)).scalars().all()
    if names:
        raise Stale(f"{context.service} 正在运行（{'、'.join(names)}），请先停止再回灌")


@click.group("bus")
def bus() -> None:
    """事件总线：从日志回灌。"""


@bus.command("republish")
@click.argument("service")
@click.option("--to", "consumer", required=True, help="要回灌的服务；须已停止")
@click.option("--dry-run", is_flag=True, help="只数一数有多少事件")
def republish_command(service: str, consumer: str, dry_run: bool) -> None:
    """把 SERVICE 日志中的全部公开事件按流的顺序再交给一个服务；已处理过的自动略过。"""
    settings = load_settings()
    found = contexts(settings, (known(service), known(consumer)))
    guard = nullcontext() if dry_run or settings.profile == "servers" else only_process(settings)
    with guard:
        if not dry_run:
            require_stopped(found[consumer])
        target = Consumer(found[consumer], BY_NAME[consumer].reactions)
        offered = republish(found[service], BY_NAME[service].contracts, target, dry_run=dry_run)
    click.echo(f"{'将' if dry_run else '已'}回灌 {offered} 个事件：{service} → {consumer}")
    with found[consumer].database.read() as connection:
        left = parking.counts(connection).get(service, 0)
    if left:
        click.echo(f"来自 {service} 的消息尚有 {left} 条未能处理，暂存着：见 xinhuo parked list")
