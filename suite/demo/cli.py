"""`xinhuo demo`: the whole suite in one process on the divisions of two cities, and a clear verdict at the end."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from kernel.errors import XinhuoError
from kernel.policy import shipped_book
from suite.demo import acts, left
from suite.demo.account import Account, document
from suite.demo.acts import Demo
from suite.demo.ground import Calendar, Stopped, prepared
from suite.demo.narrator import Narrator
from suite.demo.registering import EXPECTED, KINDS, NAMES
from suite.demo.trials import blocking, national

REPORT = Path("build/demo.json")
#: In a data directory that the demo has made; nothing else is ever wiped.
MARK = "made-by-xinhuo-demo"


@click.command("demo")
@click.option("--data-dir", type=click.Path(path_type=Path), default=left.DATA, show_default=True, help="数据目录，开始时清空")
@click.option("--report", type=click.Path(path_type=Path), default=REPORT, show_default=True, help="结果写入的文件")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子：同一种子，同样的过程")
@click.option("--until", type=click.Choice(acts.STOPS), help="演到这一幕为止，留下当时的数据")
@click.option("--keep", is_flag=True, help="已有完整的演示数据时不重做")
@click.option("--dry-run", is_flag=True, help="只说要做什么，不做")
def demo(data_dir: Path, report: Path, seed: int, until: str | None, keep: bool, dry_run: bool) -> None:
    """演示：真实区划上从申请到转为正式党员，双评议、预警、特聘组织员，每条不得偏离的规则都试一次。

    过程写到标准输出（同一种子两次运行相同），进度写到标准错误。按 Ctrl-C 在下一个业务日之前停下，数据留着，可用 make up 查看。

    缺一个区划、有一条规则没有拒绝、有一份档案核验不符，退出码即为 1。
    """
    if dry_run:
        _say_plan(data_dir, report)
        return
    if keep and (there := left.found(data_dir)) and there.whole:
        click.echo(f"{data_dir} 已有完整的演示数据。", err=True)
        return
    run(data_dir, report, seed, until)


def run(data_dir: Path, report: Path, seed: int, until: str | None = None) -> None:
    """Plays the demo and writes the report; stopped before the end, it leaves the data alone.

    Raises SystemExit(1) where it has not shown what it should.
    """
    started = time.monotonic()
    _make_room(data_dir)
    narrator = Narrator()
    try:
        with prepared(data_dir, acts.FOUNDED, seed) as ground, _stopped_by_hand(ground.calendar):
            played, account = Demo(ground, narrator, seed), None
            with suppress(Stopped):
                account = played.play(until)
            things = left.Left(ground.calendar.today, played.shown, whole=account is not None)
    finally:
        narrator.done()
    left.leave(data_dir, things)
    seconds = {**played.seconds, "total": round(time.monotonic() - started, 1)}
    if account is None:
        click.echo(f"停在 {things.last_day}，用时 {seconds['total']} 秒。{_next(data_dir)}", err=True)
        return
    report.parent.mkdir(parents=True, exist_ok=True)
    content = document(account, seconds, seed, things.last_day.isoformat())
    report.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _verdict(account, narrator)
    click.echo(f"用时 {seconds['total']} 秒；结果在 {report}。{_next(data_dir)}", err=True)
    if account.failures():
        raise SystemExit(1)


def _next(data_dir: Path) -> str:
    """What to type next."""
    where = "" if data_dir == left.DATA else f"XINHUO_DATA_DIR={data_dir} "
    return f"接下来：{where}make up，打开带这些数据的各服务，并说明可以看什么。"


@contextmanager
def _stopped_by_hand(calendar: Calendar) -> Iterator[None]:
    """The first Ctrl-C lets the day be finished; a second one ends the process at once."""

    def stop(_number: int, _frame: object) -> None:
        calendar.stopping = True
        signal.signal(signal.SIGINT, before)
        click.echo("在下一个业务日之前停下；再按一次 Ctrl-C 立即中断。", err=True)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _verdict(account: Account, narrator: Narrator) -> None:
    failures = account.failures()
    narrator.line()
    for failure in failures:
        narrator.line(f"‼ {failure}")
    total = sum(len(found) for found in account.trials.expected.values())
    said = "未达到预期" if failures else f"区划 {sum(EXPECTED.values())} 个齐全，应拒绝的 {total} 项全部拒绝，全部档案核验无误"
    narrator.line(f"{'✗' if failures else '✓'} {said}。")


def _make_room(data_dir: Path) -> None:
    """Empties a directory of the demo's own. Raises `XinhuoError` for anybody else's."""
    if data_dir.exists() and any(data_dir.iterdir()):
        if not (data_dir / MARK).exists():
            raise XinhuoError(f"{data_dir} 不是演示的数据目录，未清空；请另选 --data-dir")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / MARK).touch()


def _say_plan(data_dir: Path, report: Path) -> None:
    there = data_dir.exists() and any(data_dir.iterdir())
    click.echo(
        f"将{'清空并重建' if there else '建立'} {data_dir}，结果写入 {report}。在一个进程中启动各服务，另一个进程模拟各部门的系统。"
    )
    click.echo("导入：" + "，".join(f"{KINDS[kind]} {count} 个" for kind, count in EXPECTED.items()))
    book = shipped_book()
    for day in (acts.STORIES_2014, acts.STORIES_2026):
        for city, name in NAMES.items():
            policy = book.at(city, day)
            found = blocking(policy)
            click.echo(f"{name}，{day} 起（{national(policy)}）：不得偏离的规则 {len(found)} 条，逐条试过")
            click.echo("  " + " ".join(sorted(found)))
