"""Meetings, notices, objections, proceedings; and what is due."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, null, or_, select

from kernel import printing
from kernel.http import waiting
from kernel.http.reader import Reader
from kernel.policy import county_of
from services.recruitment.domain import nomination, states
from services.recruitment.domain.notices import notice_text
from services.recruitment.queries.candidates import within
from services.recruitment.queries.waiting import due, of_admissions, of_prospects
from services.recruitment.tables import (
    ballot,
    candidate,
    correction,
    meeting,
    objection,
    organisation,
    proceeding,
    publicity,
    tally,
)

Item = dict[str, Any]
_TOTALS = (
    "issued",
    "cast",
    "in_favour",
    "against",
    "abstain",
    "invalid",
    "absent_in_favour",
    "absent_against",
    "absent_abstain",
)
_MEETING = (
    "meeting_id",
    "version",
    "kind",
    "state",
    "branch",
    "path",
    "county",
    "held_on",
    "members_entitled",
    "members_present",
    "members_heard",
    "mass_representatives",
    "signed_by",
    "signed_on",
    "concluded_on",
)


# -- meetings


def show_meeting(reader: Reader, meeting_id: str) -> Item:
    """Attendance and counts. A count's totals appear when both tellers agree; until then only how many have entered."""
    row = reader.find(meeting, "meeting_id", meeting_id)
    reader.authorise(row.path)
    entered = {
        (found.candidate_id, found.voters): found.entries
        for found in reader.connection.execute(
            select(tally.c.candidate_id, tally.c.voters, func.count().label("entries"))
            .where(tally.c.home_county == row.home_county, tally.c.meeting_id == meeting_id)
            .group_by(tally.c.candidate_id, tally.c.voters)
        )
    }
    counts = reader.connection.execute(
        select(ballot)
        .where(ballot.c.home_county == row.home_county, ballot.c.meeting_id == meeting_id)
        .order_by(ballot.c.candidate_id, ballot.c.voters)
    )
    return {
        **{name: getattr(row, name) for name in _MEETING},
        "attendance": json.loads(row.attendance),
        "counts": [
            {
                "candidate_id": count.candidate_id,
                "voters": count.voters,
                "round": count.round,
                "agreed": count.agreed,
                "entries": entered.get((count.candidate_id, count.voters), 0),
                "totals": {name: getattr(count, name) for name in _TOTALS} if count.agreed else None,
                "outcome": count.outcome,
            }
            for count in counts
        ],
    }


def list_meetings(reader: Reader) -> Item:
    query = select(*[meeting.c[name] for name in _MEETING]).where(within(reader, meeting.c.path))
    for name in ("branch", "state"):
        if reader.params.get(name):
            query = query.where(meeting.c[name] == reader.params[name])
    return reader.page(query, (meeting.c.held_on, meeting.c.meeting_id), descending=True)


def list_branches_without_meeting(reader: Reader) -> Item:
    """Branches that have concluded no recommendation meeting in a year, where the packs want one a year. Source: JH 2."""
    year = reader.params.get("year") or reader.today.year
    first, last = date(year, 1, 1), date(year, 12, 31)
    asking = [
        city for city in reader.context.policies.cities if reader.policy(city, last).has("recommendation.meetings_per_year")
    ]
    held = exists().where(
        meeting.c.branch == organisation.c.code,
        meeting.c.kind.in_(nomination.RECOMMENDING),
        meeting.c.state == "concluded",
        meeting.c.held_on.between(first, last),
    )
    query = select(organisation.c.code, organisation.c.name, organisation.c.path, organisation.c.county).where(
        within(reader, organisation.c.path), organisation.c.kind == "branch", organisation.c.city.in_(asking), ~held
    )
    return reader.page(query, (organisation.c.code,))


# -- publicity


def show_notice(reader: Reader, publicity_id: str) -> Item:
    """The notice to print, as text and as a small page."""
    row = reader.find(publicity, "publicity_id", publicity_id)
    reader.authorise(row.path)
    branch = reader.connection.execute(
        select(organisation.c.name, candidate.c.city, candidate.c.county)
        .join(candidate, candidate.c.branch == organisation.c.code)
        .where(candidate.c.candidate_id == row.candidate_id)
    ).one()
    box = {"content": row.content_sealed}
    content = json.loads(reader.context.keys.open_fields(row.candidate_id, box)["content"])
    reader.log_access("publicity.notice", f"candidate/{row.candidate_id}", sorted(content))
    policy = reader.policy(branch.city, row.posted_on, county_of(branch.county))
    last = row.first_possible - timedelta(days=1) if row.first_possible else None
    text = notice_text(policy.label("publicity_stage", row.stage), branch.name, content, row.posted_on, last)
    return {"publicity_id": publicity_id, "state": row.state, "text": text, "html": printing.page("公示", text)}


