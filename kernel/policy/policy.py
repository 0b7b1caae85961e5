"""The rules in force for one place on one day: what a deciding function is given beside its facts."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import Invalid
from kernel.policy.decision import Reason
from kernel.policy.packs import DepartmentEntry, Entry, Pack, RuleEntry
from kernel.policy.strictness import strictest, strictest_mode

_KINDS = {"rule": "规则", "parameter": "参数", "department": "部门", "label": "名称表"}


class NotInForce(Invalid):
    """The packs of this place and day do not know the rule, parameter or department that was asked for."""

    code = "not in force"

    def __init__(self, kind: str, name: str, packs: tuple[str, ...]) -> None:
        self.arguments = (kind, name, packs)
        super().__init__({kind: [f"现行规定包（{'、'.join(packs)}）没有{_KINDS[kind]} {name}"]})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.arguments


@dataclass(frozen=True)
class Contribution:
    """What one pack says about a parameter; `prevails` if the effective value rests on it."""

    pack: str
    value: Any
    source: str
    mode: str
    unconfirmed: bool
    prevails: bool


@dataclass(frozen=True)
class Parameter:
    """A parameter in force: the strictest of all packs, and where it comes from.

    Where several packs ask for the same, `source` names all of them ("NT 19；JH 12") and `pack` the most local one.
    """

    name: str
    value: Any
    unit: str
    source: str
    pack: str
    direction: str
    mode: str
    unconfirmed: bool
    note: str
    contributions: tuple[Contribution, ...]

    @property
    def waivable(self) -> bool:
        return self.mode == "warn"


@dataclass(frozen=True)
class Rule:
    """A rule in force. `mode`: `block`, `warn` (passes on a recorded written reason) or `notice` (refuses nothing).

    `mode` is the strictest of what the packs state for the rule (`stated_mode`) and for its parameters.
    """

    id: str
    source: str
    mode: str
    stated_mode: str
    stages: tuple[str, ...]
    text: str
    remedy: str
    parameters: tuple[str, ...]
    packs: tuple[str, ...]
    unconfirmed: bool

    @property
    def waivable(self) -> bool:
        return self.mode == "warn"


@dataclass(frozen=True)
class Department:
    """A department on that day: code of the document, name of the day, whether it is still asked."""

    code: str
    name: str
    asked: bool
    successor: str | None
    unconfirmed: bool


class Policy:
    """The packs in force, the house's first and the county's last. Made by `PolicyBook.at`; it does not change."""

    def __init__(self, city: str, county: str | None, on: dt.date, packs: tuple[Pack, ...], registry: Registry) -> None:
        self.city, self.county, self.on = city, county, on
        self.packs: tuple[str, ...] = tuple(pack.name for pack in packs)
        self._chain = packs
        self._registry = registry
        self._parameters = _effective_parameters(packs, on)
        self._rules = _effective_rules(packs, on, self._parameters)

    def on_day(self, day: dt.date) -> Policy:
        """The same rules on another day, on which the same packs and entries are in force; departments' names go by the day."""
        if day == self.on:
            return self
        other = copy.copy(self)
        other.on = day
        return other

    def __repr__(self) -> str:
        return f"<Policy {self.city}{' ' + self.county if self.county else ''} {self.on}: {', '.join(self.packs)}>"

    def __getitem__(self, name: str) -> Parameter:
        """Raises `NotInForce`."""
        try:
            return self._parameters[name]
        except KeyError:
            raise NotInForce("parameter", name, self.packs) from None

    def value(self, name: str) -> Any:
        """Raises `NotInForce`."""
        return self[name].value

    def has(self, name: str) -> bool:
        return name in self._parameters

    def asks(self, name: str) -> bool:
        """True if a duty (direction `true`) of that name is in force."""
        return name in self._parameters and self._parameters[name].value is True

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._parameters))

    def rule(self, rule_id: str) -> Rule:
        """Raises `NotInForce`."""
        try:
            return self._rules[rule_id]
        except KeyError:
            raise NotInForce("rule", rule_id, self.packs) from None

    def has_rule(self, rule_id: str) -> bool:
        return rule_id in self._rules

    def rules(self, stage: str | None = None, mode: str | None = None) -> tuple[Rule, ...]:
        """The rules in force, sorted by id; of one stage, of one mode, if given."""
        return tuple(
            rule
            for _, rule in sorted(self._rules.items())
            if (stage is None or stage in rule.stages) and (mode is None or rule.mode == mode)
        )

    def reason(
        self,
        rule_id: str,
        message: str,
        fact: Mapping[str, Any] | None = None,
        *,
        parameters: tuple[str, ...] = (),
        remedy: str | None = None,
    ) -> Reason:
        """The reason of a refusal by a rule in force; raises `NotInForce` for another: a reason names a real rule.

        `parameters` are those that decided: source and mode are then theirs, and not those of the rule's other parameters.
        """
        rule = self.rule(rule_id)
        if not parameters:
            return Reason(rule.id, rule.source, message, fact, remedy or rule.remedy, rule.waivable)
        deciding = [self[name] for name in parameters]
        mode = strictest_mode(rule.stated_mode, *(p.mode for p in deciding))
        source = join_sources(p.source for p in deciding)
        return Reason(rule.id, source, message, fact, remedy or rule.remedy, waivable=mode == "warn")

    def departments(self) -> tuple[Department, ...]:
        """All departments of the register, as they are called on that day."""
        return tuple(self.department(code) for code in sorted(self._registry.departments))

    def department(self, code: str) -> Department:
        """Raises `NotInForce` for a code that is in no pack."""
        entry = self._registry.departments.get(code)
        if entry is None:
            raise NotInForce("department", code, self.packs)
        called = next((n for n in entry.names if n.dated.covers(self.on)), entry.names[-1])
        unconfirmed = entry.unconfirmed or called.unconfirmed
        return Department(code, called.name, entry.asked.covers(self.on), entry.successor, unconfirmed)

    def labels(self, kind: str) -> Mapping[str, str]:
        """The Chinese names of a kind ("domain", "stage", "publicity_stage" …) by code; raises `NotInForce`."""
        if kind not in self._registry.labels:
            raise NotInForce("label", kind, self.packs)
        return self._registry.labels[kind]

    def label(self, kind: str, code: str) -> str:
        """The Chinese name, or the code itself where the packs give none."""
        return self._registry.labels.get(kind, {}).get(code, code)

    def cite(self, source: str) -> str:
        """A source in full for people: "JH 6" becomes the document's title and 第 6 条."""
        return self._registry.cite(source)


