"""Every blocking rule of the stage refuses once, by its id; the list is computed from the packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused
from kernel.policy import shipped_book
from services.scoring.domain import states
from services.scoring.tests.scoring_world import DAY, POOR, World

STAGE = "scoring"
Try = Callable[[World], Any]
TRIES: dict[str, Try] = {}


def tries(rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        TRIES[rule] = function
        return function

    return register


@tries("order.future")
def _(world: World) -> None:
    world.an_evaluation(day=DAY + timedelta(days=1))


@tries("order.sequence")
def _(world: World) -> None:
    world.an_evaluation().count_all().conclude(day=DAY - timedelta(days=1))


@tries("satisfaction.guided")
def _(world: World) -> None:
    world.an_evaluation(guide=None)


@tries("satisfaction.voters")
def _(world: World) -> None:
    world.an_evaluation(mass_present=0)


@tries("satisfaction.secret_ballot")
def _(world: World) -> None:
    world.an_evaluation(secret=False)


@tries("satisfaction.repeated")
def _(world: World) -> None:
    world.an_evaluation()
    world.an_evaluation()


@tries("satisfaction.empty")
def _(world: World) -> None:
    world.an_evaluation().count("work", (0, 0, 0, 0))


@tries("tally.sums")
def _(world: World) -> None:
    world.an_evaluation().enter("teller-1", cast=9, issued=10)


@tries("tally.two_tellers")
def _(world: World) -> None:
    held = world.an_evaluation()
    held.enter("teller-1")
    held.enter("teller-1")


@tries("tally.tellers_agree")
def _(world: World) -> None:
    held = world.an_evaluation()
    held.enter("teller-1")
    held.enter("teller-2", grades=POOR)
    held.enter("teller-1", voters="masses")
    held.enter("teller-2", voters="masses")
    held.conclude()


@tries("satisfaction.person_present")
def _(world: World) -> None:
    person = world.a_newcomer()
    done = world.an_evaluation().count_all(**{person: POOR}).conclude()
    body = {"talker": "李", "person_present": False, "record": "谈话", "statement": "", "measures": "帮扶"}
    world.do("talk", body, done["talks"][0]["talk_id"])


@pytest.mark.catalogue("S1", "S2")
@pytest.mark.parametrize("rule", sorted(TRIES))
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, rule: str) -> None:
    world = World(tmp_path)
    with pytest.raises(Refused) as refused:
        TRIES[rule](world)
    assert rule in refused.value.rules
    reason = next(reason for reason in refused.value.reasons if reason.rule == rule)
    assert reason.source and reason.remedy and reason.message
    world.close()


def test_every_blocking_rule_of_the_stage_is_tried() -> None:
    blocking = {rule.id for rule in shipped_book().at("nanning", DAY).rules(STAGE, mode="block")}
    assert TRIES.keys() == blocking


def test_every_rule_of_a_row_of_the_tables_is_in_the_packs() -> None:
    policy = shipped_book().at("nanning", DAY)
    named = {rule for table in (states.EVALUATION, states.SELF_CHECK, states.TALK) for row in table for rule in row.rules}
    assert {rule for rule in named if not policy.has_rule(rule)} == set()
    assert {rule.id for rule in policy.rules(STAGE)} == named


@pytest.mark.catalogue("S1")
@pytest.mark.parametrize(
    ("guide", "why"),
    [
        ({"name": "", "post": "组织委员"}, "姓名"),
        ({"name": "李指导", "post": " "}, "姓名"),
        ({"organisation": "450102"}, "委派"),
    ],
)
def test_a_guide_has_a_name_and_a_post_and_comes_from_the_committee_that_approves(
    tmp_path: Path, guide: dict[str, str], why: str
) -> None:
    world = World(tmp_path)
    given = {"organisation": world.committee, "name": "李指导", "post": "组织委员", **guide}
    with pytest.raises(Refused, match=why) as refused:
        world.an_evaluation(guide=given)
    assert refused.value.rules == ("satisfaction.guided",)


@pytest.mark.catalogue("S1")
@pytest.mark.parametrize(
    "values",
    [
        {"issued": 11, "cast": 10},
        {"issued": 9, "cast": 10},
        {"invalid": 1},
        {"very": 8},
        {"issued": 12, "cast": 12, "invalid": 2},
    ],
)
def test_sums_that_do_not_hold_are_refused_and_leave_nothing(tmp_path: Path, values: dict[str, int]) -> None:
    world = World(tmp_path)
    held = world.an_evaluation()
    with pytest.raises(Refused) as refused:
        held.enter("teller-1", **values)
    assert refused.value.rules == ("tally.sums",)
    assert world.rows("entry") == [] and len(world.rows("journal")) == 1


@pytest.mark.catalogue("S1")
def test_a_subject_with_invalid_ballots_alone_has_no_score(tmp_path: Path) -> None:
    world = World(tmp_path)
    held = world.an_evaluation()
    for voters in ("members", "masses"):
        for teller in ("teller-1", "teller-2"):
            held.enter(teller, voters=voters, grades=(0, 0, 0, 0), issued=3, cast=3, invalid=3)
    with pytest.raises(Refused) as refused:
        held.conclude()
    assert refused.value.rules == ("satisfaction.empty",)


def test_an_evaluation_that_is_not_counted_is_not_concluded(tmp_path: Path) -> None:
    world = World(tmp_path)
    held = world.an_evaluation().count("work")
    held.conclude()
    world.at(DAY.replace(year=2018)).a_newcomer()
    with pytest.raises(Refused, match="有 2 项") as refused:
        world.an_evaluation().count("work").conclude()
    assert refused.value.rules == ("tally.two_tellers",)
