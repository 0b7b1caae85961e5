"""What the decisions of every service share: a rule that may not be in force, the order of dates, whose rules bind a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kernel.policy.decision import Decision, Reason, judge
from kernel.policy.policy import Policy

_COUNTY_DIGITS = 6


def county_of(code: str) -> str | None:
    """The county whose rules bind where a home county is `code`; None for what stands straight under the city."""
    return code if len(code) == _COUNTY_DIGITS else None


def unless(
    holds: bool, policy: Policy, rule: str, message: str, fact: Mapping[str, Any] | None = None, *, parameter: str = ""
) -> Reason | None:
    """The reason of a refusal where `holds` is false and the packs in force know the rule; None otherwise.

    `parameter`: the one that decided, whose article it then is, where the rule stands for several.
    """
    if holds or not policy.has_rule(rule) or policy.rule(rule).mode == "notice":
        return None
    return policy.reason(rule, message, fact, parameters=(parameter,) if policy.has(parameter) else ())


def decide_dates(policy: Policy, today: date, step: str, day: date, after: Iterable[tuple[str, date | None]]) -> Decision:
    """A step is dated neither in the future nor before any of the steps it rests on (None: that one was not taken).

    Rules: `order.future`, `order.sequence`. Both dates are named. `step` and the names in `after` are Chinese.
    """
    future = unless(
        day <= today,
        policy,
        "order.future",
        f"{step}的日期 {day} 晚于今天 {today}",
        {"day": day.isoformat(), "today": today.isoformat()},
    )
    early = [
        unless(
            earlier is None or earlier <= day,
            policy,
            "order.sequence",
            f"{step}的日期 {day} 早于{name}的日期 {earlier}",
            {"day": day.isoformat(), "earlier": earlier.isoformat() if earlier else None, "earlier_step": name},
        )
        for name, earlier in after
    ]
    return judge(future, *early)
