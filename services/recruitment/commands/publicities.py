"""Publicity and objections. Sources: JH 6, NN 3(4), catalogue R11."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from kernel.commands import Answer, Body, add, change, day_of, find, hold, policy_at
from kernel.encoding import canonical
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Decision, Policy, allow, combine, decide_dates, judge, unless
from kernel.unit import Unit
from services.recruitment.commands.activists import list_activist
from services.recruitment.commands.common import CANDIDATES, advance, clean, guard
from services.recruitment.domain import states
from services.recruitment.domain.notices import (
    SEXES,
    EndFacts,
    OverFacts,
    PostingFacts,
    decide_content,
    decide_end,
    decide_objection,
    decide_over,
    decide_posting,
)
from services.recruitment.domain.prospect import decide_agreed, is_agreement
from services.recruitment.domain.publicity import PeriodFacts, decide_period, period_parameter
from services.recruitment.tables import objection, publicity

POSTED, ENDED, ANNULLED = "posted", "ended", "annulled"
RECEIVED, INVESTIGATED, HEARD, CONCLUDED = "received", "investigated", "heard", "concluded"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a notice of the stage follows: the name of that step, and the candidate's column with its day.

    `announced`: the packs' forms of publicity hold for it; at the place of residence a notice is only put up.
    """

    after: str
    column: str
    announced: bool = True


STAGES: Mapping[str, Stage] = {
    "application": Stage("申请", "applied_on"),
    "activist": Stage("确定", "determined_on"),
    "prospect": Stage("拟列为发展对象", "proposed_on"),
    "probationary": Stage("支部大会", "voted_on"),
    "residence": Stage("支部大会", "voted_on", announced=False),
    "conversion": Stage("支部大会", "voted_on"),
}
#: Stages that follow a vote of the members' meeting, which must have passed.
VOTED = ("probationary", "residence", "conversion")


def post_publicity(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """A notice goes up. The period runs from the day on which all that is asked for was done. Answer: `first_possible`.

    The content is built from the dossier; of the body only `cultivation` and `record` are taken, any other field is refused.
    """
    stage, announced = body["stage"], body.get("announced_on")
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, f"post_{stage}", body)
    _not_twice(unit, candidate_id, stage)
    put_up = day_of(unit, body)
    day = max(put_up, announced or put_up)
    policy = policy_at(unit, row, day)
    after = (STAGES[stage].after, getattr(row, STAGES[stage].column))
    content, known = _content(unit, row, body["content"])
    period = decide_period(PeriodFacts(stage, day), policy)
    combine(
        decide_dates(policy, unit.today, "张贴公示", put_up, (after,)),
        decide_dates(policy, unit.today, "通报", announced or put_up, (after,)),
        decide_content(content, known, policy),
        _decide_stage(unit, row, body, day, policy),
    ).require()
    id, first = new_id(), period.values["first_possible"]
    term = {"publicity_id": id, "first_possible": first}
    said = {**term, "stage": stage, "announced_on": announced, "places": body["places"], "provisional": period.provisional}
    personal = {"content": canonical(content)}
    answer = advance(unit, row, f"post_{stage}", "publicity_posted", policy=policy, day=day, data=said, personal=personal)
    add(
        unit,
        publicity,
        **term,
        home_county=row.home_county,
        candidate_id=candidate_id,
        path=row.path,
        stage=stage,
        state=POSTED,
        posted_on=day,
        announced_on=announced,
        places=canonical(body["places"]),
        content_sealed=unit.seal(candidate_id, personal)["content"],
    )
    return {**answer, **term, "provisional": period.provisional}


def _decide_stage(unit: Unit, row: Any, body: Body, day: date, policy: Policy) -> Decision:
    """What only this stage asks before its notice goes up, and in which forms it does. Raises `Invalid`."""
    stage, announced = body["stage"], body.get("announced_on")
    if not STAGES[stage].announced:
        if announced is not None or not body["places"]:
            raise Invalid({"places": ["在居住地张贴即可，不作通报；须填写张贴地点"]})
        form = allow()
    else:
        form = decide_posting(PostingFacts(announced, body["places"]), policy)
    if stage == "prospect":
        endorsed = ("上级同意", row.endorsed_on if is_agreement(policy) else None)
        dates = decide_dates(policy, unit.today, "张贴公示", day, (endorsed,))
        return combine(form, dates, decide_agreed(agreed_by_superior(unit, row), policy))
    if stage in VOTED:
        return combine(form, judge(unless(bool(row.vote_passed), policy, "meeting.majority", "支部大会尚未表决通过", {})))
    return form


