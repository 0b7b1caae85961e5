"""The patient one's way: the vetting lapses and is asked anew; the probation is extended, in Jinhua after a conversion was refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kernel.workdays import add_months
from suite.demo.assembly import by_committee, by_members, voted
from suite.demo.onward import Onward
from suite.demo.way import Way


@dataclass
class Patience:
    """What happens to the patient one of a story, after `onward` has brought it to a passed vetting."""

    onward: Onward

    def go(self) -> Iterator[date]:
        onward, walk = self.onward, self.onward.story.patient
        desk = onward.desk
        lapses = walk.showing("vetting_valid_until")
        assert lapses is not None
        yield lapses + timedelta(days=1)
        onward.quota.approve(desk, onward.today.year)
        code = onward.quota.code(desk, onward.today.year)
        if onward.jinhua:
            walk.consent_to_start()
        path, body = f"{walk.path}/pre-examination", walk.examination_body(code)
        onward.refuse("vetting.conclusion_lapsed", "审查结论已过有效期就预审", desk.organiser, path, body)
        onward.examination.renew(walk)
        walk.pre_examine(code)
        if onward.revised:
            onward.later(days=35)
            late = by_members([walk], "admission").body()
            onward.refuse("admission.meeting_in_time", "预审后一个多月才召开支部大会", desk.clerk, "/admission-meetings", late)
            walk.pre_examine(code)
        onward.later(days=5)
        voted(by_members([walk], "admission"))
        onward.show([walk], *onward.after_the_vote())
        walk.report()
        onward.later(days=5)
        walk.committee_talk()
        voted(by_committee([walk], "admission"))
        walk.approve_admission()
        onward.later(days=12)
        walk.take_oath()
        yield from self._probation(walk)

    def _probation(self, walk: Way) -> Iterator[date]:
        """Nanning: extended by half a year. Jinhua: the committee does not approve the conversion, and extends."""
        onward = self.onward
        ends = walk.showing("probation_ends")
        assert ends is not None
        yield add_months(ends, -6)
        walk.review_probation()
        yield ends + timedelta(days=1)
        if onward.jinhua:
            walk.apply_for_conversion()
            voted(by_members([walk], "conversion"))
            onward.show([walk], "conversion")
            walk.report_conversion()
            onward.later(days=20)
            voted(by_committee([walk], "conversion"), 40)
            walk.reject_conversion()
        walk.extend_probation(6)
        yield (walk.showing("probation_ends") or onward.today) + timedelta(days=1)
        walk.review_probation()
        walk.apply_for_conversion()
        onward.convert(walk)
