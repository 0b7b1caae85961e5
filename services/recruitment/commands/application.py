"""The application, the county's consent to exceptions, the talk, the withdrawal. Sources: NT 5–7, JH 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from contracts.recruitment import APPLICATION_RECEIVED, CANDIDATE_LEFT, TALK_HELD
from kernel import id_number
from kernel.commands import Answer, Body, add, articles, change, committee_of, day_of, departures_of, policy_at
from kernel.encoding import canonical
from kernel.errors import Invalid, Refused, Stale
from kernel.id_number import IdNumber
from kernel.ids import new_id
from kernel.policy import Policy, combine, decide_dates
from kernel.store.database import insert_ignore
from kernel.unit import Unit
from kernel.workdays import add_months
from services.recruitment.commands import codes, figures
from services.recruitment.commands.common import CANDIDATES, advance, branch_of, clean, guard, place
from services.recruitment.commands.overdue import caught_up
from services.recruitment.domain import states
from services.recruitment.domain.acceptance import decide_consent, decide_paper
from services.recruitment.domain.application import (
    EligibilityFacts,
    OrganisationFacts,
    Study,
    Work,
    decide_eligibility,
    decide_receiving,
)
from services.recruitment.domain.talk import decide_topics
from services.recruitment.tables import candidate, consent, living, organisation

#: What of the application is kept sealed as the person's particulars.
PARTICULARS = ("unit_and_post", "education", "phone", "address")
CIRCUMSTANCES = ("main", "work", "study", "rural_registration", "village_committee_member", "works_and_lives_at_registered_place")


def submit_application(unit: Unit, body: Body) -> Answer:
    """A written application is taken by a branch. Rules: NT 5 6, JH 1 6. The answer's `candidate_id` is the dossier's."""
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    committee = committee_of(unit, organisation, branch)
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    person = id_number.parse(body["id_number"], unit.today)
    identity = unit.context.keys.blind_index(person.number)
    consents = _consents(unit, body, identity)
    decision = _decide(unit, body, branch, person, policy, list(consents.values()))
    id = new_id()
    unit.know_subjects([id])
    occupy(unit, identity, branch.county, id, policy)
    _use_up(unit, consents, id)
    departures = departures_of(decision.departures)
    applied = articles(policy, states.CANDIDATE.rules("submit"))
    paper = {"document": body["document"], "receives_as": body["receives_as"], "consents": list(consents)}
    case = {
        "candidate_id": id,
        "branch": branch.code,
        "committee": committee,
        "path": branch.path,
        "city": branch.city,
        "county": branch.county,
        "domain": branch.domain,
        "talk_due": add_months(day, policy.value("talk.within_months")),
    }
    particulars = {**{name: body.get(name) or "" for name in PARTICULARS}, "sex": person.sex, "born": person.born}
    person_fields = {"name": body["name"], "id_number": person.number, **particulars, "circumstances": _told(body)}
    version = unit.record(
        APPLICATION_RECEIVED,
        stream=f"candidate/{id}",
        expected=0,
        home_county=branch.county,
        day=day,
        data=case,
        private={**paper, "articles": applied, "departures": departures},
        subject=id,
        personal=clean(person_fields),
    )
    _keep(unit, case, body["name"], person, identity, particulars, day, version)
    stands = {"candidate_id": id, "state": states.RECEIVED, "version": version, "day": day}
    return {**stands, "talk_due": case["talk_due"], "articles": applied, "departures": departures}


def _told(body: Body) -> str:
    """What the applicant says of work, study and residence, as it was judged."""
    return canonical({name: body.get(name) for name in CIRCUMSTANCES})


def _keep(
    unit: Unit,
    case: Mapping[str, Any],
    name: str,
    person: IdNumber,
    identity: str,
    particulars: Mapping[str, Any],
    day: date,
    version: int,
) -> None:
    """The row of a fresh candidacy."""
    personal = {"name": name, "id_number": person.number, "particulars": canonical(particulars)}
    sealed = unit.seal(case["candidate_id"], personal)
    add(
        unit,
        candidate,
        **case,
        home_county=case["county"],
        version=version,
        state=states.RECEIVED,
        identity=identity,
        name_index=name_index(unit, name),
        **{f"{field}_sealed": box for field, box in sealed.items()},
        applied_on=day,
    )


def name_index(unit: Unit, name: str) -> str:
    """The digest under which equal names are found."""
    return unit.context.keys.blind_index(f"name:{name.strip()}")


def _decide(unit: Unit, body: Body, branch: Any, person: IdNumber, policy: Policy, consents: Sequence[Any]) -> Any:
    """All that speaks against the application, at once. Raises `Refused`, `Invalid`."""
    day = day_of(unit, body)
    if body["receives_as"] == "work" and (body.get("work") or {}).get("domain") != branch.domain:
        raise Invalid({"work.domain": ["与接收申请的支部所属领域不符"]})
    decision = combine(
        decide_dates(policy, unit.today, "申请", day, [("县级同意", row.given_on) for row in consents]),
        decide_paper(body["document"], policy),
        decide_eligibility(EligibilityFacts(person.born, day), policy),
        decide_receiving(_circumstances(body), body["receives_as"], policy),
    )
    departures: Mapping[str, str] = body.get("departures") or {}
    used = set(departures) & {reason.rule for reason in decision.reasons}
    return combine(decision.with_departures(departures), decide_consent(used, {row.rule for row in consents}, policy)).require()


def _circumstances(body: Body) -> OrganisationFacts:
    work, study = body.get("work"), body.get("study")
    return OrganisationFacts(
        main=body["main"],
        work=Work(**work) if work else None,
        study=Study(**study) if study else None,
        rural_registration=body["rural_registration"],
        village_committee_member=body["village_committee_member"],
        works_and_lives_at_registered_place=body["works_and_lives_at_registered_place"],
    )


def occupy(unit: Unit, identity: str, home_county: str, id: str, policy: Policy) -> None:
    """`dossier.one_person`: the identity's place among the living candidacies. Two at once meet at the key."""
    row = {"identity": identity, "home_county": home_county, "candidate_id": id}
    taken = unit.connection.execute(insert_ignore(unit.connection, living), row).rowcount == 0
    if taken:
        raise Refused([policy.reason("dossier.one_person", "此人已有一份在办的入党申请", {"living_candidacy": True})])


