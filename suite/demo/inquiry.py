"""A vetting case over the doors, step by step: used by the demo and by the journey tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kernel.policy import Policy, PolicyBook
from services.vetting.domain import states
from suite.client import Doors, Problem
from suite.demo.departments import Departments
from suite.demo.desk import Desk
from suite.demo.walk import Calendar, Tell, Walk, keep_to_oneself

Answer = dict[str, Any]
Body = dict[str, Any]

#: What the counties of the demo list, where the rulebook leaves it to them. Source: JH 5.
COUNTY_LIST = ("court", "discipline", "justice", "police", "procuratorate", "tax")
#: The further two that committees choose here, where the rulebook asks for two. Source: NN 3(5).
CHOSEN = ("governance", "justice")


def rule_for(walk: Walk, department: str, **do: Any) -> dict[str, Any]:
    """A line of the departments' script: what this department does when asked about this person."""
    return {"match": {"department": department, "id_suffix": walk.id_number}, "do": do}


def concern(statement: str = "2013年因赌博受行政处罚", **more: Any) -> dict[str, Any]:
    return {"answer": "concern", "category": "administrative", "statement": statement, **more}


def sources_of(policy: Policy, action: str) -> list[str]:
    """The articles of the rules that bind an action of the state tables there and then."""
    rules = {rule for row in (*states.CASE, *states.REQUEST, *states.VILLAGE) if row.action == action for rule in row.rules}
    return [policy.rule(rule).source for rule in sorted(rules) if policy.has_rule(rule)]


