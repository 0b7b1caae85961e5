"""A candidate's way over the doors, step by step: used by the demo and by the journey tests.

A `Walk` knows one person and the desk of the branch. Each step is taken today, by somebody who may, with a body that the rules allow;
`changes` make another of it. Bodies can be had without sending them (`…_body`), to try what is refused. What was done is told to
`tell`, which by default keeps it to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from suite.client import Acting
from suite.demo.desk import Desk

Answer = dict[str, Any]
Body = dict[str, Any]

TOPICS = ("study_and_work", "knowledge", "motive", "law_abidance", "family")
#: What a publicity is about.
STAGES = {
    "application": "接到入党申请",
    "activist": "确定入党积极分子",
    "prospect": "拟列为发展对象",
    "probationary": "接收预备党员",
    "residence": "接收预备党员（居住地同步公示）",
    "conversion": "预备党员转正",
}


class Calendar(Protocol):
    """The business day of the suite that is walked through."""

    @property
    def today(self) -> date: ...

    def to(self, day: date) -> None: ...


Tell = Callable[[date, str, Sequence[str], str], None]


def keep_to_oneself(_day: date, _text: str, _sources: Sequence[str], _note: str = "") -> None:
    """For those who do not want to hear."""


@dataclass
class Walk:
    """One candidate. `person` has `name` and `id_number`; `id` is there once the application was taken."""

    desk: Desk
    calendar: Calendar
    name: str
    id_number: str
    tell: Tell = keep_to_oneself
    id: str = ""
    publicities: dict[str, Answer] = field(default_factory=dict)
    steps: int = 0

    @property
    def jinhua(self) -> bool:
        return self.desk.city == "jinhua"

    @property
    def path(self) -> str:
        return f"/candidates/{self.id}"

    def _told(self, answer: Answer, text: str, note: str = "") -> Answer:
        self.steps += 1
        sources = [article["source"] for article in answer.get("articles", ())]
        self.tell(date.fromisoformat(answer["day"]), text, sources, note)
        return answer

    # -- application

    def application_body(self, **changes: Any) -> Body:
        """At the branch where the person lives."""
        return {
            "branch": self.desk.code,
            "name": self.name,
            "id_number": self.id_number,
            "document": "入党申请书",
            "receives_as": "residence",
            "main": "none",
            "rural_registration": True,
            "village_committee_member": False,
            "works_and_lives_at_registered_place": True,
            "unit_and_post": "本村村民",
            "education": "大专",
            "phone": "13900000000",
            "address": "本村 8 号",
            **changes,
        }

    def at_work_body(self, **changes: Any) -> Body:
        """At the branch of the enterprise where the person works."""
        work = {"has_organisation": True, "domain": "two_new", "months": 30, "contract": True, "loose": False}
        work |= changes.pop("work", {})
        return self.application_body(
            **{"receives_as": "work", "main": "work", "work": work, "unit_and_post": "车间主任", **changes}
        )

    def apply(self, body: Body | None = None, note: str = "") -> Answer:
        answer = self.desk.clerk.post("recruitment", "/applications", body or self.application_body())
        self.id = answer["candidate_id"]
        due = f"须在 {answer['talk_due']} 前派人谈话"
        return self._told(answer, f"接收 {self.name} 的入党申请书", f"{note}{due}")

    # -- talk

    def talk_body(self, **changes: Any) -> Body:
        return {"talker": "支部书记", "topics": list(TOPICS), "record": "对党有认识，入党动机端正。", **changes}

    def talk(self, **changes: Any) -> Answer:
        answer = self.desk.clerk.post("recruitment", f"{self.path}/talk", self.talk_body(**changes))
        return self._told(answer, f"派人同 {self.name} 谈话", "谈话已超过规定期限，如实登记为迟办。" if answer["late"] else "")

    # -- publicity

    def posting_body(self, stage: str, **changes: Any) -> Body:
        """At the residence it is posted only; everywhere else the members' meeting hears of it too."""
        at_home = stage == "residence"
        return {
            "stage": stage,
            "announced_on": None if at_home else self.calendar.today,
            "places": ["居住地公开栏" if at_home else "党务公开栏"],
            "content": {"cultivation": "参加学习和公益劳动，按期汇报思想。", "record": "带头完成所承担的工作。"},
            **changes,
        }

    def post(self, stage: str, **changes: Any) -> Answer:
        answer = self.desk.clerk.post("recruitment", f"{self.path}/publicities", self.posting_body(stage, **changes))
        self.publicities[stage] = answer
        title = STAGES[stage]
        return self._told(answer, f"公示 {self.name}：{title}", f"最早可于 {answer['first_possible']} 办理下一环节")

    def take_down(self, stage: str) -> Answer:
        """The end of the publicity; for an activist the determination takes effect."""
        path = f"/publicities/{self.publicities[stage]['publicity_id']}/end"
        answer = self.desk.clerk.post("recruitment", path, {})
        listed = "列入入党积极分子" if stage == "activist" else "无未办结的异议"
        return self._told(answer, f"撤下 {self.name} 的公示，{listed}")

    def show(self, stage: str) -> Answer:
        """The whole publicity, as long as it has to be."""
        posted = self.post(stage)
        if posted["first_possible"]:
            self.calendar.to(date.fromisoformat(posted["first_possible"]))
        return self.take_down(stage)

    def object(self, stage: str) -> str:
        """An anonymous objection. Returns its id."""
        path = f"/publicities/{self.publicities[stage]['publicity_id']}/objections"
        answer = self.desk.clerk.post("recruitment", path, {"anonymous": True, "text": "反映其未参加集体劳动。"})
        self._told(answer, f"收到一件关于 {self.name} 的匿名异议")
        return str(answer["objection_id"])

    def investigate(self, objection: str) -> Answer:
        body = {"findings": "查考勤记录，所反映的情况不实。"}
        answer = self.desk.clerk.post("recruitment", f"/objections/{objection}/investigation", body)
        return self._told(answer, "调查异议")

    def answer_objection(self, objection: str) -> Answer:
        """The person is heard, and the objection concluded."""
        body = {"statement": "当天因病请假，事后已补工。"}
        self._told(self.desk.clerk.post("recruitment", f"/objections/{objection}/hearing", body), "就异议听取本人意见")
        body = {"outcome": "unfounded", "reason": "经查不实。"}
        answer = self.desk.secretary.post("recruitment", f"/objections/{objection}/conclusion", body)
        return self._told(answer, "对异议作出结论：不成立")

    # -- activist

    def approve(self) -> Answer:
        answer = self.desk.organiser.post("recruitment", f"{self.path}/approval", {"document": "关于同意列为入党积极分子的批复"})
        return self._told(answer, f"上级党委审批同意 {self.name}")

    def determination_body(self, **changes: Any) -> Body:
        return {
            "decided_by": self.desk.body,
            "contacts": [{"member_id": id, "relative": False} for id in self.desk.members[:2]],
            "minutes": "支部会议记录",
            **changes,
        }

    def determine(self, **changes: Any) -> Answer:
        answer = self.desk.secretary.post("recruitment", f"{self.path}/determination", self.determination_body(**changes))
        note = f"自 {answer['since']} 起算；指定培养联系人 {len(self.determination_body(**changes)['contacts'])} 名"
        return self._told(answer, f"支部决定确定 {self.name} 为入党积极分子", note)

    def file(self) -> Answer:
        answer = self.desk.organiser.post("recruitment", f"{self.path}/filing", {"document": "入党积极分子备案表"})
        return self._told(answer, f"上级党委登记备案 {self.name}")

    # -- cultivation

    def review(self) -> Answer:
        body = {"findings": "思想上进，学习认真。", "conclusion": "continue"}
        answer = self.desk.clerk.post("recruitment", f"{self.path}/reviews", body)
        return self._told(answer, f"对 {self.name} 进行半年考察", f"下次考察应在 {answer['next_due']} 前")

    def training_body(self, days: int = 1, hours: int = 8, **changes: Any) -> Body:
        """A training that ends today."""
        return {
            "title": "集中培训班",
            "started_on": self.calendar.today - timedelta(days=days - 1),
            "ended_on": self.calendar.today,
            "days": days,
            "hours": hours,
            "assessed": "passed",
            **changes,
        }

    def train(self, **changes: Any) -> Answer:
        body = self.training_body(**changes)
        answer = self.desk.organiser.post("recruitment", f"{self.path}/trainings", body)
        result = {"passed": "考核合格", "failed": "考核不合格", "none": "未考核"}[body["assessed"]]
        return self._told(answer, f"{self.name} 参加集中培训 {body['days']} 天、{body['hours']} 学时，{result}")

    def withdraw(self) -> Answer:
        answer = self.desk.clerk.post("recruitment", f"{self.path}/withdrawal", {"document": "本人撤回申请书"})
        return self._told(answer, f"{self.name} 本人撤回申请")

    def propose_end(self) -> str:
        """The branch proposes not to go on with the person. Returns the id of the proceeding."""
        answer = self.desk.secretary.post("recruitment", f"{self.path}/proceedings", {"reason": "长期不参加学习，经提醒未改。"})
        said = {
            "refusal": f"支部提议不予接收 {self.name}",
            "adjustment": f"支部提议将 {self.name} 调整出库",
            "disqualification": f"支部大会提议取消 {self.name} 的预备党员资格",
        }
        self._told(answer, said[answer["kind"]])
        return str(answer["proceeding_id"])

    def hear_on_end(self, proceeding: str) -> None:
        """Notice, then hearing."""
        body: Body = {"way": "当面告知"}
        self._told(self.desk.clerk.post("recruitment", f"/proceedings/{proceeding}/notice", body), "将提议和理由通知本人")
        body = {"appeared": True, "statement": "因外出务工未能参加。"}
        self._told(self.desk.clerk.post("recruitment", f"/proceedings/{proceeding}/hearing", body), "听取本人意见并记录")

    def decide_end(self, proceeding: str, outcome: str) -> Answer:
        """`leave` or `stay`, by the committee."""
        body = {"outcome": outcome, "reason": "经核实并听取本人意见。"}
        answer = self.desk.organiser.post("recruitment", f"/proceedings/{proceeding}/decision", body)
        said = {"leave": "不再培养", "stay": "继续培养"}[outcome]
        return self._told(answer, f"党委决定：{self.name} {said}")

    # -- corrections

    def ask_correction(self, by: Acting) -> str:
        """A wrong entry is named, with what it should be. Returns the id of the correction."""
        body = {"corrects": 1, "changes": {"education": "本科"}, "reason": "申请书中学历填写有误。"}
        answer = by.post("recruitment", f"{self.path}/corrections", body)
        self._told(answer, f"申请更正 {self.name} 档案的第 1 条记录：学历")
        return str(answer["correction_id"])

    def correct(self, correction: str) -> Answer:
        body = {"approved": True, "reason": "与毕业证书相符。"}
        answer = self.desk.organiser.post("recruitment", f"/corrections/{correction}/decision", body)
        return self._told(answer, "另一人批准更正", "原记录保留，更正记录指明所更正的那一条。")

    # -- looking

    def now(self) -> Answer:
        return self.desk.clerk.get("recruitment", self.path)

    def dossier(self) -> Answer:
        return self.desk.clerk.get("recruitment", f"{self.path}/dossier")
