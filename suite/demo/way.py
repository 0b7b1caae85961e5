"""The second half of a candidate's way over the doors: from activist to full member. Used by the demo and by the journey tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from suite.client import Acting
from suite.demo.walk import Answer, Body, Walk

#: Whose opinions are heard before an activist is proposed. Source: NT 13.
HEARD = {"group": "党小组", "contacts": "培养联系人", "members": "党员", "masses": "群众"}
#: What the committee's talk covers. Source: JH 8.
TALKED_ABOUT = ("knowledge", "understanding", "motive")
#: Training before admission, in days and class hours. Source of the least: NT 17.
TRAINING = {"days": 3, "hours": 24}


@dataclass
class Way(Walk):
    """One candidate, all the way."""

    def step(self, by: Acting, path: str, body: Body, text: str, note: str = "") -> Answer:
        """A command on the candidate, told."""
        return self._told(by.post("recruitment", f"{self.path}/{path}", body), text, note)

    # -- prospect

    def opinions_body(self, sources: tuple[str, ...] = tuple(HEARD)) -> Body:
        return {"heard": [{"source": source, "summary": "同意列为发展对象。"} for source in sources]}

    def hear_opinions(self, sources: tuple[str, ...] = tuple(HEARD)) -> Answer:
        whom = "、".join(HEARD[source] for source in sources)
        return self.step(self.desk.clerk, "opinions", self.opinions_body(sources), f"就 {self.name} 听取{whom}的意见")

    def proposal_body(self, **changes: Any) -> Body:
        return {
            "decided_by": self.desk.body,
            "introducers": [{"member_id": id, "relative": False} for id in self.desk.members[-2:]],
            "minutes": "支部委员会会议记录",
            **changes,
        }

    def propose(self, **changes: Any) -> Answer:
        text = f"支部讨论同意将 {self.name} 列为发展对象，确定入党介绍人 2 名"
        return self.step(self.desk.secretary, "proposal", self.proposal_body(**changes), text)

    def endorse(self) -> Answer:
        """Filed with the superior committee, or agreed to by it, as the packs of the day ask."""
        body = {"document": "关于发展对象的批复"}
        return self.step(self.desk.organiser, "endorsement", body, f"上级党委对 {self.name} 列为发展对象予以备案、同意")

    def list_prospect(self) -> Answer:
        return self.step(self.desk.secretary, "listing", {}, f"列 {self.name} 为发展对象")

    # -- political review

    def review_body(self, **changes: Any) -> Body:
        return {"passed": True, "findings": "本人历史清楚，现实表现好。", **changes}

    def review_by_branch(self) -> Answer:
        return self.step(self.desk.secretary, "branch-review", self.review_body(), f"支部对 {self.name} 进行政治审查，合格")

    def review_by_committee(self) -> Answer:
        body = self.review_body(findings="条件具备，培养教育情况齐全。")
        return self.step(self.desk.organiser, "committee-review", body, f"党委审查 {self.name} 的条件和培养教育情况，合格")

    # -- pre-examination

    def send_dossier(self) -> Answer:
        body = {"document": "全程记实档案"}
        return self.step(
            self.desk.organiser, "dossier-submission", body, f"先将 {self.name} 的全程记实档案报县（市、区）委组织部"
        )

    def consent_to_start(self) -> Answer:
        body = {"document": "发展党员预审意见"}
        return self.step(
            self.desk.county, "start-consent", body, f"县（市、区）委组织部审查数量和结构，同意启动 {self.name} 的发展程序"
        )

    def examination_body(self, form_code: str, **changes: Any) -> Body:
        return {"document": "预审意见书", "form_code": form_code, **changes}

    def pre_examine(self, form_code: str) -> Answer:
        text = f"党委预审 {self.name} 合格，发给入党志愿书，编号 {form_code}"
        return self.step(self.desk.organiser, "pre-examination", self.examination_body(form_code), text)

    # -- from the members' meeting to the committee

    def report(self) -> Answer:
        answer = self.desk.secretary.post("recruitment", f"{self.path}/report", {"document": "支部大会决议及入党志愿书"})
        return self._told(
            answer, f"支部将接收 {self.name} 为预备党员的决议报党委审批", f"党委应在 {answer['decision_due']} 前审批"
        )

    def committee_talk_body(self, **changes: Any) -> Body:
        return {"talker": "组织员", "topics": list(TALKED_ABOUT), "record": "对党的基本知识了解，入党动机端正。", **changes}

    def committee_talk(self) -> Answer:
        """By the stationed county organiser where the packs ask for him. Source: JH 8."""
        by, who = (self.desk.stationed, "派驻的县级组织员") if self.jinhua else (self.desk.organiser, "党委组织员")
        return self.step(by, "committee-talk", self.committee_talk_body(), f"{who}同 {self.name} 谈话并记录")

    def approve_admission(self) -> Answer:
        answer = self.desk.organiser.post("recruitment", f"{self.path}/admission", {"document": "接收预备党员的批复"})
        note = f"预备期自支部大会之日起，至 {answer['probation_ends']}；书面通知党支部"
        return self._told(answer, f"党委审批 {self.name} 为预备党员", note)

    # -- probation

    def take_oath(self) -> Answer:
        return self.step(self.desk.organiser, "oath", {"occasion": "入党宣誓仪式"}, f"{self.name} 在入党宣誓仪式上宣誓")

    def review_probation(self) -> Answer:
        body = {"findings": "能够履行党员义务。", "conclusion": "continue"}
        return self.step(self.desk.clerk, "probation-reviews", body, f"对预备党员 {self.name} 进行半年考察")

    def extension_body(self, months: int, **changes: Any) -> Body:
        return {
            "months": months,
            "reason": "需要继续考察和教育。",
            "minutes": "支部大会决议",
            "heard_on": self.calendar.today,
            "statement": "接受组织考察。",
            **changes,
        }

    def extend_probation(self, months: int) -> Answer:
        path = f"{self.path}/probation-extension"
        answer = self.desk.organiser.post("recruitment", path, self.extension_body(months))
        return self._told(
            answer, f"听取本人意见后，延长 {self.name} 的预备期 {months} 个月", f"预备期至 {answer['probation_ends']}"
        )

    def apply_for_conversion(self) -> Answer:
        body = {"document": "转正申请书"}
        return self.step(self.desk.clerk, "conversion-application", body, f"{self.name} 本人提出书面转正申请")

    def report_conversion(self) -> Answer:
        answer = self.desk.secretary.post("recruitment", f"{self.path}/conversion-report", {"document": "支部大会转正决议"})
        return self._told(answer, f"支部将 {self.name} 转正的决议报党委审批", f"党委应在 {answer['decision_due']} 前审批")

    def approve_conversion(self) -> Answer:
        answer = self.desk.organiser.post("recruitment", f"{self.path}/conversion", {"document": "同意转正的批复"})
        return self._told(answer, f"党委审批 {self.name} 转为正式党员", f"党龄自 {answer['full_since']} 算起")

    def reject_conversion(self) -> Answer:
        body = {"reason": "预备期表现不足，须继续考察。", "heard_on": self.calendar.today, "statement": "接受组织决定。"}
        return self.step(self.desk.organiser, "conversion-rejection", body, f"听取本人意见后，党委未批准 {self.name} 转正")

    # -- looking

    def showing(self, name: str) -> date | None:
        """A day of the candidate as it stands now."""
        value = self.now()[name]
        return date.fromisoformat(value) if value else None
