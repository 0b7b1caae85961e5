"""The command `xinhuo`. Each subcommand lives in a module of its own and is loaded when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from kernel.errors import Refused, XinhuoError

#: subcommand -> (module:attribute, one line of help)
COMMANDS = {
    "up": ("suite.run:up", "启动全部服务，直到 Ctrl-C"),
    "demo": ("suite.demo.cli:demo", "演示：真实区划上从申请到转为正式党员"),
    "service": ("suite.run:service", "运行一个服务（servers 模式）"),
    "relay": ("suite.run:relay", "运行一个服务的转发进程（servers 模式）"),
    "department": ("suite.department:department", "模拟各部门系统的进程（开发环境）"),
    "migrate": ("suite.run:migrate_command", "建立并升级各服务的数据库"),
    "policy": ("suite.policy.cli:policy", "规则：判断、查看、检查"),
    "token": ("suite.operate:token", "签发短期令牌"),
    "parked": ("suite.operate:parked_group", "暂存的消息：查看、重放、丢弃"),
    "bus": ("suite.bus:bus", "事件总线：从日志回灌"),
    "dossier": ("suite.operate:dossier_group", "档案：导出与核验"),
    "erase": ("suite.operate:erase", "销毁一个人的密钥"),
    "contracts": ("suite.contracts:contracts", "写出各事件的约定"),
    "openapi": ("suite.openapi:openapi", "写出各服务的接口文档"),
    "states": ("suite.states:states", "写出各服务的状态表"),
}
#: Those that run services under eventlet: the process is patched before anything else is imported.
GREEN = frozenset({"up", "service", "demo"})


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that `xinhuo policy` needs no broker's client."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        if name in GREEN:
            make_green()
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def make_green() -> None:
    """Makes sockets, locks and the PostgreSQL driver yield to other greenthreads."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
    from psycogreen.eventlet import patch_psycopg

    patch_psycopg()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """薪火：发展党员与党员管理。"""


def run() -> None:
    """The entry point: errors of the suite become one line and exit status 1."""
    try:
        main()
    except Refused as error:
        for reason in error.reasons:
            click.echo(f"不予办理：{reason.message}（{reason.source}）{reason.remedy}", err=True)
        raise SystemExit(1) from None
    except XinhuoError as error:
        click.echo(f"错误：{error}", err=True)
        raise SystemExit(1) from None
    except Exception as error:
        if (text := explained(error)) is None:
            raise
        click.echo(f"错误：{text}", err=True)
        raise SystemExit(1) from None


def explained(error: Exception) -> str | None:
    """What an operator can do about an error of the database; None where it wants a programmer."""
    original = getattr(error, "orig", None)
    state = getattr(original, "pgcode", None)
    if state in ("42P01", "3F000") or "no such table" in str(original):
        return (
            "数据库尚未建立：请先执行 xinhuo up 或 xinhuo migrate，并检查 XINHUO_DATA_DIR、XINHUO_DATABASE_URL 与 XINHUO_PROFILE"
        )
    if state == "42501":
        return "当前数据库账号没有此权限：请把 XINHUO_DATABASE_URL 设为数据库属主的地址"
    return None


if __name__ == "__main__":
    run()
