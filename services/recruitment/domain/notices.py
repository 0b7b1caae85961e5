"""Publicity: what may stand in a notice, how it is put up, objections, and when it may end.

Sources: JH 6, NN 3(4), NT' 13; what a notice leaves out is a safeguard of this project. The period itself is `publicity.py`'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, judge, unless
from services.recruitment.domain.publicity import period_parameter

#: The only fields of a notice, with their Chinese names, in the order of print. Source: NN 3(4), catalogue R11.
FIELDS: Mapping[str, str] = {
    "name": "姓名",
    "sex": "性别",
    "born": "出生年月",
    "unit_and_post": "单位及职务",
    "cultivation": "培养教育情况",
    "record": "工作实绩",
}
#: What a notice must never hold, by its Chinese name. Source: catalogue R11.
OUTSIDE: Mapping[str, str] = {
    "id_number": "身份证号码",
    "address": "住址",
    "phone": "电话",
    "family": "家庭情况",
    "health": "健康情况",
}
#: What a pack may require (NN 3(4)), the fields that it means, and its name.
REQUIRED = (
    ("person", ("name", "sex", "born", "unit_and_post"), "个人信息"),
    ("cultivation", ("cultivation",), "培养教育情况"),
    ("record", ("record",), "工作实绩"),
)
#: An identification number, or a mobile or fixed-line telephone number, anywhere in a text.
_NUMBERS = re.compile(
    r"(?<!\d)(\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx]|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|0\d{2,3}[ -]?\d{4}[ -]\d{4})(?!\d)"
)
SEXES = {"male": "男", "female": "女"}


def decide_content(content: Mapping[str, str], known: Collection[str], policy: Policy) -> Decision:
    """`publicity.content_forbidden`, `publicity.content_required`.

    Any field but the allowed ones is refused. `known` are the person's number, telephone and address as the dossier has them: free
    text that repeats one is refused too, and so is anything that looks like an identification or telephone number.
    """
    outside = sorted(set(content) - FIELDS.keys())
    leaking = sorted(
        FIELDS[field]
        for field, text in content.items()
        if field in FIELDS and (_NUMBERS.search(_plain(text)) or any(_tight(value) in _tight(text) for value in known if value))
    )
    lacking = [
        title
        for group, fields, title in REQUIRED
        if policy.has("publicity.content.required")
        and group in policy.value("publicity.content.required")
        and not all(content.get(field, "").strip() for field in fields)
    ]
    message = "；".join(
        part
        for part in (
            f"公示内容不得含：{'、'.join(OUTSIDE.get(field, field) for field in outside)}" if outside else "",
            f"下列内容中含有证件、电话号码或住址：{'、'.join(leaking)}" if leaking else "",
        )
        if part
    )
    return judge(
        unless(
            not outside and not leaking,
            policy,
            "publicity.content_forbidden",
            message,
            {"fields": outside, "leaking": leaking},
        ),
        unless(not lacking, policy, "publicity.content_required", f"公示内容缺少：{'、'.join(lacking)}", {"lacking": lacking}),
    )


def _plain(text: str) -> str:
    """One shape of digits, blanks and hyphens, whichever keyboard they come from."""
    return re.sub(r"[‐-―－]", "-", unicodedata.normalize("NFKC", text))


def _tight(text: str) -> str:
    return re.sub(r"\s", "", _plain(text))


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """How a notice was put up: announced at the members' meeting on a day, posted at places."""

    announced_on: date | None
    places: Sequence[str]


def decide_posting(facts: PostingFacts, policy: Policy) -> Decision:
    """`publicity.announced_and_posted` (JH 6): both, where the packs ask for both."""
    forms = policy.value("publicity.forms") if policy.has("publicity.forms") else ()
    lacking = [
        text
        for form, holds, text in (
            ("announced", facts.announced_on is not None, "尚未在党员大会上通报"),
            ("posted", bool(facts.places), "尚未在党务公开栏张贴"),
        )
        if form in forms and not holds
    ]
    return judge(
        unless(
            not lacking,
            policy,
            "publicity.announced_and_posted",
            "；".join(lacking),
            {"announced": facts.announced_on is not None, "places": list(facts.places)},
        )
    )


@dataclass(frozen=True, slots=True)
class EndFacts:
    """`open_objections`: objections without a conclusion."""

    stage: str
    posted_on: date
    first_possible: date | None
    open_objections: int
    upheld: int


def decide_end(facts: EndFacts, day: date, policy: Policy) -> Decision:
    """Whether the notice may come down and the next step be taken on `day`.

    Values: `outcome`, `clear` or `upheld` (an objection was found to be right: people decide what follows).
    """
    early = facts.first_possible is not None and day < facts.first_possible
    return judge(
        unless(
            not early,
            policy,
            "publicity.period",
            f"公示自 {facts.posted_on} 起，最早可于 {facts.first_possible} 进行下一环节，{day} 尚在公示期内",
            {
                "posted": facts.posted_on.isoformat(),
                "first_possible": facts.first_possible.isoformat() if facts.first_possible else None,
                "day": day.isoformat(),
            },
            parameter=period_parameter(facts.stage),
        ),
        unless(
            facts.open_objections == 0,
            policy,
            "publicity.objection_open",
            f"有 {facts.open_objections} 件异议尚未作出结论",
            {"open": facts.open_objections},
        ),
        values={"outcome": "upheld" if facts.upheld else "clear"},
    )


@dataclass(frozen=True, slots=True)
class OverFacts:
    """Where a stage's publicity stands. `required`: by the packs of the day of posting; `upheld`: an objection was found right.

    `ended`: the notice is down and nothing was found against the step.
    """

    stage: str
    required: bool
    posted: bool
    ended: bool
    open_objections: int
    upheld: bool


def decide_over(facts: OverFacts, policy: Policy) -> Decision:
    """`publicity.period`, `publicity.objection_open`: the publicity of the stage lies behind, and nobody was right to object."""
    fact = {"stage": facts.stage, "posted": facts.posted}
    running = facts.posted and not facts.ended and not facts.upheld
    return judge(
        unless(
            not (running or (facts.required and not facts.posted)),
            policy,
            "publicity.period",
            "公示尚未期满撤下" if facts.posted else "尚未公示",
            fact,
            parameter=period_parameter(facts.stage),
        ),
        unless(
            facts.open_objections == 0 and not facts.upheld,
            policy,
            "publicity.objection_open",
            "公示中的异议成立" if facts.upheld else f"有 {facts.open_objections} 件异议尚未作出结论",
            {"open": facts.open_objections, "upheld": facts.upheld},
        ),
    )


def decide_objection(heard: bool, policy: Policy) -> Decision:
    """`publicity.objection_heard`: the person is heard before an objection is concluded."""
    return judge(unless(heard, policy, "publicity.objection_heard", "尚未听取本人对异议的意见", {"heard": heard}))


def notice_text(stage_name: str, branch_name: str, content: Mapping[str, str], posted: date, last: date | None) -> str:
    """The notice to print, in Chinese. `content` has the allowed fields only; `last` is the last day of the period."""
    period = f"{_day(posted)}张贴" + (f"，公示期至{_day(last)}" if last else "")
    lines = [
        f"关于{stage_name}的公示",
        "",
        f"{branch_name}现将有关情况公示如下（{period}）：",
        "",
        *(f"{title}：{content[field]}" for field, title in FIELDS.items() if content.get(field)),
        "",
        "公示期内，党员和群众如有异议，可以署名或者不署名的方式，口头或书面向本支部或上级党委反映。",
        "",
        branch_name,
        _day(posted),
    ]
    return "\n".join(lines)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