def agreed_by_superior(unit: Unit, row: Any) -> bool:
    """Whether the superior agreed to the listing, under packs that speak of agreement; a filing under older ones is none."""
    return row.endorsed_on is not None and is_agreement(policy_at(unit, row, row.endorsed_on))


def _not_twice(unit: Unit, candidate_id: str, stage: str) -> None:
    """A stage is shown once; again only where an objection was found to be right, or the step was taken back and taken anew."""
    query = select(func.count()).where(
        publicity.c.candidate_id == candidate_id,
        publicity.c.stage == stage,
        (publicity.c.outcome == "clear") | publicity.c.outcome.is_(None),
    )
    if unit.connection.execute(query).scalar_one():
        raise Stale("这一环节的公示已经张贴")


def annul_notices(unit: Unit, row: Any, stages: Collection[str], day: date) -> None:
    """The step that the notices showed is taken back: those that stand come down, and none counts any more."""
    mine = (publicity.c.candidate_id == row.candidate_id, publicity.c.stage.in_(stages))
    unit.connection.execute(update(publicity).where(*mine, publicity.c.state == POSTED).values(state=ENDED, ended_on=day))
    unit.connection.execute(update(publicity).where(*mine).values(outcome=ANNULLED))


def decide_shown(unit: Unit, row: Any, stage: str, day: date, policy: Policy) -> Decision:
    """Whether the stage's publicity lies behind on `day`, where the packs of its posting ask for one, and nobody was right to object."""
    notices = unit.connection.execute(
        select(publicity)
        .where(publicity.c.candidate_id == row.candidate_id, publicity.c.stage == stage)
        .where((publicity.c.outcome != ANNULLED) | publicity.c.outcome.is_(None))
        .order_by(publicity.c.posted_on, publicity.c.publicity_id)
    ).all()
    last = notices[-1] if notices else None
    posting = policy if last is None else policy_at(unit, row, last.posted_on)
    open_ones = sum(o.state != CONCLUDED for o in _objections(unit, last.publicity_id)) if last else 0
    facts = OverFacts(
        stage=stage,
        required=posting.has(period_parameter(stage)),
        posted=last is not None,
        ended=last is not None and last.state == ENDED,
        open_objections=open_ones,
        upheld=last is not None and last.outcome == "upheld",
    )
    ended = ("公示期满", last.ended_on if last else None)
    return combine(decide_dates(policy, unit.today, "下一环节", day, (ended,)), decide_over(facts, policy))


def _content(unit: Unit, row: Any, given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The notice's fields, and what of the person's data must not be repeated in free text."""
    if fixed := sorted(set(given) & {"name", "sex", "born", "unit_and_post"}):
        raise Invalid({f"content.{name}": ["由档案生成，无须填写"] for name in fixed})
    boxes = {"name": row.name_sealed, "id_number": row.id_number_sealed, "particulars": row.particulars_sealed}
    open_fields = unit.context.keys.open_fields(row.candidate_id, boxes)
    particulars = json.loads(open_fields["particulars"])
    born = date.fromisoformat(particulars["born"])
    content = {
        "name": open_fields["name"],
        "sex": SEXES[particulars["sex"]],
        "born": f"{born.year}年{born.month}月",
        "unit_and_post": particulars.get("unit_and_post") or "",
        **given,
    }
    return content, [open_fields["id_number"], particulars.get("phone") or "", particulars.get("address") or ""]


def end_publicity(unit: Unit, body: Body, publicity_id: str) -> Answer:
    """The notice comes down. For an activist without upheld objection the determination takes effect. Answer: `outcome`."""
    shown = hold(unit, publicity, "publicity_id", publicity_id)
    row = CANDIDATES.find(unit, shown.candidate_id)
    guard(unit, row, "take_down", body)
    if shown.state != POSTED:
        raise Stale("公示已经撤下")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    objections = _objections(unit, publicity_id)
    last = max((o.concluded_on for o in objections if o.concluded_on), default=None)
    decide_dates(policy, unit.today, "撤下公示", day, (("公示", shown.posted_on), ("异议结论", last))).require()
    outcome = "clear"
    if row.state in states.LIVING:
        facts = EndFacts(
            shown.stage,
            shown.posted_on,
            shown.first_possible,
            open_objections=sum(o.state != CONCLUDED for o in objections),
            upheld=sum(o.outcome == "upheld" for o in objections),
        )
        outcome = decide_end(facts, day, policy).require().values["outcome"]
    answer = advance(
        unit,
        row,
        "take_down",
        "publicity_ended",
        policy=policy,
        day=day,
        data={"publicity_id": publicity_id, "stage": shown.stage, "outcome": outcome},
        deciding={"publicity.period": period_parameter(shown.stage)},
    )
    change(unit, publicity, shown, state=ENDED, ended_on=day, outcome=outcome)
    if shown.stage == "activist" and outcome == "clear" and row.state == states.DETERMINED:
        listed = list_activist(unit, CANDIDATES.find(unit, row.candidate_id), policy, day)
        answer = {**answer, "state": listed["state"], "version": listed["version"]}
    return {**answer, "publicity_id": publicity_id, "outcome": outcome}


# -- objections


def receive_objection(unit: Unit, body: Body, publicity_id: str) -> Answer:
    """An objection, also an anonymous one. Who objected is kept under a key of his own, apart from the candidate's dossier."""
    shown = find(unit, publicity, "publicity_id", publicity_id)
    row = CANDIDATES.find(unit, shown.candidate_id)
    guard(unit, row, "objection", body)
    if shown.state != POSTED:
        raise Stale("公示已经撤下；可向上级党委反映")
    if body["anonymous"] == bool(body.get("objector")):
        raise Invalid({"objector": ["署名的异议须填写姓名，匿名的不填"]})
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "收到异议", day, (("公示", shown.posted_on),)).require()
    id = new_id()
    answer = _note(
        unit, row, policy, day, "objection_received", {"objection_id": id, "anonymous": body["anonymous"]}, text=body["text"]
    )
    objector = None if body["anonymous"] else new_id()
    add(
        unit,
        objection,
        home_county=row.home_county,
        objection_id=id,
        publicity_id=publicity_id,
        candidate_id=row.candidate_id,
        state=RECEIVED,
        anonymous=body["anonymous"],
        objector=objector,
        objector_sealed=unit.seal(objector, {"objector": body["objector"]})["objector"] if objector else None,
        text_sealed=unit.seal(row.candidate_id, {"text": body["text"]})["text"],
        received_on=day,
    )
    return {**answer, "objection_id": id}


