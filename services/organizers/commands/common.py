"""What the commands share: load, guard, advance, answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, Table, insert, select, update

from kernel.bus.event import EventType
from kernel.errors import Forbidden, NotFound, NotYetKnown, Stale
from kernel.policy import Policy, county_of
from kernel.policy.policy import NotInForce
from kernel.unit import Unit
from services.organizers.domain import states
from services.organizers.domain.appointment import Member
from services.organizers.tables import member, organisation, organizer, task

Body = Mapping[str, Any]
Answer = dict[str, Any]

#: The parameter without which a city has no such organizers at all.
FOUNDATION = "organizer.term_months"


# -- days and rules


def day_of(unit: Unit, body: Body) -> date:
    """The day of the fact: as given, else today. Whether it may be is for `decide_dates`."""
    given: date | None = body.get("day")
    return given or unit.today


def policy_at(unit: Unit, row: Any, day: date) -> Policy:
    """The rules in force on that day where `row` stands. Raises `NotInForce` where they know no such organizers."""
    policy = unit.policy(row.city, day, county_of(row.county))
    if not policy.has(FOUNDATION):
        raise NotInForce("parameter", FOUNDATION, policy.packs)
    return policy


# -- loading


def find(unit: Unit, table: Table, column: str, value: str) -> Row[Any]:
    """One row by its id, which nobody else changes until this command ends. Raises `NotFound`."""
    row = unit.connection.execute(select(table).where(table.c[column] == value).with_for_update()).first()
    if row is None:
        raise NotFound("没有这条记录")
    return row


def find_organizer(unit: Unit, organizer_id: str) -> Row[Any]:
    return find(unit, organizer, "organizer_id", organizer_id)


def organisation_of(unit: Unit, code: str) -> Row[Any]:
    """Raises `NotYetKnown` until the registry's event has arrived here."""
    row = unit.connection.execute(select(organisation).where(organisation.c.code == code)).first()
    if row is None:
        raise NotYetKnown(f"组织 {code} 的信息尚未到达本服务，请稍后重试")
    return row


def member_of(unit: Unit, member_id: str) -> Member:
    """Raises `NotYetKnown`."""
    row = unit.connection.execute(select(member).where(member.c.member_id == member_id)).first()
    if row is None:
        raise NotYetKnown(f"党员 {member_id} 的信息尚未到达本服务，请稍后重试")
    return Member(row.status, row.full_since)


# -- guards


def guard(unit: Unit, row: Any, action: str, body: Body) -> None:
    """Scope, state and version of an organizer, in this order. Raises `Forbidden`, `Stale`.

    A branch acts for whom it has recommended; an organizer for himself.
    """
    _authorise(unit, row, states.roles(action))
    _possible(states.row(row.state, action), row, body)


def guard_task(unit: Unit, row: Any, action: str, body: Body) -> None:
    """As `guard`, for a task: what an organizer may do, he may do with his own."""
    _authorise(unit, row, states.roles(action))
    _possible(states.task_row(row.state, action), row, body)


def _authorise(unit: Unit, row: Any, roles: Iterable[str]) -> None:
    """One of the action's roles, over what it stands for; the door may be open to more. Raises `Forbidden`."""
    may = set(roles)
    over = [(may - {*states.SECRETARY, *states.ORGANIZER}, row.path)]
    if may & set(states.SECRETARY):
        over.append((set(states.SECRETARY), row.recommended_path))
    if may & set(states.ORGANIZER) and unit.actor.account == row.account:
        over.append((set(states.ORGANIZER), row.path))
    for held, path in over:
        post = unit.actor.post_for(held, path, unit.today)
        if post is not None:
            unit.authorise(path)
            unit.post = post
            return
    raise Forbidden("您没有办理此事项的职务权限，或者这不是您本人的事项")


def _possible(step: states.Row | None, row: Any, body: Body) -> None:
    if step is None:
        raise Stale(f"当前状态（{states.STATE_NAMES[row.state]}）下不能办理此事项")
    expected = body.get("expected_version")
    if expected is not None and expected != row.version:
        raise Stale("此记录刚刚被他人更新，请刷新后重试")


# -- the record


def articles(policy: Policy, rules: Iterable[str]) -> list[dict[str, str]]:
    """Those of the rules that are in force, with their source."""
    return [{"rule": rule, "source": policy.rule(rule).source} for rule in rules if policy.has_rule(rule)]


def place(row: Any) -> dict[str, Any]:
    """An organizer as the contracts say it."""
    names = ("organizer_id", "account", "member_id", "committee", "path", "city", "county")
    return {name: getattr(row, name) for name in names}


def advance(
    unit: Unit,
    row: Any,
    action: str,
    what: EventType | str,
    *,
    policy: Policy,
    day: date,
    data: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    **values: Any,
) -> Answer:
    """Records a step on the organizer's stream and moves the row to the table's next state. `values`: columns that change with it."""
    step = states.row(row.state, action)
    if step is None:
        raise Stale(f"当前状态（{states.STATE_NAMES[row.state]}）下不能办理此事项")
    applied = articles(policy, step.rules)
    version = unit.record(
        what,
        stream=f"organizer/{row.organizer_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data=data,
        private={**(private or {}), "articles": applied},
        subject=row.member_id if personal else None,
        personal=personal,
    )
    change(unit, organizer, row, version=version, state=step.next, **values)
    return {
        "organizer_id": row.organizer_id,
        "state": step.next,
        "version": version,
        "day": day,
        "articles": applied,
    }


def advance_task(
    unit: Unit,
    row: Any,
    action: str,
    what: EventType | str,
    *,
    policy: Policy,
    day: date,
    data: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
    **values: Any,
) -> Answer:
    """As `advance`, on the task's stream."""
    step = states.task_row(row.state, action)
    if step is None:
        raise Stale(f"当前状态（{states.STATE_NAMES[row.state]}）下不能办理此事项")
    applied = articles(policy, step.rules)
    version = unit.record(
        what,
        stream=f"task/{row.task_id}",
        expected=row.version,
        home_county=row.home_county,
        day=day,
        data=data,
        private={"action": action, "articles": applied},
        subject=row.subject if personal else None,
        personal=personal,
    )
    change(unit, task, row, version=version, state=step.next, **values)
    return {"task_id": row.task_id, "state": step.next, "version": version, "day": day, "articles": applied}


def add(unit: Unit, table: Table, **values: Any) -> None:
    unit.connection.execute(insert(table), values)


def change(unit: Unit, table: Table, row: Any, **values: Any) -> None:
    """Updates the row by its primary key."""
    keys = [column == getattr(row, column.name) for column in table.primary_key.columns]
    unit.connection.execute(update(table).where(*keys).values(**values))


def sealed(unit: Unit, subject: str, text: str) -> str:
    """A text's ciphertext for a column."""
    return unit.seal(subject, {"text": text})["text"]


def said(**texts: str) -> dict[str, str] | None:
    """Personal texts to seal in the journal: those that say something."""
    return {name: text for name, text in texts.items() if text} or None
