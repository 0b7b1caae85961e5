"""What arrives after what rests on it: it waits, and nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from contracts import recruitment
from services.registry import tables
from services.registry.commands import posts
from services.registry.tests.registry_builders import acting, organiser
from services.registry.tests.test_registry_reactions import Town, parked


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


@pytest.mark.catalogue("X1")
@pytest.mark.parametrize("follows", ["converted", "left", "extended"])
def test_what_follows_an_admission_that_was_lost_waits_for_it(town, follows):
    town.versions["candidate/c1"] = 1
    message = {
        "converted": lambda: town.converted("c1"),
        "left": lambda: town.left("c1"),
        "extended": lambda: town.of("c1", recruitment.PROBATION_EXTENDED, probation_ends="2018-04-12"),
    }[follows]()
    town.consumer.apply([message])
    (row,) = town.rows(parked)
    assert row.reason == "waiting for candidate/c1"
    assert town.rows(tables.member) == []


@pytest.mark.catalogue("O2")
def test_the_end_of_a_renewed_term_that_was_lost_waits_for_the_renewal(town):
    town.consumer.apply([town.organizer("o1")])
    town.versions["organizer/o1"] += 1
    town.consumer.apply([town.organizer("o1", end="lapsed", ended_on="2020-01-04")])
    (row,) = town.rows(parked)
    assert row.reason == "waiting for organizer/o1"
    assert [post.until for post in town.rows(tables.post)] == [date(2018, 1, 4)]


@pytest.mark.catalogue("O2", "G3")
def test_a_post_that_people_have_ended_before_holds_nothing_up(town):
    town.consumer.apply([town.organizer("o1")])
    (post,) = town.rows(tables.post)
    with acting(town.context, organiser()) as unit:
        posts.end_post(unit, {}, post.post_id)
    town.consumer.apply([town.organizer("o1", end="lapsed", ended_on="2018-01-04")])
    assert town.rows(parked) == []
    assert [row.until for row in town.rows(tables.post)] == [date(2016, 11, 2)]
