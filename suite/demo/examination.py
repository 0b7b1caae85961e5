"""Vetting in the stories: departments that answer at once, twice, late, against themselves or not at all; a concern that is told to the
person, heard, re-checked and adjudicated; and everything that the rules forbid on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kernel.workdays import add_workdays
from suite.demo.inquiry import CHOSEN, Inquiry, concern, rule_for
from suite.demo.story import Story
from suite.demo.walk import Walk

#: Who answers how in the main case, by city: `concern` reports something, `twice` sends its answer twice, `against` contradicts itself,
#: `reminded` answers only when it is reminded, `silent` never does. Source of who is asked: NN 3(5), JH 5.
PARTS = {
    "jinhua": {"concern": "police", "twice": "discipline", "against": "court", "reminded": "justice", "silent": "tax"},
    "nanning": {
        "concern": "police",
        "twice": "discipline",
        "against": "petitions",
        "reminded": "governance",
        "silent": "justice",
    },
}


@dataclass
class Examination:
    """The case of a story's main candidate."""

    story: Story
    inquiry: Inquiry = field(init=False)
    village: str = ""

    def __post_init__(self) -> None:
        self.inquiry = self._inquiry(self.story.main)

    def _inquiry(self, walk: Walk) -> Inquiry:
        ground, story = self.story.ground, self.story
        return Inquiry(walk, ground.calendar, ground.doors, ground.departments, story.trials.book, story._tell)

    @property
    def parts(self) -> dict[str, str]:
        return PARTS[self.story.city]

    def refuse(self, rule: str, tried: str, path: str, body: Any) -> None:
        organiser = self.story.desk.organiser
        self.story.trials.refuse(rule, tried, organiser, path, body, city=self.story.city, service="vetting")

    def refuse_conclusion(self, rule: str, tried: str, outcome: str, **more: Any) -> None:
        self.refuse(rule, tried, f"{self.inquiry.path}/conclusion", {"outcome": outcome, **more})

    # -- the main case

    def main(self) -> None:
        """From the opening to a pass, with everything in between."""
        self.story.later(days=5)
        self._open()
        self._collect()
        if self.village and self.story.home is not None:
            self.inquiry.hear_home_village(self.story.home, self.village)
        self._adjudicate()
        self._recheck()
        self._conclude()

    def _open(self) -> None:
        inquiry, walk = self.inquiry, self.story.main
        if self.story.jinhua and not inquiry.offered():
            self.refuse("vetting.departments_required", "县里还没有列出部门就立案", "/cases", inquiry.opening_body())
            inquiry.list_departments()
        elif self.story.jinhua:
            beyond = inquiry.opening_body(["union"])
            self.refuse("vetting.departments_required", "加征县里所列之外的部门，不写理由", "/cases", beyond)
        else:
            one = inquiry.opening_body(CHOSEN[:1])
            self.refuse("vetting.departments_required", "必须征求的之外只另选一个部门", "/cases", one)
        part = self.parts
        self.story.ground.departments.script(
            [
                rule_for(walk, part["concern"], **concern()),
                rule_for(walk, part["twice"], times=2),
                rule_for(walk, part["against"], then=concern("有一起已办结的行政处罚")),
                rule_for(walk, part["reminded"], hold="reminder"),
                rule_for(walk, part["silent"], silent=True),
            ]
        )
        inquiry.open()
        if self.story.jinhua and self.story.home is not None:
            self.refuse_conclusion("vetting.home_village", "异地发展，没有原籍村的意见就作结论", "passed")
            self.village = inquiry.ask_home_village()
            inquiry.post_in_home_village(self.story.home, self.village)

    def _collect(self) -> None:
        """What comes at once, what comes after a reminder, and what has to be fetched on paper."""
        inquiry, part, calendar = self.inquiry, self.parts, self.story.ground.calendar
        at_once = dict.fromkeys(inquiry.requests, 1) | {
            part["twice"]: 2,
            part["against"]: 2,
            part["reminded"]: 0,
            part["silent"]: 0,
        }
        inquiry.tell_replies(inquiry.wait_for(at_once))
        self.refuse_conclusion("vetting.all_answers_in", "还有部门没有答复就作结论", "passed")
        asked = calendar.today
        calendar.to(add_workdays(asked, 3).day)
        self.story.narrator.step(calendar.today, "按期催办未答复的部门", ["Xinhuo"])
        replies = inquiry.wait_for({part["reminded"]: 1})
        inquiry.tell_replies([reply for reply in replies if reply["department"] == part["reminded"]])
        calendar.to(add_workdays(asked, 7).day)
        overdue = self.story.desk.organiser.every("vetting", "/overdue")
        names = "、".join(inquiry.name(item["department"]) for item in overdue if item["case_id"] == inquiry.id)
        self.story.narrator.step(calendar.today, f"逾期未答复：{names}；改以纸质复函征得", ["Xinhuo"])
        letters = f"/requests/{inquiry.requests[part['silent']]}/letters"
        petitioned = inquiry.letter_body(**{**concern("有人信访反映"), "rests_on_concluded_findings": False})
        self.refuse("vetting.concern_grounds", "复函只说有人信访反映，没有结论", letters, petitioned)
        inquiry.letter(part["silent"])
        yesterday = calendar.today - timedelta(days=1)
        self.refuse_conclusion("vetting.conclusion_after_replies", "结论日期写在最后一份答复之前", "passed", day=yesterday)

    def _adjudicate(self) -> None:
        inquiry, department, disputed = self.inquiry, self.parts["concern"], self.parts["against"]
        self.refuse_conclusion("vetting.dispute_open", "前后答复不一，没有认定就作结论", "passed")
        first = next(reply for reply in inquiry.replies() if reply["department"] == disputed and reply["effect"] == "counted")
        inquiry.settle(disputed, first["reply_id"])
        path = f"/requests/{inquiry.requests[department]}/adjudication"
        self.refuse("vetting.adjudication_reason", "认定不写理由", path, inquiry.finding_body("obstacle", ""))
        inquiry.adjudicate(department, "obstacle", "处罚未满三年。")
        self.refuse_conclusion("vetting.outcome_grounds", "认定构成障碍却作通过的结论", "passed")
        self.refuse_conclusion("vetting.person_informed", "没有告知本人就作不通过的结论", "not_passed")
        inquiry.inform(department)
        self.refuse_conclusion("vetting.person_heard", "陈述期内没有听取本人陈述就作结论", "not_passed")

    def _recheck(self) -> None:
        """The person states the case and asks for a re-check; the department still reports, but what it is shows to be older."""
        inquiry, department, calendar = self.inquiry, self.parts["concern"], self.story.ground.calendar
        self.story.later(days=1)
        inquiry.hear(department)
        held = rule_for(self.story.main, department, **concern("2009年因赌博受行政处罚，已执行完毕"), hold="release")
        self.story.ground.departments.script([held])
        inquiry.recheck(department)
        self._until_held()
        self.refuse_conclusion("vetting.recheck_open", "复核没有结果就作不通过的结论", "not_passed")
        calendar.to(add_workdays(calendar.today, 2).day)
        before = len([reply for reply in inquiry.replies() if reply["department"] == department])
        self.story.ground.departments.release()
        replies = [reply for reply in inquiry.wait_for({department: before + 1}) if reply["department"] == department]
        inquiry.tell_replies(replies[-1:])
        inquiry.inform(department)
        path = f"/requests/{inquiry.requests[department]}/recheck"
        self.refuse("vetting.recheck_again", "对同一部门第二次申请复核", path, {"reason": "再核对一次"})

    def _until_held(self) -> None:
        """The question has reached the department, which holds its answer."""
        departments = self.story.ground.departments
        self.story.ground.suite.tick()
        for _ in range(self.story.ground.doors.patience):
            if departments.seen()["held"]:
                return
            departments.wait()
        raise TimeoutError("the department was never asked")

    def _conclude(self) -> None:
        inquiry, department = self.inquiry, self.parts["concern"]
        inquiry.adjudicate(department, "no_obstacle", "复核查明处罚在 2009 年，已执行完毕，本人如实说明，近年表现良好。")
        inquiry.conclude("passed")
        self.refuse("vetting.renewal_early", "刚作结论就重新征询", f"{inquiry.path}/renewal", {})
        self.story.later(days=2)
        # What comes after the conclusion changes nothing, and is kept.
        inquiry.letter(self.parts["silent"], **concern("事后发现的线索"), rests_on_concluded_findings=True)
        walk = self.story.main
        outcome = walk.desk.clerk.until("recruitment", walk.path, lambda answer: answer["vetting_outcome"] is not None)
        until = outcome["vetting_valid_until"]
        policy = self.story.trials.book.at(self.story.city, self.story.today)
        written = "vetting.result_in_writing"
        sources = [policy[written].source] if policy.has(written) else ["Xinhuo"]
        self.story.narrator.step(self.story.today, f"党支部收到书面结论，{walk.name} 的档案记载：通过，有效期至 {until}", sources)

    # -- other cases

    def quiet(self, walk: Walk) -> Inquiry:
        """A case of somebody else, in which nobody has anything to say."""
        return self._inquiry(walk)

    def renew(self, walk: Walk) -> None:
        """The conclusion has lapsed: the same departments are asked again."""
        inquiry = self._inquiry(walk)
        inquiry.renew()
        inquiry.wait_for(dict.fromkeys(inquiry.requests, 1))
        self.story.later(days=1)
        inquiry.conclude("passed")
        self.story.ground.settle()

    def not_passed(self, walk: Walk) -> None:
        """A concern that stays: told, given time, heard, and concluded against the person."""
        story, inquiry = self.story, self._inquiry(walk)
        story.ground.departments.script([rule_for(walk, "police", **concern("2014年受刑事处罚", category="criminal"))])
        inquiry.open()
        inquiry.tell_replies(inquiry.wait_for(dict.fromkeys(inquiry.requests, 1)))
        inquiry.adjudicate("police", "obstacle", "生效裁判确认。")
        until = date.fromisoformat(inquiry.inform("police")["hearing_until"])
        inquiry.hear("police")
        story.ground.calendar.to(until + timedelta(days=1))
        inquiry.conclude("not_passed")
