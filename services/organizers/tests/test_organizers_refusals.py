"""Every blocking rule of the stage refuses once, by its id; the list is computed from the packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from kernel.errors import Refused
from kernel.policy import NotInForce, shipped_book
from services.organizers.domain import states
from services.organizers.tests.organizers_world import World

Try = Callable[[World], object]
TRIES: dict[str, Try] = {}


def tries(rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        TRIES[rule] = function
        return function

    return register


def _appoint(world: World, id: str) -> None:
    world.do("appoint", {"account": "organizer.one", "document": "聘书"}, id)


@tries("organizer.willing")
def _(world: World) -> None:
    world.do("check", world.findings(), world.recommended())


@tries("organizer.conditions")
def _(world: World) -> None:
    _appoint(world, world.checked(unmet=["no_violation"]))


@tries("organizer.examined")
def _(world: World) -> None:
    _appoint(world, world.checked(inspection=""))


@tries("organizer.approval_power")
def _(world: World) -> None:
    id = world.checked()
    world.an_organisation(world.committee, "committee", world.path, approval_power=False)
    _appoint(world, id)


@tries("organizer.assessed")
def _(world: World) -> None:
    id = world.appointed()
    world.later(months=13).assessed(id, 1)
    world.do("renew", {"document": "续聘"}, id)


@tries("organizer.passed")
def _(world: World) -> None:
    id = world.appointed()
    world.failed(id)
    world.later(months=13).assessed(id, 2)
    world.do("renew", {"document": "续聘"}, id)


@tries("organizer.in_term")
def _(world: World) -> None:
    world.a_task(world.appointed(since=world.today + timedelta(days=1)))


@tries("organizer.reason")
def _(world: World) -> None:
    world.do("dismiss", {"reason": " "}, world.appointed())


@tries("organizer.hearing")
def _(world: World) -> None:
    world.do("decide", {"outcome": "upheld", "reason": "属实"}, world.proposed("dismiss", world.appointed()))


@tries("organizer.review_by_another")
def _(world: World) -> None:
    proceeding = world.failed(world.appointed())
    world.do("ask_review", {"statement": "不服"}, proceeding)
    world.do("review", {"outcome": "upheld", "reason": "属实"}, proceeding)


@tries("order.future")
def _(world: World) -> None:
    world.recommended(day=world.today + timedelta(days=1))


@tries("order.sequence")
def _(world: World) -> None:
    world.do("consent", {"given": True, "document": "书", "day": world.today - timedelta(days=1)}, world.recommended())


@pytest.mark.catalogue("O1", "O2", "O3", "X6")
@pytest.mark.parametrize("rule", TRIES)
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        TRIES[rule](World(tmp_path))
    assert refused.value.rules == (rule,)
    (reason,) = refused.value.reasons
    assert reason.source and reason.remedy and reason.message


def test_every_blocking_rule_of_the_stage_is_tried() -> None:
    policy = shipped_book().at("nanning", date(2016, 1, 5))
    assert {rule.id for rule in policy.rules("organizers", mode="block")} == set(TRIES)


def test_every_rule_of_the_tables_is_one_of_the_packs() -> None:
    policy = shipped_book().at("nanning", date(2016, 1, 5))
    assert all(policy.has_rule(rule) for row in (*states.APPOINTMENT, *states.TASK) for rule in row.rules)


@pytest.mark.catalogue("O1", "X6")
@pytest.mark.parametrize(("city", "day"), [("jinhua", date(2016, 1, 5)), ("nanning", date(2013, 9, 21))])
def test_where_the_packs_know_no_such_organizers_the_door_says_so(tmp_path: Path, city: str, day: date) -> None:
    with pytest.raises(NotInForce, match=r"organizer\.term_months"):
        World(tmp_path, city, day).recommended()
