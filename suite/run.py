"""Commands that run the suite: everything in one process, a process each, one service, one relay."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import structlog

from kernel.ops.settings import Settings
from suite.services import BY_NAME, DEPARTMENT_PORT_OFFSET, INSTALLED

log = structlog.get_logger(__name__)


def _settings(**changes: Any) -> Settings:
    environ = {**os.environ, **{f"XINHUO_{name.upper()}": str(value) for name, value in changes.items()}}
    return Settings.load(environ)


@click.command("up")
@click.option("--servers", is_flag=True, help="用 PostgreSQL 与 RabbitMQ，每个服务与转发各一个进程，退出的会重新启动")
@click.option("--department/--no-department", default=True, help="是否同时启动模拟各部门系统的进程（仅开发环境）")
@click.option("--demo", is_flag=True, help="带演示数据；还没有的，先运行一次演示")
def up(servers: bool, department: bool, demo: bool) -> None:
    """启动全部服务，直到 Ctrl-C。"""
    if demo:
        _up_demo(servers, department)
        return
    settings = _settings(profile="servers" if servers else os.environ.get("XINHUO_PROFILE", "embedded"))
    if settings.profile == "servers":
        _up_servers(settings, department and not settings.production)
    else:
        _up_embedded(settings, department and not settings.production)


def _up_demo(servers: bool, department: bool) -> None:
    from suite.demo import left

    if servers or os.environ.get("XINHUO_PROFILE", "embedded") != "embedded":
        raise click.UsageError("演示数据只在一个进程中（embedded）提供")
    found = left.made_ready(os.environ)
    settings = _settings(profile="embedded")
    _up_embedded(settings, department, lambda addresses: left.hints(found, addresses))


def _up_embedded(
    settings: Settings, department: bool, hints: Callable[[Mapping[str, str]], Sequence[str]] = lambda _: ()
) -> None:
    from kernel.runtime import collector
    from kernel.runtime.signals import wait_for_stop
    from suite.embedded import running
    from suite.supervisor import department_process

    _configure_logs(settings, "suite")
    log = settings.data_dir / "department.log"
    with running(settings) as suite, department_process(settings, wanted=department, log=log):
        for name, address in suite.addresses().items():
            click.echo(f"{name:12} {address}  （接口说明 {address}/openapi.json）")
        if department:
            click.echo(f"{'department':12} http://{settings.http_host}:{settings.base_port + DEPARTMENT_PORT_OFFSET}")
        for line in hints(suite.addresses()):
            click.echo(line)
        collector.calm()
        click.echo("已启动；按 Ctrl-C 停止。")
        wait_for_stop(*suite.hosts)
        click.echo("正在停止……")


def _up_servers(settings: Settings, department: bool) -> None:
    from kernel.store.provision import role_url
    from suite.assembly import migrate
    from suite.supervisor import Child, Supervisor, department_child

    _configure_logs(settings, "supervisor")
    for name, revisions in migrate(settings).items():
        click.echo(f"{name}：{'已迁移 ' + '、'.join(revisions) if revisions else '数据库已是最新'}")
    assert settings.database_url is not None
    children = []
    for service in INSTALLED:
        for kind, part in (("service", ""), ("relay", "relay")):
            url = role_url(settings.database_url, service.name, settings.master_key, part)
            environ = {"XINHUO_PROFILE": "servers", "XINHUO_DATABASE_URL": url}
            if kind == "relay":
                environ |= {"XINHUO_MASTER_KEY": "", "XINHUO_TOKEN_SECRET": ""}
            children.append(Child(f"{kind} {service.name}", [kind, service.name], environ))
    if department:
        children.append(department_child(settings))
    for service in INSTALLED:
        click.echo(f"{service.name:12} http://{settings.http_host}:{service.port(settings.base_port)}")
    click.echo("已启动；按 Ctrl-C 停止。")
    Supervisor(children).run()


@click.command("service")
@click.argument("name", type=click.Choice(sorted(BY_NAME)))
@click.option("--port", type=int, help="缺省为基准端口加该服务的固定偏移")
def service(name: str, port: int | None) -> None:
    """运行一个服务（servers 模式）。"""
    from kernel.runtime import collector
    from kernel.runtime.service import Runtime, ServiceHost
    from kernel.runtime.signals import wait_for_stop
    from suite.assembly import contexts

    settings = _settings(profile="servers")
    _configure_logs(settings, name)
    installed = BY_NAME[name]
    installed.prepare()
    runtime = Runtime.of(contexts(settings, (name,))[name], settings)
    host = ServiceHost(installed.service_class, runtime, port or installed.port(settings.base_port))
    host.start()
    collector.calm()
    wait_for_stop(host)
    host.stop()


@click.command("relay")
@click.argument("name", type=click.Choice(sorted(BY_NAME)))
@click.option("--metrics-port", type=int, help="在 127.0.0.1 的此端口提供指标（/metrics）")
def relay(name: str, metrics_port: int | None) -> None:
    """运行一个服务的转发进程（servers 模式）：只读写待发事件，不需要密钥与日志。"""
    from kernel.bus.amqp_publisher import AmqpPublisher
    from kernel.bus.relay import Relay
    from kernel.bus.relay_process import Exclusive, run_process
    from suite.assembly import database_of
    from suite.services import subscriptions

    settings = Settings.load({**os.environ, "XINHUO_PROFILE": "servers"}, secrets=False)
    _configure_logs(settings, f"{name}.relay")
    assert settings.amqp_url is not None
    publisher = AmqpPublisher(settings.amqp_url, name, subscriptions())
    run_process(Relay(Exclusive(database_of(settings, name, 1)), publisher), metrics_port=metrics_port)


@click.command("migrate")
def migrate_command() -> None:
    """建立并升级各服务的数据库（servers 模式须用数据库属主的地址）。"""
    from suite.assembly import migrate

    for name, revisions in migrate(_settings()).items():
        click.echo(f"{name}：{'已执行 ' + '、'.join(revisions) if revisions else '已是最新'}")


def _configure_logs(settings: Settings, name: str) -> None:
    from kernel.ops.logs import configure

    configure(name, level=settings.log_level, format=settings.log_format)
