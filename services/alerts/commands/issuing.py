"""Issuing a warning, raising its level, and taking it back. The system proposes, a person of the issuer decides. Source: NN 2(2)(3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from contracts.alerts import WARNING_ISSUED
from kernel.actor import up_to
from kernel.commands import Answer, Body, add, articles, day_of, departures_of, passing, policy_at, require_dates, told_of
from kernel.errors import Invalid, Stale
from kernel.ids import new_id
from kernel.policy import Decision, Policy, combine, decide_dates
from kernel.unit import Unit
from services.alerts import metrics
from services.alerts.commands.common import (
    WARNINGS,
    act_as_one_of,
    advance,
    findings_of,
    guard,
    issuers_of,
    live_findings,
    place,
    still_there,
)
from services.alerts.domain import life, states
from services.alerts.domain.findings import finding_id, split_finding_id
from services.alerts.domain.life import IssueFacts, Sign
from services.alerts.domain.triggers import ORDINARY, SERIOUS
from services.alerts.tables import organisation, warned, warning

_SNAPSHOT = ("trigger", "period", "state", "severity", "fixed", "since", "facts", "thresholds", "events")


def issue_warning(unit: Unit, body: Body) -> Answer:
    """Warns an organisation of findings that hold now. The issuer is the acting post's organisation. Source: NN 2(2)(3)."""
    subject = told_of(unit, organisation, body["organisation"], lock=True)
    unit.authorise(subject.path)
    day = day_of(unit, body)
    policy = policy_at(unit, subject, day)
    found = live_findings(unit, subject.code)
    chosen = _chosen(found, body["findings"], subject.code)
    _require_unwarned(unit, subject.code, chosen)
    allowed = issuers_of(unit, subject, found, policy)
    issuer = act_as_one_of(unit, [node.code for node in allowed], subject.path)
    proposed = life.proposed_level([Sign(each.state, each.severity) for each in chosen], None, False, policy)
    decision = passing(_decide(unit, body, policy, day, issuer is not None, proposed, _since(chosen)), body)
    if issuer is None:
        # Where the packs do not say who warns whom, nobody does.
        raise Invalid({"organisation": ["现行规定没有该组织的预警单位"]})
    return _issue(unit, subject, issuer, chosen, body, decision, policy, day)


def _chosen(found: Sequence[Any], ids: Sequence[str], code: str) -> list[Any]:
    """The live findings of these ids. Raises `Invalid`, `Stale`."""
    live = {finding_id(each.organisation, each.trigger, each.period): each for each in found}
    if wrong := [id for id in ids if split_finding_id(id)[0] != code]:
        raise Invalid({"findings": [f"不是该组织的情形：{'、'.join(wrong)}"]})
    if missing := [id for id in ids if id not in live]:
        raise Stale(f"所列情形现已不存在：{'、'.join(missing)}")
    return [live[id] for id in dict.fromkeys(ids)]


def _require_unwarned(unit: Unit, code: str, chosen: Sequence[Any]) -> None:
    """What somebody is being warned of already is not warned of twice: its level is raised. Raises `Stale`."""
    query = (
        select(warned.c.trigger, warned.c.period)
        .join(warning, (warning.c.home_county == warned.c.home_county) & (warning.c.warning_id == warned.c.warning_id))
        .where(warned.c.organisation == code, warning.c.state.in_(states.LIVING))
    )
    running = {(row.trigger, row.period) for row in unit.connection.execute(query)}
    if any((each.trigger, each.period) in running for each in chosen):
        raise Stale("该情形已有尚未解除的预警，可提高其等级")


def _since(chosen: Sequence[Any]) -> date:
    latest: date = max(each.since for each in chosen)
    return latest


def _decide(
    unit: Unit, body: Body, policy: Policy, day: date, is_issuer: bool, proposed: str, since: date, *after: tuple[str, date]
) -> Decision:
    """The days, and who warns at which level after which hearing."""
    if body["due"] <= day:
        raise Invalid({"due": [f"整改期限须晚于预警的日期 {day}"]})
    heard_on = body.get("heard_on")
    heard = heard_on is not None and bool(body.get("statement", "").strip())
    facts = IssueFacts(is_issuer, body["level"], proposed, heard, body.get("circulation", ""))
    dates = decide_dates(policy, unit.today, "预警", day, (("情形出现", since), ("听取陈述", heard_on), *after))
    return combine(life.decide_issue(facts, policy), dates)


