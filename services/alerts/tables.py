"""The tables of alerts.

Facts heard from others stand in replica tables, each row keyed by the thing itself, with the event that told it: emptied and told again,
in whatever order the streams come, they hold the same. Findings are computed from them and may be thrown away at any time. Warnings
are this service's own record; free text stands sealed under a key of the warning's own (columns `…_sealed`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from kernel.store.tables import service_metadata
from kernel.store.types import Id

metadata = service_metadata()


def _told() -> tuple[Column[Any], ...]:
    """The event that a row of a replica rests on."""
    return (
        Column("event_id", String(36), nullable=False),
        Column("event_type", String(80), nullable=False),
        Column("stream", String(100), nullable=False),
        Column("version", Integer, nullable=False),
    )


organisation = Table(
    "organisation",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("domain", String(40)),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("approval_power", Boolean, nullable=False),
    Column("key_managed", Boolean, nullable=False),
    Column("registered_on", Date, nullable=False),
    *_told(),
)

#: Members of a branch by age, as last counted.
roll = Table(
    "roll",
    metadata,
    Column("branch", String(40), primary_key=True),
    Column("members", Integer, nullable=False),
    Column("aged", Integer, nullable=False),
    Column("counted_on", Date, nullable=False),
    *_told(),
)

figure = Table(
    "figure",
    metadata,
    Column("organisation", String(40), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("figure", Integer, nullable=False),
    *_told(),
)

#: An admission counts for its branch and for every organisation above: one row each.
admission = Table(
    "admission",
    metadata,
    Column("organisation", String(40), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("year", Integer, nullable=False),  # of the members' meeting
    Column("young", Boolean),
    *_told(),
    Index("admission_year", "organisation", "year"),
)

activist = Table(
    "activist",
    metadata,
    Column("candidate_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("year", Integer, nullable=False),
    *_told(),
    Index("activist_branch", "branch", "year"),
)

#: A step told overdue. Not open any more when it was caught up or the candidate has left.
late_step = Table(
    "late_step",
    metadata,
    Column("candidate_id", String(36), primary_key=True),
    Column("step", String(40), primary_key=True),
    Column("due", Date, primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("open", Boolean, nullable=False),
    *_told(),
    Index("late_step_branch", "branch", "open"),
)

#: Who has left: a step told overdue before that, and heard of only afterwards, is not open.
departure = Table("departure", metadata, Column("candidate_id", String(36), primary_key=True), *_told())

evaluation = Table(
    "evaluation",
    metadata,
    Column("evaluation_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("year", Integer, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("score", String(20), nullable=False),
    Column("threshold", String(20), nullable=False),
    Column("below", Boolean, nullable=False),
    Column("grades", Text, nullable=False),  # canonical JSON: counts of ballots
    *_told(),
    Index("evaluation_branch", "branch", "held_on"),
)

#: Organisations of which something new has been heard. Rows are only added, so that reactions never wait for one another; the
#: assessment takes away those that it has seen.
touched = Table(
    "touched",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=True),
    Column("organisation", String(40), nullable=False),
    sqlite_autoincrement=True,
)

#: The day on which the findings of an organisation change next by the calendar alone. Without a row they never do.
due = Table(
    "due",
    metadata,
    Column("organisation", String(40), primary_key=True),
    Column("day", Date, nullable=False),
    Index("due_day", "day"),
)

#: When everything was last looked at, and by which packs and code (`measures.fingerprint`).
assessed = Table(
    "assessed",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("packs", String(64)),
)

finding = Table(
    "finding",
    metadata,
    Column("organisation", String(40), primary_key=True),
    Column("trigger", String(20), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("state", String(10), nullable=False),  # near, triggered
    Column("severity", String(10), nullable=False),
    Column("level", String(10), nullable=False),  # as it stands by itself, before any warning
    Column("fixed", Boolean, nullable=False),  # lies in the past: nothing that is done now changes it
    Column("since", Date, nullable=False),
    Column("facts", Text, nullable=False),  # canonical JSON
    Column("thresholds", Text, nullable=False),  # canonical JSON: parameters of the packs with value and source
    Column("events", Text, nullable=False),  # canonical JSON: the events that it rests on
    Index("finding_county", "county", "trigger"),
)

#: Special circumstances for which years without admissions or activists do not count. Source: NN 2(1) 2.
circumstance = Table(
    "circumstance",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("circumstance_id", String(36), primary_key=True),
    Column("organisation", String(40), nullable=False, index=True),
    Column("path", String(400), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("state", String(10), nullable=False),  # recorded, ended
    Column("years", Text, nullable=False),  # canonical JSON
    Column("document", String(200), nullable=False),
    Column("recorded_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("version", Integer, nullable=False),
    Index("circumstance_id_only", "circumstance_id"),
)

warning = Table(
    "warning",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("warning_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("organisation", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("issuer", String(40), nullable=False),
    Column("issuer_path", String(400), nullable=False),
    Column("level", String(10), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("addressee", String(200), nullable=False),
    Column("first_issued_on", Date, nullable=False),
    Column("issued_on", Date, nullable=False),  # at its present level
    Column("due", Date, nullable=False),
    Column("heard_on", Date),  # before the yellow card
    Column("yellow_on", Date),
    Column("circulation", String(200)),
    Column("received_on", Date),
    Column("self_criticism_due", Date),
    Column("self_criticism_on", Date),
    Column("self_criticism_late", Boolean),
    Column("planned_on", Date),
    Column("reported_on", Date),
    Column("checked_on", Date),
    Column("waived_on", Date),
    Column("ended_on", Date),
    Column("reason_sealed", Text, nullable=False),
    Index("warning_id_only", "warning_id"),
    Index("warning_path", "path", "state"),
    Index("warning_organisation", "organisation"),
)

#: What a warning rests on, as it stood when it was issued.
warned = Table(
    "warned",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("warning_id", String(36), primary_key=True),
    Column("organisation", String(40), primary_key=True),
    Column("trigger", String(20), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("fixed", Boolean, nullable=False),
    Column("since", Date, nullable=False),
    Column("facts", Text, nullable=False),
    Column("thresholds", Text, nullable=False),
    Column("events", Text, nullable=False),
    Index("warned_finding", "organisation", "trigger", "period"),
)
