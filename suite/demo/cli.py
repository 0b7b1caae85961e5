"""`xinhuo demo`: the whole suite in one process on the divisions of two cities, and a clear verdict at the end."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from kernel.errors import XinhuoError
from kernel.policy import shipped_book
from suite.demo import acts, left
from suite.demo.account import Account, chapter_document, document, drawn_up, tell_refusals
from suite.demo.acts import Demo
from suite.demo.chapters import BY_NAME
from suite.demo.chapters.chapter import Chapter, Scene
from suite.demo.chapters.founded import founded
from suite.demo.ground import Calendar, Stopped, prepared
from suite.demo.narrator import Narrator
from suite.demo.registering import EXPECTED, KINDS, NAMES
from suite.demo.trials import Trials, blocking, national

REPORT = Path("build/demo.json")
#: What `--chapters` calls the main story, and all there is.
MAIN, EVERYTHING = "main", "all"
CHOICE = "、".join((MAIN, *BY_NAME, EVERYTHING))
#: In a data directory that the demo has made; nothing else is ever wiped.
MARK = "made-by-xinhuo-demo"


@click.command("demo")
@click.option("--data-dir", type=click.Path(path_type=Path), default=left.DATA, show_default=True, help="数据目录，开始时清空")
@click.option("--report", type=click.Path(path_type=Path), default=REPORT, show_default=True, help="结果写入的文件")
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子：同一种子，同样的过程")
@click.option("--until", type=click.Choice(acts.STOPS), help="演到这一幕为止，留下当时的数据")
@click.option(
    "--chapters",
    default=MAIN,
    show_default=True,
    metavar="NAMES",
    help=f"演哪些，以逗号分开：{'、'.join((MAIN, *BY_NAME, EVERYTHING))}",
)
@click.option("--keep", is_flag=True, help="已有完整的演示数据时不重做")
@click.option("--dry-run", is_flag=True, help="只说要做什么，不做")
def demo(data_dir: Path, report: Path, seed: int, until: str | None, chapters: str, keep: bool, dry_run: bool) -> None:
    """演示：真实区划上从申请到转为正式党员，双评议、预警、特聘组织员，每条不得偏离的规则都试一次。

    过程写到标准输出（同一种子两次运行相同），进度写到标准错误。按 Ctrl-C 在下一个业务日之前停下，数据留着，可用 make up 查看。

    主线之外各章自成一段，从准备好的状态（两市的组织、名册与岗位）开始，数据和结果另放，名称后加章名。

    缺一个区划、有一条规则没有拒绝、有一份档案核验不符，退出码即为 1。
    """
    names = chosen(chapters)
    if dry_run:
        _say_plan(data_dir, report, names)
        return
    if until and names != [MAIN]:
        raise click.UsageError("--until 只用于主线")
    if names != [MAIN]:
        _play_each(names, data_dir, report, seed)
        return
    if keep and (there := left.found(data_dir)) and there.whole:
        click.echo(f"{data_dir} 已有完整的演示数据。", err=True)
        return
    run(data_dir, report, seed, until)


def chosen(text: str) -> list[str]:
    """The names asked for, in the order in which they are played. Raises `click.BadParameter`."""
    known, asked = [MAIN, *BY_NAME], [name.strip() for name in text.split(",")]
    if unknown := [name for name in asked if name not in (*known, EVERYTHING)]:
        raise click.BadParameter(f"没有 {'、'.join(unknown)}；有 {CHOICE}", param_hint="--chapters")
    return [name for name in known if name in asked or EVERYTHING in asked]


def _play_each(names: list[str], data_dir: Path, report: Path, seed: int) -> None:
    """One after the other; those that have not shown what they should are named at the end. Raises SystemExit(1) where there is one."""
    failed = []
    for name in names:
        try:
            if name == MAIN:
                run(data_dir, report, seed)
            else:
                run_chapter(BY_NAME[name], of_chapter(data_dir, name), of_chapter(report, name), seed)
        except SystemExit:
            failed.append(name)
    if len(names) > 1:
        click.echo(f"共 {len(names)} 段，{'全部达到预期' if not failed else '未达到预期：' + '、'.join(failed)}。", err=True)
    if failed:
        raise SystemExit(1)


def of_chapter(path: Path, name: str) -> Path:
    """build/demo.json -> build/demo-NAME.json"""
    return path.with_name(f"{path.stem}-{name}{path.suffix}")


def run_chapter(chapter: Chapter, data_dir: Path, report: Path, seed: int) -> None:
    """Plays a chapter from the prepared state and writes its report. Raises SystemExit(1) where it has not shown what it should."""
    started = time.monotonic()
    _make_room(data_dir)
    narrator = Narrator()
    try:
        town = founded(data_dir, seed, narrator, data_dir.with_name("demo-states"))
        with prepared(data_dir, acts.FOUNDED, seed) as ground, _stopped_by_hand(ground.calendar):
            trials = Trials(shipped_book(), narrator, ground.calendar, wanted=chapter.wanted)
            scene, account = Scene(ground, town, narrator, trials, seed), None
            narrator.chapter(chapter.title, chapter.text)
            with suppress(Stopped):
                chapter.play(scene)
                account = drawn_up(ground, town, trials, narrator)
                narrator.line()
                tell_refusals(account, narrator)
            things = left.Left(ground.calendar.today, scene.shown, whole=account is not None)
    finally:
        narrator.done()
    seconds = round(time.monotonic() - started, 1)
    content = chapter_document(account, seconds, seed, things.last_day.isoformat()) if account else {}
    _conclude(data_dir, report, things, narrator, account, content, seconds)


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
    seconds = {**played.seconds, "total": round(time.monotonic() - started, 1)}
    content = document(account, seconds, seed, things.last_day.isoformat()) if account else {}
    _conclude(data_dir, report, things, narrator, account, content, seconds["total"])


def _conclude(
    data_dir: Path,
    report: Path,
    things: left.Left,
    narrator: Narrator,
    account: Account | None,
    content: Mapping[str, Any],
    seconds: float,
) -> None:
    """Leaves the data, writes the report, says how it ended. Without an account it was stopped, and there is no report."""
    left.leave(data_dir, things)
    if account is None:
        click.echo(f"停在 {things.last_day}，用时 {seconds} 秒。{_next(data_dir)}", err=True)
        return
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _verdict(account, narrator)
    click.echo(f"用时 {seconds} 秒；结果在 {report}。{_next(data_dir)}", err=True)
    if account.failures():
        raise SystemExit(1)


def _next(data_dir: Path) -> str:
    """What to type next."""
    where = "" if data_dir == left.DATA else f"XINHUO_DATA_DIR={data_dir} "
    return f"接下来：{where}make up，打开带这些数据的各服务，并说明可以看什么。"


@contextmanager
def _stopped_by_hand(calendar: Calendar) -> Iterator[None]:
    """The first Ctrl-C lets the day be finished; a second one ends the process at once.

    Where interruptions are ignored, as in the background of a script, they stay ignored.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        calendar.stopping = True
        signal.signal(signal.SIGINT, before)
        click.echo("在下一个业务日之前停下；再按一次 Ctrl-C 立即中断。", err=True)

    signal.signal(signal.SIGINT, stop)
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


def _say_plan(data_dir: Path, report: Path, names: list[str]) -> None:
    for name in names:
        if name == MAIN:
            _say_main(data_dir, report)
        else:
            chapter = BY_NAME[name]
            click.echo(
                f"{name}（{chapter.title}）：{chapter.text}数据在 {of_chapter(data_dir, name)}，结果写入 {of_chapter(report, name)}。"
            )


def _say_main(data_dir: Path, report: Path) -> None:
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