def show_objection(reader: Reader, objection_id: str) -> Item:
    """An objection with its text; who signed it, to the committee only."""
    row = reader.find(objection, "objection_id", objection_id)
    where = reader.connection.execute(select(candidate.c.path).where(candidate.c.candidate_id == row.candidate_id)).scalar_one()
    reader.authorise(where)
    text = reader.context.keys.open_fields(row.candidate_id, {"text": row.text_sealed})["text"]
    objector, shown = None, ["text"]
    if row.objector and reader.post is not None and reader.post.role in states.COMMITTEE:
        objector = reader.context.keys.open_fields(row.objector, {"objector": row.objector_sealed})["objector"]
        shown.append("objector")
    reader.log_access("objection.show", f"objection/{objection_id}", shown)
    names = (
        "objection_id",
        "publicity_id",
        "candidate_id",
        "state",
        "anonymous",
        "received_on",
        "investigated_on",
        "heard_on",
        "concluded_on",
        "outcome",
    )
    return {**{name: getattr(row, name) for name in names}, "text": text, "objector": objector}


def show_proceeding(reader: Reader, proceeding_id: str) -> Item:
    row = reader.find(proceeding, "proceeding_id", proceeding_id)
    reader.authorise(row.path)
    reason = reader.context.keys.open_fields(row.candidate_id, {"reason": row.reason_sealed})["reason"]
    reader.log_access("proceeding.show", f"candidate/{row.candidate_id}", ["reason"])
    names = (
        "proceeding_id",
        "candidate_id",
        "kind",
        "ground",
        "state",
        "proposed_on",
        "notified_on",
        "heard_on",
        "decided_on",
        "outcome",
    )
    return {**{name: getattr(row, name) for name in names}, "reason": reason}


# -- what is due


def to_do(reader: Reader) -> Item:
    """What waits in the caller's subtrees, the earliest due first."""
    consent = "pre_examination.county_consent"
    consenting = [city for city in reader.context.policies.cities if reader.policy(city, reader.today).has_rule(consent)]
    steps = [*_waiting(), *of_prospects(consenting), *of_admissions()]
    return waiting.to_do(reader, steps, "id", lambda shown: within(reader, shown.path))


def _waiting() -> list[Select[Any]]:
    c = candidate.c
    living_case = or_(*[c.state == state for state in states.LIVING])
    return [
        due("talk", c.candidate_id, c.candidate_id, c.path, c.talk_due, dated=True).where(
            c.state.in_(states.APPLICANT_STATES), c.talked_on.is_(None)
        ),
        due("review", c.candidate_id, c.candidate_id, c.path, c.review_due, dated=True).where(
            c.state.in_(states.ACTIVIST_STATES), c.review_due.is_not(None)
        ),
        due("approval", c.candidate_id, c.candidate_id, c.path, c.recommended_on, dated=False).where(
            c.state == states.RECOMMENDED, c.recommended_on.is_not(None)
        ),
        due("filing", c.candidate_id, c.candidate_id, c.path, c.determined_on, dated=False).where(
            c.state == states.ACTIVIST, c.filed_on.is_(None)
        ),
        due(
            "take_down",
            publicity.c.publicity_id,
            publicity.c.candidate_id,
            publicity.c.path,
            publicity.c.first_possible,
            dated=True,
        ).where(publicity.c.state == "posted", publicity.c.first_possible.is_not(None)),
        due("objection", objection.c.objection_id, objection.c.candidate_id, c.path, objection.c.received_on, dated=False)
        .join(candidate, c.candidate_id == objection.c.candidate_id)
        .where(objection.c.state != "concluded", living_case),
        due(
            "proceeding",
            proceeding.c.proceeding_id,
            proceeding.c.candidate_id,
            proceeding.c.path,
            proceeding.c.proposed_on,
            dated=False,
        )
        .join(candidate, c.candidate_id == proceeding.c.candidate_id)
        .where(proceeding.c.state != "decided", living_case),
        due(
            "correction",
            correction.c.correction_id,
            correction.c.candidate_id,
            correction.c.path,
            correction.c.requested_on,
            dated=False,
        ).where(correction.c.state == "requested"),
        due("meeting", meeting.c.meeting_id, null(), meeting.c.path, meeting.c.held_on, dated=False).where(
            meeting.c.state == "held"
        ),
    ]
