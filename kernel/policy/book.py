"""All packs: loaded, checked against each other, and resolved for a place and a day."""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from kernel.errors import Invalid
from kernel.policy.packs import LAYERS, Dated, Entry, Pack, PackError, RuleEntry, read_pack, read_pack_file
from kernel.policy.policy import Parameter, Policy, Registry
from kernel.policy.strictness import MODES, is_looser

DEPARTMENT_CODES = "department codes"
"""The unit of a parameter that lists departments of the register."""

_REMEMBERED = 1024
"""Resolved policies kept in memory: one per city or county and stretch of days on which nothing changes."""


class PolicyBook:
    """The packs of the house. `at` answers what is in force where and when; the book does not change after loading."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Raises `PackError` if the packs do not fit together."""
        self.packs = tuple(sorted(packs, key=lambda p: (LAYERS.index(p.layer), p.dated.start or dt.date.min, p.name)))
        self._registry = Registry(self.packs)
        self._changes = sorted({day for pack in self.packs for dated in _periods(pack) for day in _edges(dated)})
        self._resolved: dict[tuple[str, int, str | None], Policy] = {}
        self._check_scopes()
        self._check_register()
        self._check_references()
        self._check_kinds()
        self._check_first_days()

    @classmethod
    def load(cls, extra: Iterable[Path | str] = ()) -> PolicyBook:
        """The packs that come with the package and `extra` overlay files. Raises `PackError`."""
        shipped = sorted((f for f in resources.files("policies").iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
        packs = [read_pack(f.read_text(encoding="utf-8"), f.name) for f in shipped]
        return cls([*packs, *(read_pack_file(Path(path)) for path in extra)])

    @property
    def cities(self) -> tuple[str, ...]:
        return tuple(sorted({pack.city for pack in self.packs if pack.city}))

    def at(self, city: str, on: dt.date, county: str | None = None) -> Policy:
        """What is in force in `city` (and `county`, six digits) on the day `on`.

        Before the city's first pack only the national rules are in force: a rule of the city is then unknown
        (`NotInForce`). A county without a pack of its own has the city's rules. Raises `Invalid` for an unknown city
        and for a county of another city.
        """
        # Between two days on which something begins or ends, all days have the same rules.
        key = (city, bisect_right(self._changes, on), county)
        if key not in self._resolved:
            self._check_place(city, county)
            if len(self._resolved) >= _REMEMBERED:
                self._resolved.clear()
            self._resolved[key] = Policy(city, county, on, self._chain(city, on, county), self._registry)
        return self._resolved[key].on_day(on)

    def next_change(self, after: dt.date) -> dt.date | None:
        """The first later day on which something begins or ends in some pack; None if nothing does any more."""
        place = bisect_right(self._changes, after)
        return self._changes[place] if place < len(self._changes) else None

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that the packs say, in hexadecimal: another one means other rules."""
        return hashlib.sha256(repr(self.packs).encode()).hexdigest()

    def _check_place(self, city: str, county: str | None) -> None:
        if city not in self.cities:
            raise Invalid({"city": [f"未知的城市“{city}”，可用：{'、'.join(self.cities)}"]})
        codes = {pack.city_code for pack in self.packs if pack.city == city and pack.city_code}
        if county is not None and not (len(county) == 6 and county.isdecimal() and county[:4] in codes):
            raise Invalid({"county": [f"“{county}”不是该市的县（市、区）代码"]})

    def _chain(self, city: str, on: dt.date, county: str | None) -> tuple[Pack, ...]:
        return tuple(p for p in self.packs if p.in_force(on) and _concerns(p, city, county))

    def _check_scopes(self) -> None:
        """Names are unique, a pack stands on one of a lower layer, a county lies in its city."""
        faults: dict[str, list[str]] = {}
        by_name: dict[str, Pack] = {}
        for pack in self.packs:
            if pack.name in by_name:
                faults.setdefault(pack.name, []).append("另有同名的规定包")
            by_name[pack.name] = pack
        codes = {pack.city: pack.city_code for pack in self.packs if pack.layer == "city"}
        for pack in self.packs:
            faulty = faults.setdefault(pack.name, [])
            if pack.extends is not None:
                base = by_name.get(pack.extends)
                if base is None:
                    faulty.append(f"extends {pack.extends}：未加载该规定包")
                elif self.packs.index(base) >= self.packs.index(pack) or not _concerns(base, pack.city, pack.county):
                    faulty.append(f"extends {base.name}：该规定包不是它的上位规定")
            if pack.county is not None and pack.county[:4] != codes.get(pack.city):
                faulty.append(f"县（市、区）{pack.county} 不属于 {pack.city}")
        if faults := {name: messages for name, messages in faults.items() if messages}:
            raise PackError(faults)

    def _check_register(self) -> None:
        """Departments, labels and titles of sources hold for every city: what one pack has said, another does not change."""
        said: dict[tuple[str, str], str] = {}
        faults: dict[str, list[str]] = {}
        for pack in self.packs:
            words = [("部门", d.code) for d in pack.departments] + [("文件", source) for source in pack.sources]
            words += [(f"名称表 {kind} 中的", word) for kind, texts in pack.labels.items() for word in texts]
            for kind, word in words:
                before = said.setdefault((kind, word), pack.name)
                if before != pack.name:
                    faults.setdefault(pack.name, []).append(f"{kind} {word} 已由 {before} 规定，不得更改")
        if faults:
            raise PackError(faults)

    def _check_references(self) -> None:
        """Rules name parameters, and lists of departments name departments, that some pack knows."""
        parameters = {entry.name for pack in self.packs for entry in pack.parameters}
        faults: dict[str, list[str]] = {}
        for pack in self.packs:
            for rule in pack.rules:
                if unknown := set(rule.parameters) - parameters:
                    faults.setdefault(rule.id, []).append(f"未知的参数：{'、'.join(sorted(unknown))}（{pack.name}）")
            for entry in pack.parameters:
                if entry.unit == DEPARTMENT_CODES and (unknown := set(entry.value) - self._registry.departments.keys()):
                    faults.setdefault(entry.name, []).append(f"未知的部门：{'、'.join(sorted(unknown))}（{pack.name}）")
        if faults:
            raise PackError(faults)

    def _check_kinds(self) -> None:
        """A parameter is of one kind (direction, unit, shape of its value) in all packs, whatever their dates and places.

        Two packs that never meet today may meet on the day on which a newer base begins, and must then be comparable.
        """
        first: dict[str, Entry] = {}
        faults: dict[str, list[str]] = {}
        for entry in (entry for pack in self.packs for entry in pack.parameters):
            before = first.setdefault(entry.name, entry)
            if fault := _fault_of_kind(entry, before):
                faults.setdefault(entry.name, []).append(fault)
        if faults:
            raise PackError(faults)

    def _check_first_days(self) -> None:
        """An overlay may only tighten what is in force below it on its own first day; later a stricter one prevails."""
        faults: dict[str, list[str]] = {}
        for pack in self.packs:
            stated: tuple[Entry | RuleEntry, ...] = (*pack.parameters, *pack.rules)
            under = {day: self._under(pack, day) for day in {_first_day(pack, entry) for entry in stated}}
            for entry in pack.parameters:
                base = under[_first_day(pack, entry)]
                if base.has(entry.name) and (fault := _fault_against(entry, base[entry.name])):
                    faults.setdefault(entry.name, []).append(fault)
            for rule in pack.rules:
                if fault := _rule_fault(pack, rule, under[_first_day(pack, rule)]):
                    faults.setdefault(rule.id, []).append(fault)
        if faults:
            raise PackError(faults)

    def _under(self, pack: Pack, day: dt.date) -> Policy:
        """What is in force on `day` below `pack`: lower layers, and earlier packs of its own place."""
        below = self.packs[: self.packs.index(pack)]
        chain = tuple(p for p in self._chain(pack.city or "", day, pack.county) if p in below)
        return Policy(pack.city or "", pack.county, day, chain, self._registry)


def _periods(pack: Pack) -> Iterator[Dated]:
    yield pack.dated
    yield from (entry.dated for entry in pack.parameters)
    yield from (rule.dated for rule in pack.rules)


def _edges(dated: Dated) -> Iterator[dt.date]:
    """The days from which on something else is in force."""
    yield from (day for day in (dated.start, dated.end) if day is not None)


def _concerns(pack: Pack, city: str | None, county: str | None) -> bool:
    return pack.city in (None, city) and pack.county in (None, county)


def _first_day(pack: Pack, entry: Entry | RuleEntry) -> dt.date:
    return max(pack.dated.start or dt.date.min, entry.dated.start or dt.date.min)


def _rule_fault(pack: Pack, rule: RuleEntry, base: Policy) -> str | None:
    if not base.has_rule(rule.id):
        return None
    below = base.rule(rule.id)
    if MODES.index(rule.mode) <= MODES.index(below.mode):
        return None
    there = f"{below.mode}（{'、'.join(below.packs)}，{below.source}）"
    return f"规则宽于上位规定：方式 {rule.mode}（{pack.name}，{rule.source}），上位为 {there}"


def _fault_of_kind(entry: Entry, other: Entry) -> str | None:
    """Why the two cannot be compared: names what differs and both sources."""
    if entry.direction != other.direction:
        differs, here, there = "方向", entry.direction, other.direction
    elif entry.unit != other.unit:
        differs, here, there = "单位", entry.unit, other.unit
    elif _shape(entry.value) != _shape(other.value):
        differs, here, there = "值的形式", _shown(entry.value), _shown(other.value)
    else:
        return None
    return f"{differs}不同：{here}（{entry.pack}，{entry.source}），另有 {there}（{other.pack}，{other.source}）"


def _shape(value: object) -> object:
    """Under `fixed` any shape is allowed; the other directions have one each."""
    return next((shape for shape in (bool, int | Decimal, str, tuple, Mapping) if isinstance(value, shape)), type(value))


def _fault_against(entry: Entry, base: Parameter) -> str | None:
    """Why the entry cannot stand on `base`, which is of the same kind: names both values and both sources."""
    if is_looser(entry.direction, base.value, entry.value):
        fault = "不得更改" if entry.direction == "fixed" else "宽于上位规定"
        return _against(fault, _shown(entry.value), _shown(base.value), entry, base)
    if MODES.index(entry.mode) > MODES.index(base.mode):
        return _against("方式宽于上位规定", entry.mode, base.mode, entry, base)
    return None


def _against(fault: str, here: str, there: str, entry: Entry, base: Parameter) -> str:
    return f"{fault}：{here}（{entry.pack}，{entry.source}），上位为 {there}（{base.pack}，{base.source}）"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if hasattr(value, "items"):
        return "{" + ", ".join(f"{k}: {_shown(v)}" for k, v in value.items()) + "}"
    return str(value)


@cache
def shipped_book() -> PolicyBook:
    """The packs that come with the package, read once per process."""
    return PolicyBook.load()
