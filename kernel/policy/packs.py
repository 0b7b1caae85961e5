"""One policy pack: a YAML file, read and checked on its own. How packs stand on each other is `book.py`'s matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from kernel.errors import Invalid
from kernel.policy.strictness import DIRECTIONS, MODES, WHOLE_UNITS, fault_of

LAYERS: Final = ("house", "national", "city", "county")
"""From the ground up: this project's own safeguards, the national rules, the city's, the county's."""


class PackError(Invalid):
    """A pack that cannot be used. `fields` maps a place in the file (or a parameter) to what is wrong there."""

    code = "bad pack"


@dataclass(frozen=True)
class Dated:
    """In force from `start` (included) until `end` (excluded); None is without bound."""

    start: dt.date | None = None
    end: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Entry:
    """A parameter as one pack states it."""

    name: str
    value: Any
    unit: str
    source: str
    direction: str
    mode: str
    unconfirmed: bool
    note: str
    dated: Dated
    pack: str


@dataclass(frozen=True)
class RuleEntry:
    """A rule (the id of a refusal or a notice) as one pack states it."""

    id: str
    source: str
    mode: str
    stages: tuple[str, ...]
    text: str
    remedy: str
    parameters: tuple[str, ...]
    unconfirmed: bool
    dated: Dated
    pack: str


@dataclass(frozen=True)
class DepartmentName:
    name: str
    dated: Dated
    unconfirmed: bool


@dataclass(frozen=True)
class DepartmentEntry:
    """A department. The code stays the document's for good; the name goes with the time."""

    code: str
    names: tuple[DepartmentName, ...]
    asked: Dated
    successor: str | None
    unconfirmed: bool
    note: str


@dataclass(frozen=True)
class Pack:
    name: str
    title: str
    layer: str
    extends: str | None
    city: str | None
    city_code: str | None
    county: str | None
    dated: Dated
    also_before: bool
    parameters: tuple[Entry, ...]
    rules: tuple[RuleEntry, ...]
    departments: tuple[DepartmentEntry, ...]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def in_force(self, day: dt.date) -> bool:
        """`also_before`: the text serves for the days before its first one too (then unconfirmed)."""
        return self.dated.covers(day) or self.is_stretched(day)

    def is_stretched(self, day: dt.date) -> bool:
        return self.also_before and self.dated.start is not None and day < self.dated.start


def read_pack(text: str, where: str) -> Pack:
    """Parse and check one pack. Raises `PackError` with everything that is wrong with it, not only the first."""
    try:
        raw = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PackError({where: [f"不是可读的 YAML：{error}"]}) from error
    return _Reader(where).pack(raw)


def read_pack_file(path: Path) -> Pack:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError({str(path): [f"无法读取：{error}"]}) from error
    return read_pack(text, path.name)


