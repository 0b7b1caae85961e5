"""The end of an appointment and of what hangs on it. Source: NN 4(3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from contracts.organizers import ORGANIZER_ENDED, TASK_CLOSED
from kernel.bus.event import Event
from kernel.commands import Answer, Body, articles, day_of
from kernel.policy import Policy, combine, decide_dates
from kernel.unit import Unit
from services.organizers.commands.common import ORGANIZERS, guard, place, policy_at
from services.organizers.commands.tasks import told
from services.organizers.domain import states, terms
from services.organizers.tables import engaged, task


def resign(unit: Unit, body: Body, organizer_id: str) -> Answer:
    """The organizer lays the appointment down; `day` is its last day. Answer: `tasks_left`, open tasks to be handed over."""
    row = ORGANIZERS.hold(unit, organizer_id)
    guard(unit, ORGANIZERS, row, "resign", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "辞聘", day, (("聘任", row.appointed_on),)),
        terms.decide_in_term(row.first_since, row.until, day, policy),
    ).require()
    return end_appointment(unit, row, "resign", day, policy, {"document": body["document"]})


def end_appointment(
    unit: Unit,
    row: Any,
    action: str,
    day: date,
    policy: Policy,
    private: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
) -> Answer:
    """Ends it with `day` as its last day, by a person's act."""
    step = states.APPOINTMENT.step(row.state, action)
    answer = ORGANIZERS.advance(
        unit,
        row,
        action,
        ORGANIZER_ENDED,
        policy=policy,
        day=day,
        data={**place(row), "end": step.next, "ended_on": day},
        private=private,
        personal=personal,
        ended_on=day,
        assessment_due=None,
        remind_on=None,
    )
    release(unit, [row.member_id])
    return {**answer, "tasks_left": end_tasks(unit, {row.organizer_id: day}, day, policy)}


def release(unit: Unit, member_ids: Iterable[str]) -> None:
    """These persons may be recommended again."""
    unit.connection.execute(delete(engaged).where(engaged.c.member_id.in_(list(member_ids))))


def end_tasks(unit: Unit, lasts: Mapping[str, date], day: date, policy: Policy) -> int:
    """Open tasks end with the appointment (`lasts`: the last day by organizer), and wait to be handed over. Returns how many."""
    query = select(task).where(task.c.organizer_id.in_(list(lasts)), task.c.state == states.OPEN)
    rows = unit.connection.execute(query.order_by(task.c.task_id).with_for_update()).all()
    close_tasks(unit, [(row, "end_with_term", lasts[row.organizer_id], day, None) for row in rows], policy)
    return len(rows)


def end_with_candidates(unit: Unit, events: Sequence[Event]) -> None:
    """Open tasks of candidates whose way has ended are over."""
    by_candidate = {event.data["candidate_id"]: event for event in events}
    query = select(task).where(task.c.candidate_id.in_(list(by_candidate)), task.c.state == states.OPEN)
    rows = unit.connection.execute(query.order_by(task.c.task_id).with_for_update()).all()
    closings = []
    for row in rows:
        event = by_candidate[str(row.candidate_id)]
        closings.append((row, "end_with_candidate", event.day, event.day, event))
    close_tasks(unit, closings, None)


#: A task's row, the action of the table, its last day, the day of the fact, the event that it follows from.
Closing = tuple[Row[Any], str, date, date, Event | None]


def close_tasks(unit: Unit, closings: Sequence[Closing], policy: Policy | None) -> None:
    """Ends tasks without anybody's act, set-based, and tells of each."""
    unit.know_heads([(row.home_county, f"task/{row.task_id}") for row, *_ in closings])
    written = []
    for row, action, last, day, cause in closings:
        step = states.TASK.step(row.state, action)
        closed_on = max(last, row.since)
        version = unit.record(
            TASK_CLOSED,
            stream=f"task/{row.task_id}",
            expected=None,
            home_county=row.home_county,
            day=day,
            data={**told(row), "closed_on": closed_on},
            private={"action": action, "articles": articles(policy, step.rules) if policy else []},
            cause=cause,
        )
        keys = {"county_": row.home_county, "id_": row.task_id}
        written.append({**keys, "version_": version, "state_": step.next, "closed_": closed_on})
    if written:
        statement = (
            update(task)
            .where(task.c.home_county == bindparam("county_"), task.c.task_id == bindparam("id_"))
            .values(version=bindparam("version_"), state=bindparam("state_"), closed_on=bindparam("closed_"))
        )
        unit.connection.execute(statement, written)
