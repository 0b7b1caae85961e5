"""The year's figures and the coded forms, down the tree: from the city to the county, from the county to the committee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

from suite.client import Acting
from suite.demo.desk import Desk

#: Admissions that a county and a committee may make in a year here.
COUNTY, COMMITTEE = 40, 6
#: Codes that a committee gets at a time.
CODES = 3

Tell = Callable[[str, str], object]


@dataclass
class Quota:
    """`tell(text, source)` says what was approved or handed out. Figures of a year are asked for once; threads may share it."""

    tell: Tell
    county: int = COUNTY
    committee: int = COMMITTEE
    _lock: RLock = field(default_factory=RLock)
    _approved: set[tuple[str, int]] = field(default_factory=set)
    _codes: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def approve(self, desk: Desk, year: int) -> None:
        """The figures of the branch's county and committee, each by its superior."""
        with self._lock:
            self._approve(desk.department, desk.county_code, year, self.county, desk.city)
            self._approve(desk.county, desk.committee, year, self.committee, desk.city)

    def _approve(self, by: Acting, organisation: str, year: int, figure: int, city: str) -> None:
        if (organisation, year) in self._approved:
            return
        body = {"organisation": organisation, "year": year, "figure": figure, "document": f"{year} 年度发展党员计划批复"}
        by.post("recruitment", "/figures", body)
        self._approved.add((organisation, year))
        self.tell(f"批准 {organisation} {year} 年度发展党员数 {figure} 名", "JH 11" if city == "jinhua" else "Xinhuo")

    def code(self, desk: Desk, year: int) -> str:
        """A fresh code of the committee. In Jinhua it has come down from the city; elsewhere it is the number printed on the form."""
        with self._lock:
            if desk.city != "jinhua":
                return self._number("N", desk.committee, year)
            if not self._codes[desk.committee, year]:
                self._issue(desk, year)
            return self._codes[desk.committee, year].pop(0)

    def _issue(self, desk: Desk, year: int) -> None:
        codes = [self._number("J", desk.committee, year) for _ in range(CODES)]
        for by, to in ((desk.department, desk.county_code), (desk.county, desk.committee)):
            by.post("recruitment", "/form-codes", {"year": year, "to": to, "codes": codes})
        self._codes[desk.committee, year] += codes
        self.tell(f"下达 {desk.committee} {year} 年入党志愿书编码 {len(codes)} 个：{codes[0]} 至 {codes[-1]}", "JH 11")

    def _number(self, letter: str, committee: str, year: int) -> str:
        self._numbers[committee, year] += 1
        return f"{letter}{year}-{committee}-{self._numbers[committee, year]:03d}"