# libyaml's parser reads the packs ten times faster where PyYAML was built with it; the constructor is the same.
_Parser: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc, valid-type]
    """Safe, with decimals instead of floats (a rule's number is exact) and without keys given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str):
                raise yaml.YAMLError(f"键须为文字（加引号）：{key!r}{node.start_mark}")
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise yaml.YAMLError(f"重复的键：{'、'.join(sorted(twice))}{node.start_mark}")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)

_DATED: Final = frozenset({"from", "until", "unconfirmed"})
_HEAD: Final = frozenset(
    {"name", "title", "layer", "extends", "city", "city_code", "county", "from", "until", "also_before"}
    | {"parameters", "rules", "departments", "labels", "sources"}
)
_PARAMETER: Final = _DATED | {"value", "unit", "source", "direction", "mode", "note"}
_RULE: Final = _DATED | {"source", "mode", "stage", "text", "remedy", "parameters"}
_DEPARTMENT: Final = frozenset({"names", "asked_from", "asked_until", "successor", "unconfirmed", "note"})
_NAME: Final = _DATED | {"name"}


class _Reader:
    """Walks the raw mapping and notes every fault with its place."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.faults: dict[str, list[str]] = {}
        self.name = where

    def fault(self, place: str, message: str) -> None:
        self.faults.setdefault(place, []).append(message)

    def pack(self, raw: Any) -> Pack:
        if not isinstance(raw, dict):
            raise PackError({self.where: ["规定包须为含 name、layer、parameters 等的映射"]})
        head = self.known(raw, "pack", _HEAD)
        self.name = self.word(head, "name", "pack") or self.where
        layer = self.choice(head, "layer", "pack", LAYERS)
        pack = Pack(
            name=self.name,
            title=self.word(head, "title", "pack", needed=False) or self.name,
            layer=layer,
            extends=self.word(head, "extends", "pack", needed=layer != "house"),
            city=self.word(head, "city", "pack", needed=layer in ("city", "county")),
            city_code=self.word(head, "city_code", "pack", needed=layer == "city"),
            county=self.word(head, "county", "pack", needed=layer == "county"),
            dated=self.dated(head, "pack", needed=layer != "house"),
            also_before=self.flag(head, "also_before", "pack"),
            parameters=tuple(self.parameter(*item) for item in self.items(head, "parameters")),
            rules=tuple(self.rule(*item) for item in self.items(head, "rules")),
            departments=tuple(self.department(*item) for item in self.items(head, "departments")),
            labels=self.labels(head),
            sources=self.words(head, "sources"),
        )
        if pack.county is not None and layer != "county":
            self.fault("pack", "只有 layer: county 的规定包才写 county")
        if self.faults:
            raise PackError(self.faults)
        return pack

    def items(self, raw: Mapping[str, Any], section: str) -> Iterator[tuple[str, dict[str, Any]]]:
        content = raw.get(section) or {}
        if not isinstance(content, dict):
            self.fault(section, "须为映射")
            return
        for name, entry in content.items():
            if isinstance(entry, dict):
                yield name, entry
            else:
                self.fault(name, "须为含 source 等内容的映射")

    def parameter(self, name: str, raw: dict[str, Any]) -> Entry:
        entry = self.known(raw, name, _PARAMETER)
        direction = self.choice({**entry, "direction": _word(entry.get("direction"))}, "direction", name, DIRECTIONS)
        value = _frozen(entry.get("value"))
        if direction and (wrong := fault_of(direction, value)):
            self.fault(name, f"value {entry.get('value')!r} {wrong}（方向 {direction}）")
        elif entry.get("unit") in WHOLE_UNITS and not isinstance(value, int):
            self.fault(name, f"value {entry.get('value')} 须为整数（单位 {entry.get('unit')}）")
        return Entry(
            name=name,
            value=value,
            unit=self.word(entry, "unit", name) or "",
            source=self.word(entry, "source", name) or "",
            direction=direction,
            mode=self.choice(entry, "mode", name, MODES),
            unconfirmed=self.flag(entry, "unconfirmed", name),
            note=self.word(entry, "note", name, needed=False) or "",
            dated=self.dated(entry, name),
            pack=self.name,
        )

    def rule(self, name: str, raw: dict[str, Any]) -> RuleEntry:
        entry = self.known(raw, name, _RULE)
        stages = entry.get("stage")
        return RuleEntry(
            id=name,
            source=self.word(entry, "source", name) or "",
            mode=self.choice(entry, "mode", name, MODES),
            stages=self.word_list(name, "stage", [stages] if isinstance(stages, str) else stages),
            text=self.word(entry, "text", name) or "",
            remedy=self.word(entry, "remedy", name) or "",
            parameters=self.word_list(name, "parameters", entry.get("parameters", [])),
            unconfirmed=self.flag(entry, "unconfirmed", name),
            dated=self.dated(entry, name),
            pack=self.name,
        )

    def department(self, code: str, raw: dict[str, Any]) -> DepartmentEntry:
        entry = self.known(raw, code, _DEPARTMENT)
        names = entry.get("names")
        if not isinstance(names, list) or not names or not all(isinstance(n, dict) for n in names):
            self.fault(code, "names 须为 {name, from, until} 的列表")
            names = []
        for name in names:
            self.known(name, code, _NAME)
        return DepartmentEntry(
            code=code,
            names=tuple(
                DepartmentName(self.word(n, "name", code) or "", self.dated(n, code), self.flag(n, "unconfirmed", code))
                for n in names
            ),
            asked=self.dated({"from": entry.get("asked_from"), "until": entry.get("asked_until")}, code),
            successor=self.word(entry, "successor", code, needed=False),
            unconfirmed=self.flag(entry, "unconfirmed", code),
            note=self.word(entry, "note", code, needed=False) or "",
        )

    def labels(self, raw: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
        return MappingProxyType({kind: self.words({kind: words}, kind) for kind, words in self.items(raw, "labels")})

    def words(self, raw: Mapping[str, Any], section: str) -> Mapping[str, str]:
        content = raw.get(section) or {}
        if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
            self.fault(section, "须为“词: 文字”的映射")
            return MappingProxyType({})
        return MappingProxyType(dict(content))

    def known(self, raw: dict[str, Any], place: str, keys: frozenset[str]) -> dict[str, Any]:
        if unknown := sorted(raw.keys() - keys):
            self.fault(place, f"未知的项：{'、'.join(unknown)}")
        return raw

    def word(self, raw: Mapping[str, Any], key: str, place: str, needed: bool = True) -> str | None:
        value = raw.get(key)
        if value is None and not needed:
            return None
        if not isinstance(value, str) or not value.strip():
            self.fault(place, f"{key} 须为文字（数字加引号）" if value is not None else f"缺少 {key}")
            return None
        return value

    def word_list(self, place: str, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.fault(place, f"{key} 须为词或词的列表")
            return ()
        return tuple(value)

    def choice(self, raw: Mapping[str, Any], key: str, place: str, choices: tuple[str, ...]) -> str:
        value = self.word(raw, key, place)
        if value is not None and value not in choices:
            self.fault(place, f"{key} 须为 {'、'.join(choices)} 之一，不是 {value!r}")
        return value if value in choices else ""

    def flag(self, raw: Mapping[str, Any], key: str, place: str) -> bool:
        value = raw.get(key, False)
        if not isinstance(value, bool):
            self.fault(place, f"{key} 须为 true 或 false")
            return False
        return value

    def dated(self, raw: Mapping[str, Any], place: str, needed: bool = False) -> Dated:
        days = [raw.get("from"), raw.get("until")]
        for key, day in zip(("from", "until"), days, strict=True):
            if day is not None and type(day) is not dt.date:
                self.fault(place, f"{key} 须为日期（如 2014-07-31）")
                return Dated()
        start, end = days
        if start is None and needed:
            self.fault(place, "缺少 from")
        if start is not None and end is not None and end <= start:
            self.fault(place, "until 须在 from 之后")
        return Dated(start, end)


def _word(value: Any) -> Any:
    """YAML reads an unquoted `true` as a truth value; as a direction it is the word."""
    return "true" if value is True else value


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(v) for v in value)
    if isinstance(value, dict):
        return MappingProxyType({k: _frozen(v) for k, v in value.items()})
    return value