@dataclass
class Inquiry:
    """The case of one person. `requests`: department -> id of the question that counts."""

    walk: Walk
    calendar: Calendar
    doors: Doors
    departments: Departments
    book: PolicyBook
    tell: Tell = keep_to_oneself
    id: str = ""
    requests: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/cases/{self.id}"

    def name(self, department: str) -> str:
        return self.book.at(self.walk.desk.city, self.calendar.today).department(department).name

    def _told(self, action: str, text: str, note: str = "") -> None:
        """Answers of vetting name the packs; the articles are those of the state table's rules that are in force."""
        policy = self.book.at(self.walk.desk.city, self.calendar.today)
        self.tell(self.calendar.today, text, sources_of(policy, action), note)

    # -- asking

    def list_departments(self) -> None:
        """The county says whom its committees ask. Source: JH 5."""
        desk = self.walk.desk
        listed = self._asked(COUNTY_LIST)
        body = {"county": desk.county_code, "departments": listed, "document": "征求意见部门名单"}
        desk.county.post("vetting", "/county-lists", body)
        self._told("open", f"县（市、区）委组织部列出须征求意见的部门：{'、'.join(map(self.name, listed))}")

    def _asked(self, codes: Sequence[str]) -> list[str]:
        policy = self.book.at(self.walk.desk.city, self.calendar.today)
        return [code for code in codes if policy.department(code).asked]

    def offered(self) -> list[str]:
        """Whom a case about this person must ask today."""
        path = f"/candidates/{self.walk.id}/departments"
        answer = self.walk.desk.organiser.until("vetting", path, lambda _: True)
        return [item["department"] for item in answer["always"]]

    def opening_body(self, chosen: Sequence[str] | None = None) -> Body:
        wanted = chosen if chosen is not None else () if self.walk.jinhua else CHOSEN
        return {"candidate_id": self.walk.id, "departments": [{"department": code} for code in wanted]}

    def open(self) -> Answer:
        answer = self.walk.desk.organiser.post("vetting", "/cases", self.opening_body())
        self.id = answer["case_id"]
        self.requests = {request["department"]: request["request_id"] for request in answer["requests"]}
        names = "、".join(self.name(department) for department in sorted(self.requests))
        due = answer["requests"][0]["due"]
        self._told("open", f"为 {self.walk.name} 立案，同时征询 {len(self.requests)} 个部门", f"{names}；答复期限 {due}")
        return answer

    def open_when_reviewed(self) -> Answer:
        """As `open`, and again while vetting has not heard of the reviews that recruitment has just recorded."""
        for _ in range(self.doors.patience):
            try:
                return self.open()
            except Problem as problem:
                if problem.rules != ["review.order"]:
                    raise
            self.doors.wait()
        raise TimeoutError("vetting never heard of the reviews")

    def renew(self) -> Answer:
        """A new case that asks the same departments again: the last conclusion has lapsed, or is about to."""
        organiser = self.walk.desk.organiser
        last = organiser.every("vetting", "/cases", candidate_id=self.walk.id)[0]["case_id"]
        answer = organiser.post("vetting", f"/cases/{last}/renewal", {})
        self.id = answer["case_id"]
        self.requests = {request["department"]: request["request_id"] for request in answer["requests"]}
        self._told("open", f"{self.walk.name} 的审查结论已过有效期，重新征询 {len(self.requests)} 个部门")
        return answer

    # -- the home village (JH 5 6)

    def ask_home_village(self) -> str:
        """The township of the registered place is asked. Returns the question's id."""
        answer = self.walk.desk.organiser.post("vetting", f"{self.path}/home-village", {})
        due = f"答复期限 {answer['due']}"
        self._told("ask_home_village", f"{self.walk.name} 系异地发展，向原籍所在村征求意见，由其乡镇（街道）党委反馈", due)
        return str(answer["request_id"])

    def post_in_home_village(self, home: Desk, request: str) -> Answer:
        content = {"sex": "男", "born": "1990年1月", "unit_and_post": "务工", "cultivation": "按期培养。", "record": "工作积极。"}
        body = {"announced_on": self.calendar.today, "places": ["村务公开栏"], "content": content}
        answer = home.clerk.post("vetting", f"/home-village/{request}/notice", body)
        first = f"最早可于 {answer['first_possible']} 撤下"
        self._told("post_notice", f"原籍村 {home.branch['name']} 公示 {self.walk.name} 异地入党", first)
        return answer

    def hear_home_village(self, home: Desk, request: str) -> None:
        """The notice comes down, the village gives its opinion, its township returns it."""
        home.clerk.post("vetting", f"/home-village/{request}/notice-end", {"objections": []})
        home.secretary.post("vetting", f"/home-village/{request}/opinion", {"answer": "clear"})
        self._told("give_opinion", f"原籍村公示期满无异议，出具意见：{self.walk.name} 无问题")
        home.organiser.post("vetting", f"/home-village/{request}/return", {})
        self._told("return_opinion", "原籍乡镇（街道）党委反馈意见")

    # -- what came in

    def shown(self) -> Answer:
        return self.walk.desk.organiser.get("vetting", f"{self.path}/answers")

    def replies(self) -> list[dict[str, Any]]:
        """As the deciding committee sees them; the look is logged."""
        found: list[dict[str, Any]] = self.shown()["replies"]
        return found

    def wait_for(self, replies: Mapping[str, int]) -> list[dict[str, Any]]:
        """Waits until so many replies of each department are there. Returns all of them, by department and arrival."""

        def there(answer: Answer) -> bool:
            found = [reply["department"] for reply in answer["replies"]]
            return all(found.count(department) >= count for department, count in replies.items())

        answer = self.walk.desk.organiser.until("vetting", f"{self.path}/answers", there)
        return sorted(answer["replies"], key=lambda reply: str(reply["department"]))

    def tell_replies(self, replies: Sequence[Mapping[str, Any]]) -> None:
        answers = self.book.at(self.walk.desk.city, self.calendar.today).labels("answer")
        said = {
            "counted": "",
            "duplicate": "（重复，不改变结果）",
            "contradictory": "（与前一份不一，须由党委认定）",
            "past": "（原征询函已重新征询）",
            "after_end": "（结论之后收到，留存备查）",
        }
        for reply in replies:
            late = "，逾期" if reply["late"] else ""
            text = f"{self.name(reply['department'])}：{answers[reply['answer']]}{late}{said[reply['effect']]}"
            self.tell(date.fromisoformat(reply["received_on"]), f"收到答复　{text}", ("Xinhuo",), "")

    def letter_body(self, **changes: Any) -> Body:
        return {"document": "复函", "answer": "clear", **changes}

    def letter(self, department: str, **changes: Any) -> Answer:
        """A reply on paper, entered by the committee's organiser."""
        path = f"/requests/{self.requests[department]}/letters"
        answer = self.walk.desk.organiser.post("vetting", path, self.letter_body(**changes))
        self.tell_replies([reply for reply in self.replies() if reply["reply_id"] == answer["reply_id"]])
        return answer

    def settle(self, department: str, reply_id: str) -> None:
        path = f"/requests/{self.requests[department]}/settlement"
        body = {"reply_id": reply_id, "reason": "已与该部门核实，以先前一份为准。"}
        self.walk.desk.organiser.post("vetting", path, body)
        self._told("settle", f"{self.name(department)}前后答复不一，党委核实后认定以哪一份为准，写明理由")

    # -- findings and the person

    def finding_body(self, finding: str, reason: str) -> Body:
        return {"finding": finding, "reason": reason}

    def adjudicate(self, department: str, finding: str, reason: str) -> None:
        path = f"/requests/{self.requests[department]}/adjudication"
        self.walk.desk.organiser.post("vetting", path, self.finding_body(finding, reason))
        said = {"obstacle": "构成障碍", "no_obstacle": "不构成障碍", "go_on_without": "写明理由后继续"}[finding]
        self._told("adjudicate", f"党委认定{self.name(department)}所反映的情况{said}，理由：{reason}")

    def inform(self, department: str) -> Answer:
        path = f"/requests/{self.requests[department]}/informing"
        body = {"substance": "有部门反映您曾受行政处罚。", "how": "interview"}
        answer = self.walk.desk.organiser.post("vetting", path, body)
        self._told("inform", f"将主要情况告知 {self.walk.name} 本人", f"本人可在 {answer['hearing_until']} 前陈述、申请复核")
        return answer

    def hear(self, department: str) -> None:
        path = f"/requests/{self.requests[department]}/hearing"
        body = {"how": "stated", "statement": "处罚已执行完毕，此后再无违法行为。"}
        self.walk.desk.organiser.post("vetting", path, body)
        self._told("hear", f"听取 {self.walk.name} 本人陈述并记录")

    def recheck(self, department: str) -> None:
        path = f"/requests/{self.requests[department]}/recheck"
        answer = self.walk.desk.organiser.post("vetting", path, {"reason": "请核对是否本人"})
        self.requests[department] = answer["request_id"]
        self._told("recheck", f"{self.walk.name} 申请复核，重新征询{self.name(department)}，期限 {answer['due']}")

    # -- the end

    def conclude(self, outcome: str) -> Answer:
        answer = self.walk.desk.organiser.post("vetting", f"{self.path}/conclusion", {"outcome": outcome})
        said = {"passed": "通过", "not_passed": "不通过"}[outcome]
        until = f"有效期至 {answer['valid_until']}；" if answer["valid_until"] else ""
        self._told("conclude", f"党委作出审查结论：{self.walk.name} {said}", f"{until}书面通知党支部，只写结论，不写情况")
        return answer
