"""The talk with an applicant. Sources: NT 7, NT' 7."""

from __future__ import annotations

from collections.abc import Collection

from kernel.policy import Decision, Policy, judge, unless

#: What a talk can cover, with the Chinese names. Source: NT' 7.
TOPICS = {
    "study_and_work": "学习和工作经历",
    "knowledge": "对党的认识",
    "motive": "入党动机",
    "law_abidance": "遵纪守法情况",
    "family": "家庭情况",
}


def decide_topics(topics: Collection[str], policy: Policy) -> Decision:
    """`talk.topics`: what the revision of 2026 wants covered."""
    wanted = policy.value("talk.topics") if policy.has("talk.topics") else ()
    lacking = [topic for topic in wanted if topic not in topics]
    names = "、".join(TOPICS.get(topic, topic) for topic in lacking)
    return judge(unless(not lacking, policy, "talk.topics", f"谈话没有涉及：{names}", {"lacking": lacking}))
