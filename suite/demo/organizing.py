"""Specially appointed organizers in Nanning: two are appointed, one accompanies a candidate and reads what that needs; after two years one
is appointed again and one lapses. Source: NN 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kernel.policy import PolicyBook
from suite.client import Acting, Problem
from suite.demo.desk import Desk
from suite.demo.story import Story
from suite.demo.walk import Body


@dataclass
class Organizing:
    """On the committee of a story; `diligent` is renewed, `other` lapses."""

    story: Story
    diligent: str = field(default="")
    other: str = field(default="")
    accounts: dict[str, str] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return self.story.desk

    @property
    def today(self) -> date:
        return self.story.today

    @property
    def book(self) -> PolicyBook:
        return self.story.trials.book

    def refuse(self, rule: str, tried: str, by: Acting, path: str, body: Any, service: str = "organizers") -> None:
        self.story.trials.refuse(rule, tried, by, path, body, city=self.story.city, service=service)

    def told(self, answer: Mapping[str, Any], text: str, note: str = "") -> None:
        sources = [article["source"] for article in answer.get("articles", ())]
        self.story.narrator.step(date.fromisoformat(answer["day"]), text, sources, note=note)

    def do(self, path: str, body: Body, text: str = "", note: str = "", by: Acting | None = None) -> dict[str, Any]:
        answer = (by or self.desk.organiser).post("organizers", path, body)
        if text:
            self.told(answer, text, note)
        return answer

    # -- the way

    def go(self) -> Iterator[date]:
        self.diligent = self._appoint(self.desk.members[0], "1", tried=True)
        self.other = self._appoint(self.desk.members[1], "2")
        until = self._until(self.diligent)
        yield self.today + timedelta(days=30)
        self._task()
        yield self._year_ends(until, 1)
        self._assess_first_year()
        yield self._year_ends(until, 0)
        self._renew(until)
        yield until + timedelta(days=1)
        self._lapsed()

    def _until(self, organizer: str) -> date:
        return date.fromisoformat(self.desk.organiser.get("organizers", f"/organizers/{organizer}")["until"])

    def _year_ends(self, until: date, years: int) -> date:
        """Twenty days before the end of the term's year."""
        return until.replace(year=until.year - years) - timedelta(days=20)

    # -- appointment

    def check_body(self, unmet: str = "", **changes: Any) -> Body:
        conditions = self.book.at(self.story.city, self.today).value("organizer.conditions")
        checked = [
            {"condition": name, "met": name != unmet, "document": "审查材料"} for name in conditions if name != "full_member"
        ]
        return {
            "conditions": checked,
            "preferred": ["branch_secretary"],
            "review": "审查报告",
            "inspection": "考察报告",
            **changes,
        }

    def _appoint(self, member: str, number: str, *, tried: bool = False) -> str:
        account = f"organizer.{self.desk.committee}.{self.today.year}.{number}"
        recommendation = {"organisation": self.desk.code, "member_id": member, "reason": "从事党务工作多年。"}
        if tried:
            unreasoned = {**recommendation, "reason": ""}
            self.refuse("organizer.reason", "推荐不写理由", self.desk.secretary, "/recommendations", unreasoned)
        by = self.desk.secretary
        answer = self.do("/recommendations", recommendation, "支部推荐特聘组织员人选", by=by)
        id = str(answer["organizer_id"])
        path, appointment = f"/organizers/{id}", {"account": account, "document": "聘任决定"}
        if tried:
            self.refuse("organizer.willing", "没有征求本人意愿就审查", self.desk.organiser, f"{path}/check", self.check_body())
        self.do(f"{path}/consent", {"given": True, "document": "本人意愿书"}, "本人同意担任", by=by)
        if tried:
            self._try_appointments(path, appointment)
        self.do(f"{path}/check", self.check_body(), "党委严格审查和考察，符合选聘条件")
        if tried:
            self._without_power(path, appointment)
        answer = self.do(f"{path}/appointment", appointment)
        self.told(answer, "党委聘任特聘组织员", f"聘期 {answer['since']} 至 {answer['until']}")
        self.accounts[id] = account
        self.story.ground.settle()
        return id

    def _try_appointments(self, path: str, appointment: Body) -> None:
        organiser = self.desk.organiser
        self.do(f"{path}/check", self.check_body(inspection=""))
        self.refuse("organizer.examined", "没有考察就聘任", organiser, f"{path}/appointment", appointment)
        self.do(f"{path}/check", self.check_body("no_violation"))
        self.refuse("organizer.conditions", "有违纪情况仍聘任", organiser, f"{path}/appointment", appointment)

    def _without_power(self, path: str, appointment: Body) -> None:
        """A committee that has no power to approve admissions appoints nobody."""
        at = f"/organisations/{self.desk.committee}"
        self.desk.county.patch("registry", at, {"approval_power": False})
        self.story.ground.settle()
        tried = "没有审批权限的党委聘任"
        self.refuse("organizer.approval_power", tried, self.desk.organiser, f"{path}/appointment", appointment)
        self.desk.county.patch("registry", at, {"approval_power": True})
        self.story.ground.settle()

    # -- the task, and what it opens

    def organizer(self, id: str) -> Acting:
        """With the post that the registry has given."""
        ground = self.story.ground
        return ground.doors.account(self.accounts[id], ground.administrator("4501"))

    def _task(self) -> None:
        walk = self.story.main
        dossier = f"{walk.path}/timeline"
        self._shut(self.organizer(self.diligent), dossier, "没有任务就查阅档案")
        body = {
            "organizer_id": self.diligent,
            "kind": "accompany",
            "branch": self.desk.code,
            "candidate_id": walk.id,
            "reason": "全程指导这名发展对象的培养。",
        }
        early = {**body, "day": self.today - timedelta(days=60)}
        self.refuse("organizer.in_term", "任务的日期在聘期之前", self.desk.organiser, "/tasks", early)
        answer = self.do("/tasks", body, f"党委交办任务：全程指导 {walk.name} 的培养")
        self.task = answer["task_id"]
        self.story.ground.settle()
        reader = self.organizer(self.diligent)
        entries = reader.until("recruitment", dossier, lambda _: True)["entries"]
        self.story.narrator.step(self.today, f"特聘组织员按任务需要查阅档案 {len(entries)} 条，查阅留痕", ["NN 4(4)"])
        self._shut(reader, f"{self.story.companion.path}/timeline", "查阅任务以外的人的档案")
        self.do(f"/tasks/{self.task}/log", {"text": "与联系人一道谈心。", "minutes": 60}, "登记工作记录", by=reader)

    def _shut(self, reader: Acting, path: str, tried: str) -> None:
        """A look that must not be had."""
        try:
            reader.get("recruitment", path)
        except Problem as problem:
            if problem.status != 403:
                raise
            self.story.narrator.note(f"✗ {tried} → 无权（403）")
        else:
            raise AssertionError(f"{tried}: was let in")

    # -- assessments, renewal, lapse

    def _assess_first_year(self) -> None:
        self._assessed(self.diligent, 1)
        body = {"year": 1, "passed": False, "evidence": "全年没有参加活动。", "reason": "不履行职责。"}
        answer = self.do(f"/organizers/{self.other}/assessments", body)
        proceeding = f"/proceedings/{answer['proceeding_id']}"
        decision = {"outcome": "upheld", "reason": "事实清楚。"}
        self.refuse("organizer.hearing", "没有听取本人意见就定为不合格", self.desk.organiser, f"{proceeding}/decision", decision)
        self.do(f"{proceeding}/notice", {"way": "当面告知"}, "拟定考核不合格，通知本人")
        self.do(f"{proceeding}/hearing", {"appeared": True, "statement": "家中有事。"}, "听取本人意见")
        self.do(f"{proceeding}/decision", decision, "第 1 年考核不合格")
        self.do(f"{proceeding}/review-request", {"statement": "请求复核。"}, "本人申请复核")
        review = {"outcome": "upheld", "reason": "维持原结果。"}
        tried = "原决定人自己复核"
        self.refuse("organizer.review_by_another", tried, self.desk.organiser, f"{proceeding}/review", review)
        self.do(f"{proceeding}/review", review, "由另一人复核，维持", by=self.desk.deputy)

    def _assessed(self, id: str, year: int) -> None:
        body = {"year": year, "passed": True, "evidence": "按任务指导发展党员工作。"}
        self.do(f"/organizers/{id}/assessments", body, f"第 {year} 年考核合格")

    def _renew(self, until: date) -> None:
        path, body = f"/organizers/{self.diligent}/renewal", {"document": "续聘决定"}
        self.refuse("organizer.assessed", "第二年没有考核就续聘", self.desk.organiser, path, body)
        self._assessed(self.diligent, 2)
        self._assessed(self.other, 2)
        self.refuse("organizer.passed", "考核不合格也续聘", self.desk.organiser, f"/organizers/{self.other}/renewal", body)
        answer = self.do(path, body)
        self.told(answer, "考核合格，续聘两年", f"聘期 {answer['since']} 至 {answer['until']}")

    def _lapsed(self) -> None:
        """The timer has ended the appointment of the other one; nothing is open to him any more."""
        shown = self.desk.organiser.get("organizers", f"/organizers/{self.other}")
        if shown["state"] != "lapsed":
            raise AssertionError(f"the term is over, and the organizer is {shown['state']}")
        self.story.narrator.step(self.today, "另一名特聘组织员聘期届满，未续聘，岗位随之终止", ["NN 4(3)"])
        self._shut_out()

    def _shut_out(self) -> None:
        """The diligent one's task and term go on; the other one's post has ended with the term."""
        ended = self.organizer(self.other).actor.posts
        if any(post.covers(post.path, self.today) for post in ended):
            raise AssertionError("the term is over, and the post is not")
