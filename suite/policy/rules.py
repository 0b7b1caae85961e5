"""The rules that have one right answer, each with its facts and the service's function that decides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel import workdays
from kernel.policy import Decision, Policy
from services.alerts.domain import plan, warning
from services.organizers.domain import renewal
from services.recruitment.domain import (
    admission,
    application,
    committee,
    probation,
    prospect,
    publicity,
    recommendation,
    training,
    voting,
)
from services.scoring.domain import satisfaction
from services.vetting.domain import departments


@dataclass(frozen=True)
class DecisionRule:
    """`facts`: the dataclass that `decide` takes. `title`: for people. `computes`: it never refuses."""

    title: str
    facts: type
    decide: Callable[[Any, Policy], Decision]
    computes: bool = False


RULES: Mapping[str, DecisionRule] = {
    "admission.leaving": DecisionRule("将离开单位的接收", admission.LeavingFacts, admission.decide_leaving),
    "application.eligibility": DecisionRule("申请年龄", application.EligibilityFacts, application.decide_eligibility),
    "application.organisation": DecisionRule(
        "接收申请的党组织", application.OrganisationFacts, application.decide_organisation, computes=True
    ),
    "committee.decision_due": DecisionRule(
        "党委审批期限", committee.DecisionDueFacts, committee.decide_decision_due, computes=True
    ),
    "meeting.vote": DecisionRule("支部大会表决", voting.VoteFacts, voting.decide_vote),
    "organizer.renewal": DecisionRule("特聘组织员续聘", renewal.RenewalFacts, renewal.decide_renewal),
    "plan.deviation": DecisionRule("计划偏差", plan.DeviationFacts, plan.decide_deviation, computes=True),
    "probation.end": DecisionRule("预备期满", probation.ProbationFacts, probation.decide_end),
    "prospect.earliest": DecisionRule("列为发展对象的最早日期", prospect.EarliestFacts, prospect.decide_earliest, computes=True),
    "publicity.period": DecisionRule("公示期", publicity.PeriodFacts, publicity.decide_period, computes=True),
    "recommendation.result": DecisionRule("两推荐结果", recommendation.RecommendationFacts, recommendation.decide_recommendation),
    "satisfaction.score": DecisionRule("满意度得分", satisfaction.SatisfactionFacts, satisfaction.decide_score, computes=True),
    "training.sufficient": DecisionRule("集中培训时间", training.TrainingFacts, training.decide_sufficient),
    "vetting.departments": DecisionRule(
        "征求意见的部门", departments.DepartmentsFacts, departments.decide_departments, computes=True
    ),
    "warning.level": DecisionRule("预警等级", warning.LevelFacts, warning.decide_level, computes=True),
    "workdays.due": DecisionRule("工作日期限", workdays.DueFacts, workdays.decide_due, computes=True),
}
