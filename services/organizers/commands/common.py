"""What the commands share: the cases, what they load, who may act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from kernel import commands
from kernel.commands import Body, Cases, told_of
from kernel.errors import Forbidden, NotYetKnown
from kernel.policy import Policy
from kernel.policy.policy import NotInForce
from kernel.unit import Unit
from services.organizers.domain import states
from services.organizers.domain.appointment import Member
from services.organizers.tables import member, organisation, organizer, task

ORGANIZERS = Cases(states.APPOINTMENT, organizer, "organizer_id", "organizer", subject="member_id")
TASKS = Cases(states.TASK, task, "task_id", "task", subject="subject")

#: The parameter without which a city has no such organizers at all.
FOUNDATION = "organizer.term_months"


# -- days and rules


def policy_at(unit: Unit, row: Any, day: date) -> Policy:
    """The rules in force on that day where `row` stands. Raises `NotInForce` where they know no such organizers."""
    policy = commands.policy_at(unit, row, day)
    if not policy.has(FOUNDATION):
        raise NotInForce("parameter", FOUNDATION, policy.packs)
    return policy


# -- loading


def organisation_of(unit: Unit, code: str) -> Row[Any]:
    """Raises `NotYetKnown` until the registry's event has arrived here."""
    return told_of(unit, organisation, code)


def member_of(unit: Unit, member_id: str) -> Member:
    """Raises `NotYetKnown`."""
    row = unit.connection.execute(select(member).where(member.c.member_id == member_id)).first()
    if row is None:
        raise NotYetKnown(f"党员 {member_id} 的信息尚未到达本服务，请稍后重试")
    return Member(row.status, row.full_since)


# -- guards


def guard(unit: Unit, cases: Cases, row: Any, action: str, body: Body) -> None:
    """Scope, state and version, in this order. Raises `Forbidden`, `Stale`.

    A branch acts for whom it has recommended; an organizer for himself, and with his own tasks.
    """
    _authorise(unit, row, cases.states.roles(action))
    cases.check(row, action, body)


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


# -- the record


def place(row: Any) -> dict[str, Any]:
    """An organizer as the contracts say it."""
    names = ("organizer_id", "account", "member_id", "committee", "path", "city", "county")
    return {name: getattr(row, name) for name in names}


def said(**texts: str) -> dict[str, str] | None:
    """Personal texts to seal in the journal: those that say something."""
    return {name: text for name, text in texts.items() if text} or None
