"""What the warned organisation does: receives, plans, writes its self-criticism, reports. Source: NN 2(4)."""

from __future__ import annotations

from kernel.commands import Answer, Body, day_of, passing, policy_at, require_dates
from kernel.errors import Invalid, Stale
from kernel.unit import Unit
from services.alerts.commands.common import WARNINGS, advance, guard
from services.alerts.domain import life


def receive_warning(unit: Unit, body: Body, warning_id: str) -> Answer:
    """Acknowledged by the organisation. For a yellow card, the working days of the self-criticism run from this day."""
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "receive", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "签收", day, ("预警", row.issued_on))
    due = life.self_criticism_due(day, policy) if life.is_highest(row.level, policy) else None
    answer = advance(
        unit,
        row,
        "receive",
        "warning_received",
        policy=policy,
        day=day,
        data={"self_criticism_due": due.day if due else None, "provisional": bool(due and due.provisional)},
        received_on=day,
        self_criticism_due=due.day if due else None,
    )
    return {**answer, "self_criticism_due": due.day if due else None, "provisional": bool(due and due.provisional)}


def plan_rectification(unit: Unit, body: Body, warning_id: str) -> Answer:
    """The rectification plan; a later one replaces it."""
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "plan", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "报送整改方案", day, ("签收", row.received_on))
    texts = {"plan": body["plan"]}
    return advance(unit, row, "plan", "rectification_planned", policy=policy, day=day, texts=texts, planned_on=day)


def write_self_criticism(unit: Unit, body: Body, warning_id: str) -> Answer:
    """The written self-criticism with causes, measures and work plan. A late one is taken, and recorded as late. Source: NN 2(4)."""
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "criticise", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    if not life.is_highest(row.level, policy):
        raise Stale("只有受黄牌警告的单位才作书面检讨")
    if row.self_criticism_on is not None:
        raise Stale("书面检讨已经报送")
    parts = body["parts"]
    if unknown := sorted(set(parts) - set(policy.value("warning.self_criticism_content"))):
        raise Invalid({"parts": [f"未知的内容“{name}”" for name in unknown]})
    require_dates(unit, policy, "报送书面检讨", day, ("签收", row.received_on))
    passing(life.decide_self_criticism(parts, policy), body)
    late = row.self_criticism_due is not None and row.self_criticism_due < day
    data = {"due": row.self_criticism_due, "late": late}
    answer = advance(
        unit,
        row,
        "criticise",
        "self_criticism_written",
        policy=policy,
        day=day,
        data=data,
        texts=dict(parts),
        self_criticism_on=day,
        self_criticism_late=late,
    )
    return {**answer, "due": row.self_criticism_due, "late": late}


def report_rectification(unit: Unit, body: Body, warning_id: str) -> Answer:
    row = WARNINGS.hold(unit, warning_id)
    guard(unit, row, "report", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    require_dates(unit, policy, "报送整改结果", day, ("报送整改方案", row.planned_on))
    texts = {"report": body["report"]}
    return advance(unit, row, "report", "rectification_reported", policy=policy, day=day, texts=texts, reported_on=day)