def _issue(
    unit: Unit, subject: Any, issuer: str, chosen: Sequence[Any], body: Body, decision: Decision, policy: Policy, day: date
) -> Answer:
    """Records the warning with all that it rests on, as it stands now."""
    id = new_id()
    shown = {**{name: getattr(subject, name) for name in ("path", "city", "county")}, "warning_id": id}
    shown |= {"organisation": subject.code, "issuer": issuer}
    told = _told(body, _severity(body, chosen))
    snapshot = [{name: getattr(each, name) for name in _SNAPSHOT} for each in chosen]
    step = {"articles": articles(policy, states.WARNING.rules("issue")), "departures": departures_of(decision.departures)}
    triggers = sorted({each.trigger for each in chosen})
    version = unit.record(
        WARNING_ISSUED,
        stream=f"warning/{id}",
        expected=0,
        home_county=subject.county,
        day=day,
        data={**shown, "level": body["level"], "triggers": triggers, "issued_on": day, "due": body["due"]},
        private={**told, "findings": snapshot, **step},
        subject=id,
        personal=_texts(body),
    )
    yellow_on = day if life.is_highest(body["level"], policy) else None
    _enter(unit, body, {**shown, **told, "version": version, "issued_on": day, "yellow_on": yellow_on}, snapshot)
    metrics.steps.labels("issue", body["level"]).inc()
    return {"warning_id": id, "state": states.ISSUED, "level": body["level"], "version": version, "day": day, **step}


def _enter(unit: Unit, body: Body, values: Body, snapshot: Sequence[Body]) -> None:
    """The rows of a new warning."""
    key = {"home_county": values["county"], "warning_id": values["warning_id"]}
    path, issuer = values["path"], values["issuer"]
    row = {
        **values,
        **key,
        "state": states.ISSUED,
        "issuer_path": up_to(issuer, path),
        "level": body["level"],
        "first_issued_on": values["issued_on"],
        "due": body["due"],
        "reason_sealed": unit.seal(values["warning_id"], {"reason": body["reason"]})["reason"],
    }
    add(unit, warning, **row)
    unit.connection.execute(insert(warned), [{**each, **key, "organisation": values["organisation"]} for each in snapshot])


def _severity(body: Body, chosen: Sequence[Any]) -> str:
    """As the issuer judges it; else the gravest of what was found."""
    found = SERIOUS if any(each.severity == SERIOUS for each in chosen) else ORDINARY
    return str(body.get("severity") or found)


def _texts(body: Body) -> dict[str, str]:
    return {name: body[name] for name in ("reason", "statement") if body.get(name)}


def _told(body: Body, severity: str) -> dict[str, Any]:
    """What of a warning stays in this service."""
    return {
        "severity": severity,
        "addressee": body["addressee"],
        "circulation": body.get("circulation") or None,
        "heard_on": body.get("heard_on"),
    }


def escalate(unit: Unit, body: Body, warning_id: str) -> Answer:
    """Raises the level, by the issuer; a yellow card after hearing the organisation. It has to be received anew. Source: NN 2(2) 3."""
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "escalate", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    if not life.is_higher(body["level"], row.level, policy):
        raise Invalid({"level": ["只能提高等级"]})
    signs = _signs(findings_of(unit, row), still_there(unit, row))
    overdue = states.is_overdue(row.state, row.due, row.reported_on, day)
    proposed = life.proposed_level(signs, row.level, overdue, policy)
    decided = _decide(unit, body, policy, day, True, proposed, row.issued_on)
    heard_on = body.get("heard_on")
    if heard_on is not None:
        require_dates(unit, policy, "听取陈述", heard_on, ("预警", row.issued_on))
    decision = passing(decided, body)
    told = _told({**body, "addressee": body.get("addressee") or row.addressee}, body.get("severity") or row.severity)
    yellow = life.is_highest(body["level"], policy)
    return advance(
        unit,
        row,
        "escalate",
        WARNING_ISSUED,
        policy=policy,
        day=day,
        data={
            **place(row),
            "level": body["level"],
            "triggers": sorted({each.trigger for each in findings_of(unit, row)}),
            "issued_on": day,
            "due": body["due"],
        },
        private={**told, "raised_from": row.level},
        texts=_texts(body),
        departures=decision.departures,
        level=body["level"],
        severity=told["severity"],
        addressee=told["addressee"],
        issued_on=day,
        due=body["due"],
        heard_on=heard_on,
        yellow_on=day if yellow else row.yellow_on,
        circulation=told["circulation"],
        received_on=None,
        planned_on=None,
        reported_on=None,
        checked_on=None,
        waived_on=None,
        reason_sealed=unit.seal(warning_id, {"reason": body["reason"]})["reason"],
    )


def _signs(then: Sequence[Any], now: Sequence[Any]) -> list[Sign]:
    """What a raised level is judged by: what holds now, and what lies in the past as it stood. That does not mend with a new year."""
    live = {(each.trigger, each.period): each for each in now}
    judged = [live.get((each.trigger, each.period)) or (each if each.fixed else None) for each in then]
    return [Sign(each.state, each.severity) for each in judged if each is not None]


def withdraw_warning(unit: Unit, body: Body, warning_id: str) -> Answer:
    """The issuer takes back a warning that was a mistake. It counts as if it had never been."""
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "withdraw", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "撤回预警", day, ("预警", row.issued_on))
    return advance(
        unit, row, "withdraw", "warning_withdrawn", policy=policy, day=day, texts={"reason": body["reason"]}, ended_on=day
    )
