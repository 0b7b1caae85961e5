"""What the demo says: the transcript on standard output, plain and the same in every run; how far it is on standard error."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, TextIO

from rich.console import Console
from rich.status import Status

from kernel.policy import Policy

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Sources that are nobody's article.
_OWN = ("Xinhuo", "practice")
WIDTH = 110
INDENT = " " * 12


class Narrator:
    """Tells what happens. Ids, ports and durations have no place in the transcript: two runs are compared by it."""

    def __init__(self, out: TextIO | None = None, *, quiet: bool = False) -> None:
        self._out = None if quiet else out or sys.stdout
        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._seen: set[str] = set()

    # -- on standard error

    def progress(self, text: str) -> None:
        """What is being done now; seen on a terminal only."""
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def done(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    # -- on standard output

    def line(self, text: str = "") -> None:
        if self._out is None:
            return
        if self._status is not None and self._out.isatty():
            # Both go to one terminal: the line stands above the progress, not in it.
            self._console.print(text, markup=False, soft_wrap=True)
        else:
            with suppress(BrokenPipeError):
                print(text, file=self._out, flush=True)

    def chapter(self, title: str, text: str = "") -> None:
        self.line()
        self.line(f"━━ {title} " + "━" * max(0, WIDTH - 4 - _width(title)))
        if text:
            self.note(text, indent="")
        self.progress(title)

    def step(self, day: date, text: str, sources: Iterable[str] = (), *, note: str = "") -> None:
        """A step that was taken: its day, what it was, the articles that were applied."""
        cited = cited_sources(sources)
        self.line(f"{day}  {text}" + (f"　〔依据 {cited}〕" if cited else ""))
        if note:
            self.note(note)

    def note(self, text: str, indent: str = INDENT) -> None:
        for piece in _wrapped(text, WIDTH - len(indent)):
            self.line(indent + piece)

    def refusal(self, reason: Mapping[str, Any], policy: Policy, *, tried: str) -> None:
        """A refusal as the door gave it. The second time a rule refuses with the same article, one line is enough."""
        rule, source = str(reason["rule"]), str(reason["source"])
        if f"{rule} {source}" in self._seen:
            self.line(f"{INDENT}✗ {tried} → {rule}（{source}）：{reason['message']}")
            return
        self._seen.add(f"{rule} {source}")
        self.line(f"{INDENT}✗ {tried}")
        self.note(f"不予办理：{reason['message']}", indent=INDENT + "  ")
        self.note(f"规则　{rule}，{'有书面理由的可以偏离' if reason['waivable'] else '不得偏离'}", indent=INDENT + "  ")
        self.note(f"依据　{policy.cite(source)}", indent=INDENT + "  ")
        if fact := _fact(reason["fact"]):
            self.note(f"事实　{fact}", indent=INDENT + "  ")
        self.note(f"补正　{reason['remedy']}", indent=INDENT + "  ")

    def table(self, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        """Columns in the width of what stands in them, as terminals show it."""
        lines = [[str(cell) for cell in row] for row in (header, *rows)]
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        for number, cells in enumerate(lines):
            padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
            self.line("  " + "  ".join(padded).rstrip())
            if number == 0:
                self.line("  " + "  ".join("─" * width for width in widths))


def cited_sources(sources: Iterable[str]) -> str:
    """The articles, each once; safeguards of the suite's own are named once at the end, or alone."""
    parts = dict.fromkeys(part for source in sources for part in source.split("；"))
    articles = [part for part in parts if part not in _OWN]
    if len(articles) < len(parts) and not articles:
        return "本系统自设"
    return "、".join(articles)


def _fact(fact: Any) -> str:
    """The fact in one line, without ids."""
    if not isinstance(fact, Mapping):
        return ""
    shown = {name: value for name, value in fact.items() if not _UUID.search(str(value))}
    return "，".join(f"{name} = {_said(value)}" for name, value in shown.items())


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "无"
    return "无" if value in (None, "") else str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns; Chinese may be broken anywhere, words of other scripts are kept whole."""
    lines, line, used = [], "", 0
    for piece in re.findall(r"[!-~]+|.", text):
        size = _width(piece)
        if used + size > width and line:
            lines.append(line.rstrip())
            line, used = "", 0
            piece = piece.lstrip()
        line, used = line + piece, used + size
    return [*lines, line] if line else lines
