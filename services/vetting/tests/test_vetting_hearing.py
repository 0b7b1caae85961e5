"""What is heard: with the cause in the record, in whatever order it comes, and no case left open behind anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from kernel.bus.consumer import Consumer
from kernel.bus.event import Event, body_of, headers_of, message_of
from kernel.encoding import canonical
from kernel.errors import Waiting
from kernel.store.tables import parked
from services.vetting import reactions
from services.vetting.commands import cases, deciding, renewing
from services.vetting.tests.vetting_world import World

pytestmark = pytest.mark.catalogue("V1", "X1")

OTHER = "01890a5d-ac96-774b-bcce-b302099a8069"


def left(world: World, candidate: str, correlation: str, day: date) -> Any:
    return as_message(world, "candidate_left", candidate, correlation, day, {"end": "withdrawn", "stage": "prospect"})


def as_message(world: World, type: str, candidate: str, correlation: str, day: date, data: Mapping[str, Any]) -> Any:
    headers = headers_of(
        event_id=f"{type}-{candidate}",
        source="recruitment",
        type=type,
        schema_version=1,
        stream=f"candidate/{candidate}",
        version=90,
        home_county=world.county,
        time="2016-07-05T00:00:00.000000Z",
        correlation_id=correlation,
    )
    return message_of(headers, body_of(canonical({**world.about(candidate), **data}), day, None, {}))


def open_another(world: World) -> str:
    world.hear_prospect(OTHER)
    world.hear_reviews(OTHER)
    departments = [{"department": code} for code in ("governance", "justice")]
    return str(world.do(cases.open_case, candidate_id=OTHER, departments=departments)["case_id"])


def test_an_event_from_a_clock_that_is_ahead_closes_the_case_all_the_same(nanning: World) -> None:
    case = nanning.opened()["case_id"]
    tomorrow = nanning.clock.today() + timedelta(days=1)
    Consumer(nanning.context, reactions.REACTIONS).apply([left(nanning, nanning.candidate, "c1", tomorrow)])
    with nanning.context.database.read() as connection:
        assert connection.execute(select(parked)).all() == []
    assert (nanning.case(case).state, nanning.case(case).ended_on) == ("closed", tomorrow)


def test_each_of_a_batch_stands_under_its_own_correlation(nanning: World) -> None:
    opened = {"c1": nanning.opened()["case_id"], "c2": open_another(nanning)}
    today = nanning.clock.today()
    batch = [left(nanning, nanning.candidate, "c1", today), left(nanning, OTHER, "c2", today)]
    Consumer(nanning.context, reactions.REACTIONS).apply(batch)
    assert {name: nanning.entries(case)[-1].correlation_id for name, case in opened.items()} == {"c1": "c1", "c2": "c2"}


def test_a_renewal_that_is_open_at_the_admission_ends_with_it(nanning: World) -> None:
    opened = nanning.opened()
    nanning.all_clear(opened)
    nanning.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    nanning.clock.set(date(2017, 6, 20))
    renewal = nanning.do(renewing.renew, case_id=opened["case_id"])
    nanning.deliver()
    nanning.hear_admitted(nanning.candidate)
    assert nanning.case(renewal["case_id"]).state == "closed"
    assert nanning.case(opened["case_id"]).state == "concluded"
    (told,) = [row for row in nanning.published() if row.type == "vetting_closed"]
    assert json.loads(told.body)["data"]["end"] == "admitted"
    asked = {request["request_id"] for request in renewal["requests"]}
    assert {d.request_id for d in nanning.deliveries() if d.kind == "withdrawal"} == asked


@pytest.mark.parametrize("stage", ["prospect", "probationary"])
def test_who_leaves_or_is_corrected_waits_for_a_listing_that_was_lost(nanning: World, stage: str) -> None:
    with pytest.raises(Waiting):
        nanning.hear_left(OTHER, stage)
    with pytest.raises(Waiting):
        nanning.hear_corrected(OTHER, stage)
    with pytest.raises(Waiting):
        nanning.hear_reviews(OTHER)
    with pytest.raises(Waiting):
        nanning.hear_admitted(OTHER)


def test_an_activist_is_let_go(nanning: World) -> None:
    nanning.hear_left(OTHER, "activist")
    nanning.hear_corrected(OTHER, "activist")


def test_a_review_that_comes_late_finds_its_place(jinhua: World) -> None:
    jinhua.hear_prospect(OTHER)
    said = {**jinhua.about(OTHER), "by": "branch", "passed": True}
    lost = jinhua.event("recruitment", "prospect_reviewed", f"candidate/{OTHER}", said, date(2016, 6, 3))
    jinhua.hear_reviews(OTHER, "committee")
    jinhua.hear_corrected(OTHER)
    jinhua.hear_again(lost)
    jinhua.do(cases.open_case, candidate_id=OTHER)


def test_of_two_reviews_by_the_same_the_later_stands(jinhua: World) -> None:
    jinhua.hear_prospect(OTHER)
    said = {**jinhua.about(OTHER), "by": "branch", "passed": False}
    lost: Event = jinhua.event("recruitment", "prospect_reviewed", f"candidate/{OTHER}", said, date(2016, 6, 3))
    jinhua.hear_reviews(OTHER)
    jinhua.hear_again(lost)
    assert jinhua.candidate_row(OTHER).branch_review_passed is True
