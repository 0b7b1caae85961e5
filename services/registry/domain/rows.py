"""Tables that people fill in: columns, cells, and *all* that is wrong with them at once.

A `RawSheet` (what `sheets.py` reads) becomes `Row`s by a `Layout`; a parser takes the rows apart with a `RowReader` and
returns `Parsed`: records and errors. Nothing is half-imported: `Parsed.require()` gives the records only when there is
no error at all. Messages are Chinese, begin with the column's title and never spell out an identification number, not
even one that stands in the wrong column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from kernel import id_number
from kernel.errors import Invalid

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_CELL = 200
CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,30}[0-9A-Za-z])?")

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH_ONLY = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*月?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){14,}[0-9Xx]?")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_EXCEL_TEXT = re.compile(r'="(.*)"')
_YES = frozenset(("是", "有", "√", "✓", "true", "yes", "y", "1"))
_NO = frozenset(("否", "无", "×", "false", "no", "n", "0", "/", "-", "—"))


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault. `row` counts as the spreadsheet does (1 is the header), `column` is the layout's key or None."""

    row: int
    column: str | None
    code: str
    message: str


class BadRows(Invalid):
    """The whole list of what is wrong with a sheet; `fields` names each as `rows.<row>.<column>`."""

    def __init__(self, errors: Iterable[RowError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda e: e.row))
        fields: dict[str, list[str]] = {}
        for error in self.errors:
            fields.setdefault(f"rows.{error.row}" + (f".{error.column}" if error.column else ""), []).append(error.message)
        rows = len({error.row for error in self.errors})
        super().__init__(fields, f"表格中有 {rows} 行共 {len(self.errors)} 处错误，全部未导入")

    def __reduce__(self) -> tuple[type[BadRows], tuple[tuple[RowError, ...]]]:  # type: ignore[override]
        return type(self), (self.errors,)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """Records in the order of the file (or as the parser says), and every error found."""

    records: tuple[T, ...]
    errors: tuple[RowError, ...]

    def require(self) -> tuple[T, ...]:
        """The records; raises `BadRows` if there is any error."""
        if self.errors:
            raise BadRows(self.errors)
        return self.records

    def single(self) -> T:
        """The record of a form (see `form`); raises `Invalid` naming the form's fields."""
        if self.errors:
            fields: dict[str, list[str]] = {}
            for error in self.errors:
                fields.setdefault(error.column or "body", []).append(error.message)
            raise Invalid(fields)
        (record,) = self.records
        return record


@dataclass(frozen=True, slots=True)
class RawSheet:
    """Headers and rows as read, with the number that the spreadsheet shows for each row."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: key in the code, title for people, other titles that are understood, what the template says of it."""

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    as_text: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of sheet. `forbidden` maps a part of a header to why such a column is not taken."""

    kind: str
    title: str
    columns: tuple[Column, ...]
    forbidden: Mapping[str, str] = field(default_factory=dict)

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    def find(self, header: str) -> Column | None:
        """The column that a header in Chinese or English means."""
        name = _plain_header(header)
        for column in self.columns:
            if name in {_plain_header(text) for text in (column.key, column.title, *column.aliases)}:
                return column
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sheet: its number and its cleaned cells by column key (missing columns are absent)."""

    number: int
    cells: Mapping[str, str]


def form(layout: Layout, values: Mapping[str, Any]) -> RawSheet:
    """A form as a sheet of one row, so that what is typed in is checked as what is imported; other values are left out."""
    return RawSheet(
        tuple(column.key for column in layout.columns),
        ((2, tuple(_cell(values.get(column.key)) for column in layout.columns)),),
    )


def cells_of(sheet: RawSheet, layout: Layout, key: str) -> list[str]:
    """What stands in one column, cleaned, without empty cells; nothing where the column is missing."""
    at = next((at for at, header in enumerate(sheet.headers) if layout.find(header) is layout.column(key)), None)
    if at is None:
        return []
    return [text for _, cells in sheet.rows if at < len(cells) and (text := clean(cells[at]))]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


def clean(text: str) -> str:
    """A cell as meant: without outer blanks, invisible marks, a text apostrophe and a spreadsheet's `="..."`."""
    text = _INVISIBLE.sub("", text).strip().removeprefix("'")
    if match := _EXCEL_TEXT.fullmatch(text):
        text = match.group(1).replace('""', '"').strip()
    return text


