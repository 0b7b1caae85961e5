"""Every blocking rule of this stretch refuses once, by its id; the list is computed from the packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused
from kernel.policy import shipped_book
from services.recruitment.domain.talk import TOPICS
from services.recruitment.tests.world import World, an_id_number

STRETCH = ("application", "talk", "recommendation", "activist", "cultivation", "publicity")
Try = Callable[[World], Any]

DAY = date(2026, 6, 1)
EVERYWHERE: dict[str, Try] = {}
JINHUA: dict[str, Try] = {}
NANNING: dict[str, Try] = {}


def tries(table: dict[str, Try], rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        table[rule] = function
        return function

    return register


# -- application and talk


@tries(EVERYWHERE, "application.age")
def _(world: World) -> None:
    world.do("submit", world.application(id_number=an_id_number(DAY - timedelta(days=17 * 365))))


@tries(EVERYWHERE, "application.written")
def _(world: World) -> None:
    world.do("submit", world.application(document=""))


@tries(EVERYWHERE, "application.organisation")
def _(world: World) -> None:
    world.do("submit", world.application(main="study", study={"has_organisation": True}))


@tries(EVERYWHERE, "dossier.one_person")
def _(world: World) -> None:
    number = an_id_number()
    world.a_candidate(id_number=number)
    world.do("submit", world.application(id_number=number))


@tries(EVERYWHERE, "order.future")
def _(world: World) -> None:
    world.do("submit", world.application(day=world.today + timedelta(days=1)))


def _at_two_new(world: World, **values: Any) -> dict[str, Any]:
    world.an_organisation(world.branch, "branch", world.committee, world.path, domain="two_new", employees=80)
    body = world.two_new_work()
    return {**body, **values, "work": {**body["work"], **values.get("work", {})}}


@tries(JINHUA, "application.two_new_term")
def _(world: World) -> None:
    world_body = _at_two_new(world, work={"months": 23})
    world.do("submit", world_body)


@tries(JINHUA, "application.exception_consent")
def _(world: World) -> None:
    departures = {"application.two_new_village_committee": "确有需要"}
    world.do("submit", _at_two_new(world, village_committee_member=True, departures=departures))


@tries(EVERYWHERE, "order.sequence")
def _(world: World) -> None:
    body = {"talker": "李", "topics": sorted(TOPICS), "record": "谈话", "day": DAY - timedelta(days=1)}
    world.do("talk", body, world.a_candidate().id)


@tries(EVERYWHERE, "talk.topics")
def _(world: World) -> None:
    world.do("talk", {"talker": "李", "topics": ["motive"], "record": "谈话"}, world.a_candidate().id)


# -- recommendation and counts


def _ready(world: World) -> Any:
    candidate = world.a_candidate().at("talked")
    world.later(months=6)
    return candidate


def _meeting(world: World, **values: Any) -> tuple[Any, str]:
    candidate = _ready(world)
    return candidate, world.do("recommendation", world.meeting([candidate.id], **values))["meeting_id"]


@tries(NANNING, "recommendation.pool")
def _(world: World) -> None:
    world.do("recommendation", world.meeting([world.a_candidate().id]))


@tries(NANNING, "recommendation.secret_ballot")
def _(world: World) -> None:
    _meeting(world, secret=False)


@tries(NANNING, "recommendation.absent_heard")
def _(world: World) -> None:
    _meeting(world, absent_heard=[{"way": "visit", "count": 1}])


@tries(NANNING, "recommendation.mass_categories")
def _(world: World) -> None:
    _meeting(world, mass=[{"category": "group_leader", "count": 29}])


@tries(EVERYWHERE, "tally.sums")
def _(world: World) -> None:
    candidate, meeting = _meeting(world)
    candidate.count(meeting, "masses", world.totals(28, 31))


@tries(EVERYWHERE, "tally.two_tellers")
def _(world: World) -> None:
    candidate, meeting = _meeting(world)
    body = {"candidate_id": candidate.id, "voters": "masses", **world.totals(28, 30)}
    teller = world.account("branch_clerk", "teller-1")
    world.do("tally", body, meeting, as_=teller)
    world.do("tally", body, meeting, as_=teller)


@tries(EVERYWHERE, "tally.tellers_agree")
def _(world: World) -> None:
    candidate, meeting = _meeting(world)
    for teller, in_favour in (("teller-1", 28), ("teller-2", 27)):
        body = {"candidate_id": candidate.id, "voters": "masses", **world.totals(in_favour, 30)}
        world.do("tally", body, meeting, as_=world.account("branch_clerk", teller))
    world.do("conclude", {"recommended": [candidate.id]}, meeting)


@tries(JINHUA, "recommendation.delegate_signature")
def _(world: World) -> None:
    candidate, meeting = _meeting(world)
    candidate.count(meeting, "masses", world.totals(28, 30))
    world.do("conclude", {"recommended": [candidate.id]}, meeting)


@tries(JINHUA, "application.rectification_delegate")
def _(world: World) -> None:
    world.an_organisation(world.branch, "branch", world.committee, world.path, under_rectification=True)
    _ready(world).at("recommended")


# -- activist


@tries(EVERYWHERE, "recommendation.required")
def _(world: World) -> None:
    candidate = world.a_candidate().at("talked")
    world.do("determine", candidate.determination(), candidate.id)


@tries(JINHUA, "activist.superior_approval")
@tries(NANNING, "activist.ballot")
def _(world: World) -> None:
    candidate = world.a_candidate().at("recommended")
    world.do("determine", candidate.determination(), candidate.id)


def _balloted(world: World, in_favour: int, **conclusion: Any) -> Any:
    candidate = world.a_candidate().at("recommended")
    body = {"branch": world.branch, "candidates": [candidate.id], "body": "branch_committee"}
    numbers = {"entitled": 5, "present": 5, "secret": True, "minutes": "记录"}
    meeting = world.do("determination", {**body, **numbers})["meeting_id"]
    candidate.count(meeting, "body", world.totals(in_favour, 5))
    world.do("conclude", {"tally_shown": True, **conclusion}, meeting)
    return candidate


@tries(NANNING, "activist.majority")
def _(world: World) -> None:
    candidate = _balloted(world, 2)
    world.do("determine", candidate.determination(), candidate.id)


@tries(NANNING, "activist.tally_on_the_spot")
def _(world: World) -> None:
    _balloted(world, 4, tally_shown=False)


@tries(EVERYWHERE, "activist.body")
def _(world: World) -> None:
    candidate = world.a_candidate().at("approved")
    world.do("determine", candidate.determination(decided_by="members_meeting"), candidate.id)


@tries(EVERYWHERE, "activist.contacts")
def _(world: World) -> None:
    candidate = world.a_candidate().at("approved")
    world.do("determine", candidate.determination(contacts=[]), candidate.id)


@tries(EVERYWHERE, "dossier.complete")
def _(world: World) -> None:
    candidate = world.a_candidate()  # nobody has talked with this one
    candidate.get_recommended()
    candidate.get_approved()
    candidate.get_determined()


# -- publicity


@tries(JINHUA, "publicity.announced_and_posted")
def _(world: World) -> None:
    world.a_candidate().at("determined").post("activist", announced_on=None)


@tries(EVERYWHERE, "publicity.content_forbidden")
def _(world: World) -> None:
    content = {"cultivation": "按期", "record": "积极", "address": "示例村 8 号"}
    world.a_candidate().at("determined").post("activist", content=content)


@tries(NANNING, "publicity.content_required")
def _(world: World) -> None:
    world.a_candidate().at("determined").post("activist", content={"cultivation": "按期"})


def _posted(world: World) -> tuple[Any, dict[str, Any]]:
    candidate = world.a_candidate().at("determined")
    return candidate, candidate.post("activist")


@tries(EVERYWHERE, "publicity.period")
def _(world: World) -> None:
    _, posted = _posted(world)
    world.at(posted["first_possible"] - timedelta(days=1)).do("take_down", {}, posted["publicity_id"])


def _objected(world: World) -> tuple[dict[str, Any], str]:
    _, posted = _posted(world)
    body = {"anonymous": True, "text": "有异议"}
    return posted, world.do("object", body, posted["publicity_id"])["objection_id"]


@tries(EVERYWHERE, "publicity.objection_open")
def _(world: World) -> None:
    posted, _ = _objected(world)
    world.at(posted["first_possible"]).do("take_down", {}, posted["publicity_id"])


@tries(EVERYWHERE, "publicity.objection_heard")
def _(world: World) -> None:
    _, objection = _objected(world)
    world.do("investigate", {"findings": "不实"}, objection)
    world.do("conclude_objection", {"outcome": "unfounded", "reason": "查无实据"}, objection)


# -- cultivation


@tries(EVERYWHERE, "adjustment.reason")
def _(world: World) -> None:
    world.do("propose", {"reason": " "}, world.a_candidate().at("activist").id)


@tries(EVERYWHERE, "adjustment.hearing")
def _(world: World) -> None:
    proposed = world.do("propose", {"reason": "长期不参加学习"}, world.a_candidate().at("activist").id)
    world.do("decide", {"outcome": "leave", "reason": "属实"}, proposed["proceeding_id"])


@tries(EVERYWHERE, "correction.four_eyes")
def _(world: World) -> None:
    candidate = world.a_candidate()
    both = world.account("committee_organiser", "one")
    clerk = world.account("branch_clerk", "one")
    body = {"corrects": 1, "changes": {"name": "王晓明"}, "reason": "错字"}
    asked = world.do("request_correction", body, candidate.id, as_=clerk)
    world.do("correct", {"approved": True, "reason": "属实"}, asked["correction_id"], as_=both)


CASES = [
    (city, rule, attempt)
    for city, table in (("jinhua", {**EVERYWHERE, **JINHUA}), ("nanning", {**EVERYWHERE, **NANNING}))
    for rule, attempt in sorted(table.items())
]


@pytest.mark.catalogue("R1", "R2", "R3", "R4", "R5", "R11", "R14", "R18", "X6")
@pytest.mark.parametrize(("city", "rule", "attempt"), CASES, ids=[f"{city}-{rule}" for city, rule, _ in CASES])
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, city: str, rule: str, attempt: Try) -> None:
    world = World(tmp_path, city, DAY)
    with pytest.raises(Refused) as refused:
        attempt(world)
    assert rule in refused.value.rules
    reason = next(reason for reason in refused.value.reasons if reason.rule == rule)
    assert reason.source and reason.remedy and reason.message


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_every_blocking_rule_of_the_stretch_is_tried(city: str) -> None:
    policy = shipped_book().at(city, DAY)
    blocking = {rule.id for stage in STRETCH for rule in policy.rules(stage, mode="block")}
    assert {rule for tried, rule, _ in CASES if tried == city} == blocking
