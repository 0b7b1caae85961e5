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
    Column("prospect_balloted_on", Date),  # the branch's secret ballot on listing, passed or not
    Column("prospect_balloted_by", String(36)),
    Column("prospect_ballot_passed", Boolean),
    Column("proposed_on", Date),
    Column("endorsed_on", Date),  # filed with the superior, or agreed to by him
    Column("listed_on", Date),  # prospect since
    Column("elsewhere", Boolean),  # joins at another place than that of the household registration
    Column("home_village", String(40)),
    Column("branch_reviewed_on", Date),
    Column("branch_review_passed", Boolean),
    Column("committee_reviewed_on", Date),
    Column("committee_review_passed", Boolean),
    Column("dossier_sent_on", Date),
    Column("consented_on", Date),  # the county's consent to start
    Column("examined_on", Date),
    Column("form_code", String(40)),
    Column("place_year", Integer),  # the year in whose figure the pre-examination has taken a place
    Column("voted_on", Date),  # the members' meeting, on admission and later on conversion
    Column("voted_by", String(36)),
    Column("vote_passed", Boolean),
    Column("reported_on", Date),
    Column("decision_due", Date),
    Column("decision_extended", Boolean),
    Column("committee_talked_on", Date),
    Column("committee_voted_on", Date),
    Column("committee_voted_by", String(36)),
    Column("committee_vote_passed", Boolean),
    Column("admitted_on", Date),  # the committee's approval
    Column("probation_since", Date),  # the members' meeting that admitted
    Column("probation_ends", Date),
    Column("extensions", Integer),
    Column("oath_due", Date),
    Column("oath_on", Date),
    Column("probation_review_due", Date),
    Column("probation_reviewed_on", Date),
    Column("conversion_applied_on", Date),
    Column("converted_on", Date),
    Column("full_since", Date),
    Column("vetting_case", String(36)),
    Column("vetting_outcome", String(20)),
    Column("vetting_concluded_on", Date),
    Column("vetting_valid_until", Date),
    Index("candidate_id_only", "candidate_id"),
    Index("candidate_path", "path", "state"),
    Index("candidate_name", "name_index"),
    Index("candidate_review_due", "review_due"),
    Index("candidate_talk_due", "state", "talk_due"),
    Index("candidate_decision_due", "state", "decision_due"),
    Index("candidate_probation_review_due", "state", "probation_review_due"),
    Index("candidate_probation_ends", "state", "probation_ends"),
)

#: Whose opinions were heard before an activist was proposed as prospect.
opinion = Table(
    "opinion",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("source", String(20), primary_key=True),  # group, contacts, members, masses
    Column("heard_on", Date, nullable=False),
)

#: Introducers of a prospect: full members.
introducer = Table(
    "introducer",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("member_id", String(36), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
)

#: The approved figure of admissions of an organisation and year: the row is the lock under which places and codes are taken.
figure = Table(
    "figure",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("organisation", String(40), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("figure", Integer, nullable=False),
    Column("taken", Integer, nullable=False),  # places taken by pre-examinations of the year; of a committee
    Column("approved_on", Date, nullable=False),
    Column("document", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Index("figure_path", "path", "year"),
)

#: Coded application forms: a code belongs to one year and one person, and never comes back.
form_code = Table(
    "form_code",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("home_county", String(12), nullable=False),
    Column("year", Integer, nullable=False),
    Column("holder", String(40), nullable=False),  # the organisation at which it lies: city, county, committee
    Column("path", String(400), nullable=False),  # of the holder
    Column("state", String(20), nullable=False),  # issued, used, void, lost, lapsed
    Column("candidate_id", String(36)),
    Column("changed_on", Date, nullable=False),
    Column("note", String(200)),
    Column("replaces", String(40)),
    Column("version", Integer, nullable=False),
    Index("form_code_holder", "holder", "year", "state"),
    Index("form_code_path", "path", "year"),
)

#: The county's list of special categories whose pre-examination is its own. Source: JH 7 (seven, not named there).
special_category = Table(
    "special_category",
    metadata,
    Column("county", String(12), primary_key=True),
    Column("category", String(60), primary_key=True),
    Column("since", Date, nullable=False),
)

#: Which organizer may read which dossiers, from what organizers has told.
dossier_grant = Table(
    "dossier_grant",
    metadata,
    Column("task_id", String(36), primary_key=True),
    Column("account", String(100), nullable=False, index=True),
    Column("branch", String(40), nullable=False),
    Column("candidate_id", String(36)),  # null: the branch's candidates
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False),
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

#: A proposal to end a candidacy against the person's will: refusal of an applicant, adjustment out of the pool, disqualification.
proceeding = Table(
    "proceeding",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("proceeding_id", String(36), primary_key=True),
    Column("candidate_id", String(36), nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # refusal, adjustment, disqualification
    Column("ground", String(20)),  # review_bypassed
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
    Column("caught_up_on", Date),
)
