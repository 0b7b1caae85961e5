"""Every blocking rule of the way is tried and must refuse. Which rules these are is computed from the packs, not written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kernel.policy import Policy, PolicyBook
from suite.client import Acting, Problem
from suite.demo.narrator import Narrator
from suite.demo.walk import Calendar

#: The stages of the whole way, as the packs name them.
STRETCH = (
    *("application", "talk", "recommendation", "activist", "cultivation", "publicity"),
    *("prospect", "vetting", "pre_examination", "admission", "committee", "probation", "conversion"),
    *("scoring", "alerts", "organizers"),
)
REFUSED = 422
#: city and national pack: under which rules a rule was tried
Under = tuple[str, str]


def national(policy: Policy) -> str:
    """The national pack in force."""
    return next(name for name in policy.packs if name.startswith("national-"))


def blocking(policy: Policy) -> set[str]:
    """The rules of the way that refuse whatever is written."""
    return {rule.id for stage in STRETCH for rule in policy.rules(stage, "block")}


@dataclass
class Trials:
    """What was tried and what refused it. `wrong`: what did not come out as it should have."""

    book: PolicyBook
    narrator: Narrator
    calendar: Calendar
    expected: dict[Under, set[str]] = field(default_factory=dict)
    refused: dict[Under, set[str]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    #: Which rules of a policy have to refuse.
    wanted: Callable[[Policy], set[str]] = blocking

    def expect(self, city: str, on: date) -> None:
        """From that day's packs: what has to be refused in this city."""
        policy = self.book.at(city, on)
        self.expected[city, national(policy)] = self.wanted(policy)

    def refuse(self, rule: str, tried: str, by: Acting, path: str, body: Any, *, city: str, service: str = "recruitment") -> None:
        """Sends what `rule` must refuse, and tells the refusal. `tried` says in Chinese what is attempted."""
        policy = self.book.at(city, self.calendar.today)
        under = (city, national(policy))
        try:
            by.post(service, path, body)
        except Problem as problem:
            if problem.status != REFUSED or rule not in problem.rules:
                self._fail(under, rule, f"{tried}：{problem}")
                return
            reason = next(reason for reason in problem.document["reasons"] if reason["rule"] == rule)
            lacking = [name for name in ("source", "message", "remedy") if not reason[name]]
            if lacking or reason["fact"] is None:
                self._fail(under, rule, f"{tried}：拒绝中缺少 {lacking or 'fact'}")
            self.refused[under].add(rule)
            self.counts[rule] += 1
            self.narrator.refusal(reason, policy, tried=tried)
        else:
            self._fail(under, rule, f"{tried}：没有被拒绝")

    def missing(self) -> dict[Under, set[str]]:
        """Blocking rules that nothing has tried, or that did not refuse."""
        return {under: gap for under, wanted in self.expected.items() if (gap := wanted - self.refused[under])}

    def unexpected(self) -> dict[Under, set[str]]:
        """Rules that refused and are not in the computed set."""
        return {under: more for under, found in self.refused.items() if (more := found - self.expected.get(under, set()))}

    def sound(self) -> bool:
        return not self.wrong and not self.missing() and not self.unexpected()

    def _fail(self, under: Under, rule: str, text: str) -> None:
        self.wrong.append(f"{'/'.join(under)} {rule}: {text}")
        self.narrator.note(f"‼ {rule} 没有按预期拒绝：{text}")
