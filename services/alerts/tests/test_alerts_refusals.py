"""Every blocking rule of this stage refuses once, by its id; the list is computed from the packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused
from kernel.policy import shipped_book
from services.alerts.tests.alerts_world import PARTS, World

Try = Callable[[World], Any]
DAY = date(2018, 4, 2)
CASES: dict[str, Try] = {}


def tries(rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        CASES[rule] = function
        return function

    return register


@tries("order.future")
def _(world: World) -> None:
    world.a_warning(day=DAY + timedelta(days=1), due=DAY + timedelta(days=9))


@tries("order.sequence")
def _(world: World) -> None:
    id = world.a_warning()
    world.do("receive", {"day": DAY - timedelta(days=1)}, id, as_=world.secretary)


@tries("warning.issuer")
def _(world: World) -> None:
    world.evaluated(2017, "72.00", DAY)
    world.do("issue", world.issue(), as_=world.account("city_department"))


@tries("warning.hearing")
def _(world: World) -> None:
    departures = {"warning.level": "后果严重"}
    world.a_warning(level="yellow", circulation="本党委", departures=departures)


@tries("warning.circulation")
def _(world: World) -> None:
    departures = {"warning.level": "后果严重"}
    heard = {"heard_on": DAY, "statement": "接受"}
    world.a_warning(level="yellow", departures=departures, **heard)


def _yellow(world: World, *steps: str) -> str:
    return world.a_warning(*steps, level="yellow", departures={"warning.level": "后果严重"}, **world.yellow())


@tries("warning.self_criticism")
def _(world: World) -> None:
    id = _yellow(world, "receive")
    world.do("criticise", {"parts": {**PARTS, "causes": " "}}, id, as_=world.secretary)


@tries("warning.reply_overdue")
def _(world: World) -> None:
    _yellow(world, "receive", "plan", "report", "check", "lift")


def _late(world: World, *steps: str) -> str:
    world.late(DAY - timedelta(days=9))
    id = str(world.do("issue", world.issue("step_late", "open"))["warning_id"])
    for step in steps:
        world.later(1).step(step, id)
    return id


@tries("warning.trigger_holds")
def _(world: World) -> None:
    _late(world, "receive", "plan", "report", "check", "lift")


@tries("warning.lift_waiver")
def _(world: World) -> None:
    world.do("waive", {"reason": "另有考虑"}, _late(world), as_=world.account("committee_organiser"))


@pytest.mark.catalogue("A2", "A3", "A4", "X6")
@pytest.mark.parametrize("rule", sorted(CASES))
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, rule: str) -> None:
    world = World(tmp_path, DAY)
    with pytest.raises(Refused) as refused:
        CASES[rule](world)
    assert refused.value.rules == (rule,)
    (reason,) = refused.value.reasons
    assert reason.source and reason.remedy and reason.message and not reason.waivable


def test_every_blocking_rule_of_the_stage_is_tried() -> None:
    policy = shipped_book().at("nanning", DAY)
    assert set(CASES) == {rule.id for rule in policy.rules("alerts", mode="block")}


def test_jinhua_has_no_rule_of_its_own_for_warnings() -> None:
    policy = shipped_book().at("jinhua", DAY)
    assert {rule.id for rule in policy.rules("alerts", mode="block")} == {"order.future", "order.sequence"}
