"""What recruitment does when it hears of organisations, members, vettings and organizers' tasks. Set-based: a statement per batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from contracts import organizers, registry, vetting
from kernel.bus.event import Event
from kernel.bus.projection import keep, told
from kernel.bus.reaction import Reactions
from kernel.errors import Poison, Waiting
from kernel.unit import Unit
from services.recruitment.tables import candidate, dossier_grant, member, organisation

REACTIONS = Reactions()


@REACTIONS.hears(registry.ORGANISATION_REGISTERED, registry.ORGANISATION_CHANGED)
def organisation_told(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, organisation, [told(organisation, event) for event in events])


@REACTIONS.hears(registry.MEMBER_REGISTERED, registry.MEMBER_CHANGED)
def member_told(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, member, [told(member, event, name_sealed=event.sealed.get("name")) for event in events])


@REACTIONS.hears(vetting.VETTING_CONCLUDED)
def vetting_concluded(unit: Unit, events: Sequence[Event]) -> None:
    """The outcome goes into the dossier and onto the candidate; of the concern nothing comes here.

    Two cases of one person are two streams, which may arrive in any order: the candidate shows the later conclusion.
    """
    ids = {event.data["candidate_id"] for event in events}
    rows = unit.connection.execute(select(candidate).where(candidate.c.candidate_id.in_(ids)))
    found = {row.candidate_id: row for row in rows}
    if len(found) < len(ids):
        raise Poison("a vetting of somebody who is not a candidate here")
    unit.know_heads([(row.home_county, f"candidate/{row.candidate_id}") for row in found.values()])
    changed: dict[str, dict[str, Any]] = {}
    for event in events:
        row = found[event.data["candidate_id"]]
        version = unit.record(
            "vetting_concluded",
            stream=f"candidate/{row.candidate_id}",
            expected=None,
            home_county=row.home_county,
            day=event.day,
            data={name: event.data[name] for name in ("case_id", "outcome", "concluded_on", "valid_until")},
            cause=event,
        )
        shown = changed.setdefault(row.candidate_id, _shown_vetting(row)) | {"version_": version}
        later = _told_vetting(event)
        changed[row.candidate_id] = shown | later if _place_in_time(later) >= _place_in_time(shown) else shown
    statement = (
        update(candidate)
        .where(candidate.c.home_county == bindparam("county_"), candidate.c.candidate_id == bindparam("id_"))
        .values(
            version=bindparam("version_"),
            vetting_case=bindparam("case_"),
            vetting_outcome=bindparam("outcome_"),
            vetting_concluded_on=bindparam("concluded_"),
            vetting_valid_until=bindparam("until_"),
        )
    )
    unit.connection.execute(statement, list(changed.values()))


def _shown_vetting(row: Any) -> dict[str, Any]:
    """The conclusion that the candidate shows, as the update takes it."""
    return {
        "county_": row.home_county,
        "id_": row.candidate_id,
        "case_": row.vetting_case,
        "outcome_": row.vetting_outcome,
        "concluded_": row.vetting_concluded_on,
        "until_": row.vetting_valid_until,
    }


def _told_vetting(event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "case_": data["case_id"],
        "outcome_": data["outcome"],
        "concluded_": date.fromisoformat(data["concluded_on"]),
        "until_": date.fromisoformat(data["valid_until"]) if data["valid_until"] else None,
    }


def _place_in_time(vetting: dict[str, Any]) -> tuple[date, str]:
    """Ids rise with time: they tell two conclusions of one day apart."""
    return vetting["concluded_"] or date.min, vetting["case_"] or ""


# -- organizers' tasks: who may read which dossiers


@REACTIONS.hears(organizers.TASK_OPENED)
def task_opened(unit: Unit, events: Sequence[Event]) -> None:
    """Opened, or prolonged into another term. The end, told once, stands whatever is told afterwards."""
    keep(unit, dossier_grant, [told(dossier_grant, event, closed_on=None) for event in events], but=("closed_on",))


@REACTIONS.hears(organizers.TASK_CLOSED)
def task_closed(unit: Unit, events: Sequence[Event]) -> None:
    """Ends the right to read. Raises `Waiting` where the opening was lost: told later, it would open what has ended."""
    query = select(dossier_grant.c.task_id).where(dossier_grant.c.task_id.in_([event.data["task_id"] for event in events]))
    known = set(unit.connection.execute(query).scalars())
    for event in events:
        if event.data["task_id"] not in known:
            raise Waiting(event.stream)
    statement = update(dossier_grant).where(dossier_grant.c.task_id == bindparam("task_")).values(closed_on=bindparam("closed_"))
    rows = [{"task_": event.data["task_id"], "closed_": date.fromisoformat(event.data["closed_on"])} for event in events]
    unit.connection.execute(statement, rows)
