"""A whole lifecycle over the doors, from the application to full membership, without a detour: used by journeys, benchmarks and the soak.

It yields the day on which it goes on, and never moves the day itself: many may share one calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from kernel.policy import Policy, PolicyBook
from kernel.workdays import add_months
from suite.client import Doors
from suite.demo.assembly import by_committee, by_members, voted
from suite.demo.departments import Departments
from suite.demo.inquiry import Inquiry
from suite.demo.meeting import Meeting
from suite.demo.quota import Quota
from suite.demo.way import TRAINING, Way

#: Others of the branch may become full members at the very same moment: the roll then says another number than the one just read.
BESIDE: Final[dict[str, Any]] = {"departures": {"meeting.entitled_by_roll": "名册正在更新"}}


@dataclass
class Lifecycle:
    """One candidate. `waits`: step -> a day before which it is not taken (`propose`, `endorse`).

    `determine`, `propose`: how these steps are taken, for whoever tries something else first.
    """

    walk: Way
    doors: Doors
    departments: Departments
    book: PolicyBook
    quota: Quota
    waits: Mapping[str, date] = field(default_factory=dict)
    determine: Callable[[Way], object] = Way.determine
    propose: Callable[[Way], object] = Way.propose

    @property
    def today(self) -> date:
        return self.walk.calendar.today

    @property
    def policy(self) -> Policy:
        return self.book.at(self.walk.desk.city, self.today)

    def after(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def go(self) -> Iterator[date]:
        yield from self.become_activist()
        yield from self.become_prospect()
        yield from self.be_vetted()
        yield from self.be_admitted()
        yield from self.be_converted()

    # -- the stages

    def become_activist(self) -> Iterator[date]:
        walk = self.walk
        walk.apply()
        yield self.after(6)
        walk.talk()
        if walk.jinhua:
            yield from self.shown("application")
        else:
            yield add_months(self.today, 6)
        meeting = self._meeting()
        meeting.hold_recommendation()
        meeting.count_all()
        if walk.jinhua:
            meeting.sign()
        meeting.conclude()
        yield self.after(4)
        if walk.jinhua:
            walk.approve()
        else:
            self._ballot("/determination-meetings")
        self.determine(walk)
        yield from self.shown("activist")
        walk.file()

    def become_prospect(self) -> Iterator[date]:
        walk = self.walk
        since = walk.showing("since")
        assert since is not None
        walk.train()
        for months in (6, 12):
            yield add_months(since, months)
            walk.review()
        walk.hear_opinions()
        if not walk.jinhua:
            self._ballot("/prospect-meetings")
        yield max(self.today, self.waits.get("propose", self.today))
        self.propose(walk)
        yield max(self.after(1), self.waits.get("endorse", self.today))
        walk.endorse()
        yield from self.shown("prospect")
        walk.list_prospect()

    def be_vetted(self) -> Iterator[date]:
        walk = self.walk
        walk.review_by_branch()
        yield self.after(2)
        walk.review_by_committee()
        inquiry = Inquiry(walk, walk.calendar, self.doors, self.departments, self.book, walk.tell)
        if walk.jinhua:
            inquiry.list_departments()
        inquiry.open_when_reviewed()
        # Others open on this day, too. It does not move on before the questions are out: their terms would begin anew.
        yield self.today
        inquiry.wait_for(dict.fromkeys(inquiry.requests, 1))
        yield self.after(3)
        walk.train(**TRAINING)
        yield self.after(3)
        inquiry.conclude("passed")
        walk.desk.clerk.until("recruitment", walk.path, lambda answer: answer["vetting_outcome"] == "passed")

    def be_admitted(self) -> Iterator[date]:
        walk, year = self.walk, self.today.year
        self.quota.approve(walk.desk, year)
        if walk.jinhua:
            walk.consent_to_start()
        walk.pre_examine(self.quota.code(walk.desk, year))
        yield self.after(8)
        assert voted(by_members([walk], "admission"), **BESIDE) == ["passed"]
        yield from self.shown("probationary", "residence")
        walk.report()
        yield self.after(5)
        walk.committee_talk()
        assert voted(by_committee([walk], "admission")) == ["passed"]
        walk.approve_admission()
        yield self.after(10)
        walk.take_oath()

    def be_converted(self) -> Iterator[date]:
        walk = self.walk
        ends = walk.showing("probation_ends")
        assert ends is not None
        yield add_months(ends, -6)
        walk.review_probation()
        yield ends + timedelta(days=1)
        walk.apply_for_conversion()
        assert voted(by_members([walk], "conversion"), **BESIDE) == ["passed"]
        yield from self.shown("conversion")
        walk.report_conversion()
        yield self.after(15)
        assert voted(by_committee([walk], "conversion")) == ["passed"]
        walk.approve_conversion()

    # -- parts of them

    def shown(self, *stages: str) -> Iterator[date]:
        """The notices that the packs ask for today, as long as they have to be up."""
        wanted = [stage for stage in stages if self.policy.has(f"publicity.{stage}.period")]
        ends = [self.walk.post(stage)["first_possible"] for stage in wanted]
        if ends:
            yield max(date.fromisoformat(day) for day in ends)
        for stage in wanted:
            self.walk.take_down(stage)

    def _meeting(self) -> Meeting:
        return Meeting(self.walk.desk, self.walk.calendar, [self.walk], self.walk.tell)

    def _ballot(self, path: str) -> None:
        """The branch committee's secret ballot. Source: NN 3(3)."""
        ballot = self._meeting()
        ballot.hold_ballot(path)
        ballot.count_all()
        ballot.conclude()
