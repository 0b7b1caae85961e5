"""Recruitment's own tables.

Case tables are led by the home county. What is personal stands sealed under the key of the person concerned (columns `…_sealed`:
ciphertext); a ballot's tables hold totals and nothing from which a single choice could be read.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from kernel.store.tables import service_metadata
from kernel.store.types import UtcDateTime

metadata = service_metadata()

#: What the registry has told of organisations and members. `version` is that of the event's stream.
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
    Column("county", String(12), nullable=False),
    Column("approval_power", Boolean, nullable=False),
    Column("has_committee", Boolean, nullable=False),
    Column("employees", Integer),
    Column("under_rectification", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("member_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False, index=True),
    Column("path", String(400), nullable=False),
    Column("status", String(40), nullable=False),
    Column("full_since", Date),
    Column("name_sealed", Text),
    Column("version", Integer, nullable=False),
)

#: One living candidacy per identity, in the whole suite: the key is the blind index of the ID number.
living = Table(
    "living",
    metadata,
    Column("identity", String(64), primary_key=True, info={"blind_index": "candidate_id"}),
    Column("home_county", String(12), nullable=False),
    Column("candidate_id", String(36), nullable=False),
)

candidate = Table(
    "candidate",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("domain", String(40)),
    Column("identity", String(64), nullable=False, info={"blind_index": "candidate_id"}),
    Column("name_index", String(64), nullable=False, info={"blind_index": "candidate_id", "shared": True}),
    Column("name_sealed", Text, nullable=False),
    Column("id_number_sealed", Text, nullable=False),
    Column("particulars_sealed", Text, nullable=False),  # canonical JSON of the rest
    Column("applied_on", Date, nullable=False),
    Column("talk_due", Date, nullable=False),
    Column("talked_on", Date),
    Column("recommended_on", Date),
    Column("recommended_by", String(36)),  # the meeting
    Column("approved_on", Date),
    Column("balloted_on", Date),  # the branch's secret ballot, passed or not
    Column("balloted_by", String(36)),
    Column("ballot_passed", Boolean),
    Column("determined_on", Date),
    Column("since", Date),  # the day that counts as activist
    Column("filed_on", Date),
    Column("review_due", Date),
    Column("reviewed_on", Date),
    Column("ended_on", Date),
    Column("vetting_case", String(36)),
    Column("vetting_outcome", String(20)),
    Column("vetting_concluded_on", Date),
    Column("vetting_valid_until", Date),
    Index("candidate_id_only", "candidate_id"),
    Index("candidate_path", "path", "state"),
    Index("candidate_name", "name_index"),
    Index("candidate_review_due", "review_due"),
    Index("candidate_talk_due", "state", "talk_due"),
)

#: Contacts of an activist: full members of the branch.
contact = Table(
    "contact",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("member_id", String(36), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
)

#: The county's written consent to an application that goes elsewhere than the rule says.
consent = Table(
    "consent",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("consent_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("identity", String(64), nullable=False, info={"blind_index": "consent_id"}),
    Column("rule", String(80), nullable=False),
    Column("document", String(200), nullable=False),
    Column("given_on", Date, nullable=False),
    Column("used_by", String(36)),
    Column("version", Integer, nullable=False),
    Index("consent_id_only", "consent_id"),
)

rectification = Table(
    "rectification",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("branch", String(40), nullable=False, index=True),
    Column("path", String(400), nullable=False),
    Column("state", String(20), nullable=False),  # open, closed
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False),
    Index("rectification_case_only", "case_id"),
)

meeting = Table(
    "meeting",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("meeting_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("state", String(20), nullable=False),  # held, concluded, cancelled
    Column("branch", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("held_on", Date, nullable=False),
    Column("members_entitled", Integer, nullable=False),
    Column("members_present", Integer, nullable=False),
    Column("members_heard", Integer, nullable=False),  # absent, their opinion heard and recorded
    Column("mass_representatives", Integer, nullable=False),
    Column("attendance", Text, nullable=False),  # canonical JSON: ways of hearing, categories of the masses
    Column("signed_by", String(100)),  # account of the committee's delegate
    Column("signed_on", Date),
    Column("concluded_on", Date),
    Index("meeting_id_only", "meeting_id"),
    Index("meeting_path", "path", "held_on"),
)

#: One count: a candidate, one group of voters. The agreed totals appear when two tellers have entered the same.
ballot = Table(
    "ballot",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("meeting_id", String(36), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("voters", String(20), primary_key=True),  # members, masses, committee
    Column("round", Integer, nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("issued", Integer),
    Column("cast", Integer),
    Column("in_favour", Integer),
    Column("against", Integer),
    Column("abstain", Integer),
    Column("invalid", Integer),
    Column("absent_in_favour", Integer),
    Column("absent_against", Integer),
    Column("absent_abstain", Integer),
    Column("outcome", String(20)),  # qualified, not_qualified; passed, not_passed
)

#: What one teller has entered, in totals, until the other has too. Not shown to anyone.
tally = Table(
    "tally",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("meeting_id", String(36), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("voters", String(20), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("teller", String(100), primary_key=True),
    Column("figures", Text, nullable=False),  # canonical JSON of totals
)

publicity = Table(
    "publicity",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("publicity_id", String(36), primary_key=True),
    Column("candidate_id", String(36), nullable=False),
    Column("path", String(400), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("state", String(20), nullable=False),  # posted, ended
    Column("posted_on", Date, nullable=False),
    Column("announced_on", Date),
    Column("first_possible", Date),
    Column("places", Text, nullable=False),  # canonical JSON
    Column("content_sealed", Text, nullable=False),
    Column("ended_on", Date),
    Column("outcome", String(20)),  # clear, upheld
    Index("publicity_id_only", "publicity_id"),
    Index("publicity_candidate", "candidate_id", "stage"),
)

objection = Table(
    "objection",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("objection_id", String(36), primary_key=True),
    Column("publicity_id", String(36), nullable=False, index=True),
    Column("candidate_id", String(36), nullable=False),
    Column("state", String(20), nullable=False),  # received, investigated, heard, concluded
    Column("anonymous", Boolean, nullable=False),
    Column("objector", String(36)),  # subject of the objector's own key
    Column("objector_sealed", Text),
    Column("text_sealed", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("investigated_on", Date),
    Column("heard_on", Date),
    Column("concluded_on", Date),
    Column("outcome", String(20)),  # unfounded, upheld
    Index("objection_id_only", "objection_id"),
)

#: A proposal to end a candidacy against the person's will: refusal of an applicant, adjustment out of the pool.
proceeding = Table(
    "proceeding",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("proceeding_id", String(36), primary_key=True),
    Column("candidate_id", String(36), nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # refusal, adjustment
    Column("state", String(20), nullable=False),  # proposed, notified, heard, decided
    Column("path", String(400), nullable=False),
    Column("reason_sealed", Text, nullable=False),
    Column("proposed_by", String(100), nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("notified_on", Date),
    Column("hearing_until", Date),
    Column("heard_on", Date),
    Column("decided_on", Date),
    Column("outcome", String(20)),  # leave, stay
    Index("proceeding_id_only", "proceeding_id"),
)

correction = Table(
    "correction",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("correction_id", String(36), primary_key=True),
    Column("candidate_id", String(36), nullable=False, index=True),
    Column("path", String(400), nullable=False),
    Column("corrects", Integer, nullable=False),  # the version of the entry that is wrong
    Column("state", String(20), nullable=False),  # requested, approved, rejected
    Column("changes_sealed", Text, nullable=False),
    Column("requested_by", String(100), nullable=False),
    Column("requested_on", Date, nullable=False),
    Column("decided_on", Date),
    Index("correction_id_only", "correction_id"),
)

training = Table(
    "training",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("training_id", String(36), primary_key=True),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("assessed", String(20), nullable=False),  # passed, failed, none
)

#: Of which overdue steps others have been told.
overdue_told = Table(
    "overdue_told",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("step", String(20), primary_key=True),
    Column("due", Date, primary_key=True),
    Column("told_at", UtcDateTime, nullable=False),
)
