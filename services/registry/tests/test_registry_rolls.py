"""Counting the members of a branch by age."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from contracts.registry import ROLL_COUNTED
from kernel.policy import shipped_book
from kernel.store.tables import journal, pending
from services.registry import tables
from services.registry.commands import members, organisations, rolls
from services.registry.domain.rolls import Roll, age, count
from services.registry.tests.registry_builders import (
    a_file,
    a_member,
    a_number,
    a_registered_member,
    a_registry,
    acting,
    administrator,
    an_actor,
)
from tests.kit import a_context

COUNTY, COMMITTEE, BRANCH, OTHER = "450102", "450102001", "450102001001", "450102001002"
PATH = f"/4501/{COUNTY}/{COMMITTEE}/"
DIVISIONS = (
    (COUNTY, "兴宁区", "county", "4501"),
    (COMMITTEE, "民生街道", "township", COUNTY),
    (BRANCH, "甲村委会", "village", COMMITTEE),
    (OTHER, "乙村委会", "village", COMMITTEE),
)
NANNING = shipped_book().at("nanning", date(2015, 3, 2))


@pytest.fixture
def context(tmp_path):
    context = a_context(tmp_path, "registry", metadata=tables.metadata)
    with acting(context, administrator("/4501/")) as unit:
        organisations.import_divisions(unit, a_file(DIVISIONS, ("code", "name", "level", "parent")))
    return context


def an_organiser():
    return an_actor("organiser", "committee_organiser", PATH)


def a_villager(context, born, sequence, branch=BRANCH):
    number = a_number(born, sequence, COUNTY)
    with acting(context, an_organiser()) as unit:
        return members.register_member(unit, a_member(id_number=number, branch=branch, sex=None))["member_id"]


def told(context):
    with context.database.read() as connection:
        rows = connection.execute(select(pending).where(pending.c.type == ROLL_COUNTED.type).order_by(pending.c.seq)).all()
    return [json.loads(row.body)["data"] for row in rows]


def numbers(event):
    return event["members"], event["young"], event["aged"]


@pytest.mark.catalogue("A1")
def test_ages_are_full_years_and_the_packs_say_who_is_young_and_who_aged():
    births = [date(1980, 3, 2), date(1979, 3, 3), date(1979, 3, 2), date(1955, 3, 2), date(1955, 3, 3), None]
    assert count(births, date(2015, 3, 2), NANNING) == Roll(members=6, young=2, aged=1)
    assert age(date(1980, 2, 29), date(2015, 2, 28)) == 34


@pytest.mark.catalogue("A1")
def test_a_branch_is_counted_when_its_roll_has_changed_and_not_again(context):
    for sequence, born in enumerate(("19880101", "19500101", "19700101"), start=100):
        a_villager(context, born, sequence)
    assert rolls.publish_counts(context) == 1
    assert rolls.publish_counts(context) == 0
    (event,) = told(context)
    ROLL_COUNTED.check(event)
    assert (event["branch"], event["path"], event["county"], *numbers(event)) == (BRANCH, f"{PATH}{BRANCH}/", COUNTY, 3, 1, 1)
    assert (event["young_age"], event["ageing_age"]) == (35, 60)


@pytest.mark.catalogue("A1")
def test_a_member_who_moves_is_counted_in_both_branches(context):
    a_villager(context, "19880101", 100)
    member_id = a_villager(context, "19500101", 101)
    rolls.publish_counts(context)
    with acting(context, an_organiser()) as unit:
        members.change_member(unit, {"branch": OTHER}, member_id)
    assert rolls.publish_counts(context) == 2
    assert {event["branch"]: numbers(event) for event in told(context)[1:]} == {BRANCH: (1, 1, 0), OTHER: (1, 0, 1)}


@pytest.mark.catalogue("A1")
def test_in_a_new_year_every_branch_with_members_is_counted_anew(context):
    a_villager(context, "19790601", 100)
    rolls.publish_counts(context)
    context.clock.set(date(2015, 12, 31))
    assert rolls.publish_counts(context) == 0
    context.clock.set(date(2016, 1, 1))
    assert rolls.publish_counts(context) == 1
    assert [event["branch"] for event in told(context)] == [BRANCH, BRANCH]


@pytest.mark.catalogue("A1")
def test_a_branch_that_loses_its_last_member_says_so_once(context):
    member_id = a_villager(context, "19880101", 100)
    rolls.publish_counts(context)
    with acting(context, an_organiser()) as unit:
        members.end_member(unit, {"reason": "deceased"}, member_id)
    assert rolls.publish_counts(context) == 1
    assert numbers(told(context)[-1]) == (0, 0, 0)
    context.clock.set(date(2016, 1, 1))
    assert rolls.publish_counts(context) == 0


@pytest.mark.catalogue("A1", "X5")
def test_an_erased_member_counts_as_a_member_of_no_age(context):
    a_villager(context, "19880101", 100)
    context.keys.erase(a_villager(context, "19500101", 101))
    rolls.publish_counts(context)
    assert numbers(told(context)[-1]) == (2, 1, 0)


def test_where_the_packs_name_no_ages_nothing_is_told(tmp_path):
    context = a_registry(tmp_path)
    a_registered_member(context)
    assert rolls.publish_counts(context) == 0
    with context.database.read() as connection:
        (row,) = connection.execute(select(tables.roll_count)).all()
        assert not connection.execute(select(journal).where(journal.c.type == ROLL_COUNTED.type)).all()
    assert (row.changed, row.year, row.members) == (False, 2015, None)


def test_more_branches_than_fit_into_one_transaction_are_all_counted(context, monkeypatch):
    monkeypatch.setattr(rolls, "BATCH", 1)
    a_villager(context, "19880101", 100)
    a_villager(context, "19500101", 101, OTHER)
    assert rolls.publish_counts(context) == 2
