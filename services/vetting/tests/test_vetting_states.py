"""The state tables agree with the packs, the doors and each other."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.http.endpoint import endpoints_of
from kernel.policy import shipped_book
from services.vetting.domain import states
from services.vetting.service import Vetting

ROWS = (*states.CASE, *states.REQUEST, *states.VILLAGE)

#: action of the table -> method of the service class, where the names differ
DOORS = {"open": "open_case", "correct": "correct_request", "withdraw": "withdraw_request", "reply": "enter_letter"}
#: what no account does, or the same door as another row
WITHOUT_DOOR = {"candidate_left", "admitted", "note_lapse", "remind", "tell_overdue", "reply_same", "reply_other", "reply_past"}


@pytest.mark.parametrize("city", ["jinhua", "nanning"])
def test_every_blocking_rule_of_the_stretch_is_guarded_by_a_row(city: str) -> None:
    policy = shipped_book().at(city, date(2016, 7, 4))
    blocking = {rule.id for rule in policy.rules(stage="vetting", mode="block")}
    guarded = {rule for row in ROWS for rule in row.rules}
    assert blocking <= guarded
    # The notice in the home village follows the rules of notices; what one city's packs alone know binds there alone.
    known = {rule.id for place in ("jinhua", "nanning") for rule in shipped_book().at(place, date(2016, 7, 4)).rules()}
    stages = {stage for rule in guarded & {r.id for r in policy.rules()} for stage in policy.rule(rule).stages}
    assert guarded <= known and {"vetting", "publicity"} <= stages


def test_every_action_has_a_door_open_to_its_roles_alone() -> None:
    doors = {endpoint.name: endpoint for endpoint in endpoints_of(Vetting)}
    for action in {row.action for row in ROWS} - WITHOUT_DOOR:
        assert doors[DOORS.get(action, action)].roles == frozenset(states.roles(action)), action


def test_what_is_concluded_may_be_renewed_and_what_is_closed_not() -> None:
    assert states.CASE.actions(states.CONCLUDED) == ("renew",) and not states.CASE.actions(states.CLOSED)


def test_a_request_that_is_out_of_force_still_keeps_what_comes() -> None:
    for state in (states.SUPERSEDED, states.WITHDRAWN):
        assert states.REQUEST.actions(state) == ("reply_past",)


def test_answers_are_for_the_committee_alone() -> None:
    doors = {endpoint.name: endpoint for endpoint in endpoints_of(Vetting)}
    assert doors["show_answers"].roles == {"committee_organiser"}
    assert "special_organizer" not in {role for door in doors.values() for role in door.roles}
