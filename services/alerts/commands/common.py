"""What the commands share: the cases, what they load, who acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from kernel.bus.event import EventType
from kernel.commands import Answer, Body, Cases, departures_of, told_of
from kernel.errors import NotYetKnown
from kernel.policy import Departure, Policy
from kernel.policy.decision import NOTHING
from kernel.unit import Unit
from services.alerts import metrics
from services.alerts.commands.assessing import assess_codes
from services.alerts.domain import issuers, life, states
from services.alerts.domain.triggers import NO_ADMISSION
from services.alerts.tables import finding, organisation, warned, warning

WARNINGS = Cases(states.WARNING, warning, "warning_id", "warning", subject="warning_id")


# -- loading


def line_of(unit: Unit, path: str) -> list[issuers.Node]:
    """The organisations of a path, from the top down. Raises `NotYetKnown`."""
    codes = path.strip("/").split("/")
    found = {row.code: row for row in unit.connection.execute(select(organisation).where(organisation.c.code.in_(codes)))}
    if missing := [code for code in codes if code not in found]:
        raise NotYetKnown(f"组织 {'、'.join(missing)} 的信息尚未到达本服务，请稍后重试")
    return [issuers.Node(code, found[code].kind, found[code].approval_power) for code in codes]


def live_findings(unit: Unit, code: str) -> list[Any]:
    """What is found about an organisation now, computed from all that has been heard."""
    assess_codes(unit, [code])
    return list(unit.connection.execute(select(finding).where(finding.c.organisation == code)))


def findings_of(unit: Unit, row: Any) -> list[Any]:
    """What a warning rests on, as it stood when it was issued."""
    query = select(warned).where(warned.c.home_county == row.home_county, warned.c.warning_id == row.warning_id)
    return list(unit.connection.execute(query.order_by(warned.c.trigger, warned.c.period)))


def still_there(unit: Unit, row: Any) -> list[Any]:
    """The live findings of a warning."""
    rests_on = {(each.trigger, each.period) for each in findings_of(unit, row)}
    return [each for each in live_findings(unit, row.organisation) if (each.trigger, each.period) in rests_on]


def holding(found: Iterable[Any]) -> list[str]:
    return sorted({each.trigger for each in found if life.holds(each.state, each.fixed)})


# -- who acts


def issuers_of(unit: Unit, place: Any, found: Iterable[Any], policy: Policy) -> tuple[issuers.Node, ...]:
    """Who may warn the organisation; the one that is proposed first."""
    row = told_of(unit, organisation, place.code)
    years = max((life.years_without(each.facts) for each in found if each.trigger == NO_ADMISSION), default=0)
    managed = issuers.is_key_managed(row.domain, row.key_managed, years, policy)
    return issuers.issuers(line_of(unit, row.path), managed, policy)


def act_as_one_of(unit: Unit, codes: Iterable[str], path: str) -> str | None:
    """Whether one of the actor's posts above `path` is at one of these organisations: its code, or None.

    Without any post that covers `path` it raises `Forbidden`.
    """
    unit.authorise(path)
    for code in codes:
        own = unit.actor.post_at(unit.roles or (), code, path, unit.today)
        if own is not None:
            unit.post = own
            return code
    return None


# -- the warning's way


def guard(unit: Unit, row: Any, action: str, body: Body) -> None:
    """Scope, state and version, in this order. Raises `Forbidden`, `Stale`. Waiving has no fixed post: its command looks."""
    at = states.WARNING.of(action)[0].at
    if at == states.ISSUER:
        unit.authorise_own(row.issuer_path, row.issuer)
    elif at == states.ORGANISATION:
        unit.authorise_own(row.path, row.organisation)
    WARNINGS.check(row, action, body)


def place(row: Any) -> dict[str, Any]:
    """Whom a warning is for and who issued it, as the contracts say it."""
    return {name: getattr(row, name) for name in ("warning_id", "organisation", "path", "city", "county", "issuer")}


def advance(
    unit: Unit,
    row: Any,
    action: str,
    what: EventType | str,
    *,
    data: Mapping[str, Any] = NOTHING,
    texts: Mapping[str, str] = NOTHING,
    departures: Sequence[Departure] = (),
    **more: Any,
) -> Answer:
    """As `Cases.advance`. `texts` are sealed. Returns the answer of the command."""
    said = {"warning_id": row.warning_id, **data}
    answer = WARNINGS.advance(unit, row, action, what, data=said, personal=texts or None, departures=departures, **more)
    level = more.get("level", row.level)
    metrics.steps.labels(action, level).inc()
    return {**answer, "level": level, "departures": departures_of(departures)}
