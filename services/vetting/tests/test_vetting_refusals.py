"""Every blocking rule of the vetting refuses once, by its id, under both cities' packs; the list is computed from the packs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Refused
from kernel.policy import shipped_book
from services.vetting.commands import cases, deciding, renewing, villages
from services.vetting.tests.vetting_world import VILLAGES, World, id_of

Try = Callable[[World], Any]

DAY = date(2026, 6, 1)
EVERYWHERE: dict[str, Try] = {}
JINHUA: dict[str, Try] = {}
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8069"


def tries(table: dict[str, Try], rule: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        table[rule] = function
        return function

    return register


def conclude(world: World, case: str, outcome: str = "passed", **body: Any) -> Any:
    return world.do(deciding.conclude, case_id=case, outcome=outcome, **body)


def with_concern(world: World, finding: str = "") -> tuple[str, str]:
    """All is clear but for the police's concern, and for what the home village was asked. Returns the case and the request."""
    opened = world.opened()
    world.village_answers(world.ask_village(opened["case_id"]))
    world.all_clear(opened, but=("police",))
    request = id_of(opened, "police")
    world.concern(request)
    if finding:
        world.do(deciding.adjudicate, request_id=request, finding=finding, reason="情节较重")
    return opened["case_id"], request


def informed(world: World) -> tuple[str, str]:
    case, request = with_concern(world, "obstacle")
    world.do(deciding.inform, request_id=request, substance="受过行政处罚", how="interview")
    return case, request


@tries(JINHUA, "review.order")
def _(world: World) -> None:
    world.hear_prospect(NOBODY, since=DAY)
    world.do(cases.open_case, candidate_id=NOBODY)


@tries(JINHUA, "vetting.home_village")
def _(world: World) -> None:
    opened = world.opened()
    world.all_clear(opened)
    conclude(world, opened["case_id"])


@tries(EVERYWHERE, "vetting.departments_required")
def _(world: World) -> None:
    departments = [{"department": "court"}] if world.city == "jinhua" else []
    world.do(cases.open_case, candidate_id=world.candidate, departments=departments)


@tries(EVERYWHERE, "order.future")
def _(world: World) -> None:
    world.opened(day=DAY + timedelta(days=1))


@tries(EVERYWHERE, "order.sequence")
def _(world: World) -> None:
    world.opened(day=date(2016, 5, 31))


@tries(EVERYWHERE, "vetting.all_answers_in")
def _(world: World) -> None:
    conclude(world, world.opened()["case_id"])


@tries(EVERYWHERE, "vetting.concern_grounds")
def _(world: World) -> None:
    world.concern(id_of(world.opened(), "police"), rests_on_concluded_findings=False)


@tries(EVERYWHERE, "vetting.dispute_open")
def _(world: World) -> None:
    opened = world.opened()
    world.all_clear(opened)
    world.concern(id_of(opened, "police"))
    conclude(world, opened["case_id"])


@tries(EVERYWHERE, "vetting.adjudication_reason")
def _(world: World) -> None:
    conclude(world, with_concern(world)[0])


@tries(EVERYWHERE, "vetting.outcome_grounds")
def _(world: World) -> None:
    conclude(world, with_concern(world, "obstacle")[0])


@tries(EVERYWHERE, "vetting.person_informed")
def _(world: World) -> None:
    conclude(world, with_concern(world, "obstacle")[0], "not_passed")


@tries(EVERYWHERE, "vetting.person_heard")
def _(world: World) -> None:
    conclude(world, informed(world)[0], "not_passed")


@tries(EVERYWHERE, "vetting.recheck_open")
def _(world: World) -> None:
    case, request = informed(world)
    world.do(deciding.recheck, request_id=request)
    conclude(world, case, "not_passed")


@tries(EVERYWHERE, "vetting.recheck_again")
def _(world: World) -> None:
    _, request = informed(world)
    again = world.do(deciding.recheck, request_id=request)["request_id"]
    world.concern(again)
    world.do(deciding.inform, request_id=again, substance="复核仍有处罚", how="letter")
    world.do(deciding.recheck, request_id=again)


@tries(EVERYWHERE, "vetting.conclusion_after_replies")
def _(world: World) -> None:
    opened = world.opened()
    world.clock.set(DAY + timedelta(days=2))
    world.all_clear(opened)
    conclude(world, opened["case_id"], day=DAY + timedelta(days=1))


@tries(EVERYWHERE, "vetting.renewal_early")
def _(world: World) -> None:
    case, _ = with_concern(world, "no_obstacle")
    conclude(world, case)
    world.do(renewing.renew, case_id=case)


#: Rules of a notice, as far as they bind in the home village: the packs of Jinhua ask for one there, those of Nanning for its content.
NOTICES: dict[tuple[str, str], Try] = {}


def notices(rule: str, *cities: str) -> Callable[[Try], Try]:
    def register(function: Try) -> Try:
        for city in cities:
            NOTICES[(city, rule)] = function
        return function

    return register


def asked(world: World) -> str:
    return world.ask_village(world.opened()["case_id"])


@notices("publicity.content_forbidden", "jinhua", "nanning")
def _(world: World) -> None:
    world.show(asked(world), {"phone": "13800000000"})


@notices("publicity.content_required", "nanning")
def _(world: World) -> None:
    world.show(asked(world), {"sex": "男"})


@notices("publicity.announced_and_posted", "jinhua")
def _(world: World) -> None:
    world.show(asked(world), announced_on=None)


@notices("publicity.period", "jinhua")
def _(world: World) -> None:
    request = asked(world)
    world.show(request)
    world.in_village(villages.end_notice, request_id=request)


@notices("publicity.objection_open", "jinhua", "nanning")
def _(world: World) -> None:
    request = asked(world)
    world.clock.set(world.show(request)["first_possible"] or DAY)
    world.in_village(villages.end_notice, request_id=request, objections=[{"text": "有异议"}])


CASES = [
    *((city, rule, attempt) for city in ("jinhua", "nanning") for rule, attempt in sorted(EVERYWHERE.items())),
    *(("jinhua", rule, attempt) for rule, attempt in sorted(JINHUA.items())),
    *((city, rule, attempt) for (city, rule), attempt in sorted(NOTICES.items())),
]


@pytest.mark.catalogue("V1", "V2", "V5", "V6", "V7", "X6")
@pytest.mark.parametrize(("city", "rule", "attempt"), CASES, ids=[f"{city}-{rule}" for city, rule, _ in CASES])
def test_the_rule_refuses_with_its_source_and_remedy(tmp_path: Path, city: str, rule: str, attempt: Try) -> None:
    world = World(tmp_path, city, day=DAY, home_village=VILLAGES[city])
    world.build_village()
    if city == "jinhua":
        world.list_departments("discipline", "police")
    with pytest.raises(Refused) as refused:
        attempt(world)
    assert rule in refused.value.rules
    reason = next(reason for reason in refused.value.reasons if reason.rule == rule)
    assert reason.source and reason.remedy and reason.message


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_every_blocking_rule_of_the_vetting_is_tried(city: str) -> None:
    blocking = {rule.id for rule in shipped_book().at(city, DAY).rules("vetting", mode="block")}
    tried = {rule for tried_in, rule, _ in CASES if tried_in == city and (city, rule) not in NOTICES}
    assert tried == blocking
