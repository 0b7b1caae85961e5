"""What ends a warning: the issuer's check against live facts, lifting, and the waiver from above. Source: NN 2(4), catalogue A4."""

from __future__ import annotations

from contracts.alerts import WARNING_LIFTED
from kernel.commands import Answer, Body, day_of, passing, policy_at, require_dates
from kernel.errors import Invalid
from kernel.unit import Unit
from services.alerts.commands.common import WARNINGS, act_as_one_of, advance, guard, holding, line_of, place, still_there
from services.alerts.domain import issuers, life
from services.alerts.domain.states import ACCEPTED


def check_rectification(unit: Unit, body: Body, warning_id: str) -> Answer:
    """The issuer looks at the report and at what holds now, and accepts it or sends it back, on request with a new deadline."""
    row = WARNINGS.hold(unit, warning_id)
    action = "accept" if body["outcome"] == ACCEPTED else "send_back"
    guard(unit, row, action, body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "核查", day, ("报送整改结果", row.reported_on))
    due = body.get("due") or row.due
    if action == "send_back" and body.get("due") is not None and due <= day:
        raise Invalid({"due": [f"整改期限须晚于核查的日期 {day}"]})
    held = holding(still_there(unit, row))
    answer = advance(
        unit,
        row,
        action,
        "rectification_checked",
        policy=policy,
        day=day,
        data={"outcome": body["outcome"], "holding": held, "due": due},
        texts={"findings": body["findings"]},
        checked_on=day if action == "accept" else None,
        reported_on=row.reported_on if action == "accept" else None,
        due=row.due if action == "accept" else due,
    )
    return {**answer, "outcome": body["outcome"], "holding": held}


def lift_warning(unit: Unit, body: Body, warning_id: str) -> Answer:
    """Lifted when nothing that could still be mended holds; what lies in the past is lifted on completed rectification."""
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "lift", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "解除预警", day, ("核查", row.checked_on), ("报送书面检讨", row.self_criticism_on))
    held = holding(still_there(unit, row))
    facts = life.LiftFacts(row.level, row.self_criticism_on, held, row.waived_on is not None)
    passing(life.decide_lifting(facts, policy), body)
    waived = bool(held)
    answer = advance(
        unit,
        row,
        "lift",
        WARNING_LIFTED,
        policy=policy,
        day=day,
        data={**place(row), "level": row.level, "lifted_on": day, "waived": waived},
        private={"holding": held},
        texts={"note": body["note"]} if body.get("note") else {},
        ended_on=day,
    )
    return {**answer, "waived": waived}


def waive_triggers(unit: Unit, body: Body, warning_id: str) -> Answer:
    """The authority above the issuer lets the warning be lifted though its trigger holds, with a reason."""
    row = WARNINGS.hold(unit, warning_id)
    unit.authorise(row.issuer_path)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    above = issuers.superior(line_of(unit, row.path), row.issuer, policy)
    acting = act_as_one_of(unit, [above.code] if above else [], row.issuer_path)
    guard(unit, row, "waive", body)
    require_dates(unit, policy, "同意解除", day, ("预警", row.issued_on))
    passing(life.decide_waiver(acting is not None, policy), body)
    data = {"by": acting, "holding": holding(still_there(unit, row))}
    texts = {"reason": body["reason"]}
    return advance(unit, row, "waive", "triggers_waived", policy=policy, day=day, data=data, texts=texts, waived_on=day)