def release(unit: Unit, row: Any) -> None:
    """Frees the identity when a candidacy has ended."""
    unit.connection.execute(delete(living).where(living.c.identity == row.identity))


def leave(unit: Unit, row: Any, day: date, reason: str) -> None:
    """A candidacy ends on the way: its identity and its place in the year's figure are free again, its form is void."""
    release(unit, row)
    figures.give_back(unit, row)
    codes.void(unit, row, day, reason)


# -- the county's consent


def give_consent(unit: Unit, body: Body) -> Answer:
    """The county department consents in writing to one exception for one person at one branch. Source: catalogue R1 (+)."""
    branch = branch_of(unit, body["branch"])
    unit.authorise(branch.path)
    day = day_of(unit, body)
    policy = policy_at(unit, branch, day)
    decide_dates(policy, unit.today, "同意", day, ()).require()
    person = id_number.parse(body["id_number"], unit.today)
    id = new_id()
    version = unit.record(
        "consent_given",
        stream=f"consent/{id}",
        expected=0,
        home_county=branch.county,
        day=day,
        data={"consent_id": id, "branch": branch.code, "rule": body["rule"]},
        private={"document": body["document"]},
        subject=id,
        personal={"id_number": person.number},
    )
    identity = unit.context.keys.blind_index(person.number)
    values = {"branch": branch.code, "rule": body["rule"], "document": body["document"], "given_on": day, "version": version}
    add(unit, consent, home_county=branch.county, consent_id=id, identity=identity, **values)
    return {"consent_id": id, "version": version, "day": day}


def _consents(unit: Unit, body: Body, identity: str) -> dict[str, Any]:
    """The consents that the body names, by id. Raises `Invalid` for one of another person or branch, `Stale` for a used one."""
    ids = body.get("consents") or []
    if not ids:
        return {}
    rows = unit.connection.execute(select(consent).where(consent.c.consent_id.in_(ids)))
    found = {row.consent_id: row for row in rows}
    for id in ids:
        row = found.get(id)
        if row is None or row.identity != identity or row.branch != body["branch"]:
            raise Invalid({"consents": ["不是对此人在此支部申请的书面同意"]})
        if row.used_by is not None:
            raise Stale("此书面同意已经用过")
    return found


def _use_up(unit: Unit, consents: Mapping[str, Any], candidate_id: str) -> None:
    """A consent serves one application."""
    for row in consents.values():
        change(unit, consent, row, used_by=candidate_id)


# -- the talk


def hold_talk(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """Somebody sent by the branch talks with the applicant. A late talk is recorded as late. Source: NT 7, NT' 7."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "talk", body)
    if row.talked_on is not None:
        raise Stale("谈话已经登记；如有误，请申请更正")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "谈话", day, (("申请", row.applied_on),)),
        decide_topics(body["topics"], policy),
    ).require()
    late = day > row.talk_due
    answer = advance(
        unit,
        row,
        "talk",
        TALK_HELD,
        policy=policy,
        day=day,
        data={**place(row), "late": late},
        private={"topics": body["topics"]},
        personal=clean({"talker": body["talker"], "record": body["record"]}),
        talked_on=day,
    )
    return {**caught_up(unit, row, "talk", day, answer), "late": late}


# -- the applicant's own way out


def withdraw(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The person withdraws, at any time; nobody is asked for a reason."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "withdraw", body)
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "撤回", day, (("申请", row.applied_on),)).require()
    leave(unit, row, day, "本人撤回申请")
    return advance(
        unit,
        row,
        "withdraw",
        CANDIDATE_LEFT,
        policy=policy,
        day=day,
        data={**place(row), "end": states.WITHDRAWN, "stage": states.stage(row.state)},
        private={"document": body["document"]},
        ended_on=day,
        review_due=None,
    )
