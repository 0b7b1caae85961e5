"""Spreadsheets in and out: CSV and XLSX bytes -> `RawSheet`, and the blank templates that people fill in.

openpyxl does not yield: call these in a worker thread or a process of its own, never on the hub. Files come from
outside, so everything has a limit: bytes, unpacked bytes, rows, columns, characters in a cell. A file that cannot be
read at all raises `Invalid` under `file`; what is wrong in single rows is for the parsers in `domain/`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from kernel.errors import Invalid, XinhuoError
from services.registry.domain import divisions, members, organisations, posts
from services.registry.domain.rows import Column, Layout, RawSheet

LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {layout.kind: layout for layout in (divisions.LAYOUT, organisations.LAYOUT, members.LAYOUT, posts.LAYOUT)}
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most; technical bounds, no rule of the packs."""

    file_bytes: int = 32 * 2**20
    unpacked_bytes: int = 128 * 2**20
    parts: int = 500
    rows: int = 100_000
    columns: int = 64
    cell: int = 2_000


@dataclass(frozen=True, slots=True)
class ReadFile:
    """An uploaded file: what stands in it, and the SHA-256 of its bytes."""

    sheet: RawSheet
    digest: str


DEFAULT = Limits()
# An import is one transaction, checked and written as a whole: its length must stay one that a database puts up with.
_UPLOAD = Limits(rows=20_000)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_EXACT = 10**15  # a spreadsheet keeps 15 digits; what is longer has lost its end
_WIDEST = 16  # empty but formatted cells right of the table are put up with, so many times its width


def read_sheet(data: bytes, limits: Limits = DEFAULT) -> RawSheet:
    """The first sheet of an XLSX file, or a CSV file (UTF-8, UTF-16 or GB 18030; comma, semicolon or tab).

    The first line that is not empty must be the header. Raises `Invalid` under `file`.
    """
    if not data:
        raise _unreadable("文件是空的")
    if len(data) > limits.file_bytes:
        raise _unreadable(f"文件超过 {limits.file_bytes // 2**20} MB")
    if data.startswith(_OLD_EXCEL):
        raise _unreadable("不支持旧版 .xls 或加密的文件，请另存为 .xlsx 或 .csv")
    lines = _xlsx_lines(data, limits) if data.startswith(_ZIP) else _csv_lines(data, limits)
    return _sheet(lines, limits)


def read_file(data: bytes, _content_type: str = "") -> ReadFile:
    """An upload. The bytes say what they are; what the browser calls them is not relied on. Raises `Invalid` under `file`."""
    return ReadFile(read_sheet(data, _UPLOAD), hashlib.sha256(data).hexdigest())


def template_xlsx(kind: str) -> bytes:
    """A blank workbook of one kind of sheet (`LAYOUTS`): headers, text columns, lists to choose from, and notes."""
    layout = LAYOUTS[kind]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = layout.title
    sheet.freeze_panes = "A2"
    for at, column in enumerate(layout.columns, start=1):
        letter = get_column_letter(at)
        cell = sheet.cell(row=1, column=at, value=_header(column))
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFF2CC" if column.required else "F2F2F2")
        dimension = sheet.column_dimensions[letter]
        dimension.width = 24 if column.as_text else 16
        # Every column is text: numbers keep their digits, and dates stay as they are typed.
        dimension.number_format = "@"
        if names := _names(column):
            choice = DataValidation("list", formula1=f'"{",".join(names)}"', allow_blank=not column.required)
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{DEFAULT.rows}")
    _notes(book, layout)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _header(column: Column) -> str:
    return f"{column.title}*" if column.required else column.title


def _names(column: Column) -> list[str]:
    """The first Chinese name of each choice."""
    first: dict[str, str] = {}
    for name, code in column.choices.items():
        first.setdefault(code, name)
    return list(first.values())


def _notes(book: Any, layout: Layout) -> None:
    notes = book.create_sheet("填写说明")
    notes.append(["列", "是否必填", "说明"])
    for column in layout.columns:
        told = "；".join(text for text in ("、".join(_names(column)), column.note) if text)
        notes.append([column.title, "必填" if column.required else "选填", told])
    notes.append([])
    notes.append(["日期按 2014-07-31 填写；身份证号码和编码请保持文本格式；请勿增加其他列。任何一行有误则全部不导入。"])
    for letter, width in (("A", 22), ("B", 10), ("C", 80)):
        notes.column_dimensions[letter].width = width
    for row in notes.iter_rows():
        for cell in row:
            cell.alignment = Alignment(vertical="top", wrap_text=cell.column == 3)


