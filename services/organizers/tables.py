"""The tables of organizers.

Case tables are led by the home county, that of the committee. What is said about persons stands sealed under the key of the person
concerned (columns `…_sealed`: ciphertext): of the organizer, whose key is that of the member, or of the candidate of a task.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from kernel.store.tables import service_metadata

metadata = service_metadata()

#: What the registry and recruitment have told. `version` is that of the event's stream.
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
    Column("version", Integer, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("member_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("status", String(40), nullable=False),
    Column("full_since", Date),
    Column("name_sealed", Text),
    Column("version", Integer, nullable=False),
)

candidate = Table(
    "candidate",
    metadata,
    Column("candidate_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("ended", Boolean, nullable=False),  # left, or full
    Column("version", Integer, nullable=False),
)

organizer = Table(
    "organizer",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("organizer_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("member_id", String(36), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("path", String(400), nullable=False),  # of the committee
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("recommended_by", String(40), nullable=False),  # the organisation
    Column("recommended_path", String(400), nullable=False),
    Column("domain", String(40)),  # of the organisation that recommended
    Column("recommended_on", Date, nullable=False),
    Column("reason_sealed", Text, nullable=False),
    Column("consented_on", Date),
    Column("checked_on", Date),
    Column("check_sealed", Text),  # canonical JSON: conditions with references, preferred backgrounds, review, inspection
    Column("appointed_on", Date),
    Column("account", String(100)),
    Column("first_since", Date),  # of the first term; terms follow each other without a gap
    Column("term", Integer),  # the present one, from 1
    Column("since", Date),  # of the present term, or of one that was granted early
    Column("until", Date),
    Column("assessment_due", Date),
    Column("remind_on", Date),  # the next day on which the end of the term is reminded of
    Column("reminded_on", Date),
    Column("ended_on", Date),
    Index("organizer_id_only", "organizer_id"),
    Index("organizer_path", "path", "state"),
    Index("organizer_recommended", "recommended_path"),
    Index("organizer_until", "state", "until"),
    Index("organizer_remind", "state", "remind_on"),
    Index("organizer_account", "account"),
)

#: One recommendation or appointment per person at a time: the key is the lock.
engaged = Table(
    "engaged",
    metadata,
    Column("member_id", String(36), primary_key=True),
    Column("home_county", String(12), nullable=False),
    Column("organizer_id", String(36), nullable=False),
)

assessment = Table(
    "assessment",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("organizer_id", String(36), primary_key=True),
    Column("term", Integer, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("assessed_on", Date, nullable=False),
    Column("result", String(20), nullable=False),  # passed, proposed (not passed, the person is heard first), failed
    Column("evidence_sealed", Text, nullable=False),
    Column("proceeding_id", String(36)),
)

proceeding = Table(
    "proceeding",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("proceeding_id", String(36), primary_key=True),
    Column("organizer_id", String(36), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("term", Integer),
    Column("year", Integer),
    Column("state", String(20), nullable=False),
    Column("path", String(400), nullable=False),
    Column("reason_sealed", Text, nullable=False),
    Column("proposed_by", String(100), nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("notified_on", Date),
    Column("hearing_until", Date),
    Column("heard_on", Date),
    Column("statement_sealed", Text),
    Column("decided_on", Date),
    Column("decided_by", String(100)),
    Column("outcome", String(20)),  # upheld, dropped
    Column("review_asked_on", Date),
    Column("reviewed_on", Date),
    Column("review_outcome", String(20)),
    Index("proceeding_id_only", "proceeding_id"),
    Index("proceeding_path", "path", "state"),
)

task = Table(
    "task",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("task_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("organizer_id", String(36), nullable=False),
    Column("account", String(100), nullable=False),
    Column("kind", String(20), nullable=False),  # accompany, guide
    Column("branch", String(40), nullable=False),
    Column("branch_path", String(400), nullable=False),
    Column("candidate_id", String(36)),
    Column("path", String(400), nullable=False),  # of the committee
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("subject", String(36), nullable=False),  # whose key seals what is said in it
    Column("reason_sealed", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("closed_on", Date),
    Column("result_sealed", Text),
    Column("predecessor", String(36)),
    Index("task_id_only", "task_id"),
    Index("task_organizer", "organizer_id", "state"),
    Index("task_candidate", "candidate_id", "state"),
    Index("task_path", "path", "state"),
    Index("task_branch", "branch_path"),
    Index("task_account", "account"),
)

work_log = Table(
    "work_log",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("entry_id", String(36), primary_key=True),
    Column("task_id", String(36), nullable=False, index=True),
    Column("organizer_id", String(36), nullable=False, index=True),
    Column("noted_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("subject", String(36), nullable=False),
    Column("text_sealed", Text, nullable=False),
)
