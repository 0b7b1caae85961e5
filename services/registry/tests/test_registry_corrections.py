"""A name or number that recruitment has put right: on the roll, in the index of persons, and told on."""

from __future__ import annotations

import json
from datetime import date

import pytest

from contracts import recruitment
from contracts.registry import MEMBER_CHANGED
from kernel.store.tables import journal
from kernel.unit import command
from services.registry import tables
from services.registry.commands import members
from services.registry.tests.registry_builders import BRANCH, a_number, a_registered_member, acting, organiser
from services.registry.tests.test_registry_reactions import Town, parked

pytestmark = pytest.mark.catalogue("G2", "R14")

RIGHT = a_number("19850301", 201)


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


def correction(town, id, name="王小明", number=RIGHT, stage="probationary"):
    with command(town.context) as unit:
        sealed = unit.seal(id, {"name": name, "id_number": number})
    data = {**recruitment.CANDIDATE_CORRECTED.example, "candidate_id": id, "stage": stage}
    return town.message(recruitment.CANDIDATE_CORRECTED, f"candidate/{id}", data, id, sealed)


def places(town):
    return {row.member_id: row.digest for row in town.rows(tables.member_index)}


@pytest.mark.parametrize("stage", ["probationary", "full"])
def test_number_name_and_what_follows_from_them_are_put_right_and_told(town, stage):
    id = town.admitted()
    if stage == "full":
        town.consumer.apply([town.converted(id)])
    town.consumer.apply([correction(town, id, "王晓明", stage=stage)])
    row = town.member(id)
    clear = members.opened(town.context.keys, row)
    assert (clear["name"], clear["id_number"], clear["birth_date"]) == ("王晓明", RIGHT, "1985-03-01")
    assert (clear["education"], row.status) == ("college", stage)
    assert places(town) == {id: town.context.keys.blind_index(RIGHT)}
    event = town.told(MEMBER_CHANGED)[-1]
    assert town.context.keys.open_fields(id, event["personal"]["sealed"]) == {"name": "王晓明"}
    entry = town.rows(journal, type=MEMBER_CHANGED.type)[-1]
    assert json.loads(entry.private) == {"action": "correct", "corrected": ["name", "id_number"]}
    (count,) = town.rows(tables.roll_count, branch=BRANCH)
    assert count.changed
    a_registered_member(town.context)  # the wrong number is free again


def test_a_number_of_somebody_else_on_the_roll_is_put_before_people(town):
    there = a_registered_member(town.context, id_number=RIGHT)
    id = town.admitted()
    town.consumer.apply([correction(town, id)])
    (row,) = town.rows(parked)
    assert there in row.reason and RIGHT not in row.reason
    assert members.opened(town.context.keys, town.member(id))["id_number"] == a_number()


def test_the_place_of_an_entry_that_has_ended_goes_over(town):
    there = a_registered_member(town.context, id_number=RIGHT)
    with acting(town.context, organiser()) as unit:
        members.end_member(unit, {"reason": "entered_in_error"}, there)
    id = town.admitted()
    town.consumer.apply([correction(town, id)])
    assert places(town) == {id: town.context.keys.blind_index(RIGHT)}


def test_who_has_left_the_roll_is_corrected_and_takes_nobodys_place(town):
    id = town.admitted()
    town.consumer.apply([town.left(id)])
    there = a_registered_member(town.context, id_number=RIGHT)
    town.consumer.apply([correction(town, id)])
    assert town.rows(parked) == []
    assert (town.member(id).status, members.opened(town.context.keys, town.member(id))["id_number"]) == ("ended", RIGHT)
    assert places(town) == {there: town.context.keys.blind_index(RIGHT)}


def test_numbers_that_were_exchanged_are_put_right_one_after_the_other(town):
    first, second = town.admitted(), town.admitted(number=RIGHT)
    third = a_number("19700101", 300)
    town.consumer.apply([correction(town, first, number=third), correction(town, second, number=a_number())])
    town.consumer.apply([correction(town, first, number=RIGHT)])
    assert town.rows(parked) == []
    digest = town.context.keys.blind_index
    assert places(town) == {first: digest(RIGHT), second: digest(a_number())}


def test_before_the_admission_it_is_no_matter_of_the_roll_and_after_a_lost_one_it_waits(town):
    town.consumer.apply([correction(town, "c1", stage="prospect")])
    assert town.rows(tables.member) == town.rows(parked) == []
    town.consumer.apply([correction(town, "c2")])
    assert [row.reason for row in town.rows(parked)] == ["waiting for candidate/c2"]


@pytest.mark.catalogue("X1")
def test_what_is_told_again_changes_nothing_with_or_without_the_memory_of_it(town):
    id = town.admitted()
    messages = [correction(town, id, number=a_number("19850301", 202)), correction(town, id)]
    town.consumer.apply(messages)
    before = town.rows(journal)
    town.forget_inbox()
    town.consumer.apply(messages)
    assert town.rows(journal) == before and town.rows(parked) == []


@pytest.mark.catalogue("X5")
def test_of_the_erased_nothing_is_left_to_put_right(town):
    id = town.admitted()
    message = correction(town, id)
    town.context.keys.erase(id)
    town.consumer.apply([message])
    assert town.rows(parked) == [] == town.rows(journal, type=MEMBER_CHANGED.type)
    assert town.member(id).joined == date(2016, 10, 12)