def _unreadable(message: str) -> Invalid:
    return Invalid({"file": [message]})


def _sheet(lines: Iterable[tuple[int, tuple[str, ...]]], limits: Limits) -> RawSheet:
    headers: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if len(cells) > limits.columns:
            raise _unreadable(f"第 {number} 行超过 {limits.columns} 列")
        if any(len(cell) > limits.cell for cell in cells):
            raise _unreadable(f"第 {number} 行有单元格超过 {limits.cell} 个字")
        if not cells:
            continue
        if headers is None:
            headers = cells
            continue
        if len(rows) >= limits.rows:
            raise _unreadable(f"超过 {limits.rows} 行，请分成几个文件")
        rows.append((number, cells))
    if headers is None:
        raise _unreadable("表格是空的")
    return RawSheet(headers, tuple(rows))


def _csv_lines(data: bytes, limits: Limits) -> Iterator[tuple[int, tuple[str, ...]]]:
    text = _decode(data)
    if "\x00" in text:
        raise _unreadable("不是文本文件：请另存为 .xlsx 或 .csv")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, _trimmed(cells)
    except csv.Error as error:
        raise _unreadable(f"第 {number + 1} 行不是有效的 CSV（{error}）") from error


def _decode(data: bytes) -> str:
    utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # what Excel calls "Unicode text"
    # Chinese Windows saves "CSV" in GB 18030.
    encodings = ("utf-16",) if utf_16 else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable("文件编码无法识别，请另存为 UTF-8 的 CSV 或 .xlsx")


def _xlsx_lines(data: bytes, limits: Limits) -> list[tuple[int, tuple[str, ...]]]:
    _check_package(data, limits)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of decoration that it does not understand; only values are read here.
            warnings.simplefilter("ignore", UserWarning)
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                return list(_cells(book, limits))
            finally:
                book.close()
    except XinhuoError:
        raise
    except Exception as error:  # a damaged or hostile package fails in a dozen ways inside the parser
        raise _unreadable("不是有效的 .xlsx 文件，可能已损坏") from error


def _check_package(data: bytes, limits: Limits) -> None:
    """Refuse a bomb before anything is unpacked: zipfile never inflates a part beyond its declared size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _unreadable("不是有效的 .xlsx 文件，可能已损坏") from error
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise _unreadable(f"文件解压后过大（上限 {limits.unpacked_bytes // 2**20} MB）")
    if any(part.flag_bits & 1 for part in parts):
        raise _unreadable("文件已加密，请去掉密码后再导入")


def _cells(book: Any, limits: Limits) -> Iterator[tuple[int, tuple[str, ...]]]:
    sheet = book.worksheets[0] if book.worksheets else None
    if sheet is None:
        raise _unreadable("工作簿中没有工作表")
    sheet.reset_dimensions()  # the declared size may be wrong, or a million rows
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > limits.rows + 1:
            raise _unreadable(f"超过 {limits.rows} 行（含空行），请删除多余的行或分成几个文件")
        if len(values) > _WIDEST * limits.columns:
            raise _unreadable(f"第 {number} 行超过 {limits.columns} 列，请删除多余的列")
        yield number, _trimmed([_text(value) for value in values])


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    """Without the empty cells at the end, which are formatting."""
    length = len(cells)
    while length and not cells[length - 1].strip():
        length -= 1
    return tuple(cells[:length])


def _text(value: object) -> str:
    """A cell's value as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _digits(value)
    return value if isinstance(value, str) else "=" if hasattr(value, "ref") else str(value)


def _digits(value: int | float) -> str:
    """A number's digits; one too long to be exact is shown as damaged, so that the check can say what happened."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    whole = int(value)
    if abs(whole) >= _EXACT and (isinstance(value, float) or whole % 1000 == 0):
        return f"{Decimal(whole):.5E}"
    return str(whole)
