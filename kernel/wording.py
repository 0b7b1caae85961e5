"""What marshmallow says of bad input, in Chinese: people see it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_FIXED = {
    "Missing data for required field.": "必填",
    "Field may not be null.": "不能为空值",
    "Unknown field.": "未知的字段",
    "Invalid input type.": "类型不对",
    "Invalid type.": "类型不对",
    "Invalid value.": "取值无效",
    "Invalid input.": "取值无效",
    "Not a valid string.": "应为文本",
    "Not a valid utf-8 string.": "不是合法的 UTF-8 文本",
    "Not a valid list.": "应为列表",
    "Not a valid mapping type.": "应为对象",
    "Not a valid UUID.": "不是合法的编号",
    "Not a valid number.": "应为数字",
    "Not a valid integer.": "应为整数",
    "Not a valid boolean.": "应为 true 或 false",
    "Not a valid date.": "应为日期（YYYY-MM-DD）",
    "Not a valid time.": "应为时间",
    "Not a valid datetime.": "应为时刻（RFC 3339）",
    "Number too large.": "数字过大",
    "Special numeric values (nan or infinity) are not permitted.": "不接受 NaN 或无穷大",
    "String does not match expected pattern.": "格式不对",
    "Not a valid URL.": "不是合法的网址",
    "Not a valid email address.": "不是合法的邮箱地址",
}

_WITH_VALUES = [
    (re.compile(r"Must be one of: (.*)\."), r"须为其中之一：\1"),
    (re.compile(r"Shorter than minimum length (.*)\."), r"长度不少于 \1"),
    (re.compile(r"Longer than maximum length (.*)\."), r"长度不超过 \1"),
    (re.compile(r"Length must be between (.*) and (.*)\."), r"长度须在 \1 与 \2 之间"),
    (re.compile(r"Length must be (.*)\."), r"长度须为 \1"),
    (re.compile(r"Must be greater than or equal to (\S*) and less than or equal to (\S*)\."), r"须在 \1 与 \2 之间"),
    (re.compile(r"Must be greater than or equal to (\S*)\."), r"须不小于 \1"),
    (re.compile(r"Must be less than or equal to (\S*)\."), r"须不大于 \1"),
    (re.compile(r"Must be greater than (\S*)\."), r"须大于 \1"),
    (re.compile(r"Must be less than (\S*)\."), r"须小于 \1"),
    (re.compile(r"Must be equal to (.*)\."), r"须为 \1"),
    (re.compile(r"Not a valid (naive|aware) datetime\."), r"应为带时区的时刻（RFC 3339）"),
]


def in_chinese(message: str) -> str:
    """The sentence in Chinese where it is one of marshmallow's own; otherwise as it is."""
    if message in _FIXED:
        return _FIXED[message]
    for pattern, wording in _WITH_VALUES:
        if found := pattern.fullmatch(message):
            return found.expand(wording)
    return message


def faults_by_field(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as {dotted path: [sentence]}. What belongs to no field stands under the path above it."""
    faults: dict[str, list[str]] = {}
    for path, message in _walk(messages, prefix):
        faults.setdefault(path, []).append(in_chinese(message))
    return faults


def _walk(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            below = path if name == "_schema" else f"{path}.{name}" if path else str(name)
            yield from _walk(inner, below)
    elif isinstance(messages, (list, tuple)):
        for inner in messages:
            yield from _walk(inner, path)
    else:
        yield path or "body", str(messages)