def investigate_objection(unit: Unit, body: Body, objection_id: str) -> Answer:
    """What looking into it has shown."""
    filed, row, day, policy = _objection(unit, body, objection_id, "objection", "调查", ("收到异议", "received_on"))
    change(unit, objection, filed, state=INVESTIGATED, investigated_on=day)
    data = {"objection_id": objection_id}
    return {
        **_note(unit, row, policy, day, "objection_investigated", data, findings=body["findings"]),
        "objection_id": objection_id,
    }


def hear_on_objection(unit: Unit, body: Body, objection_id: str) -> Answer:
    """What the person concerned says to it."""
    filed, row, day, policy = _objection(unit, body, objection_id, "objection", "听取意见", ("收到异议", "received_on"))
    change(unit, objection, filed, heard_on=day, **({"state": HEARD} if filed.state == INVESTIGATED else {}))
    data = {"objection_id": objection_id}
    return {
        **_note(unit, row, policy, day, "objection_heard", data, statement=body["statement"]),
        "objection_id": objection_id,
    }


def conclude_objection(unit: Unit, body: Body, objection_id: str) -> Answer:
    """A person decides, with a reason: `unfounded` or `upheld`. Rules: `publicity.objection_heard`."""
    filed, row, day, policy = _objection(
        unit, body, objection_id, "conclude_objection", "异议结论", ("调查", "investigated_on"), ("听取意见", "heard_on")
    )
    if filed.investigated_on is None:
        raise Stale("异议尚未调查")
    decide_objection(filed.heard_on is not None, policy).require()
    change(unit, objection, filed, state=CONCLUDED, concluded_on=day, outcome=body["outcome"])
    data = {"objection_id": objection_id, "outcome": body["outcome"]}
    return {
        **_note(unit, row, policy, day, "objection_concluded", data, reason=body["reason"]),
        "objection_id": objection_id,
    }


def _objection(
    unit: Unit, body: Body, objection_id: str, action: str, step: str, *after: tuple[str, str]
) -> tuple[Any, Any, date, Policy]:
    """The objection, the candidate, the day and the rules, all checked."""
    filed = hold(unit, objection, "objection_id", objection_id)
    row = CANDIDATES.find(unit, filed.candidate_id)
    guard(unit, row, action, body)
    if filed.state == CONCLUDED:
        raise Stale("异议已有结论")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, step, day, [(name, getattr(filed, column)) for name, column in after]).require()
    return filed, row, day, policy


def _note(unit: Unit, row: Any, policy: Policy, day: date, what: str, data: Mapping[str, Any], **personal: str) -> Answer:
    action = "conclude_objection" if what == "objection_concluded" else "objection"
    return advance(unit, row, action, what, policy=policy, day=day, data=data, personal=clean(personal))


def _objections(unit: Unit, publicity_id: str) -> list[Any]:
    return list(unit.connection.execute(select(objection).where(objection.c.publicity_id == publicity_id)))
