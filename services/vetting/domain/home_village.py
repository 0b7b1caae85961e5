"""The home village's opinion on somebody who joins elsewhere: the notice there, and what the opinion rests on.

Source: JH 5 (the review at the home village, returned through its township committee), JH 6 (the notice there). The rules on a notice are
those of the home place, on the day of the step.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kernel.policy import Decision, Policy, Reason, combine, judge, unless
from kernel.workdays import WorkdayResult, day_after_period
from services.vetting.domain.departments import HOME_VILLAGE
from services.vetting.domain.replies import Answer, decide_reply

RULE: Final = "vetting.home_village"
PERIOD: Final = "publicity.elsewhere.period"

#: Fields of the notice that the village writes; the name comes from the question.
FIELDS: Final[Mapping[str, str]] = {
    "sex": "性别",
    "born": "出生年月",
    "unit_and_post": "单位及职务",
    "cultivation": "培养教育情况",
    "record": "工作实绩",
}
#: What a village must leave out, by its Chinese name.
OUTSIDE: Final[Mapping[str, str]] = {
    "name": "姓名（由征询函生成）",
    "id_number": "身份证号码",
    "address": "住址",
    "phone": "电话",
    "family": "家庭情况",
    "health": "健康情况",
}
#: What a pack may require, and the fields that it means. Source: NN 3(4).
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("sex", "born", "unit_and_post"),
    "cultivation": ("cultivation",),
    "record": ("record",),
}
#: A run of digits as long as a telephone number is no part of a notice.
_DIGITS: Final = 10
_RUN: Final = re.compile(r"\d(?:[ -]?\d)*")


def required(elsewhere: bool, policy: Policy) -> bool:
    """Whether the opinion must be had. Source: JH 5."""
    return elsewhere and policy.asks(RULE)


def decide_asked(elsewhere: bool, live: Collection[str], policy: Policy) -> Reason | None:
    """`vetting.home_village`: who joins elsewhere is asked about there. `live`: those being asked in the case."""
    asked = not required(elsewhere, policy) or HOME_VILLAGE in live
    return unless(asked, policy, RULE, "异地发展的，尚未到原籍所在村征求意见", {"elsewhere": elsewhere})


def first_possible(posted: date, policy: Policy) -> WorkdayResult | None:
    """The first day after the notice's period; None where the home place asks for no notice."""
    return day_after_period(posted, policy.value(PERIOD)) if policy.has(PERIOD) else None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """`content`: the village's fields; `known`: what of the person's data must not be repeated in them."""

    content: Mapping[str, str]
    known: Collection[str]
    announced_on: date | None
    places: Sequence[str]


def decide_notice(facts: NoticeFacts, policy: Policy) -> Decision:
    """`publicity.content_forbidden`, `publicity.content_required`, `publicity.announced_and_posted`."""
    allowed = FIELDS.keys() & set(policy.value("publicity.content.allowed"))
    outside = sorted(facts.content.keys() - allowed)
    leaking = sorted(FIELDS[name] for name in facts.content.keys() & allowed if _leaks(facts.content[name], facts.known))
    asked = policy.value("publicity.content.required") if policy.has("publicity.content.required") else ()
    lacking = [FIELDS[n] for group in asked for n in REQUIRED.get(group, ()) if not facts.content.get(n, "").strip()]
    text = "；".join(
        part
        for part in (
            f"公示内容不得含：{'、'.join(OUTSIDE.get(name, name) for name in outside)}" if outside else "",
            f"下列内容中含有证件或电话号码：{'、'.join(leaking)}" if leaking else "",
        )
        if part
    )
    return judge(
        unless(not text, policy, "publicity.content_forbidden", text, {"fields": outside, "leaking": leaking}),
        unless(not lacking, policy, "publicity.content_required", f"公示内容缺少：{'、'.join(lacking)}", {"lacking": lacking}),
        _posted(facts, policy),
    )


def _posted(facts: NoticeFacts, policy: Policy) -> Reason | None:
    forms = policy.value("publicity.forms") if policy.has("publicity.forms") else ()
    done = {"announced": facts.announced_on is not None, "posted": bool(facts.places)}
    texts = {"announced": "尚未在党员大会上通报", "posted": "尚未在党务公开栏张贴"}
    lacking = [texts[form] for form in forms if not done.get(form, True)]
    fact = {"announced": done["announced"], "places": list(facts.places)}
    return unless(not lacking, policy, "publicity.announced_and_posted", "；".join(lacking), fact)


def _leaks(text: str, known: Collection[str]) -> bool:
    plain = unicodedata.normalize("NFKC", text)
    runs = (re.sub(r"\D", "", run) for run in _RUN.findall(plain))
    return any(len(run) >= _DIGITS for run in runs) or any(value and value in re.sub(r"\s", "", plain) for value in known)


@dataclass(frozen=True, slots=True)
class NoticeEndFacts:
    """`unexamined`: objections for which no finding is written."""

    posted_on: date
    first_possible: date | None
    day: date
    objections: int
    unexamined: int


def decide_notice_end(facts: NoticeEndFacts, policy: Policy) -> Decision:
    """`publicity.period`, `publicity.objection_open`: the time is over, and every objection has been looked into."""
    over = facts.first_possible is None or facts.day >= facts.first_possible
    return judge(
        unless(
            over,
            policy,
            "publicity.period",
            f"公示自 {facts.posted_on} 起，最早可于 {facts.first_possible} 进行下一环节，{facts.day} 尚在公示期内",
            {"posted": facts.posted_on.isoformat(), "day": facts.day.isoformat()},
            parameter=PERIOD,
        ),
        unless(
            facts.unexamined == 0,
            policy,
            "publicity.objection_open",
            f"有 {facts.unexamined} 件异议尚未查清",
            {"objections": facts.objections, "unexamined": facts.unexamined},
        ),
    )


def decide_opinion(answer: Answer, notice_ended_on: date | None, policy: Policy) -> Decision:
    """The opinion is given after the notice, and is worth what a department's answer is. Source: JH 6, Xinhuo (V5)."""
    shown = notice_ended_on is not None or not policy.has(PERIOD)
    notice = unless(
        shown,
        policy,
        "publicity.period",
        "为本村户籍人员异地入党出具意见前须先公示，公示尚未办结",
        {"notice_ended_on": None},
        parameter=PERIOD,
    )
    return combine(judge(notice), decide_reply(answer, policy))


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """The days of the notice, as the letter states them."""

    posted_on: date | None
    taken_down_on: date | None


def decide_letter(facts: LetterFacts, policy: Policy) -> Decision:
    """`vetting.home_village_publicity`: a letter from outside says when the notice stood, as long as is asked for here."""
    stated = facts.posted_on is not None and facts.taken_down_on is not None
    first = first_possible(facts.posted_on, policy) if facts.posted_on else None
    long_enough = first is None or facts.taken_down_on is None or facts.taken_down_on >= first.day
    text = "复函未写明公示的起止日期" if not stated else f"复函所载公示不足规定的时间，应至 {first.day if first else ''} 前一日"
    fact = {
        "posted_on": facts.posted_on.isoformat() if facts.posted_on else None,
        "taken_down_on": facts.taken_down_on.isoformat() if facts.taken_down_on else None,
    }
    return judge(unless(stated and long_enough, policy, "vetting.home_village_publicity", text, fact))
