"""Every blocking rule of the stages prospect and pre-examination refuses once, under both national texts; the list is the packs'."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused
from kernel.policy import shipped_book
from services.recruitment.tests.world import World

STAGES = ("prospect", "pre_examination")
#: Judged where vetting concludes, not here.
ELSEWHERE = {"vetting.home_village"}
DAYS = {"2014": date(2015, 1, 5), "2026": date(2026, 6, 1)}
Try = Callable[[World], Any]
EVERYWHERE: dict[str, Try] = {}
JINHUA: dict[str, Try] = {}
NANNING: dict[str, Try] = {}
#: The rules of one national text only.
OLD: dict[str, Try] = {}
NEW: dict[str, Try] = {}


def tries(table: dict[str, Try], rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        table[rule] = function
        return function

    return register


# -- the proposal


def _ready(world: World) -> Any:
    candidate = world.a_candidate().at("activist")
    candidate.get_ready_to_propose()
    return candidate


def _propose(world: World, candidate: Any, **values: Any) -> None:
    world.do("propose_prospect", world.proposal(**values), candidate.id)


@tries(EVERYWHERE, "prospect.earliest")
@tries(EVERYWHERE, "prospect.opinions")
@tries(EVERYWHERE, "activist.filing")
@tries(EVERYWHERE, "dossier.complete")
@tries(NANNING, "prospect.ballot")
def _(world: World) -> None:
    _propose(world, world.a_candidate().at("activist"))


@tries(EVERYWHERE, "prospect.introducers")
def _(world: World) -> None:
    _propose(world, _ready(world), introducers=world.introducers(sanctioned=True))


@tries(NANNING, "prospect.majority")
def _(world: World) -> None:
    candidate = _ready(world)
    candidate.vote_on_listing(2)
    _propose(world, candidate)


@tries(EVERYWHERE, "order.future")
def _(world: World) -> None:
    _propose(world, _ready(world), day=world.today + timedelta(days=1))


@tries(EVERYWHERE, "order.sequence")
def _(world: World) -> None:
    _propose(world, _ready(world), day=world.today - timedelta(days=1))


def _ballot(world: World) -> tuple[Any, str]:
    candidate = world.a_candidate().at("activist")
    return candidate, world.do("prospect_ballot", world.ballot(candidate.id))["meeting_id"]


def _enter(world: World, candidate: Any, meeting: str, teller: str, in_favour: int, cast: int = 5) -> None:
    body = {"candidate_id": candidate.id, "voters": "body", **world.totals(in_favour, cast)}
    world.do("tally", body, meeting, as_=world.account("branch_clerk", teller))


@tries(EVERYWHERE, "tally.sums")
def _(world: World) -> None:
    candidate, meeting = _ballot(world)
    _enter(world, candidate, meeting, "teller-1", 6, 6)


@tries(EVERYWHERE, "tally.two_tellers")
def _(world: World) -> None:
    candidate, meeting = _ballot(world)
    for _ in range(2):
        _enter(world, candidate, meeting, "teller-1", 4)


@tries(EVERYWHERE, "tally.tellers_agree")
def _(world: World) -> None:
    candidate, meeting = _ballot(world)
    for teller, in_favour in (("teller-1", 4), ("teller-2", 3)):
        _enter(world, candidate, meeting, teller, in_favour)
    world.do("conclude", {"tally_shown": True}, meeting)


# -- the listing


@tries(OLD, "prospect.filing")
@tries(NEW, "prospect.superior_agreement")
def _(world: World) -> None:
    world.do("list_prospect", {}, world.a_candidate().at("proposed").id)


# -- the review and the training


def _prospect(world: World) -> Any:
    return world.a_candidate().at("prospect")


@tries(JINHUA, "review.order")
def _(world: World) -> None:
    world.do("committee_review", {"passed": True, "findings": "合格"}, _prospect(world).id)


@tries(EVERYWHERE, "review.required")
@tries(EVERYWHERE, "training.length")
@tries(JINHUA, "pre_examination.county_consent")
@tries(EVERYWHERE, "pre_examination.form")
def _(world: World) -> None:
    _prospect(world).examine(None)


@tries(JINHUA, "training.assessed")
def _(world: World) -> None:
    candidate = _prospect(world)
    candidate.train(assessed="failed")
    candidate.examine(None)


@tries(EVERYWHERE, "vetting.conclusion_lapsed")
def _(world: World) -> None:
    candidate = _prospect(world)
    candidate.get_reviewed()
    world.later(months=13)
    candidate.examine("F-1")


# -- place and form


@tries(JINHUA, "pre_examination.dossier_first")
def _(world: World) -> None:
    candidate = _ready(world)
    _propose(world.later(days=1), candidate, elsewhere=True)
    candidate.get_prospect()
    world.a_figure(1)
    world.do("consent_to_start", {"document": "同意"}, candidate.id)


@tries(JINHUA, "plan.figure")
def _(world: World) -> None:
    world.do("consent_to_start", {"document": "同意"}, _prospect(world).id)


@tries(JINHUA, "form.coded")
def _(world: World) -> None:
    candidate = _prospect(world)
    candidate.get_ready_to_examine()
    candidate.examine("F-1")


@tries(EVERYWHERE, "form.code_reused")
def _(world: World) -> None:
    first = world.a_candidate().at("examined")
    second = _prospect(world)
    second.get_ready_to_examine()
    second.examine(first.row.form_code)


def _table(city: str, text: str) -> dict[str, Try]:
    return {**EVERYWHERE, **{"jinhua": JINHUA, "nanning": NANNING}[city], **{"2014": OLD, "2026": NEW}[text]}


CASES = [
    (city, text, rule, attempt)
    for city in ("jinhua", "nanning")
    for text in DAYS
    for rule, attempt in sorted(_table(city, text).items())
]


@pytest.mark.catalogue("R6", "R7", "R8", "R9", "R14", "R15", "R18", "X6")
@pytest.mark.parametrize(
    ("city", "text", "rule", "attempt"), CASES, ids=[f"{city}-{text}-{rule}" for city, text, rule, _ in CASES]
)
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, city: str, text: str, rule: str, attempt: Try) -> None:
    world = World(tmp_path, city, DAYS[text])
    with pytest.raises(Refused) as refused:
        attempt(world)
    assert rule in refused.value.rules
    reason = next(reason for reason in refused.value.reasons if reason.rule == rule)
    assert reason.source and reason.remedy and reason.message


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
@pytest.mark.parametrize("text", DAYS)
def test_every_blocking_rule_of_the_stages_is_tried(city: str, text: str) -> None:
    policy = shipped_book().at(city, DAYS[text])
    blocking = {rule.id for stage in STAGES for rule in policy.rules(stage, mode="block")}
    assert set(_table(city, text)) == blocking - ELSEWHERE
