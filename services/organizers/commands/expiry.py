"""What the calendar does: reminders before the end of a term, and the lapse on the day after it. Source: NN 4(3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, select, update

from contracts.organizers import ORGANIZER_ENDED
from kernel.commands import articles
from kernel.context import Context
from kernel.policy import Policy
from kernel.unit import Unit, command
from services.organizers.commands.common import place, policy_at
from services.organizers.commands.ending import end_tasks, release
from services.organizers.domain import states, terms
from services.organizers.tables import organizer

#: Organizers looked at in one transaction.
BATCH = 100


def keep_terms(context: Context) -> int:
    """Lapses and reminds. Returns how many appointments it has touched."""
    return _each_county(context, organizer.c.until, _lapse, 1) + _each_county(context, organizer.c.remind_on, _remind, 0)


def _each_county(context: Context, due: Any, act: Callable[[Unit, list[Row[Any]], Policy], None], grace: int) -> int:
    """Batch by batch, each of one county, which has the same packs. `grace`: days after `due` on which it is time."""
    done = 0
    while True:
        with command(context) as unit:
            rows = _due(unit, due <= unit.today - timedelta(days=grace))
            if rows:
                unit.know_heads([(row.home_county, f"organizer/{row.organizer_id}") for row in rows])
                act(unit, rows, policy_at(unit, rows[0], rows[0].since))
        done += len(rows)
        if not rows:
            return done


def _due(unit: Unit, is_due: ColumnElement[bool]) -> list[Row[Any]]:
    query = select(organizer).where(organizer.c.state == states.APPOINTED, is_due)
    first = unit.connection.execute(query.order_by(organizer.c.home_county).limit(1)).first()
    if first is None:
        return []
    query = query.where(organizer.c.home_county == first.home_county).order_by(organizer.c.organizer_id).limit(BATCH)
    return list(unit.connection.execute(query.with_for_update()))


def _lapse(unit: Unit, rows: list[Row[Any]], policy: Policy) -> None:
    written = []
    for row in rows:
        step = states.APPOINTMENT.step(row.state, "lapse")
        version = unit.record(
            ORGANIZER_ENDED,
            stream=f"organizer/{row.organizer_id}",
            expected=None,
            home_county=row.home_county,
            day=row.until + timedelta(days=1),
            data={**place(row), "end": step.next, "ended_on": row.until},
            private={"articles": articles(policy, step.rules)},
        )
        written.append({**_keys(row), "version_": version, "state_": step.next, "ended_": row.until})
    statement = _update().values(
        version=bindparam("version_"),
        state=bindparam("state_"),
        ended_on=bindparam("ended_"),
        assessment_due=None,
        remind_on=None,
    )
    unit.connection.execute(statement, written)
    release(unit, [row.member_id for row in rows])
    end_tasks(unit, {row.organizer_id: row.until for row in rows}, unit.today, policy)


def _remind(unit: Unit, rows: list[Row[Any]], policy: Policy) -> None:
    """The notice stands in the record and, until the end, on the committee's list of what is to be done."""
    written = []
    for row in rows:
        version = unit.record(
            "expiry_reminded",
            stream=f"organizer/{row.organizer_id}",
            expected=None,
            home_county=row.home_county,
            day=unit.today,
            data={"organizer_id": row.organizer_id, "until": row.until, "days": (row.until - unit.today).days},
        )
        following = terms.next_reminder(row.until, unit.today, policy)
        written.append({**_keys(row), "version_": version, "next_": following, "today_": unit.today})
    statement = _update().values(version=bindparam("version_"), remind_on=bindparam("next_"), reminded_on=bindparam("today_"))
    unit.connection.execute(statement, written)


def _update() -> Any:
    return update(organizer).where(organizer.c.home_county == bindparam("county_"), organizer.c.organizer_id == bindparam("id_"))


def _keys(row: Row[Any]) -> dict[str, Any]:
    return {"county_": row.home_county, "id_": row.organizer_id}