class Registry:
    """Departments, labels and titles of sources. They carry dates of their own, so a pack's end does not end them."""

    def __init__(self, packs: tuple[Pack, ...]) -> None:
        self.departments: dict[str, DepartmentEntry] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.sources: dict[str, str] = {}
        for pack in packs:
            self.departments.update({d.code: d for d in pack.departments})
            self.sources.update(pack.sources)
            for kind, words in pack.labels.items():
                self.labels.setdefault(kind, {}).update(words)

    def cite(self, source: str) -> str:
        return "；".join(self._cite_one(part) for part in source.split("；"))

    def _cite_one(self, source: str) -> str:
        document, _, articles = source.partition(" ")
        before, gap, after = self.sources.get(document, f"{document}第 {{}}").partition("第 {}")
        return f"{before}第 {articles}{after}" if gap and articles else before


def join_sources(sources: Any) -> str:
    return "；".join(dict.fromkeys(part for source in sources for part in source.split("；")))


def _effective_parameters(packs: tuple[Pack, ...], on: dt.date) -> dict[str, Parameter]:
    stated: dict[str, list[Entry]] = {}
    stretched = {pack.name for pack in packs if pack.is_stretched(on)}
    for pack in packs:
        for entry in pack.parameters:
            if entry.dated.covers(on):
                stated.setdefault(entry.name, []).append(entry)
    return {name: _effective(entries, stretched) for name, entries in stated.items()}


def _effective(entries: list[Entry], stretched: set[str]) -> Parameter:
    first = entries[0]
    value = first.value
    for entry in entries[1:]:
        value = strictest(first.direction, value, entry.value)
    contributions = tuple(
        Contribution(
            pack=e.pack,
            value=e.value,
            source=e.source,
            mode=e.mode,
            unconfirmed=e.unconfirmed or e.pack in stretched,
            prevails=_rests_on(first.direction, value, e),
        )
        for e in entries
    )
    deciding = [c for c in contributions if c.prevails]
    together = first.direction in ("superset", "all_of")
    return Parameter(
        name=first.name,
        value=value,
        unit=first.unit,
        source=join_sources(c.source for c in deciding),
        pack=deciding[-1].pack,
        direction=first.direction,
        mode=strictest_mode(*(e.mode for e in entries)),
        unconfirmed=(any if together else all)(c.unconfirmed for c in deciding),
        note=" ".join(e.note for e in entries if e.note),
        contributions=contributions,
    )


def _rests_on(direction: str, value: Any, entry: Entry) -> bool:
    """Does the effective value rest on what this entry says? In a union everyone who adds something has a part.

    At least one entry does: where nobody adds anything, all of them say so.
    """
    if direction == "superset":
        return bool(entry.value) or not value
    if direction == "all_of":
        return any(value[unit] == least for unit, least in entry.value.items())
    return bool(entry.value == value)


def _effective_rules(packs: tuple[Pack, ...], on: dt.date, parameters: Mapping[str, Parameter]) -> dict[str, Rule]:
    stated: dict[str, list[RuleEntry]] = {}
    stretched = {pack.name for pack in packs if pack.is_stretched(on)}
    for pack in packs:
        for entry in pack.rules:
            if entry.dated.covers(on):
                stated.setdefault(entry.id, []).append(entry)
    return {rule_id: _effective_rule(entries, stretched, parameters) for rule_id, entries in stated.items()}


def _effective_rule(entries: list[RuleEntry], stretched: set[str], parameters: Mapping[str, Parameter]) -> Rule:
    local = entries[-1]
    named = tuple(dict.fromkeys(p for e in entries for p in e.parameters if p in parameters))
    stated = strictest_mode(*(e.mode for e in entries))
    return Rule(
        id=local.id,
        source=join_sources(e.source for e in entries),
        mode=strictest_mode(stated, *(parameters[p].mode for p in named)),
        stated_mode=stated,
        stages=tuple(dict.fromkeys(s for e in entries for s in e.stages)),
        text=local.text,
        remedy=local.remedy,
        parameters=named,
        packs=tuple(e.pack for e in entries),
        unconfirmed=all(e.unconfirmed or e.pack in stretched for e in entries),
    )
