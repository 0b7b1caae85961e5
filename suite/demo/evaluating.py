"""A year's double evaluation in Nanning, and what a satisfaction of 72 leads to: self-check, reminder talk, letter, yellow card,
self-criticism within fifteen working days, and the lifting. Sources: NN 2, NN 3(2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kernel.workdays import add_workdays
from suite.client import Acting
from suite.demo.desk import Desk
from suite.demo.story import Story
from suite.demo.walk import Answer, Body
from suite.demo.way import Way

#: Members and mass representatives at the evaluation.
MEMBERS, MASSES = 10, 30
Grades = tuple[int, int, int, int]
#: How they judge, by subject and group: very satisfied, satisfied, basically, not. Of the work 72 points, of one new member below 80.
WORK: Mapping[str, Grades] = {"members": (2, 4, 4, 0), "masses": (4, 11, 14, 1)}
GOOD: Mapping[str, Grades] = {"members": (6, 4, 0, 0), "masses": (15, 15, 0, 0)}
POOR: Mapping[str, Grades] = {"members": (0, 4, 6, 0), "masses": (0, 10, 20, 0)}


@dataclass
class Evaluating:
    """On the branch of a story whose candidates are on probation. `late`: somebody who is not talked with in time."""

    story: Story
    late: Way
    evaluation: str = ""
    warning: str = field(default="")

    @property
    def desk(self) -> Desk:
        return self.story.desk

    @property
    def today(self) -> date:
        return self.story.today

    def after(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def refuse(self, service: str, rule: str, tried: str, by: Acting, path: str, body: Any) -> None:
        self.story.trials.refuse(rule, tried, by, path, body, city=self.story.city, service=service)

    def told(self, answer: Mapping[str, Any], text: str, note: str = "") -> None:
        sources = [article["source"] for article in answer.get("articles", ())]
        day = answer.get("day")
        self.story.narrator.step(date.fromisoformat(day) if day else self.today, text, sources, note=note)

    # -- the way

    def go(self) -> Iterator[date]:
        """From an application that nobody answers for to the lifted warning."""
        self.late.apply(note="此人将逾期未谈话；")
        yield self.after(40)
        self._evaluate()
        yield self.after(6)
        self._follow_up()
        self.story.ground.settle()
        self.story.ground.suite.tick()
        self._letter()
        yield self.after(4)
        self._receive()
        yield self.after(40)
        self._yellow_card()
        yield self.after(3)
        received = self._receive()
        yield add_workdays(received, 12).day
        self._mend(received)
        yield self.after(10)
        self._lift()

    # -- the double evaluation

    def evaluation_body(self, **changes: Any) -> Body:
        guide = {"organisation": self.desk.committee, "name": "组织委员", "post": "党委组织委员"}
        return {
            "branch": self.desk.code,
            "members_entitled": MEMBERS + 1,
            "members_present": MEMBERS,
            "mass_entitled": MASSES,
            "mass_present": MASSES,
            "secret": True,
            "guide": guide,
            "minutes": "双评议会议记录",
            **changes,
        }

    def _evaluate(self) -> None:
        clerk, body = self.desk.clerk, self.evaluation_body
        tries = [
            ("satisfaction.guided", "没有党委派人参会指导", body(guide=None)),
            ("satisfaction.voters", "没有群众代表参加评议", body(mass_present=0, mass_entitled=0)),
            ("satisfaction.secret_ballot", "举手评议", body(secret=False)),
        ]
        for rule, tried, wrong in tries:
            self.refuse("scoring", rule, tried, clerk, "/evaluations", wrong)
        held = clerk.post("scoring", "/evaluations", body())
        self.evaluation = held["evaluation_id"]
        judged_too = f"评议 {held['year']} 年度发展党员工作和新发展的预备党员 {len(held['subjects']) - 1} 人"
        came = f"党员 {MEMBERS} 人、群众代表 {MASSES} 人；{judged_too}"
        self.told(held, "开展发展党员工作满意度“双评议”，党委派员指导", came)
        path = f"/evaluations/{self.evaluation}/tallies"
        nobody = {"subject": "work", "voters": "masses", **self._counts((0, 0, 0, 0))}
        self.refuse("scoring", "satisfaction.empty", "一张评议票也没有收回", clerk, path, nobody)
        judged = {"work": WORK, self.story.main.id: GOOD, self.story.friend.id: POOR}
        for subject in held["subjects"]:
            for voters, grades in judged[subject].items():
                for teller in self.desk.tellers:
                    teller.post("scoring", path, {"subject": subject, "voters": voters, **self._counts(grades)})
        self._conclude()

    def _counts(self, grades: Grades) -> dict[str, int]:
        very, satisfied, basically, dissatisfied = grades
        cast = sum(grades)
        shares = {"very": very, "satisfied": satisfied, "basically": basically, "dissatisfied": dissatisfied, "invalid": 0}
        return {"issued": cast, "cast": cast, **shares}

    def _conclude(self) -> None:
        answer = self.desk.secretary.post("scoring", f"/evaluations/{self.evaluation}/conclusion", {})
        self.check, self.talk = answer["self_check"]["self_check_id"], answer["talks"][0]["talk_id"]
        due = f"低于 80 分：责令自查自纠，{answer['self_check']['due']} 前报送书面说明"
        self.told(answer, f"双评议办结：工作满意度 {answer['score']} 分", due)
        talk = f"有 {len(answer['talks'])} 名预备党员低于 80 分，支部应在 {answer['talks'][0]['due']} 前提醒谈话；个人得分不公布、不排名"
        self.story.narrator.note(talk)
        again = self.evaluation_body()
        self.refuse("scoring", "satisfaction.repeated", "同一年度再评议一次", self.desk.clerk, "/evaluations", again)

    def _follow_up(self) -> None:
        """The branch explains itself, the committee accepts; the person is talked with, present."""
        path = f"/reminder-talks/{self.talk}/record"
        body: Body = {
            "talker": "支部书记",
            "person_present": True,
            "record": "指出群众反映的不足。",
            "statement": "接受意见，今后多参加村里的工作。",
            "measures": "指定一名支委帮带半年。",
        }
        absent = {**body, "person_present": False}
        self.refuse("scoring", "satisfaction.person_present", "本人不在场就登记提醒谈话", self.desk.secretary, path, absent)
        self.told(self.desk.secretary.post("scoring", path, body), "支部同预备党员提醒谈话，帮助剖析问题，记录措施")
        report = {"document": "自查自纠书面说明", "explanation": "公示不够及时，听取群众意见不够。"}
        self.told(self.desk.secretary.post("scoring", f"/self-checks/{self.check}/report", report), "支部报送自查自纠书面说明")
        accepted = {"accepted": True, "reason": "原因分析清楚。"}
        self.told(self.desk.organiser.post("scoring", f"/self-checks/{self.check}/answer", accepted), "党委认可书面说明")

    # -- the warning

    def proposals(self) -> list[dict[str, Any]]:
        """What the system has found at the branch and nobody has been warned of."""
        found = self.desk.organiser.every("alerts", "/proposals", organisation=self.desk.code)
        return [item for item in found if item["trigger"] in ("satisfaction", "step_late")]

    def _letter(self) -> None:
        found = self.proposals()
        for item in sorted(found, key=lambda item: str(item["trigger"])):
            shown = "；".join(f"{each['parameter']} = {each['value']}（{each['source']}）" for each in item["thresholds"])
            level = item["level_name"]
            self.story.narrator.step(self.today, f"系统提请预警：{item['text']}，拟 {level}", ["NN 2(1)", "NN 2(2)"], note=shown)
        body = {
            "organisation": self.desk.code,
            "findings": [item["finding_id"] for item in found],
            "addressee": "党支部书记",
            "level": "letter",
            "reason": "群众满意度低，且有申请人逾期未谈话。",
            "due": self.after(30),
        }
        city = self.story.ground.doors.acting("city.look", "city_department", "4501", "/4501/")
        self.refuse("alerts", "warning.issuer", "市委组织部越级预警村党支部", city, "/warnings", body)
        answer = self.desk.organiser.post("alerts", "/warnings", body)
        self.warning = answer["warning_id"]
        self.told(answer, f"党委决定函告督办 {self.desk.branch['name']}，限 {body['due']} 前整改")

    @property
    def path(self) -> str:
        return f"/warnings/{self.warning}"

    def _receive(self) -> date:
        answer = self.desk.secretary.post("alerts", f"{self.path}/receipt", {})
        self.told(answer, "支部签收预警通知书")
        return date.fromisoformat(answer["day"])

    def _yellow_card(self) -> None:
        """Nothing was done in time: one level up, after the branch has been heard."""
        escalation, body = f"{self.path}/escalation", self._yellow_body()
        unheard = {name: value for name, value in body.items() if name not in ("heard_on", "statement")}
        unsaid = {name: value for name, value in body.items() if name != "circulation"}
        by = self.desk.organiser
        self.refuse("alerts", "warning.hearing", "没有听取支部陈述就黄牌警告", by, escalation, unheard)
        self.refuse("alerts", "warning.circulation", "没有写明通报范围", by, escalation, unsaid)
        answer = by.post("alerts", escalation, body)
        note = "当年度评先评优资格取消；须在签收后 15 个工作日内作出书面检讨"
        self.told(answer, f"逾期未整改，听取陈述后对 {self.desk.branch['name']} 黄牌警告，在全镇（街道）通报", note)

    def _yellow_body(self) -> Body:
        return {
            "level": "yellow",
            "reason": "函告督办后仍未整改。",
            "due": self.after(60),
            "heard_on": self.today,
            "statement": "承认整改不力。",
            "circulation": "全乡镇（街道）各党支部",
        }

    def _mend(self, received: date) -> None:
        """The plan, the talk that was late, the self-criticism within its term, and the report."""
        secretary, criticism = self.desk.secretary, f"{self.path}/self-criticism"
        self.told(secretary.post("alerts", f"{self.path}/plan", {"plan": "补办谈话，改进公示。"}), "支部报送整改方案")
        parts = {"self_criticism": "检讨", "causes": "原因", "measures": "措施", "work_plan": "工作方案"}
        short = {name: text for name, text in parts.items() if name != "work_plan"}
        self.refuse("alerts", "warning.self_criticism", "书面检讨没有工作方案", secretary, criticism, {"parts": short})
        report = {"report": "已改进公示，正在补办谈话。"}
        self.told(secretary.post("alerts", f"{self.path}/report", report), "支部报送整改结果")
        self._check()
        lifting = f"{self.path}/lifting"
        self.refuse("alerts", "warning.reply_overdue", "没有书面检讨就解除", self.desk.organiser, lifting, {})
        term = f"签收于 {received}，第 15 个工作日为 {add_workdays(received, 15).day}"
        self.told(secretary.post("alerts", criticism, {"parts": parts}), "支部报送书面检讨、原因、措施和工作方案", term)
        self.refuse("alerts", "warning.trigger_holds", "申请人仍未谈话就解除", self.desk.organiser, lifting, {})
        waiver = f"{self.path}/waiver"
        self.refuse(
            "alerts", "warning.lift_waiver", "预警的党委自己同意例外解除", self.desk.organiser, waiver, {"reason": "情况特殊。"}
        )

    def _check(self) -> Answer:
        body = {"outcome": "accepted", "findings": "整改措施已落实。"}
        answer = self.desk.organiser.post("alerts", f"{self.path}/check", body)
        self.told(answer, "党委对照现实情况核查整改")
        return answer

    def _lift(self) -> None:
        self.late.talk()
        self.story.ground.settle()
        self.story.ground.suite.tick()
        answer = self.desk.organiser.post("alerts", f"{self.path}/lifting", {"note": "整改到位。"})
        self.told(answer, f"党委解除对 {self.desk.branch['name']} 的预警")
