"""Scoring's own tables.

Case tables are led by the home county of the branch. What was said of a person stands sealed under the key of that person (columns
`…_sealed`): nobody can order people by it, not even in the database. Counts are totals, from which no single choice can be read.
That a talk is due tells whoever reads the database that a score was below the threshold.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from kernel.store.tables import service_metadata
from kernel.store.types import ExactDecimal

metadata = service_metadata()

#: What the registry has told of organisations. `version` is that of the event's stream.
organisation = Table(
    "organisation",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("approval_power", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

#: Whom a committee has admitted. On probation from `approved_on` to the day before `ended_on`. `version`: the event's stream.
newcomer = Table(
    "newcomer",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("subject", String(36), nullable=False),
    Column("name_sealed", Text, nullable=False),
    Column("name_version", Integer, nullable=False),  # of the event that told the name
    Column("branch", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("approved_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("end", String(20)),  # full, or how the person left
    Index("newcomer_id_only", "candidate_id"),
    Index("newcomer_branch", "branch", "approved_on"),
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("evaluation_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("year", Integer, nullable=False),  # whose work was judged: the year before the meeting
    Column("held_on", Date, nullable=False),
    Column("meeting_id", String(36)),  # the recommendation meeting that it went with, as the caller names it
    Column("members_entitled", Integer, nullable=False),
    Column("members_present", Integer, nullable=False),
    Column("mass_entitled", Integer, nullable=False),
    Column("mass_present", Integer, nullable=False),
    Column("guide", Text, nullable=False),  # canonical JSON: organisation, name, post
    Column("concluded_on", Date),
    Column("score", ExactDecimal),  # of the work, two decimals; whether it is below was decided by the exact value
    Column("threshold", ExactDecimal),
    Column("below", Boolean),
    Index("evaluation_id_only", "evaluation_id"),
    Index("evaluation_branch", "branch", "year"),
)

#: A person judged in an evaluation. The result is canonical JSON: grades, score, below.
judged = Table(
    "judged",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("evaluation_id", String(36), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("outcome", String(20)),  # judged, or left before it was concluded
    Column("result_sealed", Text),
    Index("judged_candidate", "candidate_id"),
)

#: One count: a subject (`work` or a candidate's id) and a group of voters. Totals when the tellers agree; a person's are sealed.
count = Table(
    "count",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("evaluation_id", String(36), primary_key=True),
    Column("subject", String(36), primary_key=True),
    Column("voters", String(20), primary_key=True),
    Column("round", Integer, nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("figures", Text),
    Column("figures_sealed", Text),
)

#: What a teller has entered and the next has not yet: gone as soon as they agree or differ.
entry = Table(
    "entry",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("evaluation_id", String(36), primary_key=True),
    Column("subject", String(36), primary_key=True),
    Column("voters", String(20), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("teller", String(100), primary_key=True),
    Column("figures", Text),
    Column("figures_sealed", Text),
)

self_check = Table(
    "self_check",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("self_check_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("evaluation_id", String(36), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("ordered_on", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("reported_on", Date),
    Column("late", Boolean),
    Column("document", String(200)),
    Column("explanation", Text),
    Column("answered_on", Date),
    Column("reason", Text),
    Index("self_check_id_only", "self_check_id"),
    Index("self_check_evaluation", "evaluation_id"),
    Index("self_check_state", "state", "due"),
)

talk = Table(
    "reminder_talk",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("talk_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("evaluation_id", String(36), nullable=False),
    Column("candidate_id", String(36), nullable=False),
    Column("subject", String(36), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("ordered_on", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("held_on", Date),
    Column("late", Boolean),
    Column("texts_sealed", Text),  # talker, record, statement of the person, measures
    Index("talk_id_only", "talk_id"),
    Index("talk_evaluation", "evaluation_id"),
    Index("talk_candidate", "candidate_id"),
    Index("talk_state", "state", "due"),
)
