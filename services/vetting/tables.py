"""Vetting's own tables.

Case tables are led by the home county. What is personal stands sealed under the key of the person concerned (columns `…_sealed`:
ciphertexts, several as canonical JSON): what a department answered, down to whether it was `clear`, is among it, and what was found.
That there is a row of `adjudication` or `hearing` tells whoever reads the database that there was something to adjudicate.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, text

from kernel.store.tables import service_metadata
from kernel.store.types import UtcDateTime

metadata = service_metadata()

#: What the registry has told of organisations. `version` is that of the event's stream.
organisation = Table(
    "organisation",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("domain", String(40)),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("approval_power", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

#: Whom recruitment has listed as prospects. `subject` is the owner of the key under which name and ID number are sealed. A row without
#: `elsewhere` was heard of as an activist, by an earlier version: nobody is asked about that person yet.
candidate = Table(
    "candidate",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("candidate_id", String(36), primary_key=True),
    Column("subject", String(36), nullable=False),
    Column("name_sealed", Text, nullable=False),
    Column("id_number_sealed", Text, nullable=False),
    Column("branch", String(40), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("domain", String(40)),
    Column("since", Date, nullable=False),
    Column("has_left", Boolean, nullable=False),
    Column("elsewhere", Boolean),  # joins at another place than that of the household registration
    Column("home_village", String(40)),  # the branch there, where it is one of the suite
    Column("branch_reviewed_on", Date),
    Column("branch_review_passed", Boolean),
    Column("committee_reviewed_on", Date),
    Column("committee_review_passed", Boolean),
    Column("admitted_on", Date),
    Column("version", Integer),  # of the listing, and below of the event that told name and number, or a review
    Column("name_version", Integer),
    Column("branch_review_version", Integer),
    Column("committee_review_version", Integer),
    Index("candidate_id_only", "candidate_id"),
)

#: The departments that a county asks, from a day on. The last list before the day of a case counts.
county_list = Table(
    "county_list",
    metadata,
    Column("county", String(12), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("departments", Text, nullable=False),  # canonical JSON: codes
    Column("document", String(200), nullable=False),
)

case = Table(
    "vetting_case",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("candidate_id", String(36), nullable=False),
    Column("subject", String(36), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("committee", String(40), nullable=False),
    Column("committee_path", String(400), nullable=False),
    Column("path", String(400), nullable=False),
    Column("city", String(40), nullable=False),
    Column("county", String(12), nullable=False),
    Column("group", String(20)),
    Column("opened_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("outcome", String(20)),
    Column("valid_until", Date),
    Column("conclusion_sealed", Text),  # the document to the branch
    Column("renews", String(36)),  # the case whose conclusion has lapsed or is about to
    Column("lapse_noted_on", Date),
    Index("case_id_only", "case_id"),
    Index("case_committee", "committee_path", "state"),
    Index("case_branch", "path"),
    Index("case_valid_until", "outcome", "valid_until"),
    # One living case per candidate.
    Index(
        "case_living",
        "home_county",
        "candidate_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

#: A question to one department. Asking again makes a new row, so that an answer always belongs to one question.
request = Table(
    "request",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("request_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("department", String(40), nullable=False),
    Column("kind", String(20), nullable=False),  # always, chosen, listed, further
    Column("round", Integer, nullable=False),
    Column("why", String(20), nullable=False),  # first, reask, correction, recheck
    Column("state", String(20), nullable=False),
    Column("purpose", String(400), nullable=False),  # the form's own words; none about the person
    Column("question_sealed", Text),  # what is asked instead, in the committee's words
    Column("asked_on", Date, nullable=False),
    Column(
        "term_from", Date, nullable=False
    ),  # the day on which it went out, or was put on record for a letter: day 0 of the term
    Column("due", Date, nullable=False),
    Column("standing", String(36)),  # the reply that counts
    Column("remind_on", Date),  # the next point of reminder
    Column("overdue_told", Boolean, nullable=False),
    Column("version", Integer, nullable=False),  # of the case's stream when it was asked
    Column("before_correction", Boolean),  # asked under a name or ID number that has been corrected since
    Index("request_id_only", "request_id"),
    Index("request_case", "case_id"),
    Index("request_due", "state", "due"),
    Index("request_remind", "state", "remind_on"),
)

#: Everything that came back, whether it counted or not.
reply = Table(
    "reply",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("reply_id", String(36), primary_key=True),
    Column("request_id", String(36), nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("department", String(40), nullable=False),
    Column("door", String(20), nullable=False),  # callback, letter
    Column("document", String(200)),
    Column("received_on", Date, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("effect", String(20), nullable=False),
    Column("answer_sealed", Text, nullable=False),  # canonical JSON: answer, category, statement
    Column("version", Integer, nullable=False),  # of the case's stream when it came
    Index("reply_id_only", "reply_id"),
    Index("reply_case", "case_id"),
)

#: A person's decision about a standing reply; with a decision on another reply it says nothing any more.
adjudication = Table(
    "adjudication",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("request_id", String(36), primary_key=True),
    Column("reply_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, index=True),
    Column("finding_sealed", Text, nullable=False),  # obstacle, no_obstacle, go_on_without
    Column("reason_sealed", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("decided_by", String(100), nullable=False),
)

#: Telling and hearing the person about one concern.
hearing = Table(
    "hearing",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("request_id", String(36), primary_key=True),
    Column("reply_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False, index=True),
    Column("informed_on", Date),
    Column("substance_sealed", Text),
    Column("hearing_until", Date),
    Column("bar_asked_on", Date),
    Column("bar_reason_sealed", Text),
    Column("bar_confirmed_on", Date),
    Column("bar_document", String(200)),
    Column("heard_on", Date),
    Column("heard_how", String(20)),  # stated, declined
    Column("statement_sealed", Text),
    Column("recheck_asked_on", Date),
    Column("recheck_request", String(36)),
)

#: What goes on in the home village behind a question to it: the notice there, what was objected, the opinion, its way back.
#: Without `village` it lies outside the suite, and the opinion comes by letter. `places` is canonical JSON.
home_village = Table(
    "home_village",
    metadata,
    Column("home_county", String(12), primary_key=True),
    Column("request_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("village", String(40)),
    Column("village_path", String(400)),
    Column("village_city", String(40)),
    Column("village_county", String(12)),
    Column("township", String(40)),
    Column("township_path", String(400)),
    Column("addressee_sealed", Text),  # whom the letter goes to, outside the suite
    Column("state", String(20), nullable=False),
    Column("posted_on", Date),
    Column("announced_on", Date),
    Column("places", Text),
    Column("content_sealed", Text),
    Column("first_possible", Date),
    Column("ended_on", Date),
    Column("objections", Integer),
    Column("objections_sealed", Text),  # canonical JSON: what was objected, and what was found
    Column("given_on", Date),
    Column("opinion_sealed", Text),  # canonical JSON: answer, category, statement
    Column("returned_on", Date),
    Index("home_village_request", "request_id"),
    Index("home_village_case", "case_id"),
    Index("home_village_path", "village_path"),
    Index("home_village_township", "township_path"),
)

#: What is to be sent to the departments' systems. The id is the webhook's, the same at every try.
delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", String(36), primary_key=True),
    Column("home_county", String(12), nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("department", String(40), nullable=False),
    Column("kind", String(20), nullable=False),  # question, reminder, withdrawal
    Column("state", String(20), nullable=False),  # waiting, sent, cancelled
    Column("tries", Integer, nullable=False),
    Column("next_try", UtcDateTime),
    Column("last_error", String(200)),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Index("delivery_due", "state", "next_try"),
    Index("delivery_request", "request_id"),
)

#: Callbacks heard, by the sender's id: the same one again has no second effect.
callback = Table(
    "callback",
    metadata,
    Column("department", String(40), primary_key=True),
    Column("webhook_id", String(100), primary_key=True),
    Column("digest", String(64), nullable=False),  # keyed: a plain one would tell which of the few answers it was
    Column("reply_id", String(36), nullable=False),
    Column("heard_at", UtcDateTime, nullable=False),
)
