"""What the commands share: load, who acts, guard, advance, answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, Table, insert, select, update

from kernel.bus.event import EventType
from kernel.errors import Forbidden, NotFound, NotYetKnown, Stale
from kernel.policy import Decision, Departure, Policy, county_of, decide_dates
from kernel.policy.decision import NOTHING
from kernel.unit import Unit
from services.alerts import metrics
from services.alerts.commands.assessing import assess_codes
from services.alerts.domain import issuers, life, states
from services.alerts.domain.triggers import NO_ADMISSION
from services.alerts.tables import finding, organisation, warned, warning

Body = Mapping[str, Any]
Answer = dict[str, Any]


# -- days and rules


def day_of(unit: Unit, body: Body) -> date:
    """The day of the fact: as given, else today."""
    given: date | None = body.get("day")
    return given or unit.today


def policy_at(unit: Unit, row: Any, day: date) -> Policy:
    return unit.policy(row.city, day, county_of(row.county))


def passing(decision: Decision, body: Body) -> Decision:
    """The decision with the caller's written reasons for departures. Raises `Refused`, `Invalid`."""
    return decision.with_departures(body.get("departures") or {}).require()


def require_dates(unit: Unit, policy: Policy, step: str, day: date, *after: tuple[str, date | None]) -> None:
    decide_dates(policy, unit.today, step, day, after).require()


# -- loading


def locked(query: Select[Any]) -> Select[Any]:
    """Holds the row until the end. SQLite has one writer."""
    return query.with_for_update()


def find(unit: Unit, table: Table, column: str, value: str) -> Row[Any]:
    """One row by its id, held. Raises `NotFound`."""
    row = unit.connection.execute(locked(select(table).where(table.c[column] == value))).first()
    if row is None:
        raise NotFound("没有这条记录")
    return row


def organisation_of(unit: Unit, code: str, *, lock: bool = False) -> Row[Any]:
    """Raises `NotYetKnown` until the registry's event has arrived here. `lock`: one warning at a time is issued to it."""
    query = select(organisation).where(organisation.c.code == code)
    row = unit.connection.execute(locked(query) if lock else query).first()
    if row is None:
        raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
    return row


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
    row = organisation_of(unit, place.code)
    years = max((life.years_without(each.facts) for each in found if each.trigger == NO_ADMISSION), default=0)
    managed = issuers.is_key_managed(row.domain, row.key_managed, years, policy)
    return issuers.issuers(line_of(unit, row.path), managed, policy)


def act_as(unit: Unit, code: str, path: str) -> None:
    """The actor's own post at that very organisation, and nobody else's, higher or lower. Raises `Forbidden`."""
    unit.authorise(path)
    if unit.roles is None:
        return
    own = (post for post in unit.actor.posts if post.organisation == code and post.role in unit.roles)
    unit.post = next((post for post in own if post.covers(path, unit.today)), None)
    if unit.post is None:
        raise Forbidden("此事项只能由该组织自己的工作人员办理")


def act_as_one_of(unit: Unit, codes: Iterable[str], path: str) -> str | None:
    """Whether one of the actor's posts above `path` is at one of these organisations: its code, or None.

    Without any post that covers `path` it raises `Forbidden`.
    """
    unit.authorise(path)
    for code in codes:
        for post in unit.actor.posts:
            if post.organisation == code and post.role in (unit.roles or ()) and post.covers(path, unit.today):
                unit.post = post
                return code
    return None


# -- the warning's way


def guard(unit: Unit, row: Any, action: str, body: Body) -> states.Row:
    """Scope, state and version, in this order. Raises `Forbidden`, `Stale`. Waiving has no fixed post: its command looks."""
    side = next(each.side for each in states.TABLE if each.action == action)
    if side == states.ISSUER:
        act_as(unit, row.issuer, row.issuer_path)
    elif side == states.ORGANISATION:
        act_as(unit, row.organisation, row.path)
    found = states.row(row.state, action)
    if found is None:
        raise Stale(f"预警当前状态（{row.state}）下不能办理此事项")
    expected = body.get("expected_version")
    if expected is not None and expected != row.version:
        raise Stale("此记录刚刚被他人更新，请刷新后重试")
    return found


def articles(policy: Policy, rules: Iterable[str]) -> list[dict[str, str]]:
    """Those of the rules that are in force, with their source."""
    return [{"rule": rule, "source": policy.rule(rule).source} for rule in rules if policy.has_rule(rule)]


def departures_of(departures: Sequence[Departure]) -> list[dict[str, str]]:
    return [asdict(departure) for departure in departures]


def place(row: Any) -> dict[str, Any]:
    """Whom a warning is for and who issued it, as the contracts say it."""
    return {name: getattr(row, name) for name in ("warning_id", "organisation", "path", "city", "county", "issuer")}


def advance(
    unit: Unit,
    row: Any,
    action: str,
    what: EventType | str,
    *,
    policy: Policy,
    day: date,
    data: Mapping[str, Any] = NOTHING,
    private: Mapping[str, Any] = NOTHING,
    texts: Mapping[str, str] = NOTHING,
    departures: Sequence[Departure] = (),
    **values: Any,
) -> Answer:
    """Records the step on the warning's stream and moves the row on. `texts` are sealed; `values` are columns that change.

    Returns the answer of the command.
    """
    step = states.row(row.state, action)
    if step is None:
        raise Stale(f"预警当前状态（{row.state}）下不能办理此事项")
    applied = articles(policy, step.rules)
    version = unit.record(
        what,
        stream=f"warning/{row.warning_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data={"warning_id": row.warning_id, **data},
        private={**private, "articles": applied, "departures": departures_of(departures)},
        subject=row.warning_id if texts else None,
        personal=texts or None,
    )
    unit.connection.execute(
        update(warning)
        .where(warning.c.home_county == row.home_county, warning.c.warning_id == row.warning_id)
        .values(version=version, state=step.next, **values)
    )
    metrics.steps.labels(action, values.get("level", row.level)).inc()
    return {
        "warning_id": row.warning_id,
        "state": step.next,
        "level": values.get("level", row.level),
        "version": version,
        "day": day,
        "articles": applied,
        "departures": departures_of(departures),
    }


def add(unit: Unit, table: Table, *rows: Mapping[str, Any]) -> None:
    unit.connection.execute(insert(table), list(rows))
