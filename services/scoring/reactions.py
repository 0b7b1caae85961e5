"""What scoring hears: organisations from the registry; from recruitment who is admitted, corrected, a full member, or leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam, select, update

from contracts.recruitment import ADMITTED, CANDIDATE_CORRECTED, CANDIDATE_LEFT, CONVERTED
from contracts.registry import ORGANISATION_CHANGED, ORGANISATION_REGISTERED
from kernel.bus.event import Event
from kernel.bus.projection import keep, told
from kernel.bus.reaction import Reactions
from kernel.errors import Poison, Waiting
from kernel.unit import Unit
from services.scoring.domain import states
from services.scoring.tables import newcomer, organisation, talk

REACTIONS = Reactions()

#: Stages in which somebody is known here.
_ADMITTED = ("probationary", "full")


@REACTIONS.hears(ORGANISATION_REGISTERED, ORGANISATION_CHANGED)
def organisation_told(unit: Unit, events: Sequence[Event]) -> None:
    keep(unit, organisation, [told(organisation, event) for event in events])


@REACTIONS.hears(ADMITTED)
def admitted(unit: Unit, events: Sequence[Event]) -> None:
    """The name is kept as it came: sealed under the key of the person. The rest of what came sealed is not for this service."""
    rows = []
    for event in events:
        if event.subject is None or "name" not in event.sealed:
            raise Poison("admitted without name")
        person = {"home_county": event.home_county, "subject": event.subject, "name_sealed": event.sealed["name"]}
        rows.append(told(newcomer, event, **person, name_version=event.version, ended_on=None, end=None))
    keep(unit, newcomer, rows)


@REACTIONS.hears(CANDIDATE_CORRECTED)
def candidate_corrected(unit: Unit, events: Sequence[Event]) -> None:
    """The right name, as it came; a version of its own, so that one that comes late finds its place. Others come with it."""
    known = [event for event in events if event.data["stage"] in _ADMITTED]
    _wait_for_admissions(unit, known)
    statement = (
        update(newcomer)
        .where(
            newcomer.c.home_county == bindparam("county_"),
            newcomer.c.candidate_id == bindparam("id_"),
            newcomer.c.name_version < bindparam("version_"),
        )
        .values(name_version=bindparam("version_"), name_sealed=bindparam("name_"))
    )
    rows = []
    for event in known:
        if "name" not in event.sealed:
            raise Poison("candidate_corrected without name")
        key = {"county_": event.home_county, "id_": event.data["candidate_id"]}
        rows.append({**key, "version_": event.version, "name_": event.sealed["name"]})
    if rows:
        unit.connection.execute(statement, rows)


def _wait_for_admissions(unit: Unit, events: Sequence[Event]) -> None:
    """Raises `Waiting` for somebody of whose admission nothing has been heard: it was lost, and may still come."""
    ids = [event.data["candidate_id"] for event in events]
    known = set(unit.connection.execute(select(newcomer.c.candidate_id).where(newcomer.c.candidate_id.in_(ids))).scalars())
    for event in events:
        if event.data["candidate_id"] not in known:
            raise Waiting(event.stream)


@REACTIONS.hears(CONVERTED)
def converted(unit: Unit, events: Sequence[Event]) -> None:
    """On probation until the committee's approval, whatever day the probation is counted to."""
    _wait_for_admissions(unit, events)
    _end(unit, events, {e.stream: (date.fromisoformat(e.data["approved_on"]), states.FULL_MEMBER) for e in events})


@REACTIONS.hears(CANDIDATE_LEFT)
def candidate_left(unit: Unit, events: Sequence[Event]) -> None:
    """Who leaves before being admitted was never heard of here. A talk that was due falls away."""
    _wait_for_admissions(unit, [event for event in events if event.data["stage"] in _ADMITTED])
    _end(unit, events, {event.stream: (event.day, event.data["end"]) for event in events})
    _drop_talks(unit, {event.data["candidate_id"]: event for event in events})


def _end(unit: Unit, events: Sequence[Event], ends: Mapping[str, tuple[date, str]]) -> None:
    statement = (
        update(newcomer)
        .where(
            newcomer.c.home_county == bindparam("county_"),
            newcomer.c.candidate_id == bindparam("id_"),
            newcomer.c.version < bindparam("version_"),
        )
        .values(version=bindparam("version_"), ended_on=bindparam("ended_on_"), end=bindparam("end_"))
    )
    rows = [
        {
            "county_": event.home_county,
            "id_": event.data["candidate_id"],
            "version_": event.version,
            "ended_on_": ends[event.stream][0],
            "end_": ends[event.stream][1],
        }
        for event in events
    ]
    unit.connection.execute(statement, rows)


def _drop_talks(unit: Unit, left: Mapping[str, Event]) -> None:
    query = select(talk).where(talk.c.candidate_id.in_(list(left)), talk.c.state == states.DUE).order_by(talk.c.talk_id)
    found = list(unit.connection.execute(query))
    unit.know_heads([(row.home_county, f"talk/{row.talk_id}") for row in found])
    for row in found:
        event = left[row.candidate_id]
        version = unit.record(
            "talk_dropped",
            stream=f"talk/{row.talk_id}",
            expected=None,
            home_county=row.home_county,
            day=event.day,
            data={"talk_id": row.talk_id, "candidate_id": row.candidate_id},
            cause=event,
        )
        mine = (talk.c.home_county == row.home_county, talk.c.talk_id == row.talk_id)
        unit.connection.execute(update(talk).where(*mine).values(version=version, state=states.DROPPED))
