"""The registry's own tables.

Members' particulars stand sealed under the key of the person (columns `…_sealed`: ciphertext); in clear is a member's standing
alone: branch, status, days of joining and of becoming full. `version` is that of the row's stream in the journal.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from kernel.store.tables import service_metadata
from kernel.store.types import UtcDateTime

metadata = service_metadata()

organisation = Table(
    "organisation",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("domain", String(40)),
    Column("parent", String(40)),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("home_county", String(12), nullable=False),
    Column("approval_power", Boolean, nullable=False),
    Column("has_committee", Boolean, nullable=False),
    Column("employees", Integer),
    Column("under_rectification", Boolean, nullable=False),
    Column("key_managed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("organisation_parent", "parent", "code"),
    Index("organisation_path", "path"),
)

member = Table(
    "member",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("member_id", String(36), primary_key=True),
    Column("subject", String(36), nullable=False),
    Column("version", Integer, nullable=False),
    Column("branch", String(40), nullable=False),
    Column("path", String(400), nullable=False),  # of the branch
    Column("status", String(20), nullable=False),  # domain.states
    Column("joined", Date, nullable=False),
    Column("full_since", Date),
    Column("ended_on", Date),
    Column("name_sealed", Text, nullable=False),
    Column("id_number_sealed", Text, nullable=False),
    Column("particulars_sealed", Text, nullable=False),  # canonical JSON of the rest
    Column("corrected_version", Integer),  # of the last correction that recruitment told
    Index("member_id_only", "member_id"),
    Index("member_branch", "branch", "member_id"),
)

#: One person, one entry on the roll of the whole suite: the key is the blind index of the identification number.
member_index = Table(
    "member_index",
    metadata,
    Column("digest", String(64), primary_key=True, info={"blind_index": "subject"}),
    Column("subject", String(36), nullable=False, index=True),
    Column("member_id", String(36), nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("post_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("account", String(100), nullable=False),
    Column("role", String(40), nullable=False),
    Column("organisation", String(40), nullable=False),
    Column("path", String(400), nullable=False),  # of the organisation
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),  # the last day
    Column("ended", Boolean, nullable=False),  # before its time: `until` is then the day of the end
    Column("member_id", String(36)),
    Column("department", String(40)),
    Column("organizer_id", String(36)),  # of the appointment that the post follows from
    Index("post_id_only", "post_id"),
    Index("post_account", "account", "since"),
    Index("post_organisation", "organisation", "post_id"),
    Index("post_organizer", "organizer_id", "since"),
)

#: How an appointment as organizer ended, as told: a term heard of only afterwards gives no post that stays.
appointment_end = Table(
    "appointment_end",
    metadata,
    Column("organizer_id", String(36), primary_key=True),
    Column("ended_on", Date, nullable=False),  # the last day
    Column("told_on", Date, nullable=False),
    Column("end", String(20), nullable=False),
)

#: How the members of a branch were counted last. `changed`: the roll has changed since; the numbers are those last told.
roll_count = Table(
    "roll_count",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("branch", String(40), primary_key=True),
    Column("changed", Boolean, nullable=False),
    Column("year", Integer),  # in which the branch was looked at last
    Column("members", Integer),
    Column("young", Integer),
    Column("aged", Integer),
    Index("roll_count_due", "changed", "year"),
)

#: What was imported, by whom. An import that failed has left nothing, and is not here either.
import_job = Table(
    "import_job",
    metadata,
    Column("import_id", String(36), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the file
    Column("rows", Integer, nullable=False),
    Column("path", String(400), nullable=False),  # the lowest organisation above all that was imported
    Column("account", String(100), nullable=False),
    Column("day", Date, nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("correlation_id", String(64), nullable=False),
    Index("import_job_time", "imported_at", "import_id"),
)
