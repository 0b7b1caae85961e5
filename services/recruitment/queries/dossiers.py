"""One person, one dossier: the timeline, what is missing, the export. Source: JH 6, catalogue R14."""

from __future__ import annotations

from typing import Any

from kernel.http.reader import Reader
from kernel.http.timeline import timeline
from kernel.journal import dossier
from kernel.policy import county_of
from services.recruitment.domain import completeness
from services.recruitment.queries.candidates import row_of
from services.recruitment.queries.traces import trace_of

#: What the entries are called for people.
TITLES = {
    "application_received": "接收入党申请书",
    "talk_held": "派人谈话",
    "publicity_posted": "张贴公示",
    "publicity_ended": "撤下公示",
    "objection_received": "收到异议",
    "objection_investigated": "调查异议",
    "objection_heard": "就异议听取本人意见",
    "objection_concluded": "异议结论",
    "recommendation_noted": "推荐结果",
    "activist_approved": "上级党委审批同意",
    "activist_declined": "上级党委退回",
    "determination_balloted": "票决结果",
    "activist_decided": "支部决定确定为入党积极分子",
    "determination_annulled": "撤销确定",
    "activist_determined": "列入入党积极分子",
    "activist_filed": "报上级党委备案",
    "activist_reviewed": "半年考察",
    "training_recorded": "集中培训",
    "opinions_heard": "听取意见",
    "prospect_balloted": "确定发展对象的票决结果",
    "prospect_proposed": "支部拟列为发展对象",
    "proposal_endorsed": "上级党委备案或者同意",
    "proposal_returned": "上级党委退回发展对象的提议",
    "proposal_annulled": "撤销发展对象的提议",
    "prospect_listed": "列为发展对象",
    "introducers_changed": "更换入党介绍人",
    "prospect_reviewed": "支部或者党委审查",
    "dossier_sent": "报送全程记实档案",
    "start_consented": "县级同意启动",
    "pre_examined": "预审合格，发给入党志愿书",
    "pre_examination_reopened": "退回预审",
    "form_ended": "志愿书作废或者遗失",
    "contacts_changed": "更换培养联系人",
    "end_proposed": "提议不再培养",
    "person_notified": "通知本人",
    "person_heard": "听取本人意见",
    "end_rejected": "决定继续培养",
    "candidate_left": "终止",
    "correction_requested": "申请更正",
    "entry_corrected": "更正记录",
    "candidate_corrected": "更正后的姓名、身份证号码告知有关方面",
    "correction_rejected": "不予更正",
    "vetting_concluded": "部门审查结论",
    "admission_voted": "支部大会对接收的表决",
    "conversion_voted": "支部大会对转正的表决",
    "admission_reported": "报党委审批接收",
    "conversion_reported": "报党委审批转正",
    "admission_vote_annulled": "撤销接收的表决",
    "conversion_vote_annulled": "撤销转正的表决",
    "committee_talk_held": "审批前谈话",
    "decision_extended": "延长审批期限",
    "committee_voted": "党委表决",
    "admitted": "党委批准接收为预备党员",
    "admission_rejected": "党委不予批准接收",
    "oath_taken": "入党宣誓",
    "probation_reviewed": "预备期考察",
    "conversion_applied": "本人申请转正",
    "probation_extended": "延长预备期",
    "converted": "党委批准转正",
    "conversion_rejected": "党委不予批准转正",
    "step_overdue": "逾期提示",
    "step_caught_up": "逾期事项已办",
}


def show_timeline(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """Every entry in order: who, when, under which packs and articles. Personal texts only with `reveal`, which is noted."""
    row = row_of(reader, candidate_id)
    entries = timeline(reader, row.home_county, f"candidate/{candidate_id}", TITLES, "candidate.timeline")
    return {"candidate_id": candidate_id, "entries": entries}


def check_dossier(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """What must be there before a stage is entered, and what is missing, by the rules in force today."""
    row = row_of(reader, candidate_id)
    stage = reader.params["stage"]
    county = county_of(row.county)
    policy = reader.policy(row.city, reader.today, county)
    found = completeness.items(stage, trace_of(reader.connection, reader.context.policies, row), policy)
    return {
        "candidate_id": candidate_id,
        "stage": stage,
        "complete": all(item.present for item in found),
        "items": [
            {
                "code": item.code,
                "title": item.title,
                "day": item.day,
                "present": item.present,
                "rule": item.rule,
                "source": item.source,
            }
            for item in found
        ],
    }


def export_dossier(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """The dossier so that a stranger can check it, with the values of personal fields. `xinhuo dossier verify` reads it."""
    row = row_of(reader, candidate_id)
    stream = f"candidate/{candidate_id}"
    reader.log_access("candidate.export", stream, ["*"])
    return dossier.export(reader.connection, reader.context.keys, row.home_county, stream)