def quoted(text: str) -> str:
    """A cell's text as a message may show it: shortened, and with anything like an identification number masked."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _LONG_NUMBER.sub(lambda match: id_number.mask(match.group()), plain)
    return f"“{plain[:20]}…”" if len(plain) > 20 else f"“{plain}”"


def parse_date(text: str) -> date | None:
    """A day written as 2014-07-31, 2014/7/31, 2014.7.31, 2014年7月31日 or 20140731; None if it is none."""
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if match is None:
        return None
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None  # 2014-02-30: the caller reports it with its row
    return day if day.year >= 1900 else None


def lay_out(sheet: RawSheet, layout: Layout) -> tuple[list[Row], list[RowError]]:
    """Match headers to columns. A missing required column makes the rows unreadable: then only headers are reported."""
    places, errors = _places(sheet.headers, layout)
    missing = [column for column in layout.columns if column.required and column.key not in places.values()]
    if missing:
        errors += [RowError(1, c.key, "column.missing", f"缺少“{c.title}”列") for c in missing]
        return [], errors
    rows = []
    for number, cells in sheet.rows:
        cleaned = [clean(cell) for cell in cells]
        if not any(cleaned):
            continue
        if any(cleaned[len(sheet.headers) :]):
            errors.append(RowError(number, None, "row.too_long", "该行内容超出了表头的列数，可能错列"))
        rows.append(Row(number, {key: cleaned[at] for at, key in places.items() if at < len(cleaned)}))
    if not rows and not errors:
        errors.append(RowError(2, None, "sheet.empty", "表格中没有数据行"))
    return rows, errors


class RowReader:
    """Takes one row apart; a fault is added to `errors` and answered with None, so that the next cell is read too."""

    def __init__(self, row: Row, layout: Layout, errors: list[RowError]) -> None:
        self.row = row
        self._layout = layout
        self._errors = errors
        self._before = len(errors)

    @property
    def sound(self) -> bool:
        """Whether no fault has been found in this row so far."""
        return len(self._errors) == self._before

    def fail(self, key: str, code: str, message: str) -> None:
        title = self._layout.column(key).title
        self._errors.append(RowError(self.row.number, key, code, f"{title}：{message}"))

    def text(self, key: str, longest: int = MAX_CELL) -> str | None:
        """The cell, or None if it is empty; an empty required one is a fault."""
        text = self.row.cells.get(key, "")
        if not text:
            if self._layout.column(key).required:
                self.fail(key, "cell.missing", "不能为空")
            return None
        if text.startswith(("=", "#")):
            self.fail(key, "cell.formula", "单元格是公式或错误值，请改为数值后粘贴")
            return None
        if len(text) > longest:
            self.fail(key, "cell.too_long", f"不能超过 {longest} 个字")
            return None
        return text

    def code(self, key: str) -> str | None:
        """An organisation's (or other) code: letters, digits and hyphens, no longer than 32."""
        text = self.text(key)
        if text is None:
            return None
        if id_number.damaged_by_spreadsheet(text):
            self.fail(key, "code.spreadsheet", "编码已被表格软件变成科学计数法，请将该列设为“文本”后重新填写")
            return None
        if not CODE.fullmatch(text):
            self.fail(key, "code.characters", f"{quoted(text)}不是有效编码（只能用字母、数字和连字符，最多 32 位）")
            return None
        return text

    def day(self, key: str) -> date | None:
        text = self.text(key)
        if text is None:
            return None
        if (day := parse_date(text)) is not None:
            return day
        if _MONTH_ONLY.fullmatch(text):
            self.fail(key, "date.incomplete", f"{quoted(text)}缺少日，请填写年月日")
        elif _SERIAL.fullmatch(text):
            self.fail(key, "date.serial", f"{quoted(text)}是表格软件的日期序号，请将单元格设为日期或按 2014-07-31 填写")
        else:
            self.fail(key, "date.invalid", f"{quoted(text)}不是有效日期，请按 2014-07-31 填写")
        return None

    def choice(self, key: str, kind: type[E]) -> E | None:
        """One of the layout's choices, by its Chinese name or its code."""
        text = self.text(key)
        if text is None:
            return None
        choices = self._layout.column(key).choices
        value = choices.get(text, text.lower())
        if value not in kind.__members__.values():
            named = "、".join(dict.fromkeys(_first_names(choices)))
            self.fail(key, "choice.unknown", f"{quoted(text)}不在可选范围内，应为：{named}")
            return None
        return kind(value)

    def flag(self, key: str) -> bool | None:
        """是 or 否; an empty cell is None."""
        text = self.text(key)
        if text is None:
            return None
        if text.lower() in _YES:
            return True
        if text.lower() in _NO:
            return False
        self.fail(key, "flag.invalid", f"{quoted(text)}应填“是”或“否”")
        return None

    def whole(self, key: str, least: int = 0, most: int = 10_000_000) -> int | None:
        text = self.text(key)
        if text is None:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            self.fail(key, "number.invalid", f"{quoted(text)}应为 {least} 至 {most} 的整数")
            return None
        return int(text)


def duplicates(
    keyed: Iterable[tuple[str, Row]], column: Column, code: str, show: Callable[[str], str] = quoted
) -> list[RowError]:
    """An error for each row whose key has been seen in an earlier one."""
    first: dict[str, int] = {}
    errors = []
    for key, row in keyed:
        if (earlier := first.setdefault(key, row.number)) != row.number:
            message = f"{column.title}：{show(key)}与第 {earlier} 行重复"
            errors.append(RowError(row.number, column.key, code, message))
    return errors


def _places(headers: Collection[str], layout: Layout) -> tuple[dict[int, str], list[RowError]]:
    places: dict[int, str] = {}
    errors = []
    for at, header in enumerate(headers):
        if not clean(header):
            continue
        column = layout.find(header)
        if column is None:
            why = next((text for part, text in layout.forbidden.items() if part in header), None)
            code = "column.forbidden" if why else "column.unknown"
            errors.append(RowError(1, None, code, f"表头{quoted(clean(header))}：{why or '不认识的列，请使用模板'}"))
        elif column.key in places.values():
            errors.append(RowError(1, column.key, "column.twice", f"“{column.title}”列出现了两次"))
        else:
            places[at] = column.key
    return places, errors


def _plain_header(text: str) -> str:
    text = unicodedata.normalize("NFKC", clean(text)).lower()
    text = re.sub(r"\(.*?\)|[*\s]", "", text)
    return text.replace("_", "").replace("-", "")


def _first_names(choices: Mapping[str, str]) -> list[str]:
    first: dict[str, str] = {}
    for name, code in choices.items():
        first.setdefault(code, name)
    return list(first.values())
